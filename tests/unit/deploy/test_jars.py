"""Kafka's jars are those that were recorded, all of them and no others."""

import hashlib

import pytest

from deploy.local import jars


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    folder = tmp_path / "jars"
    folder.mkdir()
    (folder / "a.jar").write_bytes(b"a")
    digests = tmp_path / "digests"
    digests.write_text(f"{hashlib.sha256(b'a').hexdigest()}  a.jar\n")
    monkeypatch.setattr(jars, "DIGESTS", digests)
    return folder


def test_the_recorded_jars_pass(recorded):
    jars.check_jars(recorded)


@pytest.mark.parametrize("fault", ["altered", "missing", "added"])
def test_any_other_set_is_refused(recorded, fault):
    if fault == "altered":
        (recorded / "a.jar").write_bytes(b"b")
    elif fault == "missing":
        (recorded / "a.jar").unlink()
    else:
        (recorded / "b.jar").write_bytes(b"b")
    with pytest.raises(jars.JarsRefused, match=r"[ab]\.jar"):
        jars.check_jars(recorded)

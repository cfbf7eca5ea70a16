"""What the trial runs is what Compose and the image say; nothing here starts anything."""

import io
import json
import tarfile

import pytest

from deploy.trial.composed import Image, in_order, read_image
from deploy.trial.containers import Container, Ground, draw_addresses
from tests.support.composed import composed

IMAGE = Image(("python", "-m"), {"PATH": "/app/bin", "LITOPYS_HOST": "0.0.0.0"}, "10001:10001", "/srv")
SERVICES = composed("tools")["services"]


@pytest.fixture
def ground(tmp_path):
    return Ground(IMAGE, tmp_path / "root", tmp_path, draw_addresses(SERVICES))


def entered(ground, name):
    return list(Container(name, SERVICES[name], ground).process().command)


def test_an_image_is_read_from_its_archive(tmp_path):
    config = {"Entrypoint": ["python"], "Env": ["A=b=c"], "User": "1:2", "WorkingDir": "/srv"}
    files = {"manifest.json": [{"Config": "x.json"}], "x.json": {"config": config}}
    with tarfile.open(tmp_path / "image.tar", "w") as tar:
        for name, content in files.items():
            raw = json.dumps(content).encode()
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            tar.addfile(member, io.BytesIO(raw))
    assert read_image(tmp_path / "image.tar") == Image(["python"], {"A": "b=c"}, "1:2", "/srv")


def test_nobody_starts_before_what_it_waits_for():
    order = list(in_order(SERVICES, [name for name in SERVICES if name != "tools"]))
    assert sorted(order) == sorted(set(SERVICES) - {"tools"})
    for name in order:
        for other in SERVICES[name].get("depends_on") or {}:
            assert other not in SERVICES or order.index(other) < order.index(name)
    circle = {"a": {"depends_on": {"b": {}}}, "b": {"depends_on": {"a": {}}}}
    with pytest.raises(RecursionError):
        list(in_order(circle, ["a"]))


def test_a_service_is_told_what_compose_says_and_nothing_of_this_machine(ground, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    command = entered(ground, "sealer-b")
    assert command[:2] == ["env", "-i"]
    assert "LITOPYS_KEY_FILE=/etc/litopys/keys/sealer-b.key" in command
    assert f"LITOPYS_HOST={ground.addresses['sealer-b']}" in command
    assert not [word for word in command if word.startswith("PYTHONPATH")]
    assert command[-4:] == ["--", "python", "-m", "services.sealer"]
    assert f"{ground.folder}/volumes/keys/for/sealer-b:/etc/litopys:ro" in command


def test_only_prepare_may_write(ground):
    assert f"{ground.folder}/volumes/keys/:/var/lib/litopys:rw" in [
        word.replace("keys:", "keys/:") for word in entered(ground, "prepare")
    ]
    for name in ("sealer-a", "validator-kyiv", "databases", "topics"):
        assert not [word for word in entered(ground, name) if word.endswith(":rw")]


def test_everybody_has_an_address_of_this_machine(ground):
    assert len(set(ground.addresses.values())) == len(SERVICES)
    assert all(address.startswith("127.") for address in ground.addresses.values())
    ground.write_hosts()
    assert f"{ground.addresses['kafka-1']} kafka-1\n" in ground.hosts.read_text()


def test_a_health_check_that_needs_a_shell_is_refused(ground):
    container = Container("x", {"healthcheck": {"test": ["CMD-SHELL", "true"]}}, ground)
    with pytest.raises(ValueError, match="CMD-SHELL"):
        container.is_healthy()

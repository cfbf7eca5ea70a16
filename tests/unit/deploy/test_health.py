"""The health check of a container against processes that live, that wait, that are gone, and that hang."""

import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
import uvicorn

from deploy.docker import health
from litopys.service.app import create_app
from tests.house.tree import ROOT


@contextmanager
def running(missing):
    """The application that every process serves, on a port of its own; yields the port."""

    async def ready():
        return {"topic": missing}

    app = create_app(service="toy", name="toy", description="A toy.", ready=ready)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def check(port, *arguments, host="0.0.0.0"):
    environment = {"LITOPYS_HOST": host, "LITOPYS_PORT": str(port), "PATH": "/nowhere"}
    command = [sys.executable, "-m", "deploy.docker.health", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_who_lives_and_serves_is_healthy():
    with running(None) as port:
        for arguments in ([], ["/healthz"], ["/readyz"]):
            assert check(port, *arguments).returncode == 0
        assert check(port, host="127.0.0.1").returncode == 0


def test_who_waits_lives_and_cannot_serve():
    with running("no relay of this sector has caught up") as port:
        assert check(port).returncode == 0
        waiting = check(port, "/readyz")
        assert waiting.returncode == 1
        assert "503" in waiting.stderr
        assert "caught up" in waiting.stderr
        assert check(port, "/health").returncode == 1, "a path that nobody serves"


def test_who_is_gone_is_not_healthy():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gone = check(port)
    assert gone.returncode == 1
    assert "no answer" in gone.stderr


def test_who_hangs_is_not_healthy(monkeypatch):
    monkeypatch.setattr(health, "TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert "no answer" in health.find_wrong("127.0.0.1", listener.getsockname()[1], "/healthz")


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n"])
def test_who_speaks_nonsense_is_not_healthy(said):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            with listener.accept()[0] as caller:
                caller.recv(1_000)
                caller.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        assert "no answer" in health.find_wrong("127.0.0.1", listener.getsockname()[1], "/healthz")
        thread.join()

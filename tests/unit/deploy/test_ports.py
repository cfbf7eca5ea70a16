"""Free ports, and waiting with an end."""

import secrets
import socket
import subprocess
import sys
from subprocess import PIPE

import pytest

from deploy.local.ports import FIRST, LAST, LOOPBACK, Ports, free_ports, wait_until


def test_free_ports_are_different_and_below_the_ephemeral_ones():
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(FIRST <= port < LAST for port in ports)


@pytest.fixture
def drawing():
    """`drawing(numbers)` draws as one more process would: claims are the kernel's, whoever holds them."""
    name, made = f"test-{secrets.token_hex(8)}", []

    def one_more(numbers: range) -> Ports:
        made.append(Ports(name, numbers))
        return made[-1]

    yield one_more
    for ports in made:
        ports.close()


def test_a_port_in_use_is_not_free(drawing):
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        numbers = range(port - 20, port + 20)
        ports = drawing(numbers)
        drawn = set()
        with pytest.raises(OSError, match="no port is left"):
            while True:
                drawn.update(ports.draw(1))
    assert drawn
    assert port not in drawn


def test_a_port_is_drawn_once_on_the_whole_machine(drawing):
    first, second = drawing(range(61_000, 61_200)), drawing(range(61_000, 61_200))
    drawn = [*first.draw(50), *second.draw(50)]
    drawn += [*first.draw(20), *second.draw(20)]
    assert len(set(drawn)) == 140, "whoever draws, no port comes twice"
    with pytest.raises(OSError, match="no port is left"):
        first.draw(60)
    second.close()
    assert drawing(range(61_000, 61_200)).draw(20), "the share of who has ended is free again"


def test_another_process_draws_other_ports():
    script = (
        "import sys; from deploy.local.ports import free_ports as draw; print(*draw(150), flush=True); sys.stdin.read()"
    )
    others = [subprocess.Popen([sys.executable, "-c", script], stdin=PIPE, stdout=PIPE, text=True) for _ in range(2)]
    try:
        drawn = [*free_ports(150), *(int(port) for other in others for port in other.stdout.readline().split())]
    finally:
        for other in others:
            other.communicate()
    assert len(set(drawn)) == 450


def test_waiting_in_vain_says_for_what():
    with pytest.raises(TimeoutError, match="the end of days"):
        wait_until(lambda: False, what="the end of days", timeout_s=0.05, pause_s=0.01)


def test_waiting_ends_when_it_is_so():
    answers = iter([False, False, True])
    wait_until(lambda: next(answers), what="three questions", timeout_s=5, pause_s=0.001)

"""Free ports, and waiting with an end."""

import socket

import pytest

from deploy.local.ports import FIRST, LAST, LOOPBACK, free_ports, wait_until


def test_free_ports_are_different_and_below_the_ephemeral_ones():
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(FIRST <= port < LAST for port in ports)


def test_a_port_in_use_is_not_free(monkeypatch):
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        [free] = free_ports(1)
        monkeypatch.setattr("deploy.local.ports.random.sample", lambda *_: [port, free])
        assert free_ports(1) == [free]


def test_waiting_in_vain_says_for_what():
    with pytest.raises(TimeoutError, match="the end of days"):
        wait_until(lambda: False, what="the end of days", timeout_s=0.05, pause_s=0.01)


def test_waiting_ends_when_it_is_so():
    answers = iter([False, False, True])
    wait_until(lambda: next(answers), what="three questions", timeout_s=5, pause_s=0.001)

"""Readiness after a fault: a core that starts again and again is not ready between its falls."""

from services.validator.standing import SOUND_AFTER_S, Standing


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def core_of(standing: Standing) -> str | None:
    return standing.missing()["core"]


def test_the_first_life_is_ready_as_soon_as_it_runs():
    standing = Standing(Clock())
    standing.begin()
    assert core_of(standing) == "starting"
    standing.run()
    assert core_of(standing) is None


def test_after_a_fault_a_life_is_ready_once_it_has_stored_a_block():
    standing = Standing(Clock())
    for _ in range(3):
        standing.begin()
        standing.run()
        standing.fail("disk full")
        assert core_of(standing) == "disk full"
        standing.begin()
        standing.run()
        assert core_of(standing) == "disk full", "the next write may fail as the last one did"
    standing.store(7)
    assert (core_of(standing), standing.height) == (None, 7)


def test_after_a_fault_a_life_with_nothing_to_store_is_ready_when_it_has_lasted():
    clock = Clock()
    standing = Standing(clock)
    standing.fail("Kafka is away")
    clock.now_s += 10 * SOUND_AFTER_S
    standing.begin()
    assert core_of(standing) == "Kafka is away", "time alone heals nothing"
    standing.run()
    clock.now_s += SOUND_AFTER_S - 0.1
    assert core_of(standing) == "Kafka is away"
    clock.now_s += 0.1
    assert core_of(standing) is None

"""The estimate of how far the validators are behind."""

from services.sealer.pace import MOST, QUIET_S, Pace


def test_who_keeps_up_is_not_slowed_down():
    pace = Pace()
    for height in range(20):
        pace.counted(height * 0.15)
        assert pace.factor == 1
        for _validator in range(4):
            pace.voted(10 * height + 10)


def test_blocks_without_votes_stretch_the_interval_up_to_its_bound():
    pace = Pace()
    factors = []
    for height in range(12):
        pace.counted(height * 0.15)
        factors.append(pace.factor)
    assert factors[:4] == [1, 1, 2, 3]
    assert factors[-1] == MOST
    for size in range(1, 12):
        pace.voted(size)
    assert pace.factor == 1


def test_votes_for_old_blocks_and_repeated_ones_count_once():
    pace = Pace()
    pace.voted(100)
    for height in range(5):
        pace.counted(height * 0.15)
    for size in (100, 50, 100, 99):
        pace.voted(size)
    assert pace.factor == 4


def test_what_was_missed_is_forgotten_when_it_is_quiet():
    pace = Pace()
    for height in range(10):
        pace.counted(height * 0.15)
    assert pace.factor == MOST
    pace.counted(1.5 + QUIET_S + 0.1)
    assert pace.factor == 1

"""How long records have waited."""

from litopys.ledger.records import Record
from litopys.replica.follow import RecordWindow
from services.sealer.ages import Ages


def grow(window: RecordWindow, count: int) -> None:
    for _ in range(count):
        window.append(Record("energy", 0, window.end, b"", b""))


def test_the_oldest_of_all_partitions_counts_until_it_is_sealed():
    ages, first, second = Ages(), RecordWindow(0), RecordWindow(7)
    pending = {("energy", 0): first, ("energy", 1): second}
    ages.look(pending, 1.0)
    assert ages.oldest() is None
    grow(first, 3)
    ages.look(pending, 2.0)
    grow(second, 1)
    grow(first, 2)
    ages.look(pending, 3.0)
    assert ages.oldest() == 2.0
    first.drop_to(3)
    ages.look(pending, 4.0)
    assert ages.oldest() == 3.0, "what came later has waited less"
    first.drop_to(5)
    second.drop_to(8)
    ages.look(pending, 5.0)
    assert ages.oldest() is None


def test_a_range_that_takes_a_part_leaves_the_rest_as_old_as_it_is():
    ages, window = Ages(), RecordWindow(0)
    grow(window, 10)
    ages.look({("energy", 0): window}, 1.0)
    window.drop_to(4)
    ages.look({("energy", 0): window}, 2.0)
    assert ages.oldest() == 1.0


def test_marks_stay_few_under_a_steady_stream():
    ages, window = Ages(), RecordWindow(0)
    for step in range(1_000):
        grow(window, 1)
        ages.look({("energy", 0): window}, step / 1_000)
    assert len(ages._marks["energy", 0]) <= 25
    assert ages.oldest() == 0.0

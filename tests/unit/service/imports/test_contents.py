"""A register key by the contents it was met with: again, changed, twice in one export, under another mapping."""

from litopys.service.imports.contents import Reading, split

A, B, C = (bytes([n]) * 32 for n in range(3))


def run(name: str, mapping: int = 1) -> Reading:
    return Reading(name, mapping)


def read(reading: Reading, row, *digests: bytes):
    """What a run says of each content in turn, and what is remembered after the last."""
    said = []
    for digest in digests:
        said.append(reading.is_known(row, digest))
        row = reading.met(row, "box:1", digest)
    return said, row


def test_the_same_again_is_known_and_other_content_is_not():
    _, row = read(run("1"), None, A)
    said, row = read(run("2"), row, A)
    assert said == [True]
    said, _ = read(run("3"), row, B)
    assert said == [False]


def test_what_was_replaced_is_a_change_when_it_comes_back():
    _, row = read(run("1"), None, A)
    _, row = read(run("2"), row, B)
    said, _ = read(run("3"), row, A)
    assert said == [False]


def test_a_key_that_stands_twice_in_an_export_is_known_in_any_order():
    said, row = read(run("1"), None, A, B)
    assert said == [False, False]
    for order in ((A, B), (B, A), (A, B, B, A)):
        said, row = read(run(f"again {order}"), row, *order)
        assert all(said)
    said, row = read(run("newer"), row, A, C)
    assert said == [True, False]
    said, _ = read(run("last"), row, C, A, B)
    assert said == [True, True, False]


def test_met_often_it_is_kept_once():
    _, row = read(run("1"), None, A, A, B, A)
    assert len(split(row.seen)) == 2


def test_another_mapping_reads_the_same_content_again():
    _, row = read(run("1"), None, A, B)
    newer = run("2", mapping=2)
    assert not newer.is_known(row, A)
    assert newer.has_met(row, A)
    assert not newer.has_met(row, C)
    said, row = read(newer, row, A, B)
    assert said == [False, False]
    said, _ = read(run("3", mapping=2), row, B, A)
    assert all(said)


def test_a_refused_row_is_there_and_what_was_said_of_it_stands():
    _, row = read(run("1"), None, A)
    row = run("2").refused(row)
    assert row.run == "2"
    assert run("3").is_known(row, A)
    assert not run("3").is_known(row, B)


def test_unknown_is_neither():
    assert not run("1").is_known(None, A)
    assert not run("1").has_met(None, A)

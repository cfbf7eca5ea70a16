"""Which block counts: the first valid one for the next height, on every machine."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.ledger.amending import amend_network
from litopys.ledger.blocks import Range
from litopys.ledger.chain import Chain, Dropped, genesis
from litopys.ledger.records import range_digest
from litopys.note.notes import Note, SignatureLine, format_note, parse_note, sign_text
from tests.support.simulated import Simulated, make_key

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
FIRST = [SIMULATED.record(b"{}", partition=0, offset=offset) for offset in range(3)]
SECOND = [SIMULATED.record(b"[]", partition=0, offset=offset) for offset in range(3, 5)]
OTHERS = [SIMULATED.record(b"1", sector="energy", partition=1, offset=offset) for offset in range(2)]
BLOCK_0 = SIMULATED.block(0, NETWORK.digest, FIRST)
BLOCK_1 = SIMULATED.block(1, BLOCK_0.hash, [*SECOND, *OTHERS])


def having(*records):
    """All of these records are here, and no others."""
    by_place = {record[:3]: record for record in records}

    def have(part: Range):
        places = [(part.sector, part.partition, offset) for offset in range(part.first, part.end)]
        return [by_place[place] for place in places] if all(place in by_place for place in places) else None

    return have


ALL = having(*FIRST, *SECOND, *OTHERS)


def chain_of(*notes: bytes) -> Chain:
    chain = Chain(NETWORK, genesis(NETWORK))
    for offset, note in enumerate(notes):
        chain.offer(offset, note)
    return chain


def reasons(chain: Chain) -> list[Dropped]:
    return [dropped.reason for dropped in chain.take_dropped()]


def test_blocks_count_in_order():
    notes = [SIMULATED.block_note(BLOCK_0), SIMULATED.block_note(BLOCK_1)]
    chain = chain_of(*notes)
    first, second = chain.next(ALL), chain.next(ALL)
    assert first is not None
    assert second is not None
    assert (first.block, first.hash, first.note, first.offset) == (BLOCK_0, BLOCK_0.hash, notes[0], 0)
    assert (second.block, second.note, second.offset) == (BLOCK_1, notes[1], 1)
    assert first.records == FIRST
    assert second.records == [*OTHERS, *SECOND]
    assert chain.head.height == 1
    assert chain.head.hash == BLOCK_1.hash
    assert chain.head.ends == {("registers", 0): 5, ("energy", 1): 2}
    assert chain.next(ALL) is None
    assert chain.waiting == 0
    assert reasons(chain) == []


def test_a_block_counts_only_under_the_newest_amendment_in_force():
    amended = amend_network(NETWORK, [SIMULATED.amendment(NETWORK, 1, registers=2)])
    later = amend_network(NETWORK, [SIMULATED.amendment(NETWORK, 2, registers=2)])
    named = replace(BLOCK_1, amendment=amended.amendments[0].hash)
    other = replace(BLOCK_1, amendment=later.amendments[0].hash)
    early = replace(BLOCK_0, amendment=amended.amendments[0].hash)
    notes = [SIMULATED.block_note(block) for block in (early, BLOCK_0, other, BLOCK_1, named)]
    for network, counting in ((NETWORK, BLOCK_1), (amended, named), (later, BLOCK_1)):
        chain = Chain(network, genesis(network))
        for offset, note in enumerate(notes):
            chain.offer(offset, note)
        first, second = chain.next(ALL), chain.next(ALL)
        assert (first.block, second.block) == (BLOCK_0, counting)
        assert set(reasons(chain)) == {Dropped.AMENDMENT}


def test_waits_for_records_and_never_skips():
    chain = chain_of(SIMULATED.block_note(BLOCK_0), SIMULATED.block_note(BLOCK_0), SIMULATED.block_note(BLOCK_1))
    for known in range(3):
        assert chain.next(having(*FIRST[:known])) is None
    assert chain.awaited == BLOCK_0.ranges
    assert chain.waiting == 3
    assert chain.head.height == -1
    first = chain.next(having(*FIRST))
    assert first is not None
    assert chain.awaited == ()
    assert chain.next(having(*SECOND)) is None
    assert [part.sector for part in chain.awaited] == ["energy"]
    second = chain.next(having(*OTHERS))
    assert second is not None
    assert second.records == [*OTHERS, *SECOND]
    assert reasons(chain) == [Dropped.HEIGHT]


def test_waits_where_only_a_part_of_a_range_is_handed_out():
    chain = chain_of(SIMULATED.block_note(BLOCK_0))
    assert chain.next(lambda _part: FIRST[:2]) is None
    assert chain.next(lambda _part: FIRST) is not None
    assert reasons(chain) == []


def test_goes_on_after_a_restart():
    chain = Chain(NETWORK, chain_of().head)
    chain.offer(0, SIMULATED.block_note(BLOCK_0))
    assert chain.next(ALL) is not None
    again = Chain(NETWORK, chain.head)
    again.offer(1, SIMULATED.block_note(BLOCK_1))
    assert again.next(ALL) is not None


def resigned(note: bytes, *more: SignatureLine) -> bytes:
    parsed = parse_note(note)
    return format_note(Note(parsed.text, (*parsed.lines, *more)))


def of_ranges(*ranges: Range) -> bytes:
    return SIMULATED.block_note(replace(BLOCK_0, ranges=ranges))


STRANGER = make_key("simulated.example/one/sealer/z")
SEALER = SIMULATED.signer("sealer/a")
TEXT = parse_note(SIMULATED.block_note(BLOCK_0)).text
(WHOLE,) = BLOCK_0.ranges

BROKEN = {
    "empty": (b"", Dropped.MALFORMED),
    "garbage": (b"\xff\x00", Dropped.MALFORMED),
    "no signature": (TEXT + b"\n", Dropped.MALFORMED),
    "a note of something else": (format_note(Note(b"hello\n", (sign_text(SEALER, b"hello\n"),))), Dropped.MALFORMED),
    "17 lines": (SIMULATED.block_note(BLOCK_0) + b"\xe2\x80\x94 x AAAAAAA=\n" * 16, Dropped.MALFORMED),
    "another origin": (SIMULATED.block_note(replace(BLOCK_0, origin="simulated.example/two")), Dropped.ORIGIN),
    "a height too high": (SIMULATED.block_note(replace(BLOCK_0, height=1)), Dropped.HEIGHT),
    "a stranger's": (format_note(Note(TEXT, (sign_text(STRANGER, TEXT),))), Dropped.SIGNATURE),
    "the log's": (format_note(Note(TEXT, (sign_text(SIMULATED.signer("log"), TEXT),))), Dropped.SIGNATURE),
    "a sector's": (format_note(Note(TEXT, (sign_text(SIMULATED.signer("energy"), TEXT),))), Dropped.SIGNATURE),
    "of another text": (format_note(Note(TEXT, (sign_text(SEALER, TEXT + b"x\n"),))), Dropped.SIGNATURE),
    "known key twice": (resigned(SIMULATED.block_note(BLOCK_0), sign_text(SEALER, TEXT)), Dropped.SIGNATURE),
    "another previous": (SIMULATED.block_note(replace(BLOCK_0, previous=bytes(32))), Dropped.PREVIOUS),
    "unknown sector": (of_ranges(WHOLE._replace(sector="health")), Dropped.RANGE),
    "unknown partition": (of_ranges(WHOLE._replace(partition=2)), Dropped.RANGE),
    "a gap": (of_ranges(WHOLE._replace(first=1)), Dropped.RANGE),
    "another digest": (of_ranges(WHOLE._replace(digest=bytes(32))), Dropped.DIGEST),
    "a record fewer": (of_ranges(WHOLE._replace(end=2)), Dropped.DIGEST),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_block_is_passed_over(case):
    note, reason = BROKEN[case]
    chain = chain_of(note, SIMULATED.block_note(BLOCK_0))
    counted = chain.next(ALL)
    assert counted is not None
    assert (counted.block, counted.offset) == (BLOCK_0, 1)
    assert reasons(chain) == [reason]


def test_an_overlap_is_no_continuation():
    overlapping = SIMULATED.block(1, BLOCK_0.hash, [FIRST[2], *SECOND])
    chain = chain_of(SIMULATED.block_note(BLOCK_0), SIMULATED.block_note(overlapping))
    assert chain.next(ALL) is not None
    assert chain.next(ALL) is None
    assert reasons(chain) == [Dropped.RANGE]


def test_lines_of_unknown_keys_are_ignored():
    note = resigned(SIMULATED.block_note(BLOCK_0), sign_text(STRANGER, b"whatever\n"))
    assert chain_of(note).next(ALL) is not None


def test_the_first_valid_block_counts_and_the_second_never_again():
    rival = SIMULATED.block(0, NETWORK.digest, FIRST[:2])
    chain = chain_of(SIMULATED.block_note(rival), SIMULATED.block_note(BLOCK_0), SIMULATED.block_note(BLOCK_1))
    counted = chain.next(ALL)
    assert counted is not None
    assert counted.block == rival
    assert chain.next(ALL) is None
    assert reasons(chain) == [Dropped.HEIGHT, Dropped.PREVIOUS]


def test_a_block_that_came_too_early_is_never_looked_at_again():
    chain = chain_of(SIMULATED.block_note(BLOCK_1), SIMULATED.block_note(BLOCK_0))
    assert chain.next(ALL) is not None
    assert chain.next(ALL) is None
    assert chain.head.height == 0
    assert reasons(chain) == [Dropped.HEIGHT]


def test_a_block_over_records_that_do_not_exist_goes_when_they_come():
    """A stolen sealer's key can delay; filling the partition gets rid of its block."""
    future = of_ranges(WHOLE._replace(end=3, digest=range_digest([])))
    chain = chain_of(future, SIMULATED.block_note(BLOCK_0))
    assert chain.next(having(*FIRST[:2])) is None
    counted = chain.next(ALL)
    assert counted is not None
    assert counted.offset == 1
    assert reasons(chain) == [Dropped.DIGEST]


def test_one_wrong_digest_decides_whatever_is_missing():
    missing = Range("energy", 0, 0, 9, bytes(32))
    chain = chain_of(of_ranges(missing, WHOLE._replace(digest=bytes(32))), SIMULATED.block_note(BLOCK_0))
    counted = chain.next(ALL)
    assert counted is not None
    assert counted.offset == 1
    assert reasons(chain) == [Dropped.DIGEST]


def test_sealers_are_known_by_height():
    def change(document):
        document["sealers"][0]["until"] = 1
        document["sealers"].append({**document["sealers"][0], "name": "b", "from": 1, "until": None})
        document["sealers"][1].update(SIMULATED._key("sealer/b"))

    network = SIMULATED.network(change)
    block_0 = SIMULATED.block(0, network.digest, FIRST)
    block_1 = SIMULATED.block(1, block_0.hash, SECOND)
    chain = Chain(network, genesis(network))
    for block, sealer in ((block_0, "b"), (block_0, "a"), (block_1, "a"), (block_1, "b")):
        chain.offer(0, SIMULATED.block_note(block, sealer))
    assert chain.next(ALL) is not None
    assert chain.next(ALL) is not None
    assert reasons(chain) == [Dropped.SIGNATURE, Dropped.SIGNATURE]


def test_each_range_is_digested_once_while_others_are_missing():
    asked = []

    def have(part):
        asked.append(part.sector)
        return ALL(part) if part.sector == "energy" else None

    chain = chain_of(SIMULATED.block_note(BLOCK_0), SIMULATED.block_note(BLOCK_1))
    chain.next(ALL)
    for _ in range(3):
        assert chain.next(have) is None
    assert asked == ["energy", "registers", "registers", "registers"]


@given(st.lists(st.sampled_from(sorted(BROKEN)), max_size=6), st.randoms(use_true_random=False))
def test_every_reader_comes_to_the_same_chain(cases, rng):
    """Whatever stands in the topic and whenever its parts arrive: same blocks, same records passed over."""
    notes = [BROKEN[case][0] for case in cases] + [SIMULATED.block_note(BLOCK_0), SIMULATED.block_note(BLOCK_1)] * 2
    rng.shuffle(notes)
    at_once = chain_of(*notes)
    expected = [counted.hash for counted in iter(lambda: at_once.next(ALL), None)]

    slow, counted, known, offered = chain_of(), [], [], 0
    records = [*FIRST, *SECOND, *OTHERS]
    while offered < len(notes) or len(known) < len(records):
        if offered < len(notes) and rng.random() < 0.5:
            slow.offer(offered, notes[offered])
            offered += 1
        elif len(known) < len(records):
            known.append(records[len(known)])
        while (one := slow.next(having(*known))) is not None:
            counted.append(one.hash)
    assert counted == expected
    assert slow.head == at_once.head
    assert slow.take_dropped() == at_once.take_dropped()

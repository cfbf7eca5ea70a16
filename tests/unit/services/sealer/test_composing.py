"""What goes into a block: limits, order, turns."""

from hypothesis import given
from hypothesis import strategies as st

from litopys.ledger.amending import amend_network
from litopys.ledger.blocks import MAX_BLOCK_BYTES, Block, Range, format_block, parse_block
from litopys.ledger.chain import ChainHead
from litopys.ledger.records import Record, range_digest
from litopys.replica.follow import RecordWindow
from services.sealer.composing import Limits, Turns, compose
from tests.support.simulated import Simulated

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
ORIGIN = NETWORK.origin
WIDE = Limits(8_192, 1 << 30)
HEAD = ChainHead(6, bytes(32), {})


def window(sector: str, partition: int, count: int, *, first: int = 0, size: int = 2) -> RecordWindow:
    made = RecordWindow(first)
    for offset in range(first, first + count):
        made.append(Record(sector, partition, offset, b"s", b"x" * (size - 1)))
    return made


def windows(*counts: int, sector: str = "energy", **more: int):
    return {(sector, partition): window(sector, partition, count, **more) for partition, count in enumerate(counts)}


def composed(pending, *, turns: Turns | None = None, limits: Limits = WIDE) -> Block | None:
    return compose(network=NETWORK, head=HEAD, pending=pending, turns=turns or Turns(), limits=limits)


def counts(block: Block | None) -> dict[int, int]:
    return {} if block is None else {part.partition: part.end - part.first for part in block.ranges}


def test_nothing_pending_makes_no_block():
    assert composed(windows(0, 0)) is None


def test_a_block_continues_the_head_and_digests_its_records():
    block = composed({("energy", 3): window("energy", 3, 5, first=40)})
    assert block is not None
    records = [Record("energy", 3, offset, b"s", b"x") for offset in range(40, 45)]
    assert block == Block(ORIGIN, 7, bytes(32), (Range("energy", 3, 40, 45, range_digest(records)),))


def test_from_its_first_height_on_a_block_names_the_newest_amendment():
    amended = amend_network(NETWORK, [SIMULATED.amendment(NETWORK, 7, energy=2)])
    pending = windows(*[1] * 1_024, sector="a" * 31, first=10**18)
    made = [
        compose(network=amended, head=head, pending=pending, turns=Turns(), limits=WIDE)
        for head in (ChainHead(5, bytes(32), {}), HEAD)
    ]
    assert [block.amendment for block in made if block] == [None, amended.amendments[0].hash]
    assert len(format_block(made[1])) <= MAX_BLOCK_BYTES


def test_ranges_are_sorted_whoever_comes_first():
    turns = Turns()
    turns.count(Block(ORIGIN, 5, bytes(32), (Range("energy", 0, 0, 1, bytes(32)),)))
    block = composed(windows(1, 1, 1) | windows(1, sector="a"), turns=turns)
    assert block is not None
    assert [part[:2] for part in block.ranges] == [("a", 0), ("energy", 0), ("energy", 1), ("energy", 2)]
    assert parse_block(format_block(block)) == block


def test_a_range_holds_2048_records_and_a_block_8192():
    assert counts(composed(windows(5_000, 5_000, 5_000, 5_000, 5_000))) == dict.fromkeys(range(4), 2_048)


def test_a_block_holds_no_more_records_than_it_may():
    assert counts(composed(windows(30, 30, 30), limits=Limits(50, 1 << 30))) == {0: 30, 1: 20}


def test_a_block_holds_no_more_bytes_than_it_may():
    assert counts(composed(windows(30, 30, size=10), limits=Limits(8_192, 105))) == {0: 10}


def test_what_has_no_room_leaves_it_to_smaller_records():
    pending = {("energy", 0): window("energy", 0, 1, size=10), ("energy", 1): window("energy", 1, 1, size=1_000)}
    pending["energy", 2] = window("energy", 2, 3, size=20)
    assert counts(composed(pending, limits=Limits(8_192, 100))) == {0: 1, 2: 3}


def test_a_record_larger_than_a_block_goes_alone():
    assert counts(composed(windows(3, size=1_000), limits=Limits(8_192, 100))) == {0: 1}


def test_the_text_stays_below_its_limit():
    pending = windows(*[1] * 1_024, sector="a" * 31, first=10**18)
    block = composed(pending)
    assert block is not None
    assert MAX_BLOCK_BYTES - 200 < len(format_block(block)) <= MAX_BLOCK_BYTES


def test_those_that_waited_longest_come_first():
    turns = Turns()
    pending = windows(50, 50, 50, 50)
    seen = []
    for height in range(8):
        block = compose(
            network=NETWORK,
            head=ChainHead(height - 1, bytes(32), {}),
            pending=pending,
            turns=turns,
            limits=Limits(20, 1 << 30),
        )
        assert block is not None
        turns.count(block)
        for part in block.ranges:
            pending[part.sector, part.partition].drop_to(part.end)
        seen += [part.partition for part in block.ranges]
    assert seen == [0, 1, 2, 3, 0, 1, 2, 3], "a partition that always has news starves no other"


@given(
    pending=st.dictionaries(st.integers(0, 12), st.integers(0, 60), min_size=1),
    records=st.integers(1, 100),
    size=st.integers(1, 200),
)
def test_every_block_keeps_its_limits_and_takes_from_the_front(pending, records, size):
    made = {("energy", partition): window("energy", partition, count) for partition, count in pending.items()}
    block = composed(made, limits=Limits(records, size))
    if block is None:
        assert not any(pending.values())
        return
    taken = counts(block)
    assert sum(taken.values()) <= records
    assert sum(taken.values()) * 2 <= size or sum(taken.values()) == 1
    assert all(part.first == 0 and part.end <= pending[part.partition] for part in block.ranges)

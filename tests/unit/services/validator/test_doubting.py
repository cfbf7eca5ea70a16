"""What our Kafka shows beside a block that a quorum has cosigned."""

import dataclasses
from types import SimpleNamespace

from litopys.ledger.chain import Counted, Dropped, DroppedBlock, Offered
from litopys.ledger.records import format_record_bytes
from litopys.replica.follow import RecordWindow
from services.validator.doubting import Here, find_difference
from services.validator.evidence import Suspects
from tests.support.simulated import Simulated

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
RECORDS = [SIMULATED.record(b"{}", partition=0, offset=offset) for offset in range(3)]
BLOCK = SIMULATED.block(0, NETWORK.digest, RECORDS)
PROVED = Counted(BLOCK, BLOCK.hash, SIMULATED.block_note(BLOCK), 0, RECORDS)


def here(*records, dropped=()):
    window = RecordWindow(0)
    for record in records:
        window.append(record)
    suspects = Suspects(NETWORK)
    for offset, block in enumerate(dropped):
        suspects.add(DroppedBlock(Offered(offset, SIMULATED.block_note(block)), Dropped.HEIGHT))
    return Here(SimpleNamespace(pending={("registers", 0): window}), suspects)


def test_another_value_or_another_line():
    for lie in (RECORDS[1]._replace(value=b"[]"), RECORDS[1]._replace(signature=b"")):
        row = find_difference(PROVED, here(RECORDS[0], lie, RECORDS[2]))
        assert (row.kind, row.who) == ("other-records", "broker")
        assert (row.first, row.second) == (format_record_bytes(lie), format_record_bytes(RECORDS[1]))
        assert "registers, partition 0, offset 1 " in row.detail


def test_what_is_not_here_yet_is_no_difference():
    assert find_difference(PROVED, here(*RECORDS[:1])) is None
    assert find_difference(PROVED, here(*RECORDS)) is None


def test_a_block_that_is_lacking_although_a_later_one_names_it():
    after = SIMULATED.block(1, BLOCK.hash, [SIMULATED.record(b"{}", partition=0, offset=3)])
    row = find_difference(PROVED, here(dropped=[after]))
    assert (row.kind, row.first, row.second) == ("other-records", SIMULATED.block_note(after), PROVED.note)
    other = dataclasses.replace(after, previous=bytes(32))
    assert find_difference(PROVED, here(dropped=[other])) is None

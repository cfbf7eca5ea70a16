"""The second implementation's whole small ledger: every verdict and every byte (tests/vectors/litopys)."""

import json
from base64 import b64decode
from dataclasses import replace
from hashlib import sha256

import pytest

from litopys.errors import LitopysError
from litopys.event.cloudevents import Event
from litopys.event.entries import is_block_entry
from litopys.ledger.admission import Examiner, judge, subjects_needed
from litopys.ledger.block_entries import format_block_entry, parse_block_entry
from litopys.ledger.blocks import format_block
from litopys.ledger.chain import Chain, genesis
from litopys.ledger.collector import CosignatureCollector, Outcome
from litopys.ledger.finality import format_final_checkpoint, format_receipt_checkpoint
from litopys.ledger.network_file import format_network, parse_network
from litopys.ledger.receipts import make_receipt, parse_receipt, verify_receipt
from litopys.ledger.records import Record
from litopys.ledger.rejections import format_rejected_list, parse_rejected_list
from litopys.note.notes import Note, format_note, parse_note
from litopys.note.policies import format_policy, parse_policy
from tests.support.vectors import read_bytes, read_json

RECEIPTS = (0, 46, 60, 98)


class AnyType:
    """No rule refuses here, and any type of the right form is known."""

    def knows(self, aggregate, name, type_version):
        return bool(aggregate and name and type_version)

    def evolve(self, state, event):
        return (state or 0) + event.streamversion * 0 + 1


def signature_of(headers):
    """The rule of the one header: anything but exactly one `signature` that is not null is an empty signature."""
    found = [value for name, value in headers if name == "signature"]
    return b64decode(found[0]) if len(found) == 1 and found[0] is not None else b""


@pytest.fixture(scope="module")
def network():
    return parse_network(read_bytes("litopys/network.json"))


@pytest.fixture(scope="module")
def rows():
    return [json.loads(line) for line in read_bytes("litopys/records.jsonl").splitlines()]


@pytest.fixture(scope="module")
def records(rows):
    by_partition = {}
    for row in rows:
        record = Record(
            row["sector"],
            row["partition"],
            row["offset"],
            signature_of(row["headers"]),
            b64decode(row["value"] or ""),
        )
        by_partition.setdefault(record[:2], []).append(record)
    return by_partition


@pytest.fixture(scope="module")
def blocks():
    return read_json("litopys/blocks.json")


@pytest.fixture(scope="module")
def verdicts(network, records, blocks):
    """Every block through chain and admission."""
    chain = Chain(network, genesis(network))
    for offset, block in enumerate(blocks):
        chain.offer(offset, block["note"].encode())
    rules = dict.fromkeys(network.sector_names, AnyType())
    examiner, streams, size, found = Examiner(network), {}, 0, []
    for _ in blocks:
        counted = chain.next(lambda part: records[part[:2]][part.first : part.end])
        assert counted is not None
        examined = examiner.examine(counted.records, height=counted.block.height, rules=rules)
        known = {subject: streams[subject] for subject in subjects_needed(examined) if subject in streams}
        verdict = judge(examined, block=counted.block, first_index=size, streams=known, rules=rules)
        streams.update(verdict.changed)
        size = verdict.block_entry.size
        found.append((counted, verdict))
    assert chain.take_dropped() == []
    assert chain.next(lambda _part: None) is None
    return found


def test_every_record_has_its_verdict(rows, verdicts):
    refused = {
        refusal.rejection[:3]: refusal.rejection.reason for _, verdict in verdicts for refusal in verdict.refusals
    }
    for row in rows:
        place = (row["sector"], row["partition"], row["offset"])
        assert refused.get(place, "admitted") == row["verdict"], row.get("note")


def test_every_entry(verdicts):
    entries = [entry for _, verdict in verdicts for entry in verdict.entries]
    hashes = [leaf for _, verdict in verdicts for leaf in verdict.leaf_hashes]
    expected = read_json("litopys/entries.json")
    assert len(entries) == len(expected)
    for entry, leaf, row in zip(entries, hashes, expected, strict=True):
        assert sha256(entry).hexdigest() == row["sha256_of_entry"]
        assert leaf == b64decode(row["leaf_hash"])
        assert len(entry) == row["bytes"]


def test_blocks(blocks, verdicts):
    for block, (counted, verdict) in zip(blocks, verdicts, strict=True):
        assert format_block(counted.block) == parse_note(block["note"].encode()).text
        assert counted.note == block["note"].encode()
        assert verdict.block_entry.first_index == block["first_index"]
        assert verdict.block_entry.size == block["tree_size"]
        assert verdict.entries[-1] == block["block_entry"].encode()
        rejected = format_rejected_list([refusal.rejection for refusal in verdict.refusals])
        assert rejected == block["rejected_list"].encode()
        assert format_rejected_list(parse_rejected_list(rejected)) == rejected
        assert format_block_entry(parse_block_entry(verdict.entries[-1])) == verdict.entries[-1]


def test_network_and_policy(network):
    again = parse_network(format_network(network))
    assert replace(again, digest=network.digest) == network
    assert format_policy(network.policy()).encode() == read_bytes("litopys/policy")
    assert parse_policy(read_bytes("litopys/policy").decode()) == network.policy()


@pytest.mark.parametrize("index", RECEIPTS)
def test_receipts(index, verdicts):
    data = read_bytes(f"litopys/receipt-{index}.tlog-proof")
    verified = verify_receipt(data, parse_policy(read_bytes("litopys/policy").decode()))
    entries = [entry for _, verdict in verdicts for entry in verdict.entries]
    assert (verified.index, verified.entry) == (index, entries[index])
    assert isinstance(verified.content, Event) != is_block_entry(verified.entry)
    assert [cosigner.name for cosigner in verified.cosigners] == ["kyiv", "odesa", "dnipro"]
    parsed = parse_receipt(data)
    made = make_receipt(entry=parsed.entry, index=index, proof=parsed.proof, checkpoint=parsed.checkpoint)
    assert made == data


@pytest.mark.parametrize("index", RECEIPTS)
def test_a_receipt_with_one_changed_byte_fails(index):
    policy = parse_policy(read_bytes("litopys/policy").decode())
    data = read_bytes(f"litopys/receipt-{index}.tlog-proof")
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(LitopysError):
            verify_receipt(bytes(changed), policy)


def test_finality_from_single_votes(network):
    """The checkpoint's lines, one record each, lead to the same checkpoint."""
    whole = read_bytes("litopys/checkpoint")
    note = parse_note(whole)
    collector = CosignatureCollector(network)
    log_line, *votes = note.lines
    for line in (*votes, log_line):
        assert collector.published() is None
        heard = collector.offer(format_note(Note(note.text, (line,))))
        assert heard.outcome is (Outcome.LOG_SIGNED if line is log_line else Outcome.COUNTED)
    head = collector.published()
    assert head == collector.final()
    assert head is not None
    assert format_final_checkpoint(head) == whole
    receipt = parse_receipt(read_bytes("litopys/receipt-0.tlog-proof"))
    assert format_receipt_checkpoint(head, network.quorum) == receipt.checkpoint

"""The auditor of the tests finds nothing in a sound network, and says so of every promise that is broken on purpose.

Broken is the evidence, in memory: a row is gone or another, a record is altered, a lie is signed with the right key.
"""

import copy
from hashlib import sha256

import pytest
from confluent_kafka import Producer

from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.note.cosignatures import cosign
from litopys.note.notes import Note, format_note, sign_text
from litopys.note.vkeys import parse_signer
from tests.e2e.conftest import registrars_of
from tests.support.auditor.evidence import Claims, Record
from tests.support.auditor.promises import audit
from tests.support.auditor.reading import read_at_rest, whereabouts_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PREFIX = "8500000000:00:001:"
COMMANDS = 40
AT_REST_S = 60


@pytest.fixture(scope="module")
def claims(network):
    registrars = registrars_of(network)
    keys = [f"{PREFIX}{number:04}" for number in range(COMMANDS // 2)]
    acknowledged = [tuple(step(key)) for key in keys for step in (registrars.record, registrars.value)]
    return Claims(acknowledged, prefixes=(f"land_parcel:{PREFIX}",))


@pytest.fixture(scope="module")
def evidence(network, claims):
    """One record stands on its topic twice: the second copy is refused, and stays in the evidence as that."""
    found = read_at_rest(whereabouts_of(network), AT_REST_S)
    place = next(place for place, records in found.events.items() if records)
    copied = found.events[place][0]
    producer = Producer({"bootstrap.servers": network.kafka.bootstrap})
    producer.produce(
        f"{found.network['topics']}.events.{place[0]}",
        copied.value,
        partition=place[1],
        headers=[("signature", copied.signature)],
    )
    assert producer.flush(30) == 0
    return read_at_rest(whereabouts_of(network), AT_REST_S)


class Breaking:
    """Evidence and claims that one may break, and the keys with which one may lie."""

    def __init__(self, network, evidence, claims):
        self.evidence = copy.deepcopy(evidence)
        self.claims = copy.deepcopy(claims)
        self.layout = network.layout

    @property
    def kyiv(self):
        return self.evidence.validators["kyiv"]

    @property
    def registers(self):
        return self.evidence.sectors["registers"]

    @property
    def address(self):
        return self.claims.acknowledged[-1]

    @property
    def place(self):
        return next(place for place, records in self.evidence.events.items() if records)

    def index(self):
        """Where an acknowledged event stands."""
        subject = b'"subject":"%s"' % self.address[0].encode()
        return next(n for n, entry in enumerate(self.kyiv.entries) if subject in entry and entry.startswith(b"{"))

    def take_range(self):
        """Take away the range in which an acknowledged event is final; another may hold nothing but a refused copy."""
        number, offset = self.registers.publications[self.registers.events[self.address].position][0]
        ranges = self.registers.final_ranges
        [found] = [one for one in ranges if one[0] == number and one[1] <= offset < one[2]]
        ranges.remove(found)
        return found

    def replace_block(self, height, **changes):
        self.kyiv.blocks[height] = self.kyiv.blocks[height]._replace(**changes)

    def replace_record(self, **changes):
        """The newest one of its partition."""
        records = self.evidence.events[self.place]
        records[-1] = records[-1]._replace(**changes)

    def replace_entry(self, old, new):
        """In every validator's database alike."""
        index = self.index()
        for rows in self.evidence.validators.values():
            rows.entries[index] = rows.entries[index].replace(old, new)

    def vote(self, size, root):
        """By kyiv's own key."""
        signer = parse_signer(self.layout.key_file("validator", "kyiv").read_text())
        body = format_checkpoint(Checkpoint(self.evidence.origin, size, root))
        note = format_note(Note(body, (cosign(signer, body, 1_800_000_000),)))
        self.evidence.cosignatures.append(Record(note, b"", 0))

    def sign_as_log(self, size, root):
        signer = parse_signer(self.layout.key_file("log").read_text())
        body = format_checkpoint(Checkpoint(self.evidence.origin, size, root))
        return Record(format_note(Note(body, (sign_text(signer, body),))), b"", 0)

    def silence(self, *names):
        """Take the cosignatures of validators off the topic."""
        marks = [f"/validator/{name} ".encode() for name in names]
        kept = [one for one in self.evidence.cosignatures if not any(mark in one.value for mark in marks)]
        self.evidence.cosignatures[:] = kept


ROOT = sha256(b"another").digest()


def digit_changed(note):
    """A note whose block has another `previous`."""
    return note.replace(b"\nprevious ", b"\nprevious A", 1)


def size_changed(note):
    """A checkpoint of a tree larger by one, under the signature of the one that it was."""
    origin, size, rest = note.split(b"\n", 2)
    return b"\n".join((origin, b"%d" % (int(size) + 1), rest))


BREAKS = {
    "I1": {
        "a block is gone": lambda b: b.kyiv.blocks.pop(1),
        "a height twice": lambda b: b.kyiv.blocks.insert(1, b.kyiv.blocks[1]),
        "another block before": lambda b: b.replace_block(1, note=digit_changed(b.kyiv.blocks[1].note)),
        "a block off the topic": lambda b: b.evidence.blocks.pop(1),
    },
    "I2": {
        "a record in no block": lambda b: b.evidence.events[b.place].append(b.evidence.events[b.place][0]),
        "a record less": lambda b: b.evidence.events[b.place].pop(),
        "an altered record": lambda b: b.replace_record(value=b"another"),
        "a range again": lambda b: b.kyiv.blocks.append(b.kyiv.blocks[-1]),
        "a record without its signature": lambda b: b.replace_record(signature=b""),
    },
    "I3": {
        "acknowledged and nowhere": lambda b: b.claims.acknowledged.append((f"land_parcel:{PREFIX}9999", 1)),
        "there and never acknowledged": lambda b: b.claims.acknowledged.pop(),
        "there twice": lambda b: b.kyiv.entries.append(b.kyiv.entries[b.index()]),
        "an entry that is no record": lambda b: b.replace_entry(b'"actor":"', b'"actor":"x'),
        "refused without a reason": lambda b: b.kyiv.rejections.append(b.kyiv.rejections.pop()._replace(reason="")),
        "refused with other bytes": lambda b: b.kyiv.rejections.append(b.kyiv.rejections.pop()._replace(value=b"x")),
        "filled although nobody refused it": lambda b: b.replace_entry(b".recorded.v1", b".voided.v1"),
    },
    "I4": {
        "other bytes signed": lambda b: b.replace_entry(b'"actor":"', b'"actor":"x'),
        "not signed": lambda b: b.replace_entry("\n\n— ".encode(), "\n\n— x".encode()),
        "of another network": lambda b: b.replace_entry(b'"source":"https://', b'"source":"https://x'),
        "of another sector": lambda b: b.replace_entry(b'/registers"', b'/energy"'),
    },
    "I5": {
        "another root": lambda b: b.replace_block(-1, root=ROOT),
        "another size": lambda b: b.replace_block(-1, size=b.kyiv.blocks[-1].size + 1),
        "an entry altered": lambda b: b.kyiv.entries.__setitem__(b.index(), b"{}"),
        "an entry gone": lambda b: b.kyiv.entries.pop(),
        "another state": lambda b: b.kyiv.streams.append(b.kyiv.streams.pop()._replace(state=b"x")),
        "another version": lambda b: b.kyiv.streams.append(b.kyiv.streams.pop()._replace(version=9)),
        "a stream gone": lambda b: b.kyiv.streams.pop(),
        "a refusal gone": lambda b: b.kyiv.rejections.pop(),
        "another reason": lambda b: b.kyiv.rejections.append(b.kyiv.rejections.pop()._replace(reason="key")),
    },
    "I6": {
        "a second vote at one size": lambda b: b.vote(b.kyiv.blocks[-1].size, ROOT),
        "the vote again at another time": lambda b: b.vote(b.kyiv.blocks[-1].size, b.kyiv.blocks[-1].root),
        "a vote for no block": lambda b: b.vote(b.kyiv.blocks[-1].size + 1, ROOT),
        "a vote that was not kept": lambda b: b.kyiv.votes.pop(),
        "a block that was not kept": lambda b: b.kyiv.blocks.pop(),
        "another kept": lambda b: b.kyiv.votes.append(b.kyiv.votes.pop()._replace(line="x")),
        "a line that does not hold": lambda b: b.evidence.cosignatures.append(
            Record(size_changed(b.evidence.cosignatures[0].value), b"", 0)
        ),
    },
    "I7": {
        "final with two of four": lambda b: b.silence("kyiv", "lviv"),
        "final with another root": lambda b: b.kyiv.final.update({b.kyiv.blocks[-1].size: ROOT}),
        "a quorum and not final": lambda b: b.kyiv.final.pop(max(b.kyiv.final)),
        "the log before the quorum": lambda b: b.evidence.cosignatures.insert(
            0, b.sign_as_log(b.kyiv.blocks[-1].size, b.kyiv.blocks[-1].root)
        ),
        "the log without a quorum": lambda b: b.evidence.cosignatures.append(b.sign_as_log(5, ROOT)),
        "a quorum of two thirds": lambda b: b.evidence.network.__setitem__("quorum", 2),
        "a sector ahead": lambda b: setattr(b.registers, "final_height", b.registers.final_height + 1),
    },
    "I12": {
        "unknown to its sector": lambda b: b.registers.events.pop(b.address),
        "not seen on the topic": lambda b: b.registers.publications.pop(b.registers.events[b.address].position),
        "final and refused": lambda b: b.registers.rejected.update({b.address: "rule"}),
        "no verdict": lambda b: b.take_range(),
        "another index": lambda b: b.registers.final_ranges.append((*(taken := b.take_range())[:-1], taken[-1] + 1)),
    },
}
CASES = [(promise, case) for promise, cases in BREAKS.items() for case in cases]


def test_nothing_is_found_where_all_is_well(evidence, claims):
    assert evidence.validators["kyiv"].rejections, "a refused record is among the evidence"
    assert audit(evidence, claims) == []


@pytest.mark.parametrize(("promise", "case"), CASES, ids=[f"{promise}-{case}" for promise, case in CASES])
def test_it_says_what_is_broken(network, evidence, claims, promise, case):
    breaking = Breaking(network, evidence, claims)
    BREAKS[promise][case](breaking)
    assert promise in {finding.promise for finding in audit(breaking.evidence, breaking.claims)}

"""Admission: each reason, their order, what earlier records of a block do to later ones, and nothing that crashes."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litopys.errors import Halted
from litopys.event.lines import EventLine, format_line, parse_line
from litopys.event.signatures import sign_event
from litopys.event.streams import Citation, partition_of
from litopys.ledger.admission import Examiner, Stream, judge, subjects_needed
from litopys.ledger.records import Record
from litopys.ledger.rejections import Reason
from litopys.note.vkeys import ED25519, make_signer
from tests.support.simulated import Counting, Simulated, key_value

SIMULATED = Simulated(partitions=2)
NETWORK = SIMULATED.network()
RULES = {"registers": Counting(), "energy": Counting()}
SUBJECT = "land_parcel:1"
HOME = partition_of(SUBJECT, 2)
LINE = SIMULATED.record_of(SUBJECT, offset=0).signature


def admit(records, *, streams=None, first_index=0, network=NETWORK, height=0, rules=RULES):
    """Judge records as the block at a height; they are renumbered so that they make one."""
    placed = [record._replace(offset=offset) for offset, record in enumerate(records)]
    ordered = sorted(placed, key=lambda record: record[:3])
    by_place = {}
    renumbered = []
    for record in ordered:
        offset = by_place.get(record[:2], 0)
        by_place[record[:2]] = offset + 1
        renumbered.append(record._replace(offset=offset))
    block = SIMULATED.block(height, network.digest, renumbered)
    examined = Examiner(network).examine(renumbered, height=height, rules=rules)
    return judge(examined, block=block, first_index=first_index, streams=streams or {}, rules=rules)


def reason_of(record, **more):
    verdict = admit([record], **more)
    return verdict.refusals[0].rejection.reason if verdict.refusals else None


def alter(value: bytes, old: bytes, new: bytes) -> bytes:
    assert old in value
    return value.replace(old, new, 1)


def test_an_event_is_admitted():
    record = SIMULATED.record_of(SUBJECT, offset=0)
    verdict = admit([record], first_index=100)
    event_entry, block_entry = verdict.entries
    assert event_entry == record.value + b"\n\n" + record.signature + b"\n"
    assert verdict.leaf_hashes == [sha256(b"\0" + entry).digest() for entry in verdict.entries]
    assert verdict.leaf_hashes[0] != sha256(event_entry).digest()
    assert verdict.placements == [(SUBJECT, 1, None)]
    assert verdict.changed == {SUBJECT: Stream(1, 100, 1)}
    assert (verdict.block_entry.first_index, verdict.block_entry.count, verdict.block_entry.size) == (100, 1, 102)
    assert block_entry.endswith(b"rejected 0 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")


def test_a_stream_goes_on():
    records = [SIMULATED.record_of(SUBJECT, version, offset=0) for version in (8, 9)]
    verdict = admit(records, streams={SUBJECT: Stream(7, 41, 7)}, first_index=50)
    assert verdict.placements == [(SUBJECT, 8, 41), (SUBJECT, 9, 50)]
    assert verdict.changed == {SUBJECT: Stream(9, 51, 9)}


def faults():
    """Each stage with what breaks it; a record with several faults falls by the first."""
    value = SIMULATED.event(SUBJECT)
    return {
        Reason.OVERSIZE: lambda v, s: (v + b" " * 47_001, s),
        Reason.MALFORMED: lambda v, s: (alter(v, b'"o:1"', b'"o 1"'), s),
        Reason.SOURCE: lambda v, s: (alter(v, b"/one/registers", b"/one/energy"), s),
        Reason.TYPE: lambda v, s: (alter(v, b".recorded.v1", b".recorded.v2"), s),
        Reason.KEY: lambda v, s: (v, sign_event(SIMULATED.sector("energy"), value)),
        Reason.SIGNATURE: lambda v, s: (alter(v, b'"note"', b'"nota"'), s),
    }


@pytest.mark.parametrize("count", range(1, 7))
def test_the_first_fault_is_the_reason(count):
    """Faults are added from the last to the first; the wrong partition is there all the time."""
    value, line = SIMULATED.event(SUBJECT), LINE
    chosen = list(faults().items())[-count:]
    for _, fault in reversed(chosen):
        value, line = fault(value, line)
    record = Record("registers", 1 - HOME, 0, line, value)
    assert reason_of(record) is chosen[0][0]


@pytest.mark.parametrize("reason", list(faults()))
def test_one_fault_alone(reason):
    value, line = faults()[reason](SIMULATED.event(SUBJECT), LINE)
    if reason in (Reason.SOURCE, Reason.TYPE):
        line = sign_event(SIMULATED.sector("registers"), value)
    assert reason_of(Record("registers", HOME, 0, line, value)) is reason


def test_the_wrong_partition():
    assert reason_of(SIMULATED.record(SIMULATED.event(SUBJECT), partition=1 - HOME, offset=0)) is Reason.PARTITION


def test_partition_comes_before_stream_version():
    record = SIMULATED.record(SIMULATED.event(SUBJECT, 5), partition=1 - HOME, offset=0)
    assert reason_of(record) is Reason.PARTITION


@pytest.mark.parametrize("size", [47_000, 47_001])
def test_size_of_the_value(size):
    room = size - len(SIMULATED.event(SUBJECT, data={"a": ""}))
    value = alter(SIMULATED.event(SUBJECT, data={"a": ""}), b'"a":""', b'"a":"%b"' % (b"x" * room))
    record = SIMULATED.record(value, partition=HOME, offset=0)
    assert len(record.value) == size
    assert reason_of(record) is (None if size == 47_000 else Reason.OVERSIZE)


@pytest.mark.parametrize(("blob", "size", "reason"), [(719, 1_000, Reason.SIGNATURE), (720, 1_004, Reason.OVERSIZE)])
def test_size_of_the_signature(blob, size, reason):
    name, key_id, _ = parse_line(LINE)
    line = format_line(EventLine(name, key_id, bytes(blob)))
    assert len(line) == size
    assert reason_of(Record("registers", HOME, 0, line, SIMULATED.event(SUBJECT))) is reason


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (b"", LINE),
        (b"{}", LINE),
        (SIMULATED.event(SUBJECT), b""),
        (SIMULATED.event(SUBJECT), LINE + b"\n"),
        (SIMULATED.event(SUBJECT), LINE[1:]),
        (SIMULATED.event(SUBJECT), LINE[:-1]),
        (SIMULATED.event(SUBJECT), "— a AAAAAA==".encode()),
    ],
)
def test_malformed(value, line):
    assert reason_of(Record("registers", HOME, 0, line, value)) is Reason.MALFORMED


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "https://simulated.example/one/energy"},
        {"source": "https://simulated.example/two/registers"},
        {"source": "http://simulated.example/one/registers"},
        {"source": "https://simulated.example/one/registers/"},
        {"source": ""},
    ],
)
def test_source(changes):
    assert reason_of(SIMULATED.record_of(SUBJECT, offset=0, **changes)) is Reason.SOURCE


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "ua.gov.litopys.energy.land_parcel.recorded.v1",
        "ua.gov.litopys.registers.land.recorded.v1",
        "ua.gov.litopys.registers.land_parcels.recorded.v1",
        "ua.gov.litopys.registers.land_parcel.registered.v1",
        "ua.gov.litopys.registers.land_parcel.recorded.v2",
        "ua.gov.litopys.registers.land_parcel.recorded.v01",
    ],
)
def test_type(kind):
    assert reason_of(SIMULATED.record_of(SUBJECT, offset=0, type=kind)) is Reason.TYPE


NEW_KEY = make_signer("simulated.example/one/registers", ED25519, bytes(32))


def with_second_key(document):
    """The sector's key changes at height 2."""
    sector = next(sector for sector in document["sectors"] if sector["name"] == "registers")
    sector["keys"][0]["until"] = 2
    sector["keys"].append({**key_value(NEW_KEY), "from": 2, "until": None})


def test_keys_are_known_by_height():
    network = SIMULATED.network(with_second_key)
    new = Simulated(signers={"registers": NEW_KEY})
    old_record, new_record = SIMULATED.record_of(SUBJECT, offset=0), new.record_of(SUBJECT, offset=0)
    assert [reason_of(old_record, network=network, height=height) for height in (0, 1, 2)] == [None, None, Reason.KEY]
    assert [reason_of(new_record, network=network, height=height) for height in (0, 1, 2)] == [
        Reason.KEY,
        Reason.KEY,
        None,
    ]


def test_stream_version():
    assert reason_of(SIMULATED.record_of(SUBJECT, 2, offset=0)) is Reason.STREAM_VERSION
    assert (
        reason_of(SIMULATED.record_of(SUBJECT, 1, offset=0), streams={SUBJECT: Stream(1, 0, 1)})
        is Reason.STREAM_VERSION
    )
    assert (
        reason_of(SIMULATED.record_of(SUBJECT, 3, offset=0), streams={SUBJECT: Stream(1, 0, 1)})
        is Reason.STREAM_VERSION
    )


def test_a_second_copy_falls_and_changes_nothing():
    record = SIMULATED.record_of(SUBJECT, offset=0)
    verdict = admit([record, record])
    assert [refusal.rejection.reason for refusal in verdict.refusals] == [Reason.STREAM_VERSION]
    assert verdict.refusals[0].rejection.offset == 1
    assert verdict.changed == {SUBJECT: Stream(1, 0, 1)}
    assert verdict.block_entry.count == 1


def subject_in(partition, number=0):
    """A stream of this partition."""
    return next(name for n in range(number * 100, 10**6) if partition_of(name := f"land_parcel:{n}", 2) == partition)


def test_a_citation_counts_earlier_records_of_the_block_and_not_later_ones():
    early, late = subject_in(0), subject_in(1)
    cited_early = [
        SIMULATED.record_of(early, offset=0),
        SIMULATED.record_of(late, offset=0, cites=(Citation(early, 1),)),
    ]
    assert admit(cited_early).refusals == []
    cited_late = [
        SIMULATED.record_of(early, offset=0, cites=(Citation(late, 1),)),
        SIMULATED.record_of(late, offset=0),
    ]
    assert [refusal.rejection.reason for refusal in admit(cited_late).refusals] == [Reason.CITATION]


def test_a_citation_of_itself_is_not_reached():
    assert reason_of(SIMULATED.record_of(SUBJECT, offset=0, cites=(Citation(SUBJECT, 1),))) is Reason.CITATION
    going_on = SIMULATED.record_of(SUBJECT, 2, offset=0, cites=(Citation(SUBJECT, 1),))
    assert reason_of(going_on, streams={SUBJECT: Stream(1, 0, 1)}) is None


@pytest.mark.parametrize(("version", "reason"), [(1, None), (3, None), (4, Reason.CITATION)])
def test_a_citation_needs_its_version(version, reason):
    record = SIMULATED.record_of(SUBJECT, offset=0, cites=(Citation("permit:1", version),))
    assert reason_of(record, streams={"permit:1": Stream(3, 0, None)}) is reason
    assert reason_of(record) is Reason.CITATION


def test_a_refused_record_is_not_there_for_citations():
    early, late = subject_in(0), subject_in(1)
    records = [
        SIMULATED.record_of(early, offset=0, data={"refuse": "value"}),
        SIMULATED.record_of(late, offset=0, cites=(Citation(early, 1),)),
    ]
    assert [refusal.rejection.reason for refusal in admit(records).refusals] == [Reason.RULE, Reason.CITATION]


@pytest.mark.parametrize(
    "raised", [ValueError, KeyError, ZeroDivisionError, AttributeError, StopIteration, AssertionError, OSError, Halted]
)
def test_any_exception_is_a_rule(raised):
    class Raising(Counting):
        def evolve(self, state, event):
            raise raised("whatever it says")

    rules = {**RULES, "registers": Raising()}
    assert reason_of(SIMULATED.record_of(SUBJECT, offset=0), rules=rules) == Reason.RULE


def test_a_rule_refuses():
    records = [
        SIMULATED.record_of(SUBJECT, 1, offset=0, data={"refuse": "value"}),
        SIMULATED.record_of(SUBJECT, 1, offset=0),
        SIMULATED.record_of(SUBJECT, 2, offset=0),
    ]
    verdict = admit(records)
    assert [refusal.rejection.reason for refusal in verdict.refusals] == [Reason.RULE]
    assert verdict.changed[SUBJECT].version == 2
    assert verdict.refusals[0].event is not None


@pytest.mark.parametrize("what", ["memory", "stack"])
def test_exhaustion_of_the_machine_stops_and_is_no_verdict(what):
    with pytest.raises(Halted):
        admit([SIMULATED.record_of(SUBJECT, offset=0, data={"refuse": what})])


def test_what_the_third_stage_needs():
    records = [
        SIMULATED.record_of(SUBJECT, offset=0, cites=(Citation("permit:1", 1),)),
        Record("registers", HOME, 1, b"", b""),
        SIMULATED.record_of("land_parcel:7", offset=0, source="elsewhere"),
    ]
    examined = Examiner(NETWORK).examine(records, height=0, rules=RULES)
    assert subjects_needed(examined) == {SUBJECT, "permit:1"}
    assert [outcome.event is None for outcome in examined] == [False, True, False]


def test_batches_and_single_signatures_beside_each_other():
    values = [SIMULATED.event(SUBJECT, version) for version in range(1, 9)]
    batched = SIMULATED.batch(values[:6], partition=HOME)
    single = [SIMULATED.record(value, partition=HOME, offset=0) for value in values[6:]]
    verdict = admit([*batched, *single])
    assert verdict.refusals == []
    assert verdict.changed[SUBJECT] == Stream(8, 7, 8)


@settings(max_examples=150)
@given(st.data())
def test_mutations_never_crash_and_never_pass(draw):
    """Any change to value or line refuses the record: there is no idle byte in either."""
    record = draw.draw(
        st.sampled_from(
            [
                SIMULATED.record_of(SUBJECT, offset=0),
                SIMULATED.batch([SIMULATED.event(SUBJECT), SIMULATED.event(SUBJECT, 2)], partition=HOME)[0],
            ]
        )
    )
    name = draw.draw(st.sampled_from(["value", "signature"]))
    changed = bytearray(getattr(record, name))
    for _ in range(draw.draw(st.integers(1, 4))):
        place = draw.draw(st.integers(0, len(changed)))
        changed[place : place + draw.draw(st.integers(0, 3))] = draw.draw(
            st.binary(max_size=3)
            | st.sampled_from([b"{", b"[", b'"', b"\\", b"\n", b"\xe2\x80\x94", b"1" * 17, b"0", b"="])
        )
    mutated = record._replace(**{name: bytes(changed)})
    assert (reason_of(mutated) is None) == (mutated == record)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_garbage_is_malformed(value, line):
    assert reason_of(Record("registers", HOME, 0, line, value)) is Reason.MALFORMED

"""Which records of a block take effect, and why the others do not (docs/spec/blocks-and-admission.md, "Admission").

Three stages, each for a whole block, so that a caller loads what the second asks for with one query:

1. `Examiner.examine`: what the record, the network file and the height decide alone (oversize … partition);
2. `subjects_needed`: the streams that the rest depends on;
3. `judge`: stream version, citations, rules, in the order of ranges and offsets; and what comes of the block.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from litopys.errors import Halted, Malformed
from litopys.event.cloudevents import MAX_VALUE_BYTES, Event, format_source, parse_event, parse_type
from litopys.event.entries import format_entry
from litopys.event.lines import MAX_LINE_BYTES, parse_line
from litopys.event.signatures import Claim, SectorKey, SignatureVerifier
from litopys.event.streams import partition_of
from litopys.ledger.block_entries import BlockEntry, format_block_entry
from litopys.ledger.blocks import Block
from litopys.ledger.network import Network
from litopys.ledger.records import Record
from litopys.ledger.rejections import Reason, Rejection, rejected_digest
from litopys.tlog.hashing import leaf_hash


class Rules(Protocol):
    """What admission asks of a sector's domain; `sourcing.Domain` answers.

    `evolve` is total and deterministic: whatever it raises refuses the event, the same on every machine.
    """

    def knows(self, aggregate: str, name: str, type_version: int, /) -> bool:
        """Answer whether the rules in force know this type of event."""
        ...

    def evolve(self, state: Any, event: Event, /) -> Any:  # noqa: ANN401 -- the state is the domain's own
        """Return the state after the event; `state` is None before the first. Raises to refuse."""
        ...


class Stream(NamedTuple):
    """Where a stream stands: its version, the index of its newest entry, the domain's state after it."""

    version: int
    last_index: int | None
    state: Any


NEW_STREAM: Final = Stream(0, None, None)


class Examined(NamedTuple):
    """A record after the first stage: refused with a reason, or an event that waits for its turn.

    `event` is there for a refused record too if its value could be parsed.
    """

    record: Record
    event: Event | None
    reason: Reason | None


class Placement(NamedTuple):
    """Where an admitted event belongs: its address, and the index of the entry before it in the same stream."""

    subject: str
    version: int
    previous_index: int | None


class Refusal(NamedTuple):
    """A refused record with its bytes, which validators keep, and its event where it has one."""

    rejection: Rejection
    record: Record
    event: Event | None


class BlockVerdict(NamedTuple):
    """What came of a block.

    `entries` and `leaf_hashes` are those of the events, then of the block entry; `placements` are of the events only,
    in the same order. `changed` holds the new standing of every stream that got an event.
    """

    block_entry: BlockEntry
    entries: list[bytes]
    leaf_hashes: list[bytes]
    placements: list[Placement]
    refusals: list[Refusal]
    changed: dict[str, Stream]


class _Terms(NamedTuple):
    """What holds for records of one sector at one height."""

    sector: str
    source: str
    partitions: int
    keys: dict[tuple[str, bytes], tuple[SectorKey, bool]]
    rules: Rules
    prefixes: dict[str, str | None]
    """By type, looked up once a block: how the subject must begin, None where the type is not admitted."""


class _Claimed(NamedTuple):
    """A record whose signature and partition are still to be checked."""

    event: Event
    claim: Claim


class Examiner:
    """First stage of admission; keeps no state but the verifier's memory."""

    def __init__(self, network: Network, verifier: SignatureVerifier | None = None) -> None:
        """Judge for this network."""
        self._network = network
        self._verifier = verifier or SignatureVerifier()

    def examine(self, records: Iterable[Record], *, height: int, rules: Mapping[str, Rules]) -> list[Examined]:
        """Examine the records of the block at this height, in order; `rules` are those in force, by sector."""
        terms = {sector: self._terms(sector, height, sector_rules) for sector, sector_rules in rules.items()}
        examined: list[Examined] = []
        claims: list[Claim] = []
        claimed: list[tuple[int, Event]] = []
        for place, record in enumerate(records):
            outcome = _examine(record, terms[record.sector])
            if isinstance(outcome, _Claimed):
                claims.append(outcome.claim)
                claimed.append((place, outcome.event))
                outcome = Examined(record, outcome.event, None)
            examined.append(outcome)
        for (place, event), is_signed in zip(claimed, self._verifier.judge(claims), strict=True):
            record = examined[place].record
            if not is_signed:
                examined[place] = Examined(record, event, Reason.SIGNATURE)
            elif partition_of(event.subject, terms[record.sector].partitions) != record.partition:
                examined[place] = Examined(record, event, Reason.PARTITION)
        return examined

    def _terms(self, sector: str, height: int, rules: Rules) -> _Terms:
        keys: dict[tuple[str, bytes], tuple[SectorKey, bool]] = {}
        for key in self._network.sector_keys(sector, height):
            keys[key.name, key.plain_id] = (key, False)
            keys[key.name, key.batch_id] = (key, True)
        source = format_source(self._network.origin, sector)
        return _Terms(sector, source, self._network.partitions(sector), keys, rules, {})


def subjects_needed(examined: Iterable[Examined]) -> set[str]:
    """List the streams that the third stage depends on: those of the events and those that they cite."""
    subjects: set[str] = set()
    for outcome in examined:
        if outcome.reason is None and outcome.event is not None:
            subjects.add(outcome.event.subject)
            subjects.update(citation.subject for citation in outcome.event.cites)
    return subjects


def judge(
    examined: Sequence[Examined],
    *,
    block: Block,
    first_index: int,
    streams: Mapping[str, Stream],
    rules: Mapping[str, Rules],
) -> BlockVerdict:
    """Judge the examined records of a block that starts at `first_index`; `streams` lacks those that do not exist yet.

    Raises Halted where the machine, not the event, was at fault: its memory or its stack was exhausted.
    """
    judging = _Judging(first_index, streams, rules)
    for outcome in examined:
        reason = outcome.reason or judging.admit(outcome)
        if reason is not None:
            judging.refuse(outcome, reason)
    return judging.finish(block)


class _Judging:
    """The third stage while it goes through a block."""

    def __init__(self, first_index: int, streams: Mapping[str, Stream], rules: Mapping[str, Rules]) -> None:
        self._first_index = first_index
        self._streams = streams
        self._evolve = {sector: sector_rules.evolve for sector, sector_rules in rules.items()}
        self._changed: dict[str, Stream] = {}
        self._entries: list[bytes] = []
        self._placements: list[Placement] = []
        self._refusals: list[Refusal] = []

    def admit(self, outcome: Examined) -> Reason | None:
        """Admit one event, or say why not."""
        record, event, _ = outcome
        if event is None:
            return Reason.MALFORMED
        subject, version = event.subject, event.streamversion
        stream = self._stream(subject)
        if version != stream.version + 1:
            return Reason.STREAM_VERSION
        if event.cites and any(self._stream(cited).version < reached for cited, reached in event.cites):
            return Reason.CITATION
        try:
            state = self._evolve[record.sector](stream.state, event)
        except (MemoryError, RecursionError) as error:
            # How much memory and stack there is differs from machine to machine: no verdict may rest on it.
            raise Halted("a rule exhausted the machine") from error
        except Exception:  # noqa: BLE001 -- whatever a rule raises is its refusal (formats: `rule`)
            return Reason.RULE
        self._changed[subject] = Stream(version, self._first_index + len(self._entries), state)
        self._entries.append(format_entry(record.value, record.signature))
        self._placements.append(Placement(subject, version, stream.last_index))
        return None

    def refuse(self, outcome: Examined, reason: Reason) -> None:
        """Note a refused record."""
        record = outcome.record
        rejection = Rejection(record.sector, record.partition, record.offset, reason)
        self._refusals.append(Refusal(rejection, record, outcome.event))

    def finish(self, block: Block) -> BlockVerdict:
        """Close the block with its entry."""
        entry = BlockEntry(
            block=block,
            first_index=self._first_index,
            count=len(self._entries),
            rejected=len(self._refusals),
            rejected_digest=rejected_digest([refusal.rejection for refusal in self._refusals]),
        )
        entries = [*self._entries, format_block_entry(entry)]
        hashes = [leaf_hash(each) for each in entries]
        return BlockVerdict(entry, entries, hashes, self._placements, self._refusals, self._changed)

    def _stream(self, subject: str) -> Stream:
        return self._changed.get(subject) or self._streams.get(subject, NEW_STREAM)


def _examine(record: Record, terms: _Terms) -> Examined | _Claimed:
    """Examine one record up to its signature: refused, or with the claim that is still to be checked."""
    value, signature = record.value, record.signature
    if len(value) > MAX_VALUE_BYTES or len(signature) > MAX_LINE_BYTES:
        return Examined(record, None, Reason.OVERSIZE)
    try:
        name, key_id, blob = parse_line(signature)
        event = parse_event(value)
    except Malformed:
        return Examined(record, None, Reason.MALFORMED)
    if event.source != terms.source:
        return Examined(record, event, Reason.SOURCE)
    if event.type not in terms.prefixes:
        terms.prefixes[event.type] = _prefix_of(event.type, terms)
    # The aggregate has no colon, so this compares it with all that stands before the subject's first one.
    prefix = terms.prefixes[event.type]
    if prefix is None or not event.subject.startswith(prefix):
        return Examined(record, event, Reason.TYPE)
    found = terms.keys.get((name, key_id))
    if found is None:
        return Examined(record, event, Reason.KEY)
    return _Claimed(event, Claim(value + b"\n", *found, blob))


def _prefix_of(kind: str, terms: _Terms) -> str | None:
    """Find how subjects of a type begin; None where it is not of this sector or unknown to the rules in force."""
    try:
        sector, aggregate, name, version = parse_type(kind)
    except Malformed:
        return None
    if sector != terms.sector or not terms.rules.knows(aggregate, name, version):
        return None
    return f"{aggregate}:"

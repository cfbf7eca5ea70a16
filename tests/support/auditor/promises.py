"""The promises I1 to I7 and I12, each looked at in the evidence. A finding says which is broken and how."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from tests.support.auditor.chain import Reader, read_text
from tests.support.auditor.evidence import Address, Claims, Evidence, SectorRows, ValidatorRows
from tests.support.auditor.finality import Checkpoint, Signed, quorums, read_cosignatures
from tests.support.auditor.signed import GrowingTree, event_of, is_signed_event, split_note

NEEDED = {"id", "source", "type", "subject", "streamversion"}


class Finding(NamedTuple):
    """A promise that is broken."""

    promise: str
    what: str


class Entry(NamedTuple):
    """An event of the ledger: where it stands, its bytes and its line."""

    index: int
    event: dict[str, Any]
    value: bytes
    line: bytes

    @property
    def address(self) -> Address:
        return self.event["subject"], self.event["streamversion"]

    @property
    def fills_a_gap(self) -> bool:
        """Whether it stands where a refused event would have stood."""
        return ".voided.v" in self.event["type"]


def audit(evidence: Evidence, claims: Claims) -> list[Finding]:
    """Look at everything. An empty list says that all promises hold."""
    return Audit(evidence, claims).findings()


class Audit:
    """One look at the evidence."""

    def __init__(self, evidence: Evidence, claims: Claims) -> None:
        self._evidence = evidence
        self._claims = claims
        self._reader = Reader(evidence)

    def findings(self) -> list[Finding]:
        looks: dict[str, Callable[[], Iterator[str]]] = {
            "I1": self._one_chain,
            "I2": self._each_offset_once,
            "I3": self._each_event_once,
            "I4": self._each_signed,
            "I5": self._all_the_same,
            "I6": self._one_vote_a_height,
            "I7": self._final_with_a_quorum,
            "I12": self._adds_up,
        }
        return [Finding(promise, what) for promise, look in looks.items() for what in look()]

    @property
    def _stores(self) -> Iterator[tuple[str, ValidatorRows]]:
        yield from self._evidence.validators.items()

    @cached_property
    def _entries(self) -> list[Entry]:
        """The events of the ledger, by the first validator."""
        found = []
        for index, body in enumerate(next(iter(self._evidence.validators.values())).entries):
            value, _, line = body.removesuffix(b"\n").partition(b"\n\n")
            event = event_of(value)
            if event is not None and event.keys() >= NEEDED:
                found.append(Entry(index, event, value, line))
        return found

    def _one_chain(self) -> Iterator[str]:
        """I1: one block a height, each naming the one before; the same as follow from the topic."""
        chain = [block.text for block in self._reader.chain]
        for name, rows in self._stores:
            if [block.height for block in rows.blocks] != list(range(len(rows.blocks))):
                yield f"{name} lacks a height, or has one twice"
            previous = sha256(self._evidence.network_file).digest()
            for block in rows.blocks:
                text, _ = split_note(block.note)
                read = read_text(text, self._evidence.origin)
                if read is None or (read.height, read.previous) != (block.height, previous):
                    yield f"block {block.height} of {name} does not name the one before"
                previous = sha256(text).digest()
            if [split_note(block.note)[0] for block in rows.blocks] != chain:
                yield f"{name} has not the {len(chain)} blocks that count on the topic"

    def _each_offset_once(self) -> Iterator[str]:
        """I2: the ranges of each partition follow one another from 0 to its end, with the right digests."""
        for name, rows in self._stores:
            ends = dict.fromkeys(self._evidence.events, 0)
            for block in rows.blocks:
                read = read_text(split_note(block.note)[0], self._evidence.origin)
                for part in read.ranges if read else ():
                    if ends.get(part.place) != part.first or part.end <= part.first:
                        yield f"{name}: block {block.height} has {part.place} from {part.first}, not {ends[part.place]}"
                    elif part.digest != self._reader.digest(part):
                        yield f"{name}: block {block.height} has another digest of {part.place}"
                    ends[part.place] = part.end
            for place, records in self._evidence.events.items():
                if ends[place] != len(records):
                    yield f"{name}: {place} is sealed to {ends[place]} of {len(records)}"

    def _each_event_once(self) -> Iterator[str]:
        """I3: what was acknowledged is an entry once, or was refused with a reason; nothing else is there."""
        addresses = Counter(entry.address for entry in self._entries)
        ids = Counter(entry.event["id"] for entry in self._entries)
        yield from (f"{address} is there {times} times" for address, times in addresses.items() if times > 1)
        yield from (f"event {name} is there {times} times" for name, times in ids.items() if times > 1)
        filled = {entry.address for entry in self._entries if entry.fills_a_gap}
        refused = {address for store in self._evidence.sectors.values() for address in store.rejected}
        for address in set(self._claims.acknowledged) - self._claims.lost:
            if not addresses[address] or (address in filled and address not in refused):
                yield f"{address} was acknowledged and is nowhere"
        acknowledged = set(self._claims.acknowledged)
        for entry in self._entries:
            is_theirs = entry.address[0].startswith(self._claims.prefixes) if self._claims.prefixes else False
            if is_theirs and not entry.fills_a_gap and entry.address not in acknowledged:
                yield f"{entry.address} is there and was never acknowledged"
        yield from self._entries_are_the_records()

    def _entries_are_the_records(self) -> Iterator[str]:
        """Every record of a block is an entry, byte for byte and in order, or was refused."""
        for name, rows in self._stores:
            refused = defaultdict(dict)
            for one in rows.rejections:
                refused[one.height][(one.sector, one.partition), one.offset] = one
            for height, block in enumerate(self._reader.chain[: len(rows.blocks)]):
                expected, stored = [], rows.blocks[height]
                for part in block.ranges:
                    for offset in range(part.first, part.end):
                        record = self._evidence.events[part.place][offset]
                        one = refused[height].pop((part.place, offset), None)
                        if one is None:
                            expected.append(record.value + b"\n\n" + record.signature + b"\n")
                        elif (one.value, one.signature) != (record.value, record.signature) or not one.reason:
                            yield f"{name}: {part.place} {offset} was refused with other bytes or without a reason"
                if rows.entries[stored.first_index : stored.size - 1] != expected:
                    yield f"{name}: the entries of block {height} are not its records"
                if refused[height]:
                    yield f"{name}: block {height} refuses records that it has not"

    def _each_signed(self) -> Iterator[str]:
        """I4: every event is signed by its sector, for this network."""
        for entry in self._entries:
            head, _, sector = entry.event["source"].rpartition("/")
            keys = self._reader.sectors.get(sector, [])
            if head != f"https://{self._evidence.origin}" or f".{sector}." not in entry.event["type"]:
                yield f"entry {entry.index} is of {entry.event['source']}"
            elif not any(is_signed_event(key, entry.value, entry.line) for key in keys):
                yield f"entry {entry.index} is not signed by {sector}"

    def _all_the_same(self) -> Iterator[str]:
        """I5: all validators hold the same, and the roots are those of the entries."""
        stores = list(self._stores)
        first_name, first = stores[0]
        for what in ("entries", "streams", "rejections"):
            for name, rows in stores[1:]:
                if getattr(rows, what) != getattr(first, what):
                    yield f"{name} and {first_name} have different {what}"
        for name, rows in stores:
            if [block[2:] for block in rows.blocks] != [block[2:] for block in first.blocks]:
                yield f"{name} and {first_name} have different roots"
            tree = GrowingTree()
            for block in rows.blocks:
                tree.append(rows.entries[tree.size : block.size])
                if (tree.size, tree.root()) != (block.size, block.root):
                    yield f"{name}: block {block.height} has another root than its entries"
            yield from self._streams_end_with_their_entries(name, rows)

    def _streams_end_with_their_entries(self, name: str, rows: ValidatorRows) -> Iterator[str]:
        newest = {entry.address[0]: (entry.address[1], entry.index) for entry in self._entries}
        if {stream.subject: (stream.version, stream.last_index) for stream in rows.streams} != newest:
            yield f"{name}: the streams do not end with their newest entries"

    def _one_vote_a_height(self) -> Iterator[str]:
        """I6: a validator cosigned one checkpoint a size, and only what its database has, with its vote."""
        signed, odd = read_cosignatures(self._reader)
        yield from odd
        blocks = {name: {(block.size, block.root) for block in rows.blocks} for name, rows in self._stores}
        lines: dict[tuple[str, int], set[str]] = defaultdict(set)
        for one in signed:
            if not one.is_valid:
                yield f"a line of {one.who} at size {one.checkpoint.size} does not hold"
            elif one.who != "log":
                lines[one.who, one.checkpoint.size].add(one.line)
                if one.checkpoint not in blocks[one.who]:
                    yield f"{one.who} cosigned size {one.checkpoint.size}, which its database has not"
        votes = {(name, vote.size): {vote.line} for name, rows in self._stores for vote in rows.votes}
        for (name, size), found in lines.items():
            if len(found) > 1:
                yield f"{name} cosigned size {size} {len(found)} times"
            if found != votes.get((name, size)):
                yield f"{name} cosigned size {size} otherwise than its vote says"

    def _final_with_a_quorum(self) -> Iterator[str]:
        """I7: what is called final has a quorum, what has a quorum is called final, the log signs nothing else."""
        if self._reader.quorum * 3 <= 2 * len(self._reader.validators):
            yield "the quorum is not more than two thirds"
        signed, _ = read_cosignatures(self._reader)
        full = quorums(signed, self._reader.quorum)
        newest = max((checkpoint.size for checkpoint in full), default=0)
        for name, rows in self._stores:
            for size, root in rows.final.items():
                if (size, root) not in full:
                    yield f"{name} calls size {size} final, which no quorum cosigned"
            if max(rows.final, default=0) < newest:
                yield f"{name} does not call size {newest} final, which a quorum cosigned"
        if len({checkpoint.size for checkpoint in full}) < len(full):
            yield "two checkpoints of one size have a quorum"
        yield from self._log_after_quorum(signed)
        heights = {block.size: block.height for block in next(self._stores)[1].blocks}
        for name, store in self._evidence.sectors.items():
            if store.final_height > heights.get(newest, -1):
                yield f"{name} calls height {store.final_height} final"

    def _log_after_quorum(self, signed: list[Signed]) -> Iterator[str]:
        voters: dict[Checkpoint, set[str]] = defaultdict(set)
        for one in signed:
            if one.who != "log":
                voters[one.checkpoint] |= {one.who} if one.is_valid else set()
            elif len(voters[one.checkpoint]) < self._reader.quorum:
                yield f"the log signed size {one.checkpoint.size} before a quorum had"

    def _adds_up(self) -> Iterator[str]:
        """I12: final, pending and refused are together what was acknowledged; of each the sector says the same."""
        mine = set(self._claims.acknowledged) - self._claims.lost
        stores = self._evidence.sectors
        events = {entry.address: entry for entry in self._entries}
        final = {address for address, entry in events.items() if not entry.fills_a_gap}
        refused = {address for store in stores.values() for address, reason in store.rejected.items() if reason}
        pending = {address for store in stores.values() for address in store.events} - events.keys() - refused
        known = {address for store in stores.values() for address in (*store.events, *store.rejected)}
        yield from (f"{address} was acknowledged, and its sector does not know it" for address in sorted(mine - known))
        counts = [len(mine & found) for found in (final, pending, refused)]
        if sum(counts) != len(mine):
            yield f"{len(mine)} were acknowledged, and final, pending and refused are {counts}"
        if pending:
            yield f"{len(pending)} events are still pending"
        for name, store in stores.items():
            told = _Told(store)
            for address in sorted(store.events):
                state = "rejected" if address in refused else "final" if address in final else "pending"
                index = events[address].index if state == "final" else None
                if told.of(address) != (state, index):
                    yield f"{name} says of {address} {told.of(address)}, the ledger {state, index}"


class _Told:
    """What a sector's rows say of its events."""

    def __init__(self, store: SectorRows) -> None:
        self._store = store
        self._ranges = defaultdict(list)
        for number, first, end, _, first_index in sorted(store.final_ranges):
            self._ranges[number].append((end, first, first_index))

    def of(self, address: Address) -> tuple[str, int | None]:
        """The state of an event, and its index where that is final."""
        if address in self._store.rejected:
            return "rejected", None
        for number, offset in self._store.publications.get(self._store.events[address].position, []):
            ranges = self._ranges[number]
            place = bisect_right(ranges, (offset, 1 << 62))
            if (number, offset) in self._store.refused or place == len(ranges) or ranges[place][1] > offset:
                continue
            _, first, first_index = ranges[place]
            before = sum((number, other) in self._store.refused for other in range(first, offset))
            return "final", first_index + offset - first - before
        return "pending", None

"""A network whose every key is at hand: makes network files, events, blocks, votes and receipts, good ones and bad."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import Any

from litopys.event.cloudevents import Event, format_event, format_source
from litopys.event.signatures import SectorSigner, make_sector_signer, sign_batch, sign_event
from litopys.event.streams import Citation, partition_of
from litopys.ledger.amendments import Amendment, RulesChange, format_amendment
from litopys.ledger.blocks import Block, Range, format_block
from litopys.ledger.network import Network
from litopys.ledger.network_file import parse_network
from litopys.ledger.records import Record, range_digest
from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.note.cosignatures import cosign
from litopys.note.notes import Note, format_note, sign_text
from litopys.note.possession import sign_possession
from litopys.note.vkeys import ED25519, ED25519_COSIGNATURE, Signer, format_vkey, make_signer

ORIGIN = "simulated.example/one"
VALIDATORS = ("kyiv", "lviv", "odesa", "dnipro")
SECTORS = ("energy", "registers")
TIME = "2026-11-23T10:00:00.000Z"


def make_key(name: str, algorithm: int = ED25519, *, seed: str = "") -> Signer:
    """Make the key of a name, the same one each time; another one of the same name for each `seed`."""
    return make_signer(name, algorithm, sha256(f"{seed}{name}".encode()).digest())


def key_value(signer: Signer, origin: str = ORIGIN) -> dict[str, object]:
    return {"vkey": format_vkey(signer.vkey), "possession": sign_possession(signer, origin)}


@dataclass
class Simulated:
    """All private halves of a network, and its document before it becomes a file."""

    partitions: int = 2
    origin: str = ORIGIN
    validators: Sequence[str] = VALIDATORS
    sectors: Sequence[str] = SECTORS
    quorum: int = 3
    signers: dict[str, Signer] = field(default_factory=dict)

    def signer(self, name: str) -> Signer:
        """The key of `log`, `sealer/a`, `validator/kyiv` or a sector."""
        if name not in self.signers:
            full = self.origin if name == "log" else f"{self.origin}/{name}"
            algorithm = ED25519_COSIGNATURE if name.startswith("validator/") else ED25519
            self.signers[name] = make_key(full, algorithm)
        return self.signers[name]

    def sector(self, name: str) -> SectorSigner:
        return make_sector_signer(self.signer(name))

    def _key(self, name: str) -> dict[str, object]:
        return key_value(self.signer(name), self.origin)

    def document(self) -> dict[str, Any]:
        return {
            "version": 1,
            "origin": self.origin,
            "succeeds": None,
            "topics": "simulated",
            "quorum": self.quorum,
            "log": self._key("log"),
            "sealers": [{"name": "a", **self._key("sealer/a"), "from": 0, "until": None}],
            "validators": [
                {"name": name, **self._key(f"validator/{name}"), "url": f"https://{name}.example"}
                for name in self.validators
            ],
            "sectors": [
                {
                    "name": name,
                    "partitions": self.partitions,
                    "rules": 1,
                    "keys": [{**self._key(name), "from": 0, "until": None}],
                }
                for name in self.sectors
            ],
        }

    def file(self, change: Callable[[dict[str, Any]], object] = lambda _document: None) -> bytes:
        document = self.document()
        change(document)
        return json.dumps(document).encode()

    def network(self, change: Callable[[dict[str, Any]], object] = lambda _document: None) -> Network:
        return parse_network(self.file(change))

    def event(self, subject: str, version: int = 1, *, sector: str = "registers", **changes: Any) -> bytes:
        """The bytes of an event: `<aggregate>.recorded.v1` unless the changes say otherwise."""
        event = Event(
            id="0199a5c7-7cca-72bc-8c94-aba60bc403b1",
            source=format_source(self.origin, sector),
            type=f"ua.gov.litopys.{sector}.{subject.partition(':')[0]}.recorded.v1",
            subject=subject,
            streamversion=version,
            time=TIME,
            actor="o:1",
            cites=(),
            dataschema="https://simulated.example/schemas/1",
            data={"note": "Київ"},
        )
        return format_event(event._replace(**changes))

    def record(self, value: bytes, *, sector: str = "registers", partition: int, offset: int) -> Record:
        """A record of a plainly signed value."""
        return Record(sector, partition, offset, sign_event(self.sector(sector), value), value)

    def record_of(
        self, subject: str, version: int = 1, *, sector: str = "registers", offset: int, **more: Any
    ) -> Record:
        """A good record where its subject belongs."""
        value = self.event(subject, version, sector=sector, **more)
        return self.record(value, sector=sector, partition=partition_of(subject, self.partitions), offset=offset)

    def batch(
        self, values: Sequence[bytes], *, sector: str = "registers", partition: int, first: int = 0
    ) -> list[Record]:
        """The records of values signed as one batch."""
        lines = sign_batch(self.sector(sector), values)
        return [
            Record(sector, partition, offset, line, value)
            for offset, (line, value) in enumerate(zip(lines, values, strict=True), first)
        ]

    def amendment(self, network: Network, first: int, *, names: Sequence[str] | None = None, **versions: int) -> bytes:
        """A signed amendment that brings these versions of rules, by sector; `names` are the validators that sign."""
        previous = network.amendments[-1].hash if network.amendments else network.digest
        changes = tuple(RulesChange(*one) for one in sorted(versions.items()))
        text = format_amendment(Amendment(self.origin, first, previous, changes))
        signing = self.validators[: self.quorum] if names is None else names
        lines = [cosign(self.signer(f"validator/{name}"), text, 1_800_000_000) for name in signing]
        return format_note(Note(text, tuple(lines)))

    def block(self, height: int, previous: bytes, records: Sequence[Record], amendment: bytes | None = None) -> Block:
        """A block over records: contiguous in each partition."""
        ranges = []
        ordered = sorted(records, key=lambda record: record[:3])
        for (sector, partition), group in groupby(ordered, key=lambda record: record[:2]):
            run = list(group)
            ranges.append(Range(sector, partition, run[0].offset, run[-1].offset + 1, range_digest(run)))
        return Block(self.origin, height, previous, tuple(ranges), amendment)

    def block_note(self, block: Block, sealer: str = "a") -> bytes:
        text = format_block(block)
        return format_note(Note(text, (sign_text(self.signer(f"sealer/{sealer}"), text),)))

    def vote(self, checkpoint: Checkpoint, validator: str, timestamp_s: int = 1_800_000_000) -> bytes:
        """A record of the cosignatures topic by a validator."""
        body = format_checkpoint(checkpoint)
        return format_note(Note(body, (cosign(self.signer(f"validator/{validator}"), body, timestamp_s),)))

    def log_note(self, checkpoint: Checkpoint) -> bytes:
        """A record of the cosignatures topic by the log key."""
        body = format_checkpoint(checkpoint)
        return format_note(Note(body, (sign_text(self.signer("log"), body),)))

    def final_note(self, checkpoint: Checkpoint, names: Sequence[str] = ("log", "kyiv", "lviv", "odesa")) -> bytes:
        """A checkpoint with the lines of these names, in this order."""
        body = format_checkpoint(checkpoint)
        lines = [
            sign_text(self.signer("log"), body)
            if name == "log"
            else cosign(self.signer(f"validator/{name}"), body, 1_800_000_000 + place)
            for place, name in enumerate(names)
        ]
        return format_note(Note(body, tuple(lines)))


class Counting:
    """Rules that know every `recorded`, and count; an event whose data has `refuse` raises what that names."""

    raises: Mapping[str, type[BaseException]] = {"value": ValueError, "memory": MemoryError, "stack": RecursionError}

    def knows(self, aggregate: str, name: str, type_version: int) -> bool:
        return bool(aggregate) and name == "recorded" and type_version == 1

    def evolve(self, state: int | None, event: Event) -> int:
        refusal = event.data.get("refuse")
        if refusal is not None:
            raise self.raises[refusal]
        return (state or 0) + 1


__all__ = ["ORIGIN", "SECTORS", "TIME", "VALIDATORS", "Citation", "Counting", "Simulated", "key_value", "make_key"]

"""A network as its file and its amendments describe it, asked by height (docs/spec/network-file.md, amendments.md).

Amendments change the file from a stated height on: rule versions today, keys and members one day. So whatever reads
any of these asks here, and says for which height.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from litopys.event.signatures import SectorKey, make_sector_key
from litopys.ledger.amendments import Amendment
from litopys.note.policies import Policy, Witness
from litopys.note.vkeys import Vkey

VERSION: Final = 1
MAX_VALIDATORS: Final = 15
"""A note has at most 16 lines, and `/checkpoint` carries the log's and one of every validator."""


class ProvenKey(NamedTuple):
    """A public key with the signature line by which its holder proves to have the private half."""

    vkey: Vkey
    possession: str


class Term(NamedTuple):
    """The heights at which something holds: from `first` (inclusive) to `until` (exclusive, None: open)."""

    first: int
    until: int | None

    def holds(self, height: int) -> bool:
        """Answer whether a height lies in the term."""
        return self.first <= height and (self.until is None or height < self.until)


class Predecessor(NamedTuple):
    """The network before this one, and its last final checkpoint (a signed note)."""

    origin: str
    checkpoint: bytes


class Sealer(NamedTuple):
    """A sealer's key and its term. The same name may recur with another key."""

    name: str
    key: ProvenKey
    term: Term


class Validator(NamedTuple):
    """A validator: its name, its cosignature key, and the URL under which it is read."""

    name: str
    key: ProvenKey
    url: str


class SectorTerm(NamedTuple):
    """A key of a sector and its term."""

    key: ProvenKey
    term: Term


class Sector(NamedTuple):
    """A sector: the partitions of its topic, the version of its domain rules, its keys."""

    name: str
    partitions: int
    rules: int
    keys: tuple[SectorTerm, ...]


@dataclass(frozen=True)
class Network:
    """A checked network file; made by `parse_network`. `digest` is the SHA-256 of the file's bytes.

    `amendments` are those known so far, by rising height; `amend_network` checks and adds them.
    """

    origin: str
    succeeds: Predecessor | None
    topics: str
    quorum: int
    log: ProvenKey
    sealers: tuple[Sealer, ...]
    validators: tuple[Validator, ...]
    sectors: tuple[Sector, ...]
    digest: bytes
    amendments: tuple[Amendment, ...] = ()

    def policy(self) -> Policy:
        """Make the trust policy: all that somebody needs in order to verify receipts of this network."""
        witnesses = tuple(Witness(validator.name, validator.key.vkey) for validator in self.validators)
        return Policy(log=self.log.vkey, witnesses=witnesses, quorum=self.quorum)

    def partitions(self, sector: str) -> int:
        """Return the number of partitions of a sector's topic; it never changes. KeyError for an unknown sector."""
        return self._sectors[sector].partitions

    def has_partition(self, sector: str, partition: int) -> bool:
        """Answer whether the network has this partition."""
        return sector in self._sectors and 0 <= partition < self._sectors[sector].partitions

    def sector_keys(self, sector: str, height: int) -> tuple[SectorKey, ...]:
        """Return the keys under which a sector's events are admitted at a height."""
        return tuple(key for key, term in self._sector_keys[sector] if term.holds(height))

    def sealer_keys(self, height: int) -> tuple[Vkey, ...]:
        """Return the keys whose blocks count at a height."""
        return tuple(sealer.key.vkey for sealer in self.sealers if sealer.term.holds(height))

    def rules(self, sector: str, height: int) -> int:
        """Return the version of a sector's domain rules in force at a height. KeyError for an unknown sector."""
        version = self._sectors[sector].rules
        for amendment in self._in_force(height):
            version = amendment.version(sector) or version
        return version

    def next_change(self, sector: str, height: int) -> int | None:
        """Return the first height above this one at which other rules of a sector begin, as far as is known."""
        later = (one.first for one in self.amendments if one.first > height and one.version(sector) is not None)
        return next(later, None)

    def amendment(self, height: int) -> bytes | None:
        """Return the hash of the newest amendment in force at a height: what the block of that height names."""
        in_force = self._in_force(height)
        return in_force[-1].hash if in_force else None

    def _in_force(self, height: int) -> tuple[Amendment, ...]:
        return tuple(amendment for amendment in self.amendments if amendment.first <= height)

    @cached_property
    def sector_names(self) -> tuple[str, ...]:
        """The names of the sectors, sorted as blocks sort them."""
        return tuple(sorted(self._sectors))

    @cached_property
    def _sectors(self) -> dict[str, Sector]:
        return {sector.name: sector for sector in self.sectors}

    @cached_property
    def _sector_keys(self) -> dict[str, tuple[tuple[SectorKey, Term], ...]]:
        return {sector.name: tuple(_with_terms(sector.keys)) for sector in self.sectors}


def _with_terms(terms: Iterable[SectorTerm]) -> Iterable[tuple[SectorKey, Term]]:
    for key, term in terms:
        yield make_sector_key(key.vkey), term

"""What frames the work of every sector: imports, accesses to closed fields, erasures, legal holds."""

from collections.abc import Mapping
from typing import Any, Protocol

from litopys.sourcing.accesses import ACCESS_FIELDS, SEARCH_FIELDS, Granted, Searched, access_aggregate
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import Basis
from litopys.sourcing.erasures import erasure_aggregate
from litopys.sourcing.facts import Decided
from litopys.sourcing.holds import hold_aggregate
from litopys.sourcing.imports import Closed, Opened, import_aggregate
from litopys.sourcing.personal import SealedPerson


def frame_aggregates(sector: str) -> tuple[Aggregate, ...]:
    """Make the aggregates that every sector has beside its own, for its `Domain`."""
    return (import_aggregate(sector), access_aggregate(sector), erasure_aggregate(sector), hold_aggregate(sector))


class Sealer(Protocol):
    """Who seals fields: draws the salts and remembers the disclosures."""

    def new_id(self) -> str:
        """Draw a random id."""

    def seal(self, identifier: str, *, closed: Mapping[str, object | None]) -> SealedPerson:
        """Seal fields of something that has an id; None: absent, a decoy stands for it."""


class StandardFrame:
    """Makes the events of the streams `<sector>_import` and `<sector>_access`; a sector needs no other."""

    def import_opened(self, opening: Mapping[str, Any], sealing: Sealer) -> Decided:
        """Open an import: authority, basis, as_of, records, mapping_version, register, file_digest.

        With `personal` true the digest of the file is sealed, since it would confirm a guess at what the file holds.
        """
        sealed = opening["file_digest"] if opening.get("personal", True) else None
        data = Opened(
            authority=opening["authority"],
            basis=Basis("migration", opening["basis"], None),
            as_of=opening["as_of"],
            register=opening["register"],
            records=opening["records"],
            mapping_version=opening["mapping_version"],
            file_digest=None if sealed else opening["file_digest"],
            sd=sealing.seal(sealing.new_id(), closed={"file_digest": sealed}).sd,
            sd_alg="sha-256",
        )
        return Decided("opened", 1, data)

    def import_closed(self, closing: Mapping[str, int]) -> Decided:
        """Close an import: read, admitted, merged, refused. Takes effect when two persons agree."""
        data = Closed(
            read=closing["read"],
            admitted=closing["admitted"],
            merged=closing["merged"],
            refused=closing["refused"],
        )
        return Decided("closed", 1, data)

    def access_recorded(self, access: Mapping[str, Any], sealing: Sealer) -> Decided:
        """Record an access: who, office, why and fields are sealed; subject and version say of what."""
        sealed = sealing.seal(sealing.new_id(), closed={name: access[name] for name in ACCESS_FIELDS})
        data = Granted(subject=access["subject"], version=access["version"], sd=sealed.sd, sd_alg="sha-256")
        return Decided("granted", 1, data)

    def search_recorded(self, search: Mapping[str, Any], sealing: Sealer) -> Decided:
        """Record a search by a closed field: who, office, why, field and value are sealed, the aggregate is not."""
        sealed = sealing.seal(sealing.new_id(), closed={name: search[name] for name in SEARCH_FIELDS})
        return Decided("searched", 1, Searched(aggregate=search["aggregate"], sd=sealed.sd, sd_alg="sha-256"))

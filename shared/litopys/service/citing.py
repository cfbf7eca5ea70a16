"""Whether what is about to be acknowledged cites events of its own sector that there are.

The relay holds back what cites an event that is not final. One of the own sector that never was would hold it back for
ever, so it is refused before anything is acknowledged. What other sectors have nobody can know here: an event that
cites them is held until its citation is final, or proved refused (`litopys.service.citations`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.errors import RuleViolated
from litopys.event.streams import parse_citations
from litopys.postgres.pool import failures
from litopys.postgres.sector_reading import load_streams

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_changes import StreamChange
    from litopys.sourcing.domains import Domain


async def check_cited(
    connection: Connection | Pool,
    change: StreamChange,
    domain: Domain,
    *,
    known: Callable[[str], int] = lambda _subject: 0,
) -> Mapping[str, int]:
    """Return the versions of the streams that had to be looked up; `known` tells of those that need not be.

    Raises RuleViolated where an event of the sector is cited that is not acknowledged, Unavailable.
    """
    wanted = _wanted(change, domain)
    unsure = {subject: version for subject, version in wanted.items() if known(subject) < version}
    if not unsure:
        return {}
    with failures():
        found = {subject: one.version for subject, one in (await load_streams(connection, list(unsure))).items()}
    for subject, version in unsure.items():
        if found.get(subject, 0) < version:
            raise _refusal(subject, version)
    return found


def _wanted(change: StreamChange, domain: Domain) -> Mapping[str, int]:
    """Give the highest version that is cited of each other stream of the sector."""
    wanted: dict[str, int] = {}
    for event in change.events:
        for subject, version in (citation for text in event.cites for citation in parse_citations(text)):
            if subject == change.subject:
                if version >= event.version:
                    raise _refusal(subject, version)
            elif subject.partition(":")[0] in domain.aggregates:
                wanted[subject] = max(version, wanted.get(subject, 0))
    return wanted


def _refusal(subject: str, version: int) -> RuleViolated:
    return RuleViolated("citation", f"there is no {subject}@{version} to cite")

"""Four eyes: a change is proposed by one person, approved by another, and then takes effect exactly as proposed.

The state remembers of a proposal its version, its digest and its author. Proposals beyond the most that are kept
lapse, the oldest first. A migrated change needs none: it cites its import, whose closing needs four eyes itself.
"""

import dataclasses
from typing import Any

from litopys.errors import RuleViolated
from litopys.sourcing.codec import content_digest
from litopys.sourcing.common import MOST_PROPOSALS, Approved, Proposal, Proposed
from litopys.sourcing.facts import Fact


def accept_proposal(state: Any, fact: Fact) -> Any:  # noqa: ANN401 - any state
    """Remember a proposal, whose content has been decoded strictly: it has one form, so its digest names it."""
    proposed: Proposed = fact.data  # type: ignore[assignment]
    proposal = Proposal(
        version=fact.version,
        change=proposed.change,
        change_version=proposed.change_version,
        digest=content_digest(proposed.content),
        actor=fact.actor,
        approved=False,
    )
    return _with_proposals(state, (*state.standing.proposals, proposal)[-MOST_PROPOSALS:])


def accept_approval(state: Any, fact: Fact) -> Any:  # noqa: ANN401 - any state
    """Mark a proposal as approved by another person than its author."""
    approved: Approved = fact.data  # type: ignore[assignment]
    proposals = state.standing.proposals
    for place, proposal in enumerate(proposals):
        if proposal.version == approved.proposal:
            _check_second_person(proposal, fact.actor)
            marked = dataclasses.replace(proposal, approved=True)
            return _with_proposals(state, (*proposals[:place], marked, *proposals[place + 1 :]))
    raise RuleViolated("no-such-proposal", "nothing is proposed under this number")


def consume_approval(state: Any, fact: Fact, content: object) -> Any:  # noqa: ANN401 - any state
    """Use up the approval of exactly this change; `content` is its JSON form. Raises RuleViolated without one."""
    digest = content_digest(content)
    for place, proposal in enumerate(state.standing.proposals):
        same = (proposal.change, proposal.change_version, proposal.digest) == (fact.name, fact.type_version, digest)
        if same and proposal.approved:
            return _with_proposals(state, state.standing.proposals[:place] + state.standing.proposals[place + 1 :])
    raise RuleViolated("four-eyes", "this change has not been proposed and approved by two persons")


def is_migrated(fact: Fact, import_stream: str) -> bool:
    """Tell whether a change says that it comes from an import, and cites that import's stream."""
    imported = getattr(fact.data, "imported", None)
    if imported is None or not import_stream:
        return False
    return any(citation.subject == f"{import_stream}:{imported.id}" for citation in fact.cites)


def _check_second_person(proposal: Proposal, actor: str) -> None:
    if proposal.approved:
        raise RuleViolated("already-approved", "the proposal is approved already")
    if proposal.actor == actor:
        raise RuleViolated("four-eyes", "who proposed cannot approve")


def _with_proposals(state: Any, proposals: tuple[Proposal, ...]) -> Any:  # noqa: ANN401 - any state
    return dataclasses.replace(state, standing=dataclasses.replace(state.standing, proposals=proposals))

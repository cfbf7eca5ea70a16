"""Asking the other validators over HTTP, outside Kafka: for own votes that were lost, and for heads that differ.

A broker may show each validator another cosignatures topic. What a peer's `/checkpoint` carries goes the same way as
what Kafka brings, so a head that is not ours is found by the one place that compares bodies.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx2

from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.evidence import EvidenceKind
from litopys.ledger.finality import SeenVote, read_cosignature
from litopys.note.base64 import parse_base64
from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.note.notes import Note, format_note, parse_note
from litopys.postgres.ledger_votes import CosignatureRow, EvidenceRow
from litopys.replica.cosignatures import check_cosignatures
from litopys.service import metrics
from litopys.service.logs import get_log

if TYPE_CHECKING:
    from litopys.ledger.network import Network, Validator
    from services.validator.equipment import Equipment
    from services.validator.intake import Intake

MAX_ANSWER_BYTES = 1 << 20
_PAGES = 1_000

_log = get_log("peers")


def peers_of(equipment: Equipment) -> list[Validator]:
    """Return the validators of the network that are not us."""
    return [one for one in equipment.network.validators if one.name != equipment.settings.name]


def open_client(equipment: Equipment) -> httpx2.AsyncClient:
    """Make a client with our time limit; redirects are not followed: a validator's URL is in the network file."""
    return httpx2.AsyncClient(timeout=equipment.settings.peer_timeout_s, follow_redirects=False)


async def ask_own_votes(equipment: Equipment, *, above: int) -> list[CosignatureRow]:
    """Ask every peer for our own cosignatures above a tree size, and verify them.

    A peer that does not answer cannot be waited for: all start at once when a network starts. It is logged and counted.
    """
    found: dict[tuple[int, bytes], CosignatureRow] = {}
    async with open_client(equipment) as client:
        answers = await asyncio.gather(*(_votes_at(client, peer, equipment, above) for peer in peers_of(equipment)))
    for rows in answers:
        for row in rows:
            found.setdefault((row.size, row.root), row)
    return [found[key] for key in sorted(found)]


async def _votes_at(
    client: httpx2.AsyncClient, peer: Validator, equipment: Equipment, above: int
) -> list[CosignatureRow]:
    rows: list[CosignatureRow] = []
    cursor: str | None = None
    try:
        for _ in range(_PAGES):
            query: dict[str, Any] = {"validator": equipment.settings.name, "above": above}
            page = await _get_json(client, f"{peer.url}/api/v1/votes", query | ({"cursor": cursor} if cursor else {}))
            rows += own_votes(page["votes"], equipment)
            cursor = page["next"]
            if cursor is None:
                break
    except (httpx2.HTTPError, Malformed, KeyError, TypeError, ValueError) as error:
        metrics.VERIFICATION_FAILURES.labels("peer-votes").inc()
        _log.warning("peer does not tell our votes", peer=peer.name, error=type(error).__name__)
    return rows


def own_votes(shown: list[dict[str, Any]], equipment: Equipment) -> list[CosignatureRow]:
    """Return those of the votes that a peer shows which are ours; a forged one must not hide the others."""
    rows = []
    for vote in shown:
        try:
            rows.append(_own_vote(vote, equipment))
        except (Malformed, VerificationFailed, KeyError, TypeError, ValueError):
            metrics.VERIFICATION_FAILURES.labels("peer-votes").inc()
    return rows


def _own_vote(vote: dict[str, Any], equipment: Equipment) -> CosignatureRow:
    """Verify what a peer says to be our cosignature: only our own key's signature counts."""
    body = format_checkpoint(Checkpoint(equipment.network.origin, int(vote["size"]), parse_base64(vote["root"])))
    seen = read_cosignature(body + f"\n{vote['line']}\n".encode(), equipment.network)
    if not isinstance(seen, SeenVote) or seen.vote.validator != equipment.settings.name:
        raise VerificationFailed("not a cosignature of ours")
    return CosignatureRow(
        seen.checkpoint.size, seen.vote.validator, seen.checkpoint.root, seen.vote.timestamp_s, seen.vote.line
    )


async def _get_json(client: httpx2.AsyncClient, url: str, query: dict[str, Any]) -> dict[str, Any]:
    response = await client.get(url, params=query)
    response.raise_for_status()
    if len(response.content) > MAX_ANSWER_BYTES:
        raise Malformed("too long an answer")
    answer: dict[str, Any] = response.json()
    return answer


async def compare_heads(equipment: Equipment, intake: Intake) -> None:
    """Fetch the peers' checkpoints again and again, for ever, and take in what they carry."""
    async with open_client(equipment) as client:
        while True:
            await asyncio.sleep(equipment.settings.peer_interval_s)
            for peer in peers_of(equipment):
                await _compare_head(client, peer, equipment.network, intake)


async def _compare_head(client: httpx2.AsyncClient, peer: Validator, network: Network, intake: Intake) -> None:
    try:
        response = await client.get(f"{peer.url}/checkpoint")
        if response.status_code != httpx2.codes.OK or len(response.content) > MAX_ANSWER_BYTES:
            return
    except httpx2.HTTPError as error:
        _log.info("peer does not answer", peer=peer.name, error=type(error).__name__)
        return
    await take_head(response.content, peer=peer.name, network=network, intake=intake)


async def take_head(raw: bytes, *, peer: str, network: Network, intake: Intake) -> None:
    """Take in the lines of a peer's checkpoint; one that does not verify is evidence against nobody but the peer."""
    try:
        network.policy().verify_checkpoint(raw)
        note = parse_note(raw)
        single = [format_note(Note(note.text, (line,))) for line in note.lines]
        await intake.take_in(check_cosignatures(single, network), [])
    except (Malformed, VerificationFailed) as error:
        metrics.VERIFICATION_FAILURES.labels("peer-head").inc()
        detail = f"its checkpoint does not verify: {error}"
        await intake.keep([EvidenceRow(EvidenceKind.PEER_HEAD, peer, None, detail, raw[:MAX_ANSWER_BYTES], b"")])

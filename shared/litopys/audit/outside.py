"""Auditing a ledger from outside, over a validator's public files, believing nobody but the network file or policy.

Everything is recomputed from the entries: tiles at every level, the root under the quorum, blocks, digests, signatures,
versions. Needs the base dependencies alone; the sectors' rules are judged again where they are installed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from litopys.audit.findings import Report
from litopys.audit.loose import NOT_CHECKED, LooseReplay
from litopys.audit.records import Signed
from litopys.audit.replay import Kept, Replay, is_full
from litopys.audit.rules import RuleBook, SectorRules
from litopys.audit.scratch import ScratchStreams
from litopys.errors import Malformed, Unavailable, VerificationFailed
from litopys.event.entries import is_block_entry
from litopys.ledger.block_entries import BlockEntry, parse_block_entry
from litopys.ledger.blocks import MAX_BLOCK_RECORDS, format_block
from litopys.ledger.rejections import Rejection, parse_rejected_list, rejected_digest
from litopys.note.checkpoints import Checkpoint
from litopys.note.notes import parse_note
from litopys.tlog.hashing import HASH_SIZE, leaf_hash
from litopys.tlog.tree import GrownTile, TreeEdge

if TYPE_CHECKING:
    from litopys.audit.fetching import LedgerFiles
    from litopys.ledger.network import Network
    from litopys.note.policies import Policy

RefusedRecord = tuple[Rejection, bytes, bytes]
"""A line of the list, with signature and value of its record."""
Follow = Callable[[bytes, Sequence[bytes], Sequence[RefusedRecord]], None]
"""Takes a block's note, its entries with the block entry last, and its refused records; raises VerificationFailed."""

_FOLLOWING = "whatever rests on entries or blocks after the first damage"


def ignore_progress(_height: int, _size: int) -> None:
    """Say nothing of how far it has come."""


class OutsideAudit:
    """One audit of one log. `network` is None where only the policy is known."""

    def __init__(
        self,
        files: LedgerFiles,
        *,
        policy: Policy,
        network: Network | None,
        load_rules: Callable[[str, int], SectorRules] | None = None,
        progress: Callable[[int, int], None] = ignore_progress,
    ) -> None:
        self._files = files
        self._policy = policy
        self._network = network
        self._load_rules = load_rules
        self._progress = progress
        self._edge = TreeEdge()
        self._partial: dict[int, GrownTile] = {}
        self._height = -1
        self.report = Report()
        self.checkpoint: bytes | None = None
        """The log's checkpoint as it was served, once it has verified and all of it was recomputed."""

    def run(self, *, since: bytes | None = None) -> Report:
        """Audit all below the newest checkpoint; `since` is an earlier one that it must go on from.

        Raises Unavailable where the log cannot be read, Malformed or VerificationFailed where `since` is none of it.
        """
        earlier = None if since is None else self._policy.verify_checkpoint(since).checkpoint
        served = self._files.checkpoint()
        try:
            final = self._policy.verify_checkpoint(served)
        except (Malformed, VerificationFailed) as error:
            self.report.find("checkpoint", "", f"does not verify: {error}")
            return self.report
        self.report.count("cosigners", len(final.cosigners))
        if earlier is not None and earlier.size > final.checkpoint.size:
            self.report.find(
                "checkpoint", f"size {final.checkpoint.size}", f"is behind the earlier size {earlier.size}"
            )
            return self.report
        self._audit(final.checkpoint, earlier)
        if not self.report.has_failed:
            self.checkpoint = served
        return self.report

    def _audit(self, head: Checkpoint, earlier: Checkpoint | None) -> None:
        with ExitStack() as closing:
            follow = self._follower(closing)
            try:
                self._walk(head.size, earlier, follow)
            except (Malformed, VerificationFailed) as error:
                self.report.find("block", f"height {self._height + 1}", str(error))
                self.report.skip(_FOLLOWING)
                return
        is_root = self._edge.size == head.size and self._edge.root() == head.root
        self.report.expect(is_root, "checkpoint", key=f"size {head.size}", what="its root is not that of the entries")

    def _follower(self, closing: ExitStack) -> Follow:
        """Choose how blocks are followed by what is known, and say what is not checked."""
        if self._network is None:
            for line in NOT_CHECKED:
                self.report.skip(line)
            return _loosely(closing.enter_context(LooseReplay(self._policy.origin)))
        rules = RuleBook(self._network, self._load_rules)
        streams = closing.enter_context(ScratchStreams())
        closing.callback(self._name_missing_rules, rules)
        return _strictly(Replay(network=self._network, rules=rules, streams=streams))

    def _name_missing_rules(self, rules: RuleBook) -> None:
        for sector, version in sorted(rules.missing):
            self.report.skip(f"rules {version} of {sector}: they are not installed here")

    def _walk(self, size: int, earlier: Checkpoint | None, follow: Follow) -> None:
        """Go through all entries, block by block."""
        bodies: list[bytes] = []
        for body in self._files.entries(size):
            bodies.append(body)
            if is_block_entry(body):
                self._next_block(bodies, follow)
                self._grow(bodies, earlier)
                bodies = []
            elif len(bodies) > MAX_BLOCK_RECORDS:
                raise VerificationFailed("its block entry is missing")
        if bodies:
            raise VerificationFailed("the tree ends within a block")
        self._compare_edge()

    def _next_block(self, bodies: Sequence[bytes], follow: Follow) -> None:
        entry = parse_block_entry(bodies[-1])
        if (entry.first_index, entry.count) != (self._edge.size, len(bodies) - 1):
            raise VerificationFailed("the block entry counts other events than stand before it")
        note = self._files.block(entry.block.height)
        if parse_note(note).text != format_block(entry.block):
            raise VerificationFailed("/block answers another text than the block entry's")
        follow(note, bodies, self._refused(entry))
        self._height = entry.block.height
        self.report.count("blocks")
        self.report.count("entries", len(bodies))
        self.report.count("refused records", entry.rejected)
        self._progress(self._height, self._edge.size + len(bodies))

    def _refused(self, entry: BlockEntry) -> list[RefusedRecord]:
        """Fetch the refused records of a block; the list is asked for even where it is empty."""
        height = entry.block.height
        refused = parse_rejected_list(self._files.rejected_list(height))
        if len(refused) != entry.rejected or rejected_digest(refused) != entry.rejected_digest:
            raise VerificationFailed("/rejected answers another list than the block entry's")
        return [(one, *self._files.rejected_record(height, number)) for number, one in enumerate(refused)]

    def _grow(self, bodies: Sequence[bytes], earlier: Checkpoint | None) -> None:
        hashes = [leaf_hash(body) for body in bodies]
        if earlier is not None and self._edge.size < earlier.size <= self._edge.size + len(hashes):
            edge = self._edge.copy()
            edge.append(hashes[: earlier.size - edge.size])
            is_same = edge.root() == earlier.root
            what = "the log does not go on from the earlier checkpoint: its history was rewritten"
            self.report.expect(is_same, "checkpoint", key=f"size {earlier.size}", what=what)
        for tile in self._edge.append(hashes):
            if is_full(tile):
                self._partial.pop(tile.level, None)
                self._compare_tile(tile.level, tile.index, tile.hashes)
            else:
                self._partial[tile.level] = tile

    def _compare_edge(self) -> None:
        for tile in self._partial.values():
            self._compare_tile(tile.level, tile.index, tile.hashes)

    def _compare_tile(self, level: int, index: int, hashes: bytes) -> None:
        key = f"level {level}, index {index}"
        try:
            served = self._files.tile(level=level, index=index, width=len(hashes) // HASH_SIZE)
        except Unavailable as error:
            self.report.find("tile", key, f"is not served: {error}")
            return
        self.report.expect(served == hashes, "tile", key=key, what="hashes are not those of the entries")
        self.report.count("tiles")


def _strictly(replay: Replay) -> Follow:
    """Follow with the network file: what the rules come to must be what stands there."""

    def follow(note: bytes, bodies: Sequence[bytes], refused: Sequence[RefusedRecord]) -> None:
        kept = {one[:3]: Kept(signature, value, str(one.reason)) for one, signature, value in refused}
        verdict = replay.step(note, bodies=bodies[:-1], refused=kept).verdict
        if verdict.entries != list(bodies):
            raise VerificationFailed("the rules admit other events of its records, or refuse them for other reasons")

    return follow


def _loosely(replay: LooseReplay) -> Follow:
    """Follow with the policy alone."""

    def follow(note: bytes, bodies: Sequence[bytes], refused: Sequence[RefusedRecord]) -> None:
        kept = {one[:3]: Signed(signature, value) for one, signature, value in refused}
        replay.step(note, bodies=bodies[:-1], refused=kept)

    return follow

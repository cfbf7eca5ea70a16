"""A whole final ledger in memory, served by path as a validator serves it; every file can be forged."""

from collections.abc import Mapping, Sequence
from typing import Any

from litopys.errors import Unavailable
from litopys.event.streams import partition_of
from litopys.ledger.admission import Examiner, Stream, judge
from litopys.ledger.records import Record, format_record_bytes
from litopys.ledger.rejections import format_rejected_list
from litopys.note.checkpoints import Checkpoint
from litopys.tlog.bundles import format_bundle
from litopys.tlog.hashing import leaf_hash, tree_root
from litopys.tlog.tiles import bundles_for_size, format_tile_path, tiles_for_size
from tests.support.simulated import Counting, Simulated


class ServedLog:
    """Seals lists of (subject, version, changes) into blocks; `files` holds what it serves by path."""

    def __init__(self, simulated: Simulated | None = None, *, sector: str = "registers") -> None:
        self.simulated = simulated or Simulated()
        self.network = self.simulated.network()
        self.sector = sector
        self.entries: list[bytes] = []
        self.files: dict[str, bytes] = {}
        self._streams: dict[str, Stream] = {}
        self._ends: dict[int, int] = {}
        self._previous, self._height = self.network.digest, -1

    def seal(self, events: Sequence[tuple[str, int, Mapping[str, Any]]]) -> None:
        """Publish, seal and judge one block."""
        records = []
        for subject, version, changes in events:
            partition = partition_of(subject, self.simulated.partitions)
            offset = self._ends.get(partition, 0)
            self._ends[partition] = offset + 1
            record = self.simulated.record_of(subject, version, sector=self.sector, offset=offset, **changes)
            records.append(record)
        self.seal_records(sorted(records, key=lambda record: record[:3]))

    def seal_records(self, records: Sequence[Record]) -> None:
        block = self.simulated.block(self._height + 1, self._previous, records)
        rules = {self.sector: Counting()}
        examined = Examiner(self.network).examine(records, height=block.height, rules=rules)
        verdict = judge(examined, block=block, first_index=len(self.entries), streams=self._streams, rules=rules)
        self._streams |= verdict.changed
        self.entries += verdict.entries
        self._previous, self._height = block.hash, block.height
        self.files[f"/block/{block.height}"] = self.simulated.block_note(block)
        rejections = [one.rejection for one in verdict.refusals]
        self.files[f"/rejected/{block.height}"] = format_rejected_list(rejections)
        for number, one in enumerate(verdict.refusals):
            self.files[f"/rejected/{block.height}/{number}"] = format_record_bytes(one.record)

    def finish(self) -> Checkpoint:
        """Make tree and checkpoint over all that is sealed, as a validator would serve them now."""
        level, size = [leaf_hash(entry) for entry in self.entries], len(self.entries)
        checkpoint = Checkpoint(self.network.origin, size, tree_root(level))
        levels = []
        while level:
            levels.append(level)
            level = [tree_root(level[at : at + 256]) for at in range(0, len(level) - 255, 256)]
        for path in tiles_for_size(size):
            start = path.index * 256
            self.files["/" + format_tile_path(path)] = b"".join(levels[path.level][start : start + path.width])
        for path in bundles_for_size(size):
            start = path.index * 256
            self.files["/" + format_tile_path(path)] = format_bundle(self.entries[start : start + path.width])
        self.files["/checkpoint"] = self.simulated.final_note(checkpoint)
        return checkpoint

    def fetch(self, path: str) -> bytes:
        """Answer as HTTP would."""
        if path not in self.files:
            raise Unavailable(f"{path}: status 404")
        return self.files[path]

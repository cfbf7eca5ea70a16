"""Settings of a sealer, beside those of every process."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from litopys.ledger.blocks import MAX_BLOCK_RECORDS
from litopys.service.settings import ProcessSettings

_MIB = 1 << 20


class SealerSettings(ProcessSettings):
    """When a block is closed, and how soon another sealer takes over."""

    log_key_file: Path | None = None
    """Signer file of the log, which all sealers hold."""
    seal_interval_ms: int = Field(default=150, ge=1, le=60_000)
    """Least time between two blocks, unless one is full before; more while the validators are behind (`pace`)."""
    seal_delay_ms: int = Field(default=20, ge=0, le=60_000)
    """How long a block waits for company after its first record came, where the interval has long passed."""
    seal_max_records: int = Field(default=MAX_BLOCK_RECORDS, ge=1, le=MAX_BLOCK_RECORDS)
    """Records that close a block at once; also the most that it holds."""
    seal_max_bytes: int = Field(default=16 * _MIB, ge=1)
    """Bytes of records that close a block at once; also the most that it holds, but for a single larger record."""
    session_timeout_ms: int = Field(default=6_000, ge=1_000)
    """Silence after which Kafka takes the proposing sealer for dead; not below the broker's least (6 s)."""
    buffer_records: int = Field(default=60_000, ge=2_048)
    """Records held in memory ahead of the block that seals them, over all partitions; beyond it partitions pause."""
    validators_patience_s: float = Field(default=60.0, ge=0)
    """How long a start waits for a validator before it reads a long blocks topic from its beginning."""

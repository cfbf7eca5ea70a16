"""Settings of a sealer, beside those of every process."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from litopys.ledger.blocks import MAX_BLOCK_RECORDS
from litopys.service.settings import ProcessSettings


class SealerSettings(ProcessSettings):
    """When a block closes: at the count, at the bytes, or when its oldest record has waited for the interval."""

    key_file: Path
    """Signer file of this sealer's own key."""
    log_key_file: Path
    """Signer file of the log's key, which all sealers of a network hold."""
    seal_interval_ms: int = Field(default=200, ge=1, le=60_000)
    seal_max_records: int = Field(default=MAX_BLOCK_RECORDS, ge=1, le=MAX_BLOCK_RECORDS)
    seal_max_bytes: int = Field(default=16 << 20, ge=1 << 20)
    """Records of a block, together, in bytes; one record is always taken."""
    session_timeout_ms: int = Field(default=6_000, ge=1_000, le=12_000)
    """How long the standing-by sealer waits for a silent leader before it takes over."""

"""Settings of a validator, beside those of every process."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from litopys.service.settings import ProcessSettings


class ValidatorSettings(ProcessSettings):
    """`LITOPYS_ROLE=check` follows, judges, stores and votes; `serve` answers over HTTP from the database alone."""

    role: Literal["check", "serve"]
    state_cache_bytes: int = Field(default=64 << 20, ge=1 << 20)
    """Bound of the memory that stream states take in the core (estimated bytes)."""
    buffer_records: int = Field(default=60_000, ge=2_048)
    """Records held in memory ahead of the block that seals them, over all partitions; beyond it partitions pause."""
    peer_interval_s: float = Field(default=30.0, gt=0)
    """How often the others' heads are compared over HTTP."""
    peer_timeout_s: float = Field(default=5.0, gt=0)
    database_connections: int = Field(default=8, ge=2)
    """Size of the reading role's pool."""

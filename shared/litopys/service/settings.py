"""Settings of a process: environment variables `LITOPYS_…`, read once at start, never from a file in the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MAX_BODY_BYTES = 1 << 20


class ProcessSettings(BaseSettings):
    """What all processes share; a process with more of its own subclasses it. Raises pydantic's ValidationError."""

    model_config = SettingsConfigDict(env_prefix="LITOPYS_", extra="ignore", frozen=True)

    network_file: Path
    """The network file (genesis)."""
    bootstrap: str = ""
    """Kafka's bootstrap servers, `host:port[,host:port]`; may be empty in a role that never talks to Kafka."""
    database_url: str = ""
    """DSN of this process's own database; may be empty in a process without one (sealer)."""
    key_file: Path | None = None
    """Signer file of this process's own key, in Go's note form."""
    name: str
    """Its name in the network file: of the sector, the validator or the sealer."""
    role: str = ""
    """Which part this process plays, where a service has several; empty means all of them."""
    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65_535)
    """Port of its HTTP interface; 0 lets the system choose."""
    token_key: Path | None = None
    """Public key of local tokens (JWK); without one, commands are refused."""
    max_body_bytes: int = Field(default=MAX_BODY_BYTES, ge=1_024)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    stop_timeout_s: int = Field(default=10, ge=0, le=300)
    """How long a stopping process lets open requests finish."""

"""Settings of a process: environment variables `LITOPYS_…`, read once at start, never from a file in the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from litopys.kafka.address import KafkaAddress, find_tls_files
from litopys.kafka.brokers import Profile

MAX_BODY_BYTES = 1 << 20


class ProcessSettings(BaseSettings):
    """What all processes share; a process with more of its own subclasses it. Raises pydantic's ValidationError."""

    model_config = SettingsConfigDict(env_prefix="LITOPYS_", extra="ignore", frozen=True, hide_input_in_errors=True)

    network_file: Path
    """The network file (genesis)."""
    bootstrap: str = ""
    """Kafka's bootstrap servers, `host:port[,host:port]`; may be empty in a role that never talks to Kafka."""
    kafka_ca_file: Path | None = None
    """PEM file of whom to trust as a broker. Of Kafka's three files all are named, or none for a Kafka without TLS."""
    kafka_certificate_file: Path | None = None
    """PEM file of the certificate by which Kafka knows this process."""
    kafka_key_file: Path | None = None
    """PEM file of that certificate's key."""
    kafka_profile: Profile = Profile.REPLICATED
    """What is demanded of the brokers at start: `replicated`, or `single` for a development's one broker."""
    database_url: str = ""
    """DSN of this process's own database, as the role `service` or, where nothing is written, as `reader`; may be empty
    in a process without one (sealer)."""
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
    otlp_endpoint: str = ""
    """Base address of an OTLP/HTTP collector for traces, e.g. http://collector:4318; empty: nothing is traced."""
    stop_timeout_s: int = Field(default=10, ge=0, le=300)
    """How long a stopping process lets open requests finish."""

    @property
    def kafka(self) -> KafkaAddress:
        """Kafka as this process's clients reach it. Raises Malformed."""
        tls = find_tls_files(self.kafka_ca_file, self.kafka_certificate_file, self.kafka_key_file)
        return KafkaAddress(self.bootstrap, tls)

    @model_validator(mode="after")
    def _check_files_of_kafka(self) -> Self:
        """Raise Malformed at once where a file is missing, not when it is first needed."""
        _ = self.kafka
        return self

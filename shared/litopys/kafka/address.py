"""Where a Kafka is, and how its clients show who they are: in the clear, or over TLS by a certificate of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litopys.errors import Malformed

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Three PEM files: whom to trust as a broker, and the certificate and the key by which Kafka knows us.

    They are read whenever a client is made: who renews them starts the process again.
    """

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """`host:port[,host:port]` of some brokers; in the clear where there are no files."""

    bootstrap: str
    tls: TlsFiles | None = None

    def settings(self) -> dict[str, str]:
        """Return what librdkafka is told of it. A broker's name, never its address, must be in its certificate."""
        if self.tls is None:
            return {"bootstrap.servers": self.bootstrap}
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "ssl",
            "ssl.ca.location": str(self.tls.ca),
            "ssl.certificate.location": str(self.tls.certificate),
            "ssl.key.location": str(self.tls.key),
            "ssl.endpoint.identification.algorithm": "https",
        }


def find_tls_files(ca: Path | None, certificate: Path | None, key: Path | None) -> TlsFiles | None:
    """Return the files, or None where none is named. Raises Malformed where one is not named or not readable."""
    named = {"the CA's certificate": ca, "the own certificate": certificate, "the own key": key}
    missing = [what for what, path in named.items() if path is None]
    if ca is None or certificate is None or key is None:
        if len(missing) == len(named):
            return None
        raise Malformed(f"Kafka over TLS needs three files or none, and {' and '.join(missing)} is not named")
    for what, path in named.items():
        _check_readable(what, path)
    return TlsFiles(ca, certificate, key)


def _check_readable(what: str, path: Path | None) -> None:
    try:
        if path is not None:
            path.open("rb").close()
    except OSError as error:
        raise Malformed(f"Kafka over TLS: {what}, {path}, is not readable: {error.strerror}") from error

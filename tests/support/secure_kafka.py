"""Kafka as it stands in production: three brokers, TLS with certificates of clients, rules for whoever is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deploy.local.kafka import Kafka
from litopys.kafka.address import KafkaAddress
from tests.support.certificates import LOCALHOST, Authority

ADMINISTRATOR = "admin"
BROKER = "broker"


class SecureKafka(Kafka):
    """A cluster in `folder` that lets in whoever has a certificate, to do what the rules say, and nobody else."""

    host = LOCALHOST
    """Not the address: clients compare names with those in certificates, and know no others (librdkafka #3801)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, nodes=3, heap_mb=256, brief=True)
        folder.mkdir()
        self._authority = Authority(folder / "certificates")

    @property
    def address(self) -> KafkaAddress:
        """As its administrator: rules do not bind a super user."""
        return self.address_of(ADMINISTRATOR)

    def address_of(self, principal: str) -> KafkaAddress:
        """As whoever has the certificate of this name."""
        return KafkaAddress(self.bootstrap, self._authority.files(principal))

    def _security(self, _node: int) -> str:
        return f"""\
listener.security.protocol.map=CLIENTS:SSL,CONTROLLER:SSL
ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={self._authority.key_store(BROKER)}
ssl.truststore.type=PEM
ssl.truststore.location={self._authority.files(BROKER).ca}
ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/,DEFAULT
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{ADMINISTRATOR};User:{BROKER}"""


def kafka_settings(kafka: KafkaAddress) -> dict[str, Any]:
    """What a process's settings say of a Kafka."""
    if kafka.tls is None:
        return {"bootstrap": kafka.bootstrap}
    files = {"kafka_ca_file": kafka.tls.ca, "kafka_certificate_file": kafka.tls.certificate}
    return {"bootstrap": kafka.bootstrap, **files, "kafka_key_file": kafka.tls.key}

"""`litopys network topics` and `permissions`: what a network needs of its Kafka, where no operator sees to it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from litopys.cli.console import AsJson, WrongUse, note, print_json, print_result
from litopys.cli.files import read_network
from litopys.cli.shell import shell_needed
from litopys.errors import Malformed

if TYPE_CHECKING:
    from litopys.kafka.address import KafkaAddress

NetworkFile = Annotated[Path, typer.Option(envvar="LITOPYS_NETWORK_FILE", help="The network file.")]
Bootstrap = Annotated[str, typer.Option(envvar="LITOPYS_BOOTSTRAP", help="Some brokers: host:port[,host:port].")]
CaFile = Annotated[
    Path | None, typer.Option("--kafka-ca-file", envvar="LITOPYS_KAFKA_CA_FILE", help="Whom to trust, PEM.")
]
CertificateFile = Annotated[
    Path | None,
    typer.Option("--kafka-certificate-file", envvar="LITOPYS_KAFKA_CERTIFICATE_FILE", help="Own certificate, PEM."),
]
KeyFile = Annotated[
    Path | None, typer.Option("--kafka-key-file", envvar="LITOPYS_KAFKA_KEY_FILE", help="Own key, PEM; all or none.")
]


def topics(
    network_file: NetworkFile,
    bootstrap: Bootstrap,
    *,
    replication: Annotated[int, typer.Option(help="How many brokers keep each record.", min=1)] = 3,
    ca_file: CaFile = None,
    certificate_file: CertificateFile = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Make the topics of a network that are missing, and check those that are there.

    Example: litopys network topics --network-file network.json --bootstrap kafka-0:9093 --replication 3
    """
    network = read_network(network_file)
    with shell_needed("network topics"):
        from litopys.kafka.topics import create_topics, network_topics  # noqa: PLC0415 -- extra
    wanted = network_topics(network)
    kafka = _address(bootstrap, ca_file, certificate_file, key_file)
    made = asyncio.run(create_topics(kafka, wanted, replication=replication))
    if as_json:
        print_json({"topics": wanted, "created": made})
        return
    for name, partitions in wanted.items():
        print_result(f"{name}  {partitions} partitions{'  created' if name in made else ''}")


def permissions(
    network_file: NetworkFile,
    bootstrap: Bootstrap = "",
    *,
    ca_file: CaFile = None,
    certificate_file: CertificateFile = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Let each member of a network do on Kafka what it must, as a super user; with --json only print the rules.

    Principals are the common names of certificates: sector-NAME, sealer-NAME, validator-NAME, operator, auditor.

    Example: litopys network permissions --network-file network.json --json
    """
    network = read_network(network_file)
    with shell_needed("network permissions"):
        from litopys.kafka import permissions as rules  # noqa: PLC0415 -- extra
        from litopys.kafka.granting import grant_permissions  # noqa: PLC0415 -- extra
    wanted = rules.permissions(network)
    if as_json:
        print_json({"permissions": [asdict(rule) for rule in wanted]})
        return
    kafka = _address(bootstrap, ca_file, certificate_file, key_file)
    beyond = asyncio.run(grant_permissions(kafka, wanted))
    print_result(f"{len(wanted)} rules for {len({rule.principal for rule in wanted})} principals are in force")
    for rule in beyond:
        note(f"not of this network, and allowed all the same: {rule}")


def _address(bootstrap: str, ca: Path | None, certificate: Path | None, key: Path | None) -> KafkaAddress:
    """Raises WrongUse where Kafka is not named, or its files of TLS are neither all named nor none."""
    with shell_needed("network"):
        from litopys.kafka.address import KafkaAddress, find_tls_files  # noqa: PLC0415 -- extra
    if not bootstrap:
        raise WrongUse("which Kafka? --bootstrap names some of its brokers")
    try:
        return KafkaAddress(bootstrap, find_tls_files(ca, certificate, key))
    except Malformed as error:
        raise WrongUse(str(error)) from error

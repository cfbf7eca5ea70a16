"""Kafka and Postgres as docker-compose.yml sets them, from this machine's jars and binaries instead of their images."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local import postgres
from deploy.local.jars import jars_folder
from deploy.local.kafka import LOG4J
from deploy.local.processes import Process
from deploy.trial.containers import Ground

CLUSTER_ID = "TrialTrialTrialTrialTQ"
CLIENTS = 9092


class Broker:
    """One Kafka service; its settings are made of its environment by the image's own program, which is in the jars."""

    def __init__(self, name: str, service: Mapping[str, Any], ground: Ground):
        self.name = name
        self._told = {key: str(value) for key, value in service["environment"].items()}
        self._ground = ground
        self._folder = ground.folder / name

    def process(self) -> Process:
        """Answer the broker's process, its data formatted."""
        self._set_up()
        java = ["java", *self._told["KAFKA_HEAP_OPTS"].split(), "-XX:TieredStopAtLevel=1"]
        run = [*java, f"-Dlog4j2.configurationFile={LOG4J}", "-cp", f"{jars_folder()}/*", "kafka.Kafka"]
        command = self._knowing_hosts([*run, str(self._folder / "final" / "server.properties")])
        return Process(self.name, command, self._ground.folder / "processes")

    def is_healthy(self) -> bool:
        """Whether the admin client gets an answer."""
        admin = AdminClient({"bootstrap.servers": f"{self._ground.addresses[self.name]}:{CLIENTS}", "log_level": 0})
        try:
            return bool(admin.list_topics(timeout=2).brokers)
        except KafkaException:
            return False

    def _set_up(self) -> None:
        """What /etc/kafka/docker/configure runs in the image. Listeners get an address instead of all addresses."""
        own = self._ground.addresses[self.name]
        defaults = self._folder / "defaults"
        for folder in (defaults, self._folder / "mounted", self._folder / "final"):
            folder.mkdir(parents=True, exist_ok=True)
        for file in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
            (defaults / file).touch()
        told = {
            **self._told,
            "KAFKA_LISTENERS": self._told["KAFKA_LISTENERS"].replace("://:", f"://{own}:"),
            "KAFKA_LOG_DIRS": str(self._ground.volume(self.name)),
            "CLUSTER_ID": CLUSTER_ID,
        }
        folders = (f"--{kind}-configs-dir={self._folder / kind}" for kind in ("mounted", "final"))
        wrapper = ["kafka.docker.KafkaDockerWrapper", "setup", f"--default-configs-dir={defaults}", *folders]
        command = ["java", "-Xmx128m", f"-Dlog4j2.configurationFile={LOG4J}", "-cp", f"{jars_folder()}/*", *wrapper]
        subprocess.run(command, check=True, env={**os.environ, **told}, stdout=subprocess.DEVNULL)

    def _knowing_hosts(self, command: list[str]) -> list[str]:
        bind = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", bind, str(self._ground.hosts), *command]


class Server:
    """The service postgres: a server with passwords, on the address of its service."""

    name = "postgres"

    def __init__(self, service: Mapping[str, Any], ground: Ground):
        self._options = service["command"][1:]
        self._user = service["environment"]["POSTGRES_USER"]
        self._ground = ground
        self._data = ground.folder / "postgres" / "data"
        mount = next(one for one in service["volumes"] if one["source"] == "keys")
        self._passwords = ground.volume("keys") / mount["volume"]["subpath"] / "password"

    def process(self) -> Process:
        """Answer the server's process, its cluster made."""
        postgres.make_own(self._data)
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        own = {"listen_addresses": self._ground.addresses[self.name], "unix_socket_directories": str(self._data)}
        options = [word for name, value in own.items() for word in ("-c", f"{name}={value}")]
        binary = str(postgres.binaries() / "postgres")
        command = (*postgres.as_unprivileged(), binary, "-D", str(self._data), *self._options, *options)
        return Process(self.name, command, self._ground.folder / "processes", stop_signal=signal.SIGINT)

    def is_healthy(self) -> bool:
        """Whether it lets its superuser in, by the password that was drawn."""
        return asyncio.run(self._answers())

    def _initialise(self) -> None:
        secret = self._data.with_name("password")  # the drawn one is in folders that the server's user cannot pass
        secret.write_text(self._passwords.read_text())
        secret.chmod(0o644)
        command = (
            *(*postgres.as_unprivileged(), str(postgres.binaries() / "initdb"), "-D", str(self._data)),
            *("-U", self._user, f"--pwfile={secret}", "--auth=scram-sha-256", "--data-checksums"),
            *("-E", "UTF8", "--locale=C.UTF-8"),
        )
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        secret.unlink()

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(
                host=self._ground.addresses[self.name],
                user=self._user,
                password=self._passwords.read_text(),
                database="postgres",
                timeout=5,
            )
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True


def make_volumes(ground: Ground, others: Sequence[str], ours: Sequence[str]) -> None:
    """Make the folders of volumes; those that ours write to are owned as an engine makes them over the image's own."""
    for name in (*others, *ours):
        ground.volume(name).mkdir(parents=True, exist_ok=True)
    for name in ours:
        os.chown(ground.volume(name), *ground.user)
        ground.volume(name).chmod(0o700)

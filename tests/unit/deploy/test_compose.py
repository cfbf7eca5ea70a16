"""docker-compose.yml, read by the real Compose and compared with the code that it starts; and what is planted in it."""

import re
import shlex
import subprocess
import tomllib

import pytest
import typer
import yaml

from deploy.docker import prepare
from litopys.cli.main import app
from litopys.cli.registering import next_port, with_service, without_service
from litopys.cli.template import Names, compose_service
from tests.house.tree import ROOT
from tests.support.compose_checks import find_faults, prometheus_faults
from tests.support.composed import PROFILES, command, composed, dependencies, environment, processes, read_composed

TEXT = (ROOT / "docker-compose.yml").read_text()
# Folders of rooms beside this one, mounted into Prometheus, Alertmanager and Grafana.
BESIDE = ("deploy/prometheus", "deploy/grafana")


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """What `prepare` draws, by its own code."""
    folder = tmp_path_factory.mktemp("drawn")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LITOPYS_NETWORK_FOLDER", str(folder / "network"))
        prepare.main()
    return folder


def faults(config, drawn):
    return list(find_faults(config, drawn))


@pytest.mark.parametrize("profile", PROFILES)
def test_the_network_is_what_the_code_starts(profile, drawn):
    assert faults(composed(profile), drawn) == []


@pytest.mark.parametrize("folder", BESIDE)
def test_what_is_mounted_is_there(folder, drawn):
    assert not [fault for fault in find_faults(composed(), drawn) if f"no /{folder}" in fault]


def test_prometheus_asks_whom_compose_starts_and_reads_what_is_mounted():
    path = ROOT / "deploy" / "prometheus" / "prometheus.yml"
    assert list(prometheus_faults(yaml.safe_load(path.read_text()), composed())) == []


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        ({"scrape_configs": [{"static_configs": [{"targets": ["postgres:9187"]}]}]}, "postgres:9187"),
        ({"scrape_configs": [{"static_configs": [{"targets": ["exporter:9187"]}]}]}, "exporter:9187"),
        ({"scrape_configs": [{"file_sd_configs": [{"files": ["sd/litopys.json"]}]}]}, "sd/litopys.json"),
        ({"rule_files": ["alerts/*.yml"]}, "alerts/*.yml"),
        ({"alerting": {"alertmanagers": [{"static_configs": [{"targets": ["alerts:9093"]}]}]}}, "alerts:9093"),
    ],
)
def test_what_prometheus_could_not_reach_is_found(planted, words):
    assert words in str(list(prometheus_faults({"scrape_configs": [], **planted}, composed())))


def test_profiles_add_and_change_nothing_else():
    default, ha, tools = (composed(profile) for profile in PROFILES)
    assert ha["services"].keys() - default["services"].keys() == {"kafka-2", "kafka-3"}
    assert tools["services"].keys() - default["services"].keys() == {"tools"}
    assert default["name"] != ha["name"], "or one would be started on the other's volumes"
    for name, service in processes(default).items():
        changed = environment(service).items() ^ environment(ha["services"][name]).items()
        assert {variable for variable, _ in changed} == {"LITOPYS_BOOTSTRAP", "LITOPYS_KAFKA_PROFILE"}


def test_the_tag_is_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    config = composed()
    assert config["services"]["prepare"]["image"] == f"litopys:{version}"
    assert config["services"]["prepare"]["build"]["args"]["VERSION"] == version
    assert [name for name, one in config["services"].items() if "build" in one] == ["prepare"]


def test_who_builds_comes_first():
    """All of ours run an image that one service builds: none of them starts before it."""
    config = composed("tools")
    for name in processes(config):
        assert "prepare" in dependencies(config, name)


def unknown_words(arguments):
    """What of a command line of ours there is not: a command, or an option of it."""
    found = typer.main.get_command(app)
    words = list(arguments)
    while hasattr(found, "commands"):
        found = found.get_command(None, words[0])
        if found is None:
            return words[:1]
        words = words[1:]
    options = {option for parameter in found.params for option in parameter.opts}
    return [word for word in words if word.startswith("--") and word.partition("=")[0] not in {*options, "--help"}]


def test_topics_is_a_command_with_these_options():
    module, *arguments = command(composed()["services"]["topics"])
    assert module == "litopys.cli.main"
    assert unknown_words(arguments) == []
    assert unknown_words(["network", "topic"]) == ["topic"]
    assert unknown_words([*arguments, "--replicas=1"]) == ["--replicas=1"]


def test_commands_that_the_documents_name_are_there():
    text = (ROOT / "docs" / "compose.md").read_text().replace("\\\n", " ")
    lines = re.findall(r"^docker compose .*? tools litopys\.cli\.main (.*)$", text, re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        assert unknown_words(shlex.split(line)) == [], line


def service(name, **changes):
    """A mistake in one service: keys are replaced."""

    def plant(config):
        for key, value in changes.items():
            config["services"][name][key] = value

    return plant


def told(name, **changes):
    """A mistake in what one service is told: None takes a variable away."""

    def plant(config):
        kept = {**config["services"][name]["environment"], **changes}
        config["services"][name]["environment"] = {key: value for key, value in kept.items() if value is not None}

    return plant


def without(name):
    def plant(config):
        del config["services"][name]
        for one in config["services"].values():
            (one.get("depends_on") or {}).pop(name, None)

    return plant


def waits_not(name, other):
    def plant(config):
        del config["services"][name]["depends_on"][other]

    return plant


def mounted(name, **changes):
    def plant(config):
        [mount] = [one for one in config["services"][name]["volumes"] if one["source"] == "keys"]
        mount.update(changes)

    return plant


LISTENS = [{"target": 8080, "published": "8100", "host_ip": "0.0.0.0"}]
OTHER_PORT = [{"target": 8000, "published": "8100", "host_ip": "127.0.0.1"}]
DSN = "postgresql://sector_{0}_service{1}@{2}/sector_{3}?passfile=/etc/litopys/database/{4}"
# What is planted → a word of what refuses it.
MISTAKES = {
    "a misspelt variable": (told("sealer-a", LITOPYS_NAEM="a"), "sealer-a: LITOPYS_NAEM is no setting"),
    "a variable of another process": (
        told("registers", LITOPYS_LOG_KEY_FILE="x"),
        "LITOPYS_LOG_KEY_FILE is no setting",
    ),
    "a variable without its prefix": (told("registers", NAME="registers"), "NAME is no setting"),
    "a value that is none": (told("energy", LITOPYS_PORT="80800"), "energy: port: "),
    "a role that is none": (told("validator-kyiv", LITOPYS_ROLE="server"), "validator-kyiv: role: "),
    "no name": (told("sealer-b", LITOPYS_NAME=None), "sealer-b: name: "),
    "another's name": (told("sealer-b", LITOPYS_NAME="a"), "sealer-b: is ('services.sealer', 'a'"),
    "no key": (told("sealer-a", LITOPYS_KEY_FILE=None), "sealer-a: key_file is missing"),
    "a key for who serves": (
        told("validator-lviv", LITOPYS_KEY_FILE="/etc/litopys/network/policy"),
        "validator-lviv: key_file is not its to know",
    ),
    "a key that nobody makes": (
        told("registers", LITOPYS_KEY_FILE="/etc/litopys/keys/registers.key"),
        "registers: nobody made /etc/litopys/keys/registers.key",
    ),
    "another's key": (
        told("sealer-b", LITOPYS_KEY_FILE="/etc/litopys/keys/sealer-a.key"),
        "sealer-b: nobody made /etc/litopys/keys/sealer-a.key",
    ),
    "everybody's keys": (mounted("energy", volume={}), "energy: /etc/litopys shows it all that was drawn"),
    "another's folder": (mounted("energy", volume={"subpath": "for/registers"}), "energy: /etc/litopys shows it for"),
    "a folder to write to": (mounted("energy", read_only=False), "energy: may write to /etc/litopys"),
    "a wrong module": (service("sealer-a", command=["services.sealers"]), "there is no services.sealers"),
    "no module of ours": (service("databases", command=["deploy.docker.database"]), "no deploy.docker.database"),
    "a missing sector": (without("energy"), "energy: is None"),
    "a missing validator": (without("validator-odesa"), "validator-odesa: is None"),
    "a stand-by that is missing": (without("sealer-b"), "sealer-b: is None"),
    "a port for all": (service("registers", ports=LISTENS), "registers: listens at 0.0.0.0"),
    "a port where nobody listens": (service("registers", ports=OTHER_PORT), "is published on 8000 and listens on 8080"),
    "a port that cannot be reached": (
        service("registers", networks={"inside": None}),
        "not in the network that can be",
    ),
    "the network of the machine": (service("energy", network_mode="host"), "energy: has the network of host"),
    "loopback inside": (told("validator-kyiv", LITOPYS_HOST="127.0.0.1"), "validator-kyiv:8080 is asked"),
    "topics not waited for": (waits_not("sealer-a", "topics"), "sealer-a: does not wait for topics"),
    "databases not waited for": (waits_not("energy", "databases"), "energy: does not wait for databases"),
    "Postgres not waited for": (waits_not("databases", "postgres"), "databases: does not wait for postgres"),
    "keys not waited for": (waits_not("postgres", "prepare"), "postgres: does not wait for prepare"),
    "Kafka not waited for": (waits_not("topics", "kafka-1"), "topics: does not wait for kafka-1"),
    "health that nobody asks for": (
        service("postgres", healthcheck={"disable": True}),
        "databases: waits for the health of postgres",
    ),
    "an end that never comes": (service("prepare", restart="always"), "waits for the end of prepare"),
    "health by a shell": (
        service("registers", healthcheck={"test": ["CMD-SHELL", "curl localhost:8080/readyz"]}),
        "registers: health by a shell",
    ),
    "health by a module that is not there": (
        service("registers", healthcheck={"test": ["CMD", "python", "-m", "deploy.docker.healthy"]}),
        "registers: health by ['python'",
    ),
    "health at a path that nobody answers": (
        service("registers", healthcheck={"test": ["CMD", "python", "-m", "deploy.docker.health", "/ready"]}),
        "registers: health at ['/ready']",
    ),
    "a database that is nobody's": (
        told("energy", LITOPYS_DATABASE_URL=DSN.format("energy", "", "postgres", "energies", "pgpass")),
        "energy: sector_energy_service is not the role for sector_energies",
    ),
    "another's database": (
        told("energy", LITOPYS_DATABASE_URL=DSN.format("registers", "", "postgres", "registers", "pgpass")),
        "energy: it does not know the password of sector_registers_service",
    ),
    "the role that writes, for who reads": (
        told("validator-kyiv", LITOPYS_DATABASE_URL="postgresql://validator_kyiv_service@postgres/validator_kyiv"),
        "validator-kyiv: validator_kyiv_service is not the role",
    ),
    "a password in the open": (
        told("energy", LITOPYS_DATABASE_URL=DSN.format("energy", ":secret", "postgres", "energy", "pgpass")),
        "energy: a password stands in its environment",
    ),
    "a password file that nobody makes": (
        told("energy", LITOPYS_DATABASE_URL=DSN.format("energy", "", "postgres", "energy", "pass")),
        "energy: it does not know the password",
    ),
    "a server that is none": (
        told("energy", LITOPYS_DATABASE_URL=DSN.format("energy", "", "database", "energy", "pgpass")),
        "energy: its database is at database",
    ),
    "a password of Postgres": (told("postgres", POSTGRES_PASSWORD="litopys"), "POSTGRES_PASSWORD holds a secret"),
    "a Kafka that is none": (told("sealer-a", LITOPYS_BOOTSTRAP="kafka:9092"), "sealer-a: asks Kafka at kafka:9092"),
    "a broker that calls itself another": (
        told("kafka-1", KAFKA_ADVERTISED_LISTENERS="PLAINTEXT://localhost:9092"),
        "asks Kafka at kafka-1:9092",
    ),
    "copies that one broker cannot keep": (
        told("kafka-1", KAFKA_DEFAULT_REPLICATION_FACTOR="3"),
        "kafka-1: keeps 3 copies",
    ),
    "a quorum of others": (told("kafka-1", KAFKA_CONTROLLER_QUORUM_VOTERS="2@kafka-2:9093"), "kafka-1: its quorum"),
    "one broker taken for three": (told("sealer-a", LITOPYS_KAFKA_PROFILE="replicated"), "1 brokers are not"),
    "a root that can be written": (service("grafana", read_only=False), "grafana: may write to its root"),
    "capabilities": (service("registers", cap_add=["NET_ADMIN"]), "registers: keeps capabilities"),
    "privileges to be gained": (service("sealer-a", security_opt=[]), "sealer-a: may gain privileges"),
    "root": (service("prepare", user="root"), "prepare: is root"),
    "no limits": (service("kafka-1", deploy={}), "kafka-1: has no limit of memory"),
    "whatever is newest": (service("grafana", image="grafana/grafana"), "has no tag"),
    "settings that are not there": (
        service("alertmanager", volumes=[{"type": "bind", "source": "deploy/nothing.yml", "read_only": True}]),
        "alertmanager: there is no deploy/nothing.yml",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(mistake, drawn):
    plant, words = MISTAKES[mistake]
    config = composed()
    plant(config)
    found = faults(config, drawn)
    assert [fault for fault in found if words in fault], found


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("    depends_on: {prepare: {", "    depends_on: {prepares: {", "prepares"),
        ("networks: [inside, outside]", "networks: [inside, outward]", "outward"),
        ("volumes: {keys: {}, ", "volumes: {", "keys"),
        ("stop_signal: SIGINT", "stop_sign: SIGINT", "stop_sign"),
        ("<<: *served", "<<: *service", "service"),
    ],
)
def test_compose_itself_refuses_what_is_planted(right, wrong, words):
    assert right in TEXT
    with pytest.raises(subprocess.CalledProcessError) as refused:
        read_composed(TEXT.replace(right, wrong, 1))
    assert words in refused.value.stderr


def test_a_new_sector_is_one_block(drawn):
    """The block of `litopys new-sector` is understood, and only its code, keys and passwords are missing."""
    text = with_service(TEXT, compose_service(Names("archives", "case", "cases", "Archives"), next_port(TEXT)))
    config = read_composed(text)
    assert config["services"]["archives"]["ports"][0]["published"] == str(next_port(TEXT))
    found = [fault for fault in faults(config, drawn) if not fault.startswith("archives: ")]
    assert found == []
    assert "archives: there is no services.archives that `python -m` would run" in faults(config, drawn)
    assert without_service(text, "archives") == TEXT

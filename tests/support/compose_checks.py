"""What is wrong with a Compose network, as sentences: each check asks the code that the file starts."""

from functools import cache
from urllib.parse import urlsplit

from pydantic import ValidationError

from deploy.docker.handing_out import scrape_targets
from deploy.docker.stores import all_stores
from deploy.members import SEALERS, VALIDATORS
from litopys.ledger.network_file import parse_network
from litopys.service.app import create_app
from services.catalogue import sector_names
from tests.house.tree import ROOT
from tests.support.composed import (
    OWN,
    command,
    dependencies,
    drawn_file,
    dsn_of,
    environment,
    is_ours,
    is_process,
    is_runnable,
    load_settings,
    module,
    own_mounts,
    processes,
    settings_class,
)

COMPLETED, HEALTHY = "service_completed_successfully", "service_healthy"
PREFIX = "LITOPYS_"
# Of a branch beside this one: fields of the settings that Compose names already.
# Where other people's images listen, as their documentation says.
SERVED = {"prometheus": 9090, "alertmanager": 9093, "grafana": 3000, "postgres-exporter": 9187, "kafka-exporter": 9308}


def find_faults(config, drawn):
    """Yield every fault of a network whose keys and passwords `prepare` drew under `drawn`."""
    yield from _member_faults(config)
    for name, service in config["services"].items():
        faults = [*_safety_faults(service), *_health_faults(service), *_file_faults(service, name, drawn)]
        faults += [*_port_faults(service), *_order_faults(config, name), *_secret_faults(service)]
        if is_ours(service):
            faults += _module_faults(service)
        if is_process(service) and is_runnable(module(service)):
            faults += _setting_faults(service, name)
        faults += _database_faults(config, service, drawn)
        yield from (f"{name}: {fault}" for fault in faults)
    yield from _address_faults(config, drawn)
    yield from _broker_faults(config)


def _member_faults(config):
    """Everybody of the network is there, once, under the name that others call it by."""
    wanted = {name: (f"services.{name}", name, "") for name in sector_names()}
    wanted |= {f"sealer-{name}": ("services.sealer", name, "") for name in SEALERS}
    wanted |= {f"validator-{name}-check": ("services.validator", name, "check") for name in VALIDATORS}
    wanted |= {f"validator-{name}": ("services.validator", name, "serve") for name in VALIDATORS}
    found = {
        name: (module(one), environment(one).get("LITOPYS_NAME"), environment(one).get("LITOPYS_ROLE", ""))
        for name, one in processes(config).items()
    }
    for name in sorted(wanted.keys() | found.keys()):
        if found.get(name) != wanted.get(name):
            yield f"{name}: is {found.get(name)} and must be {wanted.get(name)}"


def _module_faults(service):
    if not is_runnable(module(service)):
        yield f"there is no {module(service) or 'command'} that `python -m` would run"


def _setting_faults(service, name):
    fields = settings_class(service).model_fields.keys()
    for variable in environment(service):
        if not variable.startswith(PREFIX) or variable.removeprefix(PREFIX).lower() not in fields:
            yield f"{variable} is no setting of {settings_class(service).__name__}"
    try:
        settings = load_settings(service)
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    else:
        yield from _need_faults(settings, service, name)


def _need_faults(settings, service, name):
    """What the code of each kind of process asks for when it starts, beyond what its class demands."""
    kind = "serve" if settings.role == "serve" else module(service).removeprefix("services.")
    kind = kind if kind in {"serve", "sealer", "validator"} else "sector"
    needed = {
        "sealer": {"key_file", "log_key_file", "bootstrap"},
        "validator": {"key_file", "database_url", "bootstrap"},
        "serve": {"database_url"},
        "sector": {"key_file", "token_key", "database_url", "bootstrap"},
    }[kind]
    for field in ("key_file", "log_key_file", "token_key", "database_url"):
        if (field in needed) != bool(getattr(settings, field, None)):
            yield f"{field} is {'missing' if field in needed else 'not its to know'}"
    if "bootstrap" in needed and not settings.bootstrap:
        yield "bootstrap is missing"
    if settings.name not in name:
        yield f"is called {settings.name} inside"


def _file_faults(service, name, drawn):
    """Each file that it is told of is there; each folder of what was drawn is its own."""
    for target, subpath in own_mounts(service).items():
        if subpath != ("" if name == "prepare" else f"for/{name}"):
            yield f"{target} shows it {subpath or 'all that was drawn'}"
        elif not (drawn / subpath).is_dir():
            yield f"nothing was drawn for {name}"
    for mount in service.get("volumes") or []:
        yield from _mount_faults(mount, name)
    told = [*environment(service).values(), *(word.partition("=")[2] for word in command(service))]
    for path in told:
        if path.startswith(f"{OWN}/"):
            file = drawn_file(service, path, drawn)
            if file is None or not file.is_file():
                yield f"nobody made {path} for it"


def _mount_faults(mount, name):
    if mount["source"] == "keys" and name != "prepare" and not mount.get("read_only"):
        yield f"may write to {mount['target']}"
    if mount["type"] == "bind":
        if not ROOT.joinpath(mount["source"]).exists():
            yield f"there is no {mount['source'].removeprefix(str(ROOT))}"
        if not mount.get("read_only"):
            yield f"may write to {mount['source']}"


def _database_faults(config, service, drawn):
    dsn = dsn_of(service)
    if dsn is None:
        return
    if dsn["host"] not in config["services"]:
        yield f"its database is at {dsn['host']}, which is no service"
    if dsn["password"]:
        yield "a password stands in its environment"
    file = drawn_file(service, dsn["passfile"], drawn)
    known = {} if file is None or not file.is_file() else dict(_roles(file))
    if dsn["user"] not in known:
        yield f"it does not know the password of {dsn['user']}"
    if is_process(service):
        store = next((one for one in all_stores() if one.database == dsn["database"]), None)
        reads = environment(service).get("LITOPYS_ROLE") == "serve"
        if store is None or dsn["user"] != (store.reader if reads else store.service):
            yield f"{dsn['user']} is not the role for {dsn['database']}"
        if set(known) - {dsn["user"]}:
            yield "it knows passwords of others"


def _roles(passfile):
    for line in passfile.read_text().splitlines():
        *_, role, password = line.split(":")
        yield role, password


def _port_faults(service):
    for port in service.get("ports") or []:
        if port.get("host_ip") != "127.0.0.1":
            yield f"listens at {port.get('host_ip') or 'every address'}, port {port['published']}"
        inside = int(environment(service).get("LITOPYS_PORT", 0)) or SERVED.get(
            service["image"].split(":")[0].split("/")[-1]
        )
        if port["target"] != inside:
            yield f"is published on {port['target']} and listens on {inside}"
    if service.get("ports") and "outside" not in (service.get("networks") or {}):
        yield "is published and not in the network that can be"
    if service.get("network_mode") not in {None, "none"}:
        yield f"has the network of {service['network_mode']}"


def _safety_faults(service):
    if not service.get("read_only"):
        yield "may write to its root file system"
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
        yield "keeps capabilities"
    if "no-new-privileges:true" not in (service.get("security_opt") or []):
        yield "may gain privileges"
    if service.get("privileged") or str(service.get("user", "")).split(":")[0] in {"root", "0"}:
        yield "is root"
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    yield from (f"has no limit of {what}" for what in ("cpus", "memory", "pids") if what not in limits)
    tag = service["image"].rpartition(":")[2]
    if "/" in tag or tag in {"latest", service["image"]}:
        yield f"image {service['image']} has no tag"


def _health_faults(service):
    health = service.get("healthcheck") or {}
    runs_once = service.get("restart") == "no"
    if runs_once != bool(health.get("disable")):
        yield "runs once and is asked for its health" if runs_once else "nobody asks for its health"
    if runs_once or health.get("disable"):
        return
    test = health.get("test") or [""]
    if test[0] != "CMD":
        yield f"health by a shell: {test}"
    if is_ours(service):
        if test[1:3] != ["python", "-m"] or not is_runnable(test[3]):
            yield f"health by {test[1:]}"
        elif (test[4] if len(test) > 4 else "/healthz") not in _paths():
            yield f"health at {test[4:]}, which no process answers"


@cache
def _paths():
    async def ready():
        return {}

    return {route.path for route in create_app(service="", name="", description="", ready=ready).routes}


def _order_faults(config, name):
    """Who needs something waits until it is there: keys drawn, servers healthy, databases and topics made."""
    service = config["services"][name]
    before = dependencies(config, name)
    needs = {}
    if own_mounts(service) and name != "prepare":
        needs["prepare"] = COMPLETED
    if dsn_of(service):
        needs["postgres"] = HEALTHY
    if is_process(service):
        needs |= {"databases": COMPLETED, "topics": COMPLETED}
    if name == "topics":
        needs |= {one: HEALTHY for one in config["services"] if one.startswith("kafka-") and one[-1].isdigit()}
    for other, condition in needs.items():
        if condition not in before.get(other, set()):
            yield f"does not wait for {other} ({condition})"
    for other, how in (service.get("depends_on") or {}).items():
        one = config["services"].get(other)
        if one and how["condition"] == HEALTHY and (one.get("healthcheck") or {"disable": True}).get("disable"):
            yield f"waits for the health of {other}, which nobody asks for"
        if one and how["condition"] == COMPLETED and one.get("restart") != "no":
            yield f"waits for the end of {other}, which does not end"


def _secret_faults(service):
    for name, value in environment(service).items():
        is_secret = any(word in name.upper() for word in ("PASSWORD", "SECRET", "_PASS"))
        if is_secret and not (name.endswith("FILE") and value.startswith("/")):
            yield f"{name} holds a secret itself"


def _address_faults(config, drawn):
    """Whoever is asked under a name is a service of that name, and listens where it is asked."""
    asked = [*_validators(drawn / "network" / "network.json")]
    asked += [target for group in scrape_targets() for target in group["targets"]]
    for address in asked:
        name, _, port = address.partition(":")
        told = environment(config["services"].get(name, {"image": ""}))
        if told.get("LITOPYS_PORT") != port or told.get("LITOPYS_HOST") != "0.0.0.0":
            yield f"{address} is asked, and nobody answers there"
    for name, service in config["services"].items():
        brokers = environment(service).get("LITOPYS_BOOTSTRAP", "").split(",")
        for address in filter(None, [*brokers, *_options(service, "--bootstrap")]):
            for one in address.split(","):
                if one not in _listening(config):
                    yield f"{name}: asks Kafka at {one}, where none listens"


@cache
def _validators(network_file):
    return tuple(urlsplit(one.url).netloc for one in parse_network(network_file.read_bytes()).validators)


def _options(service, option):
    return [word.partition("=")[2] for word in command(service) if word.partition("=")[0] == option]


def _listening(config):
    """Where brokers say that they are."""
    told = [environment(one).get("KAFKA_ADVERTISED_LISTENERS", "") for one in config["services"].values()]
    return {listener.partition("://")[2] for text in told for listener in text.split(",") if listener}


def _broker_faults(config):
    """The brokers that are there are the quorum, and can keep as many copies as everybody counts on."""
    brokers = {
        name: environment(one) for name, one in config["services"].items() if "KAFKA_NODE_ID" in environment(one)
    }
    quorum = {f"{told['KAFKA_NODE_ID']}@{name}:9093" for name, told in brokers.items()}
    profile = {environment(one).get("LITOPYS_KAFKA_PROFILE") for one in processes(config).values()}
    copies = _options(config["services"]["topics"], "--replication")
    for name, told in brokers.items():
        if set(told["KAFKA_CONTROLLER_QUORUM_VOTERS"].split(",")) != quorum:
            yield f"{name}: its quorum is not {sorted(quorum)}"
        if [told["KAFKA_DEFAULT_REPLICATION_FACTOR"]] != copies or told[
            "KAFKA_ADVERTISED_LISTENERS"
        ] != f"PLAINTEXT://{name}:9092":
            yield f"{name}: keeps {told['KAFKA_DEFAULT_REPLICATION_FACTOR']} copies, or is somebody else"
    wanted = ({"replicated"}, ["3"]) if len(brokers) >= 3 else ({"single"}, ["1"])
    if (profile, copies) != wanted:
        yield f"{len(brokers)} brokers are not {profile} with {copies} copies"


def prometheus_faults(settings, config):
    """What Prometheus would look for in vain: a service or its port, or a file that is not mounted into it."""
    alerting = settings.get("alerting", {}).get("alertmanagers", [])
    jobs = [*settings["scrape_configs"], *alerting]
    targets = [target for job in jobs for group in job.get("static_configs", []) for target in group["targets"]]
    services = config["services"]
    files = [file for job in jobs for group in job.get("file_sd_configs", []) for file in group["files"]]
    mounted = {mount["target"] for mount in services["prometheus"]["volumes"]}
    for target in targets:
        name, _, port = target.partition(":")
        name = "prometheus" if name == "localhost" else name
        if name not in services or str(SERVED.get(name)) != port:
            yield f"{target} is asked, and nobody answers there"
    for file in [*files, *settings.get("rule_files", [])]:
        if f"/etc/prometheus/{file.rpartition('/')[0]}" not in mounted:
            yield f"{file} is not mounted"

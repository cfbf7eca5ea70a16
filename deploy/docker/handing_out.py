"""What each container is given of the keys and passwords that were drawn: a folder of its own, and nothing of others'.

`for/<service>/` becomes /etc/litopys in the container of that name: `network/` for all, `keys/` and `database/pgpass`
for those who have some. Everything is made anew from what was drawn, whenever it is said.
"""

import json
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from deploy.docker.stores import MONITOR, SUPERUSER, all_stores, sector_store, validator_store
from deploy.members import SEALERS, VALIDATORS
from litopys.service.networks import AMENDMENTS
from services.catalogue import sector_names

PASSWORD_BYTES = 24
PORT = 8080
OWN, EVERYONE = 0o400, 0o444
"""Modes: of what our own processes read, and of what containers with other users read, each in a folder of its own."""


class Share(NamedTuple):
    """What one service is given: names of key files, and the roles whose passwords it may know."""

    service: str
    keys: Sequence[str] = ()
    roles: Sequence[str] = ()


def all_shares() -> Iterator[Share]:
    """Yield the share of every service of ours in docker-compose.yml that reads a network file, and of `databases`."""
    for name in SEALERS:
        yield Share(f"sealer-{name}", [f"sealer-{name}.key", "log.key"])
    for name in VALIDATORS:
        store = validator_store(name)
        yield Share(f"validator-{name}-check", [f"validator-{name}.key"], [store.service])
        yield Share(f"validator-{name}", roles=[store.reader])
    for name in sector_names():
        yield Share(name, [f"sector-{name}.key", "tokens.public.jwk"], [sector_store(name).service])
    stores = all_stores()
    yield Share("databases", roles=[SUPERUSER, MONITOR, *(role for store in stores for role in store.roles)])
    yield Share("topics")
    services = [sector_store(name).service for name in sector_names()]
    yield Share("tools", ["tokens.jwk"], [*(store.reader for store in stores), *services])


def hand_out(folder: Path) -> None:
    """Draw passwords that are missing under `folder`, and lay every service's folder under `folder/for`."""
    network, passwords = folder / "network", folder / "passwords"
    for share in all_shares():
        own = _own_folder(folder, share.service)
        _put_network(network, own / "network")
        for key in share.keys:
            write(own / "keys" / key, (network / "keys" / key).read_text(), mode=OWN)
        if share.roles:
            lines = (f"*:*:*:{role}:{draw_password(passwords / role)}\n" for role in share.roles)
            write(own / "database" / "pgpass", "".join(lines), mode=OWN)
    for service, role in (("postgres", SUPERUSER), ("postgres-exporter", MONITOR), ("grafana", "grafana")):
        write(_own_folder(folder, service) / "password", draw_password(passwords / role), mode=EVERYONE)
    targets = json.dumps(list(scrape_targets()), indent=1) + "\n"
    write(_own_folder(folder, "prometheus") / "litopys.json", targets, mode=EVERYONE)


def scrape_targets() -> Iterator[dict[str, object]]:
    """Yield whom Prometheus asks, in the form of its `file_sd_configs`, with the labels that all else counts on."""
    for name in SEALERS:
        yield _target(f"sealer-{name}", job="litopys-sealer", name=name)
    for name in VALIDATORS:
        yield _target(f"validator-{name}-check", job="litopys-validator-check", name=name)
        yield _target(f"validator-{name}", job="litopys-validator-serve", name=name)
    for name in sector_names():
        yield _target(name, job="litopys-sector", name=name)


def draw_password(file: Path) -> str:
    """Answer the password that is kept in `file`, drawn the first time."""
    if not file.exists():
        write(file, secrets.token_urlsafe(PASSWORD_BYTES), mode=OWN)
    return file.read_text()


def write(file: Path, text: str, *, mode: int) -> None:
    """Put a file in its place whole, with all its folders; only `mode` lets anybody read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f".{file.name}.new")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    scratch.write_text(text)
    scratch.chmod(mode)
    scratch.rename(file)


def _own_folder(folder: Path, service: str) -> Path:
    return folder / "for" / service


def _put_network(network: Path, place: Path) -> None:
    """Network file, policy and amendments, which are no secret."""
    public: Iterable[Path] = (network / "network.json", network / "policy", *(network / AMENDMENTS).glob("*.note"))
    shutil.rmtree(place / AMENDMENTS, ignore_errors=True)
    for file in public:
        write(place / file.relative_to(network), file.read_text(), mode=EVERYONE)


def _target(service: str, *, job: str, name: str) -> dict[str, object]:
    return {"targets": [f"{service}:{PORT}"], "labels": {"job": job, "name": name}}

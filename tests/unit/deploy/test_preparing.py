"""What is drawn before the first start: once, for each service its own, and nothing that another may not know."""

import json
import stat

import pytest

from deploy.docker import prepare
from deploy.docker.databases import migration, owner_environment, read_passwords
from deploy.docker.handing_out import all_shares, hand_out
from deploy.docker.stores import all_stores, sector_store, validator_store
from deploy.members import SEALERS, VALIDATORS
from litopys.errors import Malformed
from litopys.note.vkeys import parse_signer
from litopys.service.networks import load_network
from services.catalogue import sector_names


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LITOPYS_NETWORK_FOLDER", str(folder / "network"))
        prepare.main()
        yield folder


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_is_there_stays(drawn):
    before = files(drawn)
    prepare.main()
    assert files(drawn) == before


def test_each_private_key_is_given_to_one_kind_of_service(drawn):
    holders = {}
    for path in (drawn / "for").rglob("keys/*"):
        holders.setdefault(path.name, set()).add(path.relative_to(drawn / "for").parts[0])
    assert holders.pop("log.key") == {f"sealer-{name}" for name in SEALERS}
    assert holders.pop("tokens.public.jwk") == set(sector_names())
    assert holders.pop("tokens.jwk") == {"tools"}
    assert all(len(who) == 1 for who in holders.values()), holders
    assert {path.name for path in (drawn / "network" / "keys").iterdir()} - holders.keys() == {
        *("log.key", "tokens.jwk", "tokens.public.jwk")
    }


def test_the_keys_are_those_of_the_network(drawn):
    for name in VALIDATORS:
        own = drawn / "for" / f"validator-{name}-check"
        network = load_network(own / "network" / "network.json")
        signer = parse_signer((own / "keys" / f"validator-{name}.key").read_text())
        assert signer.vkey in [one.key.vkey for one in network.validators]


def test_secrets_are_for_their_owner_alone(drawn):
    shared = {"postgres", "postgres-exporter", "grafana", "prometheus"}
    for path in (drawn / "for").rglob("*"):
        service = path.relative_to(drawn / "for").parts[0]
        if path.is_file() and service not in shared and "network" not in path.parts:
            assert stat.S_IMODE(path.stat().st_mode) == 0o400, path
    for path in [*(drawn / "network" / "keys").glob("*.key"), *(drawn / "passwords").iterdir()]:
        assert not path.stat().st_mode & 0o077, path


def test_nobody_shares_a_password_and_who_reads_cannot_write(drawn):
    all_of_them = read_passwords(drawn / "for" / "databases" / "database" / "pgpass")
    assert len(set(all_of_them.values())) == len(all_of_them) == 3 * len(all_stores()) + 2
    known = read_passwords(drawn / "for" / "validator-kyiv" / "database" / "pgpass")
    assert known == {"validator_kyiv_reader": all_of_them["validator_kyiv_reader"]}
    owners = {store.owner for store in all_stores()}
    for share in all_shares():
        assert share.service == "databases" or not owners & set(share.roles)


def test_a_password_with_a_colon_is_read_whole(tmp_path):
    (tmp_path / "pgpass").write_text("*:*:*:role:a:b\n")
    assert read_passwords(tmp_path / "pgpass") == {"role": "a:b"}


def test_amendments_are_handed_out_and_taken_back(drawn):
    amendments = drawn / "network" / "amendments"
    amendments.mkdir()
    (amendments / "0001.note").write_text("an amendment\n")
    hand_out(drawn)
    assert (drawn / "for" / "sealer-a" / "network" / "amendments" / "0001.note").read_text() == "an amendment\n"
    (amendments / "0001.note").unlink()
    amendments.rmdir()
    hand_out(drawn)
    assert not (drawn / "for" / "sealer-a" / "network" / "amendments").exists()


def test_a_network_of_other_sectors_is_refused(drawn, monkeypatch):
    monkeypatch.setattr(prepare, "sector_names", lambda: ("archives", *sector_names()))
    with pytest.raises(Malformed, match="archives"):
        prepare.main()


def test_prometheus_is_told_of_every_process_once(drawn):
    groups = json.loads((drawn / "for" / "prometheus" / "litopys.json").read_text())
    targets = [target for group in groups for target in group["targets"]]
    assert len(targets) == len(set(targets)) == len(SEALERS) + 2 * len(VALIDATORS) + len(sector_names())
    assert {"job": "litopys-validator-check", "name": "kyiv"} in [group["labels"] for group in groups]


def test_a_database_is_migrated_by_its_owner():
    store = validator_store("kyiv")
    url = "postgresql://litopys@postgres:5433/postgres?passfile=/etc/litopys/database/pgpass"
    assert owner_environment(url, store) == {
        "LITOPYS_OWNER_DATABASE_URL": "postgresql://validator_kyiv_owner@postgres:5433/validator_kyiv"
        "?passfile=/etc/litopys/database/pgpass"
    }
    assert migration(store)[-3:] == [
        *("ledger", "--service-role=validator_kyiv_service", "--reader-role=validator_kyiv_reader")
    ]
    assert "sector" in migration(sector_store("energy"))

"""Where everything is: ports drawn once, names that tell the members apart."""

import pytest

from deploy.local.databases import READER, SERVICE
from deploy.local.layout import Layout, Plan
from deploy.local.members import Members
from deploy.local.network import LocalNetwork
from deploy.local.processes import ProcessFailed
from services.catalogue import sector_names


def test_ports_are_drawn_once_and_kept(tmp_path):
    plan = Plan(kafka_nodes=3, sectors=("registers", "toy"))
    ports = Layout(tmp_path).ports(plan)
    assert Layout(tmp_path).ports(plan) == ports
    assert len(ports.kafka) == 3
    drawn = [*ports.serve.values(), *ports.check.values(), *ports.sealers.values(), *ports.sectors.values()]
    drawn += [port for node in ports.kafka for port in (node.clients, node.controllers)]
    assert len(set(drawn)) == len(drawn) == 6 + 4 + 4 + 2 + 2


def test_every_sector_of_the_build_is_in_the_network():
    assert Plan().sectors == sector_names()


def test_a_network_made_with_other_sectors_is_not_started_but_can_be_stopped(tmp_path):
    LocalNetwork(tmp_path, Plan(sectors=("registers", "weather")))
    network = LocalNetwork(tmp_path, Plan(sectors=("archives", "registers")))
    with pytest.raises(ProcessFailed, match="without archives, with weather, which this build lacks: `make"):
        network.up()
    assert "weather" in [member.process.name for member in network.members.all()]


def test_every_member_is_told_who_it_is(tmp_path):
    layout, plan = Layout(tmp_path), Plan(sectors=("registers",), environment={"LITOPYS_LOG_LEVEL": "debug"})

    def as_role(name, role):
        return f"postgresql:///{name}?user={role}"

    members = list(Members(layout, plan, layout.ports(plan), "127.0.0.1:1", as_role).all())
    by_name = {member.process.name: member.process for member in members}
    assert len(by_name) == len(members) == 4 * 2 + 2 + 1
    assert len({member.port for member in members}) == len(members)
    check = by_name["validator-kyiv-check"]
    assert tuple(check.command[1:]) == ("-m", "services.validator")
    assert check.environment["LITOPYS_ROLE"] == "check"
    assert check.environment["LITOPYS_DATABASE_URL"] == f"postgresql:///validator_kyiv?user={SERVICE}"
    reading = by_name["validator-kyiv-serve"].environment["LITOPYS_DATABASE_URL"]
    assert reading == f"postgresql:///validator_kyiv?user={READER}", "who serves changes nothing"
    assert by_name["registers"].environment["LITOPYS_DATABASE_URL"].endswith(f"?user={SERVICE}")
    assert {one.environment["LITOPYS_KAFKA_PROFILE"] for one in by_name.values()} == {"single"}
    assert "LITOPYS_KEY_FILE" not in by_name["validator-kyiv-serve"].environment, "who serves needs no key"
    assert "LITOPYS_DATABASE_URL" not in by_name["sealer-a"].environment, "a sealer needs no database"
    assert (
        by_name["sealer-b"].environment["LITOPYS_LOG_KEY_FILE"]
        == by_name["sealer-a"].environment["LITOPYS_LOG_KEY_FILE"]
    )
    assert tuple(by_name["registers"].command[1:]) == ("-m", "services.registers")
    assert all(member.process.environment["LITOPYS_LOG_LEVEL"] == "debug" for member in members)

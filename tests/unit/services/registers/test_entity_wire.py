"""Bodies of commands on entities and establishments: each example is decided, persons sealed on the way."""

import pytest
from pydantic import ValidationError

from services.registers.domain.legal_entity import commands as c
from services.registers.wire.entities import ENTITY_BODIES
from services.registers.wire.establishments import ESTABLISHMENT_BODIES
from tests.support.driving import refused
from tests.support.entities import Entity, School


def command_of(bodies, name, stream, /, **changes):
    """Make a command out of a body's example."""
    (example,) = bodies[name].model_json_schema()["examples"]
    return bodies[name].model_validate({**example, **changes}).command(stream.sealing)


def entity(name: str, stream: Entity, **changes):
    return stream.do(command_of(ENTITY_BODIES, name, stream, **changes))


def test_a_life_by_bodies():
    stream = Entity()
    told = entity("register", stream, contacts="+380000000000")
    for name in ("rename", "change-address", "change-activities", "change-capital", "change-statute"):
        told += entity(name, stream)
    told += entity("change-contacts", stream)
    told += entity("appoint-head", stream) + entity("appoint-signer", stream) + entity("dismiss-signer", stream)
    told += entity("join-founder", stream)
    assert stream.state.capital.founders_total == "agrees"
    founder = {"id": stream.state.founders[0].id, "kind": "natural", "name": "Приклад Олена", "share": "1/2"}
    told += entity("change-founder-share", stream, founder=founder) + entity("set-beneficiaries", stream)
    told += entity("start-reorganisation", stream) + entity("revoke-termination", stream)
    told += entity("open-bankruptcy", stream) + entity("close-bankruptcy", stream, number=2)
    told += entity("decide-termination", stream) + entity("leave-founder", stream)
    told += entity("terminate", stream, valid_from="2026-06-01")
    assert told == [
        *("registered", "renamed", "address_changed", "activities_changed", "capital_changed", "statute_changed"),
        *("particulars_changed", "head_appointed", "signer_appointed", "signer_dismissed", "founder_joined"),
        *("founder_share_changed", "beneficiary_set", "reorganisation_started", "termination_revoked"),
        *("bankruptcy_opened", "bankruptcy_closed", "termination_decided", "founder_left", "terminated"),
    ]
    assert entity("cancel-termination", stream, valid_from="2026-07") == ["proposed"]
    assert "Приклад" not in "".join(repr(event.data) for event in stream.events)


def test_a_code_is_checked_on_the_way_in():
    stream = Entity()
    entity("record", stream, code="99000015")
    assert (stream.state.edrpou, stream.state.other_code) == (None, "99000015")
    assert entity("record", Entity()) == ["recorded"]
    with refused("edrpou-check"):
        entity("register", Entity(), edrpou="00000000")


def test_every_body_makes_a_command():
    stream = Entity()
    for bodies in (ENTITY_BODIES, ESTABLISHMENT_BODIES):
        for name in bodies:
            assert command_of(bodies, name, stream) is not None
    assert isinstance(command_of(ENTITY_BODIES, "join-founder", stream), c.JoinFounder)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("register", {"edrpou": "9900001"}),
        ("register", {"name": "ї" * 601}),
        ("record", {"record": "A"}),
        ("change-activities", {"activities": [{"code": "six"}]}),
        ("change-address", {"katottg": "UA1"}),
        ("join-founder", {"founder": {"kind": "natural"}}),
        ("terminate", {"ground": "boredom"}),
        ("appoint-head", {"more": 1}),
    ],
)
def test_what_is_not_well_formed_is_refused(name, changes):
    with pytest.raises(ValidationError):
        command_of(ENTITY_BODIES, name, Entity(), **changes)


def test_an_establishment_by_bodies():
    stream = School()
    told = stream.do(command_of(ESTABLISHMENT_BODIES, "register", stream))
    told += stream.do(command_of(ESTABLISHMENT_BODIES, "change-details", stream, valid_from="2026-04"))
    told += stream.do(command_of(ESTABLISHMENT_BODIES, "close", stream, valid_from="2026-05"))
    assert told == ["registered", "details_changed", "closed"]
    assert stream.events[0].cites == (("legal_entity:0f8fad5bd9cb469fa16570867728950e", 1),)
    recorded = School()
    assert recorded.do(command_of(ESTABLISHMENT_BODIES, "record", recorded)) == ["recorded"]

import json

import pytest
from pydantic import ValidationError

from litopys.errors import Malformed
from services.catalogue import load_domain, load_sector, sector_names
from services.energy.domain.generation_account import commands as a
from services.energy.domain.recording import Record
from services.energy.sector import SECTOR
from services.energy.wire.accounts import STATE_EXAMPLE, AccountRecordBody, OpeningBody, SealedMeteringBody
from services.energy.wire.guarantees import RedemptionBody, TransferBody
from tests.support.driving import sealing

BASIS = {"kind": "registrar", "document": "дані обліку"}


def body(model, /, **members):
    return model.model_validate_json(json.dumps(members))


def example(model):
    return model.model_json_schema()["examples"][0]


@pytest.mark.parametrize("aggregate", SECTOR.aggregates, ids=lambda one: one.name)
def test_every_example_becomes_a_command(aggregate):
    for command_type in aggregate.commands:
        for given in command_type.wire.model_json_schema()["examples"]:
            made = command_type.prepare(body(command_type.wire, **given), sealing())
            assert command_type.needs(made) is not None


@pytest.mark.parametrize("aggregate", SECTOR.aggregates, ids=lambda one: one.name)
def test_the_example_of_a_view_is_a_state(aggregate):
    kind = SECTOR.domains[1].aggregates[aggregate.name]
    state = SECTOR.domains[1].decode_state(kind.name, json.dumps(aggregate.view_example).encode())
    assert aggregate.view(state) == aggregate.view_example
    for name, value in aggregate.search.terms_of(state):
        assert name in aggregate.search.terms
        assert value


def test_a_household_and_its_readings_are_sealed():
    household = {"eic": "62Z0000000000017", "name": "Зразко Олена"}
    opened = body(OpeningBody, **{**example(OpeningBody), "holder": "5" * 32, "owner": household}).command(sealing())
    assert isinstance(opened, a.OpenAccount)
    assert opened.owner.fields["name"] == "Зразко Олена"
    assert len(opened.owner.sd) == 5
    metered = body(SealedMeteringBody, **example(SealedMeteringBody)).command(sealing())
    assert metered.readings.fields == {"readings": [1204, -310]}
    assert len(metered.readings.sd) == 1


def test_a_beneficiary_is_checked_and_flagged_not_refused():
    given = {**example(RedemptionBody)}
    given["beneficiary"] = {**given["beneficiary"], "code": "00000000"}
    made = body(RedemptionBody, **given).command(sealing())
    assert made.beneficiary.fields["code_check"] == "placeholder"


def test_a_household_in_a_recorded_account_has_the_id_of_the_state():
    owner = {"eic": "62Z0000000000017", "name": "Зразко Олена"}
    state = {**STATE_EXAMPLE, "plant": "5" * 32, "owner": "6" * 32, "certified_wh": 0}
    made = body(AccountRecordBody, as_of="2024", state=state, basis=BASIS, owner=owner).command(sealing())
    assert isinstance(made, Record)
    assert made.owner.id == "6" * 32


def test_a_state_that_is_none_is_malformed():
    made = body(AccountRecordBody, as_of="2024", state={**STATE_EXAMPLE, "metered": -1}, basis=BASIS)
    with pytest.raises(Malformed):
        made.command(sealing())


@pytest.mark.parametrize(
    "change",
    [
        {"to": "99XTRADER-ONE--5"},
        {"to": "nobody"},
        {"valid_from": "2024-02-30"},
        {"holder": None},
        {"more": 1},
    ],
)
def test_bodies_are_strict(change):
    with pytest.raises(ValidationError):
        body(TransferBody, **{**example(TransferBody), **change})


def test_the_catalogue_finds_the_sector():
    assert "energy" in sector_names()
    assert load_sector("energy") is SECTOR
    assert load_domain("energy", 1) is SECTOR.domains[1]


@pytest.mark.parametrize("changes", [{"technology": "Зразко Олена"}, {"holder": "Зразко Олена"}, {"Зразко Олена": 1}])
def test_a_state_that_is_none_is_not_quoted(changes):
    given = body(AccountRecordBody, **{**example(AccountRecordBody), "state": {**STATE_EXAMPLE, **changes}})
    with pytest.raises(Malformed, match=r"^the state given is none: ") as refusal:
        given.command(sealing())
    assert "Зразко" not in str(refusal.value)

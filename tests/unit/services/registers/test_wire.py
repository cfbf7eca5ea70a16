import json

import pytest
from pydantic import ValidationError
from stdnum.ua import edrpou, rntrc

from litopys.errors import Malformed, Unavailable
from litopys.service.wire.bodies import CorrectionBody
from litopys.sourcing import commands as common
from services.catalogue import load_domain, load_sector, sector_names
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.views import view
from services.registers.domain.parcel_change import commands as changes
from services.registers.parcel_changes import PARCEL_CHANGES
from services.registers.persons import check_code
from services.registers.sector import LAND_PARCELS
from services.registers.wire.bodies import ParcelBody, TitleBody, TransferBody
from tests.support.parcels import Parcel, sealing

ANNULMENT = next(one.wire for one in LAND_PARCELS.commands if one.name == "annul")
BASIS = {"kind": "contract", "document": "договір 1"}
PERSON = {"kind": "natural", "name": "Зразко Олена", "code": "9900012342"}


def body(model, /, **members):
    return model.model_validate_json(json.dumps(members))


def test_a_body_becomes_a_command_with_its_persons_sealed():
    owners = [{"share": "1/2", "persons": [PERSON, PERSON]}, {"share": "1/2", "persons": [PERSON]}]
    command = body(TitleBody, owners=owners, valid_from="2026-03-01", basis=BASIS).command(sealing())
    assert isinstance(command, c.RegisterTitle)
    persons = [person for owner in command.owners for person in owner.persons]
    assert len({person.id for person in persons}) == 3
    assert len({digest for person in persons for digest in person.sd}) == 18
    assert persons[0].fields["code"] == "9900012342"
    assert command.basis.issued is None


def test_every_example_becomes_a_command():
    for command_type in (*LAND_PARCELS.commands, *PARCEL_CHANGES.commands):
        for example in command_type.wire.model_json_schema()["examples"]:
            made = command_type.prepare(body(command_type.wire, **example), sealing())
            assert type(made).__module__ in (c.__name__, changes.__name__, common.__name__)
            assert command_type.needs(made) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"valid_from": "2026-02-30"},
        {"valid_from": "yesterday"},
        {"owners": []},
        {"owners": [{"share": "0.5", "persons": [PERSON]}]},
        {"owners": [{"share": "1/1", "persons": []}]},
        {"owners": [{"share": "1/1", "persons": [{**PERSON, "name": "a\u0000"}]}]},
        {"ground": "theft"},
        {"consents": [0]},
        {"consents": ["1"]},
        {"more": 1},
        {"basis": {"kind": "contract", "document": ""}},
        {"basis": {"kind": "contract", "document": "ї" * 301}},
    ],
)
def test_bodies_are_strict(change):
    good = {"owners": [{"share": "1/1", "persons": [PERSON]}], "ground": "sale", "valid_from": "2026", "basis": BASIS}
    body(TransferBody, **good)
    with pytest.raises(ValidationError):
        body(TransferBody, **{**good, **change})


def test_a_correction_keeps_the_type_of_its_values():
    for old, new in ((34800, 34801), ("01.01", "01.03"), (None, "text"), (True, False)):
        command = body(CorrectionBody, field="area_m2", old=old, new=new, basis=BASIS).command(sealing())
        assert (command.old, command.new) == (old, new)
        assert type(command.old) is type(old)


def test_the_largest_of_a_parcel_is_taken():
    details = {"purpose_code": "01.01", "ownership": "state", "use": "Для ведення"}
    boundary = {"crs": "EPSG:4326", "kind": "Polygon", "coordinates": "[[[33.9,49.2],[33.8,49.3],[33.9,49.2]]]"}
    made = body(ParcelBody, as_of="2021", area_m2=5, details=details, boundary=boundary, basis=BASIS).command(sealing())
    parcel = Parcel()
    assert parcel.do(made) == ["recorded"]
    assert parcel.state.details.use == "Для ведення"


def test_an_annulment_may_bring_its_state():
    parcel = Parcel().record("1/1")
    given = {"by": "court", "basis": BASIS, "from_moment": "2020", "state": view(parcel.state)}
    assert body(ANNULMENT, **given).command(sealing()).state == parcel.state
    with pytest.raises(Malformed):
        body(ANNULMENT, **{**given, "state": {}}).command(sealing())


def test_codes_are_checked_and_flagged():
    natural = "990010000" + rntrc.calc_check_digit("990010000")
    legal = "9900001" + str(edrpou.calc_check_digit("9900001"))
    assert check_code("natural", natural) == check_code("legal", legal) == "valid"
    assert check_code("natural", natural[:-1] + str((int(natural[-1]) + 1) % 10)) == "failing"
    assert check_code("legal", "00000000") == check_code("legal", "12345679") == "placeholder"
    for bad in ("", "11", "093016", f"{legal} ", "UA" + legal, "٩" * 8):
        assert check_code("legal", bad) == "failing"


def test_the_catalogue_finds_the_sector():
    assert "registers" in sector_names()
    assert load_domain("registers", 1).sector == load_sector("registers").name == "registers"
    for sector, rules in (("registers", 99), ("nowhere", 1)):
        with pytest.raises(Unavailable):
            load_domain(sector, rules)
    with pytest.raises(Unavailable):
        load_sector("nowhere")

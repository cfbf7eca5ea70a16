"""What the registers tell the generic service about themselves."""

from typing import Any, Final

from litopys.service.sector import AggregateType, Sector
from litopys.service.wire.bodies import Body, common_bodies
from litopys.service.wire.commands import command_types
from litopys.sourcing.frame import StandardFrame
from services.registers.bodies import ESTABLISHMENTS, LEGAL_ENTITIES
from services.registers.domain import DOMAINS
from services.registers.domain import SECTOR as NAME
from services.registers.domain.land_parcel.decide import DECIDER
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.land_parcel.state import CADASTRAL_NUMBER
from services.registers.domain.land_parcel.views import view, view_at
from services.registers.gathering import FOR_PARCELS
from services.registers.importers import IMPORTERS
from services.registers.parcel_changes import PARCEL_CHANGES
from services.registers.parcel_searching import PARCEL_SEARCH
from services.registers.persons import PERSONAL
from services.registers.sample import SAMPLES
from services.registers.wire import bodies
from services.registers.wire.change_bodies import ON_PARCELS

_NUMBER: Final = "5322081200:00:001:0003"
_COMMANDS: Final[dict[str, type[Body]]] = {
    "record": bodies.ParcelBody,
    "correct-boundary": bodies.BoundaryBody,
    "value": bodies.ValuationBody,
    "register-title": bodies.TitleBody,
    "transfer-title": bodies.TransferBody,
    "transfer-share": bodies.ShareBody,
    "inherit": bodies.InheritanceBody,
    "register-use-right": bodies.UseRightBody,
    "end-use-right": bodies.EndBody,
    "mortgage": bodies.MortgageBody,
    "consent-to-transfer": bodies.ConsentBody,
    "release-mortgage": bodies.ReleaseBody,
    "impose-seizure": bodies.SeizureBody,
    "lift-seizure": bodies.LiftBody,
    "close": bodies.ClosingBody,
    **ON_PARCELS,
    **common_bodies(
        LAND_PARCEL,
        key_pattern=CADASTRAL_NUMBER,
        key_example=_NUMBER,
        correction={"field": "details/purpose_code", "old": "01.01", "new": "01.03"},
    ),
}


_VIEW_EXAMPLE: Final[dict[str, Any]] = {
    "standing": {"status": "live", "proposals": [], "inconsistent": []},
    "area_m2": 34800,
    "boundary": None,
    "measured_from": None,
    "details": {
        "address": None,
        "category": None,
        "purpose_code": "01.01",
        "purpose": None,
        "use": None,
        "ownership": "private",
    },
    "valuation": None,
    "holdings": [
        {"id": "0f8fad5bd9cb469fa16570867728950e", "share": "1/1", "valid_from": "2026-03-01", "valid_to": None}
    ],
    "use_rights": [],
    "mortgages": [],
    "consents": [],
    "seizures": [],
    "numbers": {"use_right": 0, "mortgage": 0, "seizure": 0},
    "horizon": None,
    "ended_by": None,
}

LAND_PARCELS: Final = AggregateType(
    name="land_parcel",
    plural="land-parcels",
    title="Land parcel with its title and burdens",
    key_pattern=CADASTRAL_NUMBER,
    key_example=_NUMBER,
    commands=command_types(DECIDER, _COMMANDS, begins=frozenset({"record", "foresee"}), gathers=FOR_PARCELS),
    view=view,
    view_at=view_at,
    view_example=_VIEW_EXAMPLE,
    personal=PERSONAL,
    search=PARCEL_SEARCH,
)

SECTOR: Final = Sector(
    name=NAME,
    title="State registers and land titles",
    domains=DOMAINS,
    aggregates=(LAND_PARCELS, PARCEL_CHANGES, LEGAL_ENTITIES, ESTABLISHMENTS),
    frame=StandardFrame(),
    importers=IMPORTERS,
    samples=SAMPLES,
)

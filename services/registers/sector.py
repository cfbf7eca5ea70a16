"""What the registers tell the generic service about themselves."""

from typing import Any, Final

from litopys.service.sealing import Sealing
from litopys.service.sector import AggregateType, CommandType, Sector
from litopys.sourcing.frame import StandardFrame
from services.registers.domain import DOMAINS
from services.registers.domain import SECTOR as NAME
from services.registers.domain.land_parcel.decide import decide, facts_needed
from services.registers.domain.land_parcel.state import CADASTRAL_NUMBER
from services.registers.domain.land_parcel.views import view, view_at
from services.registers.importers import IMPORTERS
from services.registers.sample import sample
from services.registers.wire import bodies

_COMMANDS: Final[dict[str, type[bodies.Body]]] = {
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
    "divide": bodies.DivisionBody,
    "merge": bodies.MergerBody,
    "close": bodies.ClosingBody,
    "correct": bodies.CorrectionBody,
    "annul": bodies.AnnulmentBody,
    "reinstate": bodies.ReinstatementBody,
    "supersede": bodies.SupersessionBody,
    "approve": bodies.ApprovalBody,
}


def _prepare(body: bodies.Body, sealing: Sealing) -> object:
    return body.command(sealing)


def _command_type(name: str, body: type[bodies.Body]) -> CommandType:
    return CommandType(
        name=name,
        summary=(body.__doc__ or name).strip().split("\n")[0],
        wire=body,
        prepare=_prepare,
        decide=decide,
        needs=facts_needed,
        begins=body is bodies.ParcelBody,
    )


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
    key_example="5322081200:00:001:0003",
    commands=tuple(_command_type(name, body) for name, body in _COMMANDS.items()),
    view=view,
    view_at=view_at,
    view_example=_VIEW_EXAMPLE,
)

SECTOR: Final = Sector(
    name=NAME,
    title="State registers and land titles",
    domains=DOMAINS,
    aggregates=(LAND_PARCELS,),
    frame=StandardFrame(),
    importers=IMPORTERS,
    sample=sample,
)

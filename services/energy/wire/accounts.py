"""Bodies of the commands on a generation account."""

from typing import Annotated, Any, Literal

from pydantic import Field

from litopys.service.sealing import Sealing
from litopys.service.wire.bodies import Body, example
from litopys.service.wire.parts import BasisPart, MomentText, NumberField
from litopys.sourcing.common import Imported
from services.energy.domain.generation_account import commands as c
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.recording import Record
from services.energy.wire.bodies import APPLICATION, COURT, METERS, RecordBody
from services.energy.wire.parts import (
    HolderText,
    HouseholdPart,
    InstantText,
    ReadingPart,
    SealedReadingsPart,
    SumField,
    TechnologyText,
)

_BEGIN = "2024-02-29T22:00:00Z"
_HOUR = "2024-03-01T09:00:00Z"
_AFTER = "2024-04-10"
_STATE: dict[str, Any] = {
    "standing": {"status": "live", "proposals": [], "inconsistent": []},
    "plant": "99WUA-GB-SOLAR-V",
    "month": "2024-03",
    "valid_from": _BEGIN,
    "valid_to": "2024-03-31T21:00:00Z",
    "interval": "PT60M",
    "technology": "solar",
    "holder": "99XGUAR-BUYER--D",
    "owner": None,
    "net_rule": "net_of_consumption",
    "carry_rule": "remainder",
    "carried_in_wh": 0,
    "hours": "",
    "metered": 0,
    "fed_wh": 0,
    "drawn_wh": 0,
    "certified_wh": None,
    "issued": 0,
    "numbers": 0,
    "certificates": [],
    "withdrawn": [],
    "closing": None,
}
STATE_EXAMPLE = _STATE

ReadingsField = Annotated[tuple[ReadingPart, ...], Field(min_length=1, max_length=100, strict=False)]
HourField = Annotated[tuple[ReadingPart, ...], Field(min_length=1, max_length=4, strict=False)]


class AccountRecordBody(RecordBody):
    """Take a month's account over as another register held it; a household in it is described."""

    model_config = example(as_of="2024-04-01", state=_STATE, basis=APPLICATION)
    carries = AccountState
    owner: HouseholdPart | None = None

    def command(self, sealing: Sealing, imported: Imported | None = None) -> object:
        """Make the domain's command; the household gets the id that the state gives it."""
        made = super().command(sealing, imported)
        if self.owner is None or not isinstance(made, Record):
            return made
        sealed = self.owner.seal(sealing)
        return Record(
            as_of=made.as_of,
            state=made.state,
            basis=made.basis,
            owner=sealed._replace(id=made.state.owner or sealed.id),
            imported=imported,
        )


class OpeningBody(Body):
    """Begin a month: how negative hours count, what becomes of a remainder, what last month left over if it is known.

    A household is described; its account is named by a random id.
    """

    model_config = example(
        valid_from=_BEGIN,
        valid_to="2024-03-31T21:00:00Z",
        interval="PT60M",
        technology="solar",
        holder="99XGUAR-BUYER--D",
        net_rule="net_of_consumption",
        carry_rule="remainder",
        carried_in_wh=0,
        basis=APPLICATION,
    )
    makes = c.OpenAccount
    valid_from: InstantText
    valid_to: InstantText
    interval: Literal["PT15M", "PT30M", "PT60M"]
    technology: TechnologyText
    holder: HolderText
    net_rule: Literal["net_of_consumption", "gross"]
    carry_rule: Literal["remainder", "lapse"]
    basis: BasisPart
    owner: HouseholdPart | None = None
    carried_in_wh: SumField | None = None
    closed_at: NumberField | None = None


class CarryBody(Body):
    """Enter what last month left over; name the version of its closing unless that is nothing."""

    model_config = example(carried_in_wh=417_000, closed_at=748, basis=METERS)
    makes = c.CarryRemainder
    carried_in_wh: SumField
    basis: BasisPart
    closed_at: NumberField | None = None


class MeteringBody(Body):
    """Enter readings of successive intervals, whole hours of them."""

    model_config = example(valid_from=_HOUR, readings=[{"wh": 14_171_000, "raw": "14.171"}], basis=METERS)
    makes = c.MeterOutput
    valid_from: InstantText
    readings: ReadingsField
    basis: BasisPart


class ReadingBody(Body):
    """Put the readings of one hour right: the version of the event that they stand in, the old ones, the new ones."""

    model_config = example(
        valid_from=_HOUR, corrects=12, old=[{"wh": 14_171_000, "raw": "14.171"}], new=[{"wh": 14_117_000}], basis=METERS
    )
    makes = c.CorrectReading
    valid_from: InstantText
    corrects: NumberField
    old: HourField
    new: HourField
    basis: BasisPart


class SealedMeteringBody(Body):
    """Enter readings of a household: the ledger gets their digest."""

    model_config = example(valid_from=_HOUR, hours=2, readings={"wh": [1_204, -310]}, basis=METERS)
    makes = c.MeterSealedOutput
    valid_from: InstantText
    hours: Annotated[int, Field(ge=1, le=745)]
    readings: SealedReadingsPart
    basis: BasisPart


class SealedReadingBody(Body):
    """Put one hour of a household right."""

    model_config = example(valid_from=_HOUR, corrects=2, readings={"wh": [1_024]}, basis=METERS)
    makes = c.CorrectSealedReading
    valid_from: InstantText
    corrects: NumberField
    readings: SealedReadingsPart
    basis: BasisPart


class SumBody(Body):
    """Enter the public sum of a household's month."""

    model_config = example(certified_wh=3_204_118, basis=METERS)
    makes = c.CertifyOutput
    certified_wh: Annotated[int, Field(ge=0, lt=2**53)]
    basis: BasisPart


class CertificateBody(Body):
    """Certify whole MWh of a month that is over; without a number, all that there are."""

    model_config = example(valid_from=_AFTER, basis=METERS)
    makes = c.IssueCertificate
    valid_from: MomentText
    basis: BasisPart
    mwh: NumberField | None = None


class UseBody(Body):
    """Enter that the guarantee of a certificate stands: the certificate is used up."""

    model_config = example(number=1, valid_from=_AFTER, basis=METERS)
    makes = c.UseCertificate
    number: NumberField
    valid_from: MomentText
    basis: BasisPart


class TakingBackBody(Body):
    """Propose to take certified units back; name the version of their guarantee's withdrawal, if they had one."""

    model_config = example(first=1, last=200, withdrawn_at=4, valid_from=_AFTER, basis=COURT)
    makes = c.WithdrawCertificate
    first: NumberField
    last: NumberField
    valid_from: MomentText
    basis: BasisPart
    withdrawn_at: NumberField | None = None


class ClosingBody(Body):
    """Settle the month: its sums, its gaps, and what goes on to the next month."""

    model_config = example(valid_from=_AFTER, basis=METERS)
    makes = c.CloseAccount
    valid_from: MomentText
    basis: BasisPart

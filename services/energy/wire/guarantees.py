"""Bodies of the commands on a guarantee of origin."""

from typing import Annotated, Any

from pydantic import Field

from litopys.service.wire.bodies import Body, example
from litopys.service.wire.parts import BasisPart, MomentText, NumberField
from services.energy.domain.guarantee_of_origin import commands as c
from services.energy.domain.guarantee_of_origin.state import BATCH_KEY, GuaranteeState
from services.energy.wire.bodies import APPLICATION, COURT, RecordBody
from services.energy.wire.parts import BeneficiaryPart, HolderText, InstantText, TechnologyText

BATCH_EXAMPLE = "99WUA-GB-SOLAR-V:2024-03:1-435014"
_HOLDER, _OTHER = "99XGUAR-BUYER--D", "99XTRADER-ONE--4"
_FROM, _TO = "2024-02-29T22:00:00Z", "2024-03-31T21:00:00Z"
_ON = "2024-05-02"
STATE_EXAMPLE: dict[str, Any] = {
    "standing": {"status": "live", "proposals": [], "inconsistent": []},
    "account": "generation_account:99WUA-GB-SOLAR-V:2024-03",
    "first": 1,
    "last": 435_014,
    "produced_from": _FROM,
    "produced_to": _TO,
    "technology": "solar",
    "holder": _HOLDER,
    "since": "2024-04-10",
    "held_since": "2024-04-10",
    "transfer_until": "2025-03-31T21:00:00Z",
    "expires": "2025-09-30T21:00:00Z",
    "beneficiary": None,
    "ended_by": None,
}


class BatchRecordBody(RecordBody):
    """Take a batch over as another register held it."""

    model_config = example(as_of="2024-06-01", state=STATE_EXAMPLE, basis=APPLICATION)
    carries = GuaranteeState


class IssueBody(Body):
    """Begin a batch with a certificate of its account: the certificate's number, and the version of its event."""

    model_config = example(
        certificate=1,
        certified_at=746,
        produced_from=_FROM,
        produced_to=_TO,
        technology="solar",
        holder=_HOLDER,
        valid_from="2024-04-10",
        basis=APPLICATION,
    )
    makes = c.IssueGuarantee
    certificate: NumberField
    certified_at: NumberField
    produced_from: InstantText
    produced_to: InstantText
    technology: TechnologyText
    holder: HolderText
    valid_from: MomentText
    basis: BasisPart


class SeparationBody(Body):
    """Begin a part of a batch that was split: the version of the split, and all else as in that batch."""

    model_config = example(
        parent=f"guarantee_of_origin:{BATCH_EXAMPLE}",
        split_at=2,
        produced_from=_FROM,
        produced_to=_TO,
        technology="solar",
        holder=_HOLDER,
        transfer_until="2025-03-31T21:00:00Z",
        expires="2025-09-30T21:00:00Z",
        valid_from=_ON,
        basis=APPLICATION,
    )
    makes = c.SeparateGuarantee
    parent: Annotated[str, Field(pattern=f"^guarantee_of_origin:(?:{BATCH_KEY})$")]
    split_at: NumberField
    produced_from: InstantText
    produced_to: InstantText
    technology: TechnologyText
    holder: HolderText
    transfer_until: InstantText
    expires: InstantText
    valid_from: MomentText
    basis: BasisPart


class SplitBody(Body):
    """Split the batch into parts of these many MWh, one after another."""

    model_config = example(holder=_HOLDER, mwh=[400_000, 35_014], valid_from=_ON, basis=APPLICATION)
    makes = c.SplitGuarantee
    holder: HolderText
    mwh: Annotated[tuple[NumberField, ...], Field(min_length=2, max_length=32, strict=False)]
    valid_from: MomentText
    basis: BasisPart


class TransferBody(Body):
    """Pass the batch on to another holder."""

    model_config = example(holder=_HOLDER, to=_OTHER, valid_from=_ON, basis=APPLICATION)
    makes = c.TransferGuarantee
    holder: HolderText
    to: HolderText
    valid_from: MomentText
    basis: BasisPart


class RedemptionBody(Body):
    """Use the batch up for somebody's consumption."""

    model_config = example(
        holder=_HOLDER,
        beneficiary={"kind": "legal", "name": "ТОВ «Зразковий завод»", "code": "99000015", "country": "UA"},
        valid_from=_ON,
        basis=APPLICATION,
    )
    makes = c.RedeemGuarantee
    holder: HolderText
    beneficiary: BeneficiaryPart
    valid_from: MomentText
    basis: BasisPart


class ExpiryBody(Body):
    """Enter that the batch was not redeemed in time."""

    model_config = example(basis={"kind": "law", "document": "строк дії гарантії"})
    makes = c.ExpireGuarantee
    basis: BasisPart


class WithdrawalBody(Body):
    """Propose that the batch should not have been issued; another person approves."""

    model_config = example(valid_from=_ON, basis=COURT)
    makes = c.WithdrawGuarantee
    valid_from: MomentText
    basis: BasisPart

"""What energy tells the generic service about itself."""

from typing import Final

from litopys.service.sector import AggregateType, Sector
from litopys.service.wire.bodies import Body, common_bodies
from litopys.service.wire.commands import command_types
from litopys.sourcing.frame import StandardFrame
from services.energy import gathers, searches
from services.energy.domain import DOMAINS
from services.energy.domain import SECTOR as NAME
from services.energy.domain.generation_account import decide as deciding_accounts
from services.energy.domain.generation_account import views as of_account
from services.energy.domain.generation_account.evolve import GENERATION_ACCOUNT
from services.energy.domain.guarantee_of_origin import decide as deciding_batches
from services.energy.domain.guarantee_of_origin import views as of_batch
from services.energy.domain.guarantee_of_origin.evolve import GUARANTEE_OF_ORIGIN
from services.energy.domain.guarantee_of_origin.state import BATCH_KEY
from services.energy.domain.market_interval import decide as deciding_market
from services.energy.domain.market_interval import views as of_interval
from services.energy.domain.market_interval.evolve import MARKET_INTERVAL
from services.energy.domain.market_interval.state import INTERVAL_KEY
from services.energy.domain.measures import ACCOUNT_KEY
from services.energy.importers import IMPORTERS
from services.energy.parties import BENEFICIARY, HOUSEHOLD
from services.energy.sample import SAMPLES
from services.energy.wire import accounts, guarantees, market

_ACCOUNT: Final = "99WUA-GB-SOLAR-V:2024-03"

_ON_ACCOUNTS: Final[dict[str, type[Body]]] = {
    "record": accounts.AccountRecordBody,
    "open": accounts.OpeningBody,
    "carry-remainder": accounts.CarryBody,
    "meter": accounts.MeteringBody,
    "correct-reading": accounts.ReadingBody,
    "meter-sealed": accounts.SealedMeteringBody,
    "correct-sealed-reading": accounts.SealedReadingBody,
    "certify-output": accounts.SumBody,
    "issue-certificate": accounts.CertificateBody,
    "use-certificate": accounts.UseBody,
    "withdraw-certificate": accounts.TakingBackBody,
    "close": accounts.ClosingBody,
    **common_bodies(
        GENERATION_ACCOUNT,
        key_pattern=ACCOUNT_KEY,
        key_example=_ACCOUNT,
        correction={"field": "technology", "old": "solar", "new": "mixed"},
    ),
}
_ON_BATCHES: Final[dict[str, type[Body]]] = {
    "record": guarantees.BatchRecordBody,
    "issue": guarantees.IssueBody,
    "separate": guarantees.SeparationBody,
    "split": guarantees.SplitBody,
    "transfer": guarantees.TransferBody,
    "redeem": guarantees.RedemptionBody,
    "expire": guarantees.ExpiryBody,
    "withdraw": guarantees.WithdrawalBody,
    **common_bodies(
        GUARANTEE_OF_ORIGIN,
        key_pattern=BATCH_KEY,
        key_example=guarantees.BATCH_EXAMPLE,
        correction={"field": "technology", "old": "solar", "new": "mixed"},
    ),
}
_ON_INTERVALS: Final[dict[str, type[Body]]] = {
    "record": market.IntervalRecordBody,
    "clear": market.ClearingBody,
    **common_bodies(
        MARKET_INTERVAL,
        key_pattern=INTERVAL_KEY,
        key_example=market.INTERVAL_EXAMPLE,
        correction={"field": "price/minor", "old": 299_990, "new": 299_900},
    ),
}

GENERATION_ACCOUNTS: Final = AggregateType(
    name="generation_account",
    plural="generation-accounts",
    title="Generation account of a month",
    key_pattern=ACCOUNT_KEY,
    key_example=_ACCOUNT,
    commands=command_types(
        deciding_accounts.DECIDER, _ON_ACCOUNTS, begins=frozenset({"record", "open"}), gathers=gathers.ON_ACCOUNTS
    ),
    view=of_account.view,
    view_at=of_account.view_at,
    view_example=accounts.STATE_EXAMPLE,
    search=searches.ACCOUNTS,
    personal=HOUSEHOLD,
)
GUARANTEES_OF_ORIGIN: Final = AggregateType(
    name="guarantee_of_origin",
    plural="guarantees-of-origin",
    title="Guarantee of origin: a batch of megawatt hours",
    key_pattern=BATCH_KEY,
    key_example=guarantees.BATCH_EXAMPLE,
    commands=command_types(
        deciding_batches.DECIDER,
        _ON_BATCHES,
        begins=frozenset({"record", "issue", "separate"}),
        gathers=gathers.ON_BATCHES,
    ),
    view=of_batch.view,
    view_at=of_batch.view_at,
    view_example=guarantees.STATE_EXAMPLE,
    search=searches.BATCHES,
    personal=BENEFICIARY,
)
MARKET_INTERVALS: Final = AggregateType(
    name="market_interval",
    plural="market-intervals",
    title="Market interval with its price",
    key_pattern=INTERVAL_KEY,
    key_example=market.INTERVAL_EXAMPLE,
    commands=command_types(deciding_market.DECIDER, _ON_INTERVALS, begins=frozenset({"record", "clear"})),
    view=of_interval.view,
    view_at=of_interval.view_at,
    view_example=market.STATE_EXAMPLE,
    search=searches.INTERVALS,
)

SECTOR: Final = Sector(
    name=NAME,
    title="Energy: generation, guarantees of origin, market",
    domains=DOMAINS,
    aggregates=(GENERATION_ACCOUNTS, GUARANTEES_OF_ORIGIN, MARKET_INTERVALS),
    frame=StandardFrame(),
    importers=IMPORTERS,
    samples=SAMPLES,
)

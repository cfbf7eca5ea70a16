"""What a checking core is given, from outside and once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from litopys.steps import Passing, pass_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from litopys.ledger.network import Network
    from litopys.note.vkeys import Signer
    from litopys.sourcing import Domain
    from services.validator.settings import ValidatorSettings
    from services.validator.standing import Standing


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """Who the core is, what it may load, whom it tells."""

    settings: ValidatorSettings
    network: Network
    signer: Signer
    load_domain: Callable[[str, int], Domain]
    standing: Standing
    passing: Passing = pass_on
    """Told of every durable step; a test may end the process there."""

"""Ledger rules of certificates: whole MWh of what was metered, each used up by one guarantee of origin."""

import dataclasses

from litopys.errors import RuleViolated
from litopys.sourcing.facts import Fact
from services.energy.domain.generation_account.account import check_carry_known, check_not_closed, merged
from services.energy.domain.generation_account.events import CertificateIssued, CertificateUsed, CertificateWithdrawn
from services.energy.domain.generation_account.state import (
    MOST_CERTIFICATES,
    MOST_WITHDRAWN,
    AccountState,
    Certificate,
    Units,
)
from services.energy.domain.generation_account.sums import remainder_wh
from services.energy.domain.measures import WH_PER_MWH


def issue(state: AccountState, fact: Fact) -> AccountState:
    """Certify whole MWh under the next numbers, never more than there is."""
    data: CertificateIssued = fact.data  # type: ignore[assignment]
    check_not_closed(state)
    check_carry_known(state)
    if data.number != state.numbers + 1 or data.first != state.issued + 1 or data.last < data.first:
        raise RuleViolated("number", f"certificate {state.numbers + 1} begins with unit {state.issued + 1}")
    remainder = remainder_wh(state)
    if remainder < 0:
        raise RuleViolated("deficit", "more is certified than was metered: nothing is issued until that is made good")
    if (data.last - data.first + 1) * WH_PER_MWH > remainder:
        raise RuleViolated("exceeds-output", f"there are {remainder // WH_PER_MWH} MWh to certify")
    if len(state.certificates) == MOST_CERTIFICATES:
        raise RuleViolated("too-many", f"at most {MOST_CERTIFICATES} certificates wait for their guarantees")
    certificate = Certificate(data.number, data.first, data.last)
    return dataclasses.replace(
        state, issued=data.last, numbers=data.number, certificates=(*state.certificates, certificate)
    )


def use(state: AccountState, fact: Fact) -> AccountState:
    """Remember that a guarantee used the certificate up; the guarantee of just its units is cited."""
    data: CertificateUsed = fact.data  # type: ignore[assignment]
    for certificate in state.certificates:
        if certificate.number == data.number:
            _check_cites(fact, certificate.first, certificate.last)
            return _without(state, certificate)
    raise RuleViolated("no-such-certificate", "no unused certificate has this number")


def withdraw(state: AccountState, fact: Fact) -> AccountState:
    """Take units back: a whole certificate that is not used, or what a withdrawn guarantee held."""
    data: CertificateWithdrawn = fact.data  # type: ignore[assignment]
    units = Units(data.first, data.last)
    if not data.first <= data.last <= state.issued:
        raise RuleViolated("no-such-certificate", "these units were not issued")
    if any(_overlap(units, held) for held in state.withdrawn):
        raise RuleViolated("withdrawn-already", "some of these units are withdrawn")
    unused = [certificate for certificate in state.certificates if _overlap(units, certificate)]
    if unused:
        if (unused[0].first, unused[0].last) != (data.first, data.last):
            raise RuleViolated("no-such-certificate", "a certificate that is not used is withdrawn whole")
        state = _without(state, unused[0])
    elif data.withdrawn_at is None:
        raise RuleViolated("guarantee-not-cited", "what a guarantee held comes back by its withdrawal")
    else:
        _check_cites(fact, data.first, data.last)
    withdrawn = merged((*state.withdrawn, units))
    if len(withdrawn) > MOST_WITHDRAWN:
        raise RuleViolated("too-many", f"units are withdrawn in at most {MOST_WITHDRAWN} places")
    return dataclasses.replace(state, withdrawn=withdrawn)


def guarantee_of(subject: str, first: int, last: int) -> str:
    """Name the guarantee of origin of some units of an account."""
    return f"guarantee_of_origin:{subject.partition(':')[2]}:{first}-{last}"


def _check_cites(fact: Fact, first: int, last: int) -> None:
    guarantee = guarantee_of(fact.subject, first, last)
    if not any(cited.subject == guarantee for cited in fact.cites):
        raise RuleViolated("guarantee-not-cited", "the guarantee of origin of just these units is cited")


def _overlap(one: Units, other: Units | Certificate) -> bool:
    return one.first <= other.last and other.first <= one.last


def _without(state: AccountState, certificate: Certificate) -> AccountState:
    kept = tuple(held for held in state.certificates if held != certificate)
    return dataclasses.replace(state, certificates=kept)

"""Parcels with titles and life cycles, as `sample` writes them: the cadastre's feature with `title` and `history`.

`title`: `{"since", "registrar", "owners": [{"label", "share", "persons": [{"kind", "name", "code", "document",
"address"}]}]}`, or null. `history`: acts in the order in which they happened, each with `act`, `on` and `document` and
what the act needs; a label names a holder within its row. Nothing unknown is passed over.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.exports.decimals import minor_units
from litopys.exports.json_text import NumberText
from litopys.exports.rows import Row
from litopys.postgres.sector_changes import Address
from litopys.service.imports.importer import ImportMark, Target, Verdict
from litopys.service.sealing import Sealing
from litopys.sourcing.common import Basis, Imported
from litopys.sourcing.context import Context
from litopys.sourcing.episode import Episode
from litopys.sourcing.moments import is_moment
from litopys.sourcing.money import Money
from litopys.sourcing.personal import SealedPerson
from litopys.sourcing.spans import at
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.decide import DECIDER
from services.registers.domain.land_parcel.state import ParcelState
from services.registers.importers.cadastre import read_cadastre_row
from services.registers.importers.deciding import change_parcel, check_is_parcel, imported, take_over
from services.registers.persons import PlainPerson, seal_person

TITLE_FIELDS: Final = frozenset({"title", "history"})


def decide_title(
    row: Row,
    target: Target,
    state: ParcelState | None,
    *,
    context: Context,
    mark: ImportMark,
    sealing: Sealing,
    already: bool,
    before: Mapping[str, Address],
) -> Verdict:
    """Decide on a row: the parcel with its title is taken over, then each act of its history is entered."""
    del target, before  # a row is about its parcel alone
    said = read_cadastre_row(row, elsewhere=TITLE_FIELDS)
    episode = Episode(DECIDER, state, context)
    check_is_parcel(state)
    if state is not None:
        # What is known of the title came from here or from officers; a second history cannot be told apart from it.
        change_parcel(said, episode, mark, already=already)
        return Verdict(episode.decided)
    reading = _Reading(episode, sealing, imported(mark))
    given = row.value.properties
    title = given.get("title")
    known = {} if title is None else reading.title(title)
    episode.do(take_over(said, context, mark, **known))
    for act in _list(given.get("history", []), "history"):
        reading.act(act)
    return Verdict(episode.decided)


class _Reading:
    """The reading of one row: which label names which holder, and what each act becomes."""

    def __init__(self, episode: Episode, sealing: Sealing, mark: Imported) -> None:
        self._episode = episode
        self._sealing = sealing
        self._mark = mark
        self._holders: dict[str, str] = {}

    def title(self, given: object) -> dict[str, Any]:
        """Read the title with which a parcel is taken over."""
        title = _members(given, "since", "registrar", "owners")
        since = _day(title["since"])
        return {
            "owners": self._owners(title["owners"]),
            "owned_since": since,
            "registrar": _text(title["registrar"]),
            "registered": since,
        }

    def act(self, given: object) -> None:
        """Enter one act; raises RuleViolated where it is not known or a rule refuses it."""
        if not isinstance(given, dict) or given.get("act") not in _ACTS:
            raise RuleViolated("history-form", "an act of the history is not known")
        names, make = _ACTS[str(given["act"])]
        act = _members(given, "act", "on", "document", *names)
        basis = Basis("migration", _text(act["document"]), _day(act["on"]))
        self._episode.do(make(self, act, {"valid_from": _day(act["on"]), "basis": basis, "imported": self._mark}))

    def transfer_title(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """Pass the whole title on."""
        consents = self._consents(common["valid_from"])
        owners = self._owners(act["owners"])
        return c.TransferTitle(owners=owners, ground=_text(act["ground"]), consents=consents, **common)

    def transfer_share(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """Pass a share on."""
        return c.TransferShare(
            holder=self._holder(act["holder"]),
            owners=self._owners(act["owners"]),
            ground=_text(act["ground"]),
            consents=self._consents(common["valid_from"]),
            **common,
        )

    def inherit(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """Pass a share to heirs."""
        return c.Inherit(holder=self._holder(act["holder"]), owners=self._owners(act["owners"]), **common)

    def register_use_right(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """Enter a right of use."""
        person = self._person(act["holder"])
        return c.RegisterUseRight(kind=_text(act["kind"]), holder=person, valid_to=_day_or_none(act["until"]), **common)

    def end_use_right(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """End a right of use."""
        return c.EndUseRight(number=_number(act["number"]), **common)

    def mortgage(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """Enter a mortgage by all holders."""
        amount = Money(minor_units(_text(act["amount"])), "UAH")
        mortgagee = self._person(act["mortgagee"])
        return c.MortgageParcel(mortgagee=mortgagee, amount=amount, valid_to=_day_or_none(act["until"]), **common)

    def consent_to_transfer(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """Enter a mortgagee's consent."""
        return c.ConsentToTransfer(mortgage=_number(act["mortgage"]), valid_to=_day_or_none(act["until"]), **common)

    def release_mortgage(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """End a mortgage."""
        return c.ReleaseMortgage(number=_number(act["number"]), **common)

    def impose_seizure(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """Enter a seizure."""
        return c.ImposeSeizure(authority=_text(act["authority"]), valid_to=_day_or_none(act["until"]), **common)

    def lift_seizure(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """End a seizure."""
        return c.LiftSeizure(number=_number(act["number"]), **common)

    def value(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """Enter a valuation."""
        return c.Value(amount=Money(minor_units(_text(act["amount"])), "UAH"), **common)

    def close(self, act: dict[str, Any], common: dict[str, Any]) -> object:
        """End the parcel's record."""
        return c.Close(reason=_text(act["reason"]), **common)

    def _owners(self, given: object) -> tuple[c.Owning, ...]:
        return tuple(self._owner(owner) for owner in _list(given, "owners"))

    def _owner(self, given: object) -> c.Owning:
        owner = _members(given, "label", "share", "persons")
        persons = tuple(self._person(person) for person in _list(owner["persons"], "persons"))
        if not persons:
            raise RuleViolated("history-form", "a holder is at least one person")
        self._holders[_text(owner["label"])] = persons[0].id
        return c.Owning(share=_text(owner["share"]), persons=persons)

    def _person(self, given: object) -> SealedPerson:
        person = _members(given, "kind", "name", "code", "document", "address")
        if person["kind"] not in ("natural", "legal"):
            raise RuleViolated("history-form", "a person is natural or legal")
        plain = PlainPerson(
            kind=person["kind"],
            name=_text(person["name"]),
            code=_text_or_none(person["code"]),
            document=_text_or_none(person["document"]),
            address=_text_or_none(person["address"]),
        )
        return seal_person(self._sealing, plain)

    def _holder(self, label: object) -> str:
        holder = self._holders.get(_text(label))
        if holder is None:
            raise RuleViolated("history-form", "a label names no holder of this row")
        return holder

    def _consents(self, moment: str) -> tuple[int, ...]:
        """Use what consents there are to the mortgages of that time, one each."""
        state = self._episode.state
        burdens = {mortgage.number for mortgage in at(state.mortgages, moment)}
        usable = {consent.mortgage: consent.version for consent in at(state.consents, moment)}
        return tuple(sorted(version for mortgage, version in usable.items() if mortgage in burdens))


_Make = Callable[[_Reading, dict[str, Any], dict[str, Any]], object]
_ACTS: Final[Mapping[str, tuple[tuple[str, ...], _Make]]] = {
    "transfer_title": (("ground", "owners"), _Reading.transfer_title),
    "transfer_share": (("holder", "ground", "owners"), _Reading.transfer_share),
    "inherit": (("holder", "owners"), _Reading.inherit),
    "register_use_right": (("kind", "holder", "until"), _Reading.register_use_right),
    "end_use_right": (("number",), _Reading.end_use_right),
    "mortgage": (("mortgagee", "amount", "until"), _Reading.mortgage),
    "consent_to_transfer": (("mortgage", "until"), _Reading.consent_to_transfer),
    "release_mortgage": (("number",), _Reading.release_mortgage),
    "impose_seizure": (("authority", "until"), _Reading.impose_seizure),
    "lift_seizure": (("number",), _Reading.lift_seizure),
    "value": (("amount",), _Reading.value),
    "close": (("reason",), _Reading.close),
}


def _members(given: object, *names: str) -> dict[str, Any]:
    if not isinstance(given, dict) or set(given) != set(names):
        raise RuleViolated("history-form", f"an object of exactly {', '.join(names)} is expected")
    return given


def _list(given: object, name: str) -> list[Any]:
    if not isinstance(given, list):
        raise RuleViolated("history-form", f"{name} is no list")
    return given


def _text(given: object) -> str:
    if not isinstance(given, str) or isinstance(given, NumberText):
        raise RuleViolated("history-form", "a text is expected")
    return given


def _text_or_none(given: object) -> str | None:
    return None if given is None else _text(given)


def _day(given: object) -> str:
    text = _text(given)
    if not is_moment(text):
        raise RuleViolated("history-form", "a date is no real one")
    return text


def _day_or_none(given: object) -> str | None:
    return None if given is None else _day(given)


def _number(given: object) -> int:
    if not (isinstance(given, NumberText) and given.isdigit() and len(given) < 16):
        raise RuleViolated("history-form", "a number is expected")
    return int(given)

"""Legal entities and establishments as the generic service is told of them."""

from typing import Any, Final

from litopys.service.sector import AggregateType
from litopys.service.wire.commands import command_types
from services.registers.domain.establishment.decide import DECIDER as ESTABLISHMENT_DECIDER
from services.registers.domain.establishment.state import KEY
from services.registers.domain.establishment.views import view as establishment_view
from services.registers.domain.establishment.views import view_at as establishment_view_at
from services.registers.domain.legal_entity.decide import DECIDER as ENTITY_DECIDER
from services.registers.domain.legal_entity.views import view as entity_view
from services.registers.domain.legal_entity.views import view_at as entity_view_at
from services.registers.persons_behind import PERSONAL
from services.registers.searching import ENTITY_SEARCH, ESTABLISHMENT_SEARCH
from services.registers.wire import entities, establishments

_STANDING: Final = {"status": "live", "proposals": [], "inconsistent": []}
_OPENERS: Final = frozenset({"record", "register"})
_SINCE: Final = "2026-03-01"

_ENTITY_EXAMPLE: Final[dict[str, Any]] = {
    "standing": _STANDING,
    "edrpou": "99000011",
    "other_code": None,
    "record": "10974953",
    "form": "ТОВ",
    "registered": _SINCE,
    "naming": {"name": "ТОВ «ПРИКЛАД»", "short_name": None, "valid_from": _SINCE},
    "address": {"text": "місто Вигадане", "katottg": None, "koatuu": None, "valid_from": _SINCE},
    "activities": {"primary": "62.01", "others": ["58.29"], "valid_from": _SINCE},
    "capital": {
        "amount": {"minor": 10000000, "currency": "UAH"},
        "founders_total": "agrees",
        "valid_from": _SINCE,
    },
    "statute": {"text": "статут", "model": None, "valid_from": None},
    "heads": [{"id": "0f8fad5bd9cb469fa16570867728950e", "valid_from": _SINCE, "valid_to": None}],
    "signers": [],
    "other_signers": "",
    "founders": [
        {"number": 1, "id": "1f8fad5bd9cb469fa16570867728950e", "valid_from": _SINCE, "valid_to": None},
    ],
    "other_founders": "",
    "beneficiaries": [],
    "other_beneficiaries": 0,
    "proceedings": [],
    "terminations": [],
    "numbers": {"signer": 0, "founder": 1, "proceeding": 0, "termination": 0},
    "particulars": None,
    "beside": "2f8fad5bd9cb469fa16570867728950e",
    "horizon": None,
}
_ESTABLISHMENT_EXAMPLE: Final[dict[str, Any]] = {
    "standing": _STANDING,
    "opened": _SINCE,
    "details": {
        "name": "Ліцей № 1",
        "kind": "заклад середньої освіти",
        "type": "ліцей",
        "level": "I-III",
        "financing": "комунальна",
        "language": None,
        "site": None,
    },
    "place": {
        "address": "вул. Уявна, 1",
        "postcode": "99001",
        "settlement": "Вигадане",
        "settlement_kind": "МІСТО",
        "region": None,
        "koatuu": "9910100000",
        "katottg": None,
    },
    "owner": {"entity": "legal_entity:0f8fad5bd9cb469fa16570867728950e", "edrpou": "99000011", "other_code": None},
    "valid_from": _SINCE,
    "particulars": None,
}

LEGAL_ENTITIES: Final = AggregateType(
    name="legal_entity",
    plural="legal-entities",
    title="Legal entity with those who stand behind it",
    key_pattern="[0-9a-f]{32}",
    key_example=entities.KEY_EXAMPLE,
    commands=command_types(ENTITY_DECIDER, entities.ENTITY_BODIES, begins=_OPENERS),
    view=entity_view,
    view_at=entity_view_at,
    view_example=_ENTITY_EXAMPLE,
    search=ENTITY_SEARCH,
    personal=PERSONAL,
)

ESTABLISHMENTS: Final = AggregateType(
    name="establishment",
    plural="establishments",
    title="Establishment with its legal entity",
    key_pattern=KEY,
    key_example=establishments.KEY_EXAMPLE,
    commands=command_types(ESTABLISHMENT_DECIDER, establishments.ESTABLISHMENT_BODIES, begins=_OPENERS),
    view=establishment_view,
    view_at=establishment_view_at,
    view_example=_ESTABLISHMENT_EXAMPLE,
    search=ESTABLISHMENT_SEARCH,
)

"""What every sector keeps, by being one: nothing here names any of them."""

import ast
import functools
import importlib
import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from litopys.errors import Malformed, RuleViolated
from litopys.event.cloudevents import EventType, format_event, format_type, parse_event
from litopys.event.streams import Citation
from litopys.sourcing.common import Voided
from litopys.sourcing.domains import MOST_STATE_BYTES
from litopys.sourcing.facts import Fact
from litopys.sourcing.frame import frame_aggregates
from litopys.sourcing.shapes import shape_of
from services.catalogue import load_domain, load_sector, sector_names
from services.documents import SERVICES
from services.documents.openapi import openapi_file
from services.documents.readme import readme
from services.documents.rules import find_test, rules_by_stream
from services.documents.schemas import schema_files
from tests.contracts.golden_files import load_goldens, stories_of
from tests.support.from_hints import OBJECTS, json_of

ROOT = SERVICES.parent
SECTORS = sector_names()
GOLDENS = load_goldens()
DOMAINS = {sector: importlib.import_module(f"services.{sector}.domain").DOMAINS for sector in SECTORS}
# What a later version took over unchanged was tried with the version that it is from.
AGGREGATES = [
    pytest.param(sector, rules, name, id=f"{sector}-{rules}-{name}")
    for sector in SECTORS
    for rules, domain in DOMAINS[sector].items()
    for name, aggregate in domain.aggregates.items()
    if domain.follows is None or domain.follows.aggregates.get(name) is not aggregate
]
EVENTS = 10_000
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("sector", SECTORS)
def test_the_folder_has_what_every_sector_has(sector):
    folder = ROOT / "services" / sector
    for name in ("README.md", "__main__.py", "main.py", "sector.py", "domain/__init__.py", "schemas"):
        assert (folder / name).exists(), f"services/{sector} lacks {name}"
    described = load_sector(sector)
    assert described.name == sector
    newest = described.domains[max(described.domains)]
    lacking = {one.name for one in frame_aggregates(sector)} - set(newest.aggregates)
    assert not lacking, f"the domain takes *frame_aggregates({sector!r}) in: {lacking}"
    for number, domain in described.domains.items():
        assert (domain.sector, domain.rules) == (sector, number)
    for aggregate in described.aggregates:
        assert all(aggregate.name in domain.aggregates for domain in described.domains.values())


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("registration", ["docker-compose.yml", "deploy/k8s"])
def test_it_is_registered_where_processes_are_listed(sector, registration):
    path = ROOT / registration
    files = [path] if path.is_file() else list(path.rglob("*.yaml"))
    assert any(sector in file.read_text() for file in files), f"{sector} is missing in {registration}"


@pytest.mark.parametrize("sector", SECTORS)
def test_what_is_made_from_the_code_is_current(sector):
    how = "run python -m services.documents"
    files = schema_files(sector)
    for path, text in files.items():
        assert path.exists(), f"{path.name} is missing: {how}"
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: {how}"
    assert set((SERVICES / sector / "schemas").glob("*.json")) == set(files), how
    path, text = openapi_file(sector)
    assert path.exists(), f"{path.name} is missing: {how}"
    assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: {how}"
    written = (SERVICES / sector / "README.md").read_text(encoding="utf-8")
    assert written == readme(sector), f"README.md is stale: {how}"


@pytest.mark.parametrize("sector", SECTORS)
def test_every_rule_is_listed_and_no_other(sector):
    raised = set()
    folders = [ROOT / "services" / sector / "domain", ROOT / "shared" / "litopys" / "sourcing"]
    for path in (file for folder in folders for file in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RuleViolated":
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: a rule's code is a literal"
                raised.add(node.args[0].value)
    listed = set()
    for stream, rules in rules_by_stream(sector).items():
        codes = [rule.code for rule in rules]
        assert len(set(codes)) == len(codes), f"{stream} lists a rule twice"
        listed |= set(codes)
    assert listed == raised


@pytest.mark.parametrize("sector", SECTORS)
def test_every_rule_has_its_test(sector):
    untested = [
        f"{stream}: {rule.code}"
        for stream, rules in rules_by_stream(sector).items()
        for rule in rules
        if find_test(sector, stream, rule.code) is None
    ]
    assert not untested, f'name each in a test by refused("code"), see docs/adding-a-sector.md: {untested}'


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda g: f"{g.sector}-{g.rules}-{g.story}")
def test_golden_streams_decode_and_evolve_as_ever(golden):
    domain = load_domain(golden.sector, golden.rules)
    state = None
    for value, expected in zip(golden.values, golden.states, strict=True):
        event = parse_event(value)
        assert format_event(event) == value
        fact = domain.fact(event)
        assert domain.encode_data(event.subject, fact) == event.data
        state = domain.evolve(state, event)
        assert domain.encode_state(state) == expected
        assert domain.decode_state(event.aggregate, expected) == state


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda g: f"{g.sector}-{g.rules}-{g.story}")
def test_later_rules_take_over_every_golden_state(golden):
    for rules, later in DOMAINS[golden.sector].items():
        if rules <= golden.rules:
            continue
        name = parse_event(golden.values[0]).aggregate
        for data in golden.states:
            carried = later.decode_state(name, data)
            later.aggregates[name].check_state(carried)
            assert later.decode_state(name, later.encode_state(carried)) == carried
            assert len(later.encode_state(carried)) <= MOST_STATE_BYTES


@pytest.mark.parametrize("sector", SECTORS)
def test_every_version_of_the_rules_follows_the_one_before(sector):
    versions = DOMAINS[sector]
    assert sorted(versions) == list(range(1, len(versions) + 1))
    assert all(versions[number].follows is versions.get(number - 1) for number in versions)


@pytest.mark.parametrize(("sector", "rules", "aggregate"), AGGREGATES)
def test_every_type_and_version_has_a_golden_event(sector, rules, aggregate):
    told = {
        (event.name, event.type_version)
        for golden in GOLDENS
        if (golden.sector, golden.rules) == (sector, rules)
        for event in map(parse_event, golden.values)
        if event.aggregate == aggregate
    }
    known = set(load_domain(sector, rules).aggregates[aggregate].events)
    # What every aggregate has is told once.
    missing = {key for key in known - told if key[0] not in ("voided", "proposed", "approved")}
    assert not missing, f"no golden event of {sorted(missing)}"


@pytest.mark.parametrize(("sector", "rules", "aggregate"), AGGREGATES)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_evolve_is_total_and_deterministic(sector, rules, aggregate, data):
    domain = load_domain(sector, rules)
    kind = domain.aggregates[aggregate]
    state = data.draw(st.sampled_from(_states(sector, rules, aggregate)))
    for version in range(1, 4):
        key = data.draw(st.sampled_from(sorted(kind.events)))
        value = data.draw(_values(kind.events[key]))
        decoded = shape_of(kind.events[key]).decode(value)
        imported = getattr(decoded, "imported", None)
        cites = (Citation(f"{sector}_import:{imported.id}", 1),) if imported else ()
        subject = f"{aggregate}:1"
        fact = Fact(subject, version, *key, "2026-11-23T10:00:00.000Z", "a", cites, decoded)
        before = domain.encode_state(state)
        first, again = _outcome(domain, state, fact), _outcome(domain, state, fact)
        assert domain.encode_state(state) == before
        assert first == again
        if not isinstance(first, str):
            state = first
            assert domain.decode_state(aggregate, domain.encode_state(state)) == state
            assert len(domain.encode_state(state)) <= MOST_STATE_BYTES


@pytest.mark.parametrize(("sector", "rules", "aggregate"), AGGREGATES)
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_an_event_says_is_taken_or_refused(sector, rules, aggregate, data):
    domain = load_domain(sector, rules)
    kind = domain.aggregates[aggregate]
    state = data.draw(st.sampled_from(_states(sector, rules, aggregate)))
    name, version = data.draw(st.sampled_from(sorted(kind.events)))
    said = data.draw(st.one_of(_values(kind.events[name, version]), OBJECTS))
    spoilt = said | {data.draw(st.sampled_from(sorted(said) or ["none"])): data.draw(ANYTHING)}
    golden = parse_event(next(golden.values[0] for golden in GOLDENS if golden.sector == sector))
    typed = format_type(EventType(sector, aggregate, name, version))
    event = golden._replace(type=typed, subject=f"{aggregate}:1", data=spoilt)
    with suppress(RuleViolated, Malformed):  # anything else that is raised is a refusal too, and a defect
        domain.evolve(state, event)


@pytest.mark.parametrize(("sector", "rules", "aggregate"), AGGREGATES)
def test_voided_is_accepted_in_every_state(sector, rules, aggregate):
    domain = load_domain(sector, rules)
    for state in _states(sector, rules, aggregate):
        fact = Fact(f"{aggregate}:1", 9, "voided", 1, "2026-11-23T10:00:00.000Z", "a", (), Voided("rule"))
        assert domain.apply(state, fact) is state


@pytest.mark.parametrize(("sector", "rules", "aggregate"), AGGREGATES)
def test_a_state_stays_small(sector, rules, aggregate):
    domain = load_domain(sector, rules)
    state, largest, count = None, 0, 0
    for fact in stories_of(sector, rules).busy(aggregate, EVENTS):
        state = domain.apply(state, fact)
        count += 1
        if count % 16 == 0:
            largest = max(largest, len(domain.encode_state(state)))
    assert count >= EVENTS
    assert largest <= MOST_STATE_BYTES


@pytest.mark.parametrize("sector", SECTORS)
def test_persons_are_ids_and_digests(sector):
    for path, text in schema_files(sector).items():
        schema = json.loads(text)
        top = schema["$ref"].rpartition("/")[2]
        sealed = [name for name, part in schema["$defs"].items() if "_sd" in part.get("properties", {})]
        for name in sealed:
            digests = schema["$defs"][name]["properties"]["_sd"]
            assert digests["minItems"] == digests["maxItems"], f"{path.name}: {name} has no fixed number of digests"
        if sealed:
            assert "_sd_alg" in schema["$defs"][top]["properties"], f"{path.name} says no _sd_alg"
        for name, part in schema["$defs"].items():
            personal = {"rnokpp", "passport", "phone", "email", "surname", "patronymic", "birth_date", "iban"}
            assert not personal & set(part.get("properties", {})), f"{path.name}: {name} holds a personal field"


@pytest.mark.parametrize("sector", SECTORS)
def test_persons_are_found_by_personal_fields_of_their_class(sector):
    for aggregate in load_sector(sector).aggregates:
        if aggregate.search is None:
            continue
        found_by = aggregate.search.person_fields
        assert found_by.keys() <= aggregate.personal.keys(), (
            f"{aggregate.name}: persons are found by no field of theirs"
        )
        published = {name for name in found_by if aggregate.personal[name].is_open}
        assert aggregate.search.open_fields == published, f"{aggregate.name}: found by a field of another class"


@pytest.mark.parametrize("sector", SECTORS)
def test_commands_have_examples(sector):
    for aggregate in load_sector(sector).aggregates:
        for command in aggregate.commands:
            examples = command.wire.model_json_schema().get("examples")
            assert examples, f"{command.name} has no example"
            for example in examples:
                command.wire.model_validate_json(json.dumps(example))


@functools.cache
def _values(hint):
    return json_of(hint)


@functools.cache
def _states(sector: str, rules: int, aggregate: str) -> list[object]:
    """States to begin with: none, those of the golden streams, and those carried over from earlier ones."""
    domain = load_domain(sector, rules)
    found: list[object] = [None]
    for golden in GOLDENS:
        is_known = golden.sector == sector and golden.rules <= rules
        if is_known and parse_event(golden.values[0]).aggregate == aggregate:
            found += [domain.decode_state(aggregate, state) for state in golden.states[::2]]
    return found


def _outcome(domain, state, fact):
    """The state after, or the name of the refusal: anything else that is raised is a defect."""
    try:
        return domain.apply(state, fact)
    except (RuleViolated, Malformed) as refusal:
        return str(refusal)

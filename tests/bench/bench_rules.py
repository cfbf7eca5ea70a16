"""What a validator's rules cost on the heaviest events there are: parcels taken over with their titles.

    python -m tests.bench.bench_rules [--events 2000] [--rounds 7] [--profile]

The sample of titles goes through the importer as in production, without a server; its events, signed in batches, are
then examined, judged by the rules of the registers and encoded as states. CPU of this thread alone, best of the rounds.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from litopys.event.cloudevents import parse_event
from litopys.ledger.admission import Examined, Examiner, Stream, judge
from litopys.ledger.records import Record
from litopys.replica.streams import format_streams, sectors_of
from litopys.service.imports.batches import Batching
from services.registers.domain import DOMAINS
from services.registers.importers import TITLES
from tests.bench.bench_import import FOLDER, EmptyStore, make_sample, writer_with
from tests.support.simulated import Simulated

BATCH = 64
ORIGIN = "ledger.example/bench"


async def make_values(path: Path) -> list[bytes]:
    """The events that the importer makes of a file, as bytes."""
    batching = Batching(TITLES, writer_with(b"k" * 32), b"k" * 32, "importer", "a" * 32)
    values: list[bytes] = []
    with path.open("rb") as file:
        rows = TITLES.rows(file, number=1, offset=0)
        while chunk := list(islice(rows, BATCH)):
            batch = await batching.prepare(EmptyStore(), chunk)  # type: ignore[arg-type]
            values += [event.value for change in batch.changes.values() for event in change.events]
    return values


def make_records(simulated: Simulated, values: list[bytes]) -> list[Record]:
    return [
        record
        for first in range(0, len(values), BATCH)
        for record in simulated.batch(values[first : first + BATCH], partition=0, first=first)
    ]


def cited_by(examined: list[Examined]) -> dict[str, Stream]:
    """The streams that the events cite, such as the import's own, as far as they are cited."""
    reached: dict[str, int] = {}
    for one in examined:
        for subject, version in one.event.cites if one.event else ():
            reached[subject] = max(version, reached.get(subject, 0))
    return {subject: Stream(version, 0, None) for subject, version in reached.items()}


def measure(stage: str, rounds: int, work: Callable[[], Any], *, events: int) -> None:
    best = min(_seconds(work) for _ in range(rounds))
    print(json.dumps({"stage": stage, "us_per_event": round(best / events * 1e6, 2)}), flush=True)


def _seconds(work: Callable[[], Any]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    path = FOLDER / f"rules-{given.events}.geojson"
    path.parent.mkdir(exist_ok=True)
    make_sample(path, rows=given.events, events_per_row=1)
    simulated = Simulated(partitions=1, origin=ORIGIN)
    domain = DOMAINS[max(DOMAINS)]
    rules = {"registers": domain}
    records = make_records(simulated, asyncio.run(make_values(path)))
    network = simulated.network()
    block = simulated.block(0, network.digest, records)

    def examine() -> Any:
        return Examiner(network).examine(records, height=0, rules=rules)

    def judged() -> Any:
        return judge(examined, block=block, first_index=0, streams=cited, rules=rules)

    examined = examine()
    cited = cited_by(examined)
    verdict = judged()
    if verdict.refusals:
        raise SystemExit(f"refused: {verdict.refusals[0].rejection}")
    events = [one.event for one in examined if one.event]
    facts = [domain.fact(event) for event in events]
    states = [stream.state for stream in verdict.changed.values()]
    sectors = sectors_of(examined)
    stages: dict[str, Callable[[], Any]] = {
        "examine": examine,
        "examine: parse_event": lambda: [parse_event(record.value) for record in records],
        "judge": judged,
        "judge: decode the data": lambda: [domain.fact(event) for event in events],
        "judge: open the state": lambda: [domain.apply(None, fact) for fact in facts if fact.version == 1],
        "encode states": lambda: format_streams(verdict.changed, rules=rules, sectors=sectors),
        "decode states": lambda: [domain.decode_state("land_parcel", data) for data in encoded],
    }
    encoded = [domain.encode_state(state) for state in states]
    size = round(sum(len(record.value) for record in records) / len(records))
    state_size = round(sum(map(len, encoded)) / len(encoded))
    print(json.dumps({"events": len(records), "value_bytes": size, "state_bytes": state_size}))
    if given.profile:
        with cProfile.Profile(time.thread_time) as profile:
            examined = examine()
            judged()
            format_streams(verdict.changed, rules=rules, sectors=sectors)
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        return
    for stage, work in stages.items():
        measure(stage, given.rounds, work, events=len(records))


if __name__ == "__main__":
    main()

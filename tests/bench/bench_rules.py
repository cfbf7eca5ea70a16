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


class Judging:
    """Records of the registers, and everything that a validator does with them, stage by stage."""

    def __init__(self, values: list[bytes]) -> None:
        simulated = Simulated(partitions=1, origin=ORIGIN)
        self.domain = DOMAINS[max(DOMAINS)]
        self.rules = {"registers": self.domain}
        self.network = simulated.network()
        self.records = make_records(simulated, values)
        self.block = simulated.block(0, self.network.digest, self.records)
        self.examined = self.examine()
        self.cited = cited_by(self.examined)
        self.verdict = self.judge()
        if self.verdict.refusals:
            raise SystemExit(f"refused: {self.verdict.refusals[0].rejection}")
        self.encoded = [self.domain.encode_state(stream.state) for stream in self.verdict.changed.values()]

    def examine(self) -> list[Examined]:
        return Examiner(self.network).examine(self.records, height=0, rules=self.rules)

    def judge(self) -> Any:
        return judge(self.examined, block=self.block, first_index=0, streams=self.cited, rules=self.rules)

    def encode(self) -> Any:
        return format_streams(self.verdict.changed, rules=self.rules, sectors=sectors_of(self.examined))

    def stages(self) -> dict[str, Callable[[], Any]]:
        events = [one.event for one in self.examined if one.event]
        opening = [fact for fact in map(self.domain.fact, events) if fact.version == 1]
        return {
            "examine": self.examine,
            "examine: parse_event": lambda: [parse_event(record.value) for record in self.records],
            "judge": self.judge,
            "judge: decode the data": lambda: [self.domain.fact(event) for event in events],
            "judge: open the state": lambda: [self.domain.apply(None, fact) for fact in opening],
            "encode states": self.encode,
            "decode states": lambda: [self.domain.decode_state("land_parcel", data) for data in self.encoded],
        }

    def sizes(self) -> dict[str, int]:
        return {
            "events": len(self.records),
            "value_bytes": round(sum(len(record.value) for record in self.records) / len(self.records)),
            "state_bytes": round(sum(map(len, self.encoded)) / len(self.encoded)),
        }


def print_profile(judging: Judging) -> None:
    with cProfile.Profile(time.thread_time) as profile:
        judging.examine()
        judging.judge()
        judging.encode()
    pstats.Stats(profile).sort_stats("tottime").print_stats(35)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    path = FOLDER / f"rules-{given.events}.geojson"
    path.parent.mkdir(exist_ok=True)
    make_sample(path, rows=given.events, events_per_row=1)
    judging = Judging(asyncio.run(make_values(path)))
    print(json.dumps(judging.sizes()))
    if given.profile:
        print_profile(judging)
        return
    for stage, work in judging.stages().items():
        measure(stage, given.rounds, work, events=len(judging.records))


if __name__ == "__main__":
    main()

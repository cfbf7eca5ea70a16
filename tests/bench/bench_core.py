"""What a validator's pure core costs for each event, stage by stage; `evolve` does nothing here.

Run: python -m tests.bench.bench_core [rounds]
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from litopys.event.cloudevents import parse_event
from litopys.event.lines import parse_line
from litopys.event.signatures import Claim, SignatureVerifier, make_sector_key
from litopys.event.streams import partition_of
from litopys.ledger.admission import Examiner, judge, subjects_needed
from litopys.ledger.records import Record, range_digest
from litopys.tlog.hashing import leaf_hash
from litopys.tlog.tree import TreeEdge
from tests.support.simulated import Simulated

EVENTS = 2_048
BATCH = 64
DATA = {
    "settlement": "с. Вакулівка, Софіївський район, Дніпропетровська область",
    "purpose": "для ведення товарного сільськогосподарського виробництва",
    "area_m2": 20_000,
    "shares": [{"holder": "0f" * 16, "share": "1/2", "_sd": ["A" * 43, "B" * 43]}],
    "_sd_alg": "sha-256",
}


class Nothing:
    """Rules that know everything and do nothing."""

    def knows(self, _aggregate: str, _name: str, _type_version: int) -> bool:
        return True

    def evolve(self, _state: object, _event: object) -> int:
        return 0


def make_records(simulated: Simulated) -> list[Record]:
    records: list[Record] = []
    for first in range(0, EVENTS, BATCH):
        values = [
            simulated.event(f"land_parcel:{number:010}:04:001:0012", data=DATA)
            for number in range(first, first + BATCH)
        ]
        records += simulated.batch(values, partition=0, first=first)
    return records


def measure(name: str, rounds: int, work: Callable[[], Any]) -> float:
    best = min(_seconds(work) for _ in range(rounds)) / EVENTS * 1e6
    print(json.dumps({"stage": name, "us_per_event": round(best, 2)}))
    return best


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def grow_tree(leaves: list[bytes]) -> bytes:
    edge = TreeEdge()
    edge.append(leaves)
    return edge.root()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    simulated = Simulated(partitions=1)
    network = simulated.network()
    records = make_records(simulated)
    rules = {"registers": Nothing()}
    block = simulated.block(0, network.digest, records)
    key = make_sector_key(simulated.signer("registers").vkey)
    claims = [Claim(record.value + b"\n", key, True, parse_line(record.signature).blob) for record in records]
    examined = Examiner(network).examine(records, height=0, rules=rules)
    verdict = judge(examined, block=block, first_index=0, streams={}, rules=rules)
    print(json.dumps({"events": EVENTS, "value_bytes": len(records[0].value), "line_bytes": len(records[0].signature)}))

    measure("parts: parse_line", rounds, lambda: [parse_line(record.signature) for record in records])
    measure("parts: parse_event", rounds, lambda: [parse_event(record.value) for record in records])
    measure("parts: signatures of batches", rounds, lambda: SignatureVerifier().judge(claims))
    measure("parts: partition_of", rounds, lambda: [partition_of(f"land_parcel:{n}", 8) for n in range(EVENTS)])
    measure("parts: leaf hashes", rounds, lambda: [leaf_hash(entry) for entry in verdict.entries])
    total = measure("1 range digest", rounds, lambda: range_digest(records))
    total += measure("2 examine", rounds, lambda: Examiner(network).examine(records, height=0, rules=rules))
    total += measure("3 subjects needed", rounds, lambda: subjects_needed(examined))
    total += measure("4 judge", rounds, lambda: judge(examined, block=block, first_index=0, streams={}, rules=rules))
    total += measure("5 tree", rounds, lambda: grow_tree(verdict.leaf_hashes))
    print(json.dumps({"stage": "together", "us_per_event": round(total, 2)}))


if __name__ == "__main__":
    main()

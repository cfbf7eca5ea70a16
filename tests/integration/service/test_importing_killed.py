"""An importing process that is killed, really and again and again: in the end nothing tells it from one left alone."""

import asyncio
import json
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from litopys.event.cloudevents import parse_event
from litopys.postgres.sector_reading import list_streams, load_history

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
ROWS = 700
LABELS = 120


def export(seed: int) -> bytes:
    """Rows of one to three boxes; what a row comes to depends on those before it, and one in fifty is refused."""
    chance = random.Random(seed)
    lines = []
    for number in range(ROWS):
        boxes = [
            {"label": f"label {chance.randrange(LABELS)}".translate(LETTERS), "holds": chance.randrange(-1, 105)}
            for _ in range(chance.randrange(1, 4))
        ]
        lines.append(json.dumps({"id": f"p{number}", "boxes": boxes}).encode() + b"\n")
    return b"".join(lines)


LETTERS = str.maketrans("0123456789", "abcdefghij")


class Importer:
    """An importing process; `said` waits until it says something, `kill` ends it as a power failure would."""

    def __init__(self, toy, file: Path, folder: Path):
        self.network_file = folder / f"network-{toy.world.network.topics}.json"
        prefix = toy.world.network.topics
        self.network_file.write_bytes(toy.ledger.simulated.file(lambda document: document.update(topics=prefix)))
        self.arguments = (toy.world.dsn, str(self.network_file), str(file))
        self.process = None
        self.last = {}

    async def __aenter__(self):
        command = (sys.executable, "-m", "tests.support.toy_import", *self.arguments)
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stderr=pipe)
        return self

    async def __aexit__(self, *_error):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def said(self, condition) -> dict:
        while line := await self.process.stdout.readline():
            self.last = json.loads(line)
            if condition(self.last):
                return self.last
        raise AssertionError((await self.process.stderr.read()).decode()[-3000:])

    async def finish(self) -> dict:
        return await self.said(lambda told: "closed" in told)


async def until(pool, condition: str) -> None:
    while not await pool.fetchval(f"select {condition}"):
        await asyncio.sleep(0.002)


async def outcome(toy) -> dict:
    """What the store holds, but for what was drawn at random: ids, moments, salts."""
    pool = toy.world.pool
    streams = {}
    for box in await list_streams(pool, "box", after="", limit=10_000):
        state = toy.world.writer.decode(box.subject, version=box.version, state=box.state).state
        events = [parse_event(event.value) for event in await load_history(pool, box.subject)]
        assert [event.streamversion for event in events] == list(range(1, box.version + 1))
        places = [(event.name, event.data["imported"]["record"], event.data.get("count")) for event in events]
        streams.setdefault(state.label, []).append((state.content, places))
    labels = {s.subject: toy.world.writer.decode(s.subject, version=s.version, state=s.state).state.label
              for s in await list_streams(pool, "box", after="", limit=10_000)}  # fmt: skip
    rows = await pool.fetch("select source_key, subject from import_row order by source_key")
    remarks = await pool.fetch('select number, "offset", source_key, reason, done from import_remark order by 1, nth')
    return {
        "streams": streams,
        "rows": [(key, labels[subject]) for key, subject in rows],
        "remarks": [tuple(remark) for remark in remarks],
    }


async def test_killed_in_every_phase_it_comes_to_what_it_comes_to_undisturbed(toy, another_toy, tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # shown when it fails
    file, undisturbed = tmp_path / "killed.packings", tmp_path / "undisturbed.packings"
    file.write_bytes(export(seed))
    undisturbed.write_bytes(export(seed))
    chance = random.Random(seed)
    pool = toy.world.pool
    async with toy.life(ledger=False):
        for place in sorted(chance.sample(range(20, ROWS - 60), 5)):
            async with Importer(toy, file, tmp_path) as importer:
                await importer.said(lambda told, place=place: told["read"] >= place)
                await asyncio.sleep(chance.random() * 0.05)
        await killed_while_closing(toy, file, tmp_path)
        async with Importer(toy, file, tmp_path) as importer:
            await importer.said(lambda told: told["phase"] == "sealing")
    assert await pool.fetchval("select closed_at is null and read_at is not null from import_run")
    async with toy.life(), Importer(toy, file, tmp_path) as importer:
        done = await asyncio.wait_for(importer.finish(), 120)
    async with another_toy.life(), Importer(another_toy, undisturbed, tmp_path) as importer:
        expected = await asyncio.wait_for(importer.finish(), 120)
    assert done == expected
    assert done["read"] == ROWS == done["admitted"] + done["merged"] + done["refused"]
    assert min(done["admitted"], done["merged"] + 1, done["refused"], done["flagged"]) > 0
    assert await outcome(toy) == await outcome(another_toy)
    report = file.with_suffix(".report").read_text()
    assert report == undisturbed.with_suffix(".report").read_text()
    assert len(report.splitlines()) > done["refused"]
    await check_ledger(toy)


async def killed_while_closing(toy, file, folder) -> None:
    """Its stream is held, so that the closing has to wait, and it is killed there."""
    pool = toy.world.pool
    subject = await pool.fetchval("select 'toy_import:' || id from import_run")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select from stream where subject = $1 for update", subject)
        async with Importer(toy, file, folder):
            await until(pool, "exists (select from import_run where read_at is not null)")
            await until(pool, "exists (select from pg_locks where not granted)")


async def check_ledger(toy) -> None:
    """The ledger refused nothing, and has every event of the store once."""
    assert toy.ledger.reasons == []
    stored = await toy.world.pool.fetchval("select count(*) from event")
    ids = Counter(parse_event(e["value"]).id for e in await toy.world.pool.fetch("select value from event"))
    assert max(ids.values()) == 1
    assert len(toy.ledger.admitted) == stored

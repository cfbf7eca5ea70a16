"""Imports of the toy's boxes: exports of any size, and calls as an operator would give them."""

import asyncio
import json

from litopys.service.imports import frame as import_frame
from litopys.service.imports import importing
from litopys.service.imports.importing import Importing
from litopys.service.imports.request import ImportRequest
from litopys.steps import pass_on
from tests.support.toy_sector.sector import BOXES, TOY


def make_batches_small(monkeypatch) -> None:
    """Ten rows a transaction, and no long wait for the opening."""
    monkeypatch.setattr(importing, "BATCH_ROWS", 10)
    monkeypatch.setattr(import_frame, "_OPENING_S", 0.2)


def rows(count: int, label: str = "shoes") -> bytes:
    return b"".join(json.dumps({"key": f"k{n:05}", "label": label}).encode() + b"\n" for n in range(count))


def write(tmp_path, data: bytes, name: str = "boxes.jsonl"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def importer_of(toy, path, seen=None, approver="o:2", importer=BOXES, passing=pass_on, **changes) -> Importing:
    request = ImportRequest(
        importer=importer,
        path=path,
        actor="importer:1",
        approver=approver,
        authority="a ministry",
        basis="order 1",
        **{"as_of": "2026-11-01", "report": path.with_suffix(".report"), **changes},
    )
    on_progress = (lambda _progress: None) if seen is None else seen.append
    world = toy.world
    return Importing(
        TOY, writer=world.writer, pool=world.pool, request=request, on_progress=on_progress, passing=passing
    )


async def imported(toy, path, **given):
    return await asyncio.wait_for(importer_of(toy, path, **given).run(), 60)

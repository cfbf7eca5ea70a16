"""The log's files over HTTP, as C2SP tlog-tiles names them: any client of such logs can read them, from any origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Response

from litopys.errors import Malformed
from litopys.service.problems import NotFound
from litopys.tlog.tiles import parse_tile_path

if TYPE_CHECKING:
    from services.validator.reading import LedgerReader

IMMUTABLE = "public, max-age=31536000, immutable"
NO_CACHE = "no-cache"
_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "Not here, or not final yet"}}

Height = Annotated[int, Path(ge=0, lt=1 << 63, examples=[17])]
Index = Annotated[int, Path(ge=0, lt=1 << 63, examples=[51240])]
Number = Annotated[int, Path(ge=0, lt=1 << 31, examples=[0])]


def log_routes(reader: LedgerReader) -> APIRouter:
    """Build the routes outside /api: /checkpoint, /tile, /receipt, /rejected, /block."""
    router = APIRouter(tags=["log"], responses=_MISSING)
    _add_tree(router, reader)
    _add_blocks(router, reader)
    return router


def _add_tree(router: APIRouter, reader: LedgerReader) -> None:
    @router.get("/checkpoint", response_class=Response)
    async def checkpoint() -> Response:
        """Answer the newest final checkpoint with the log's line and all cosignatures."""
        return Response(await reader.checkpoint(), media_type=_TEXT, headers={"Cache-Control": NO_CACHE})

    @router.get("/tile/{path:path}", response_class=Response)
    async def tile(path: str) -> Response:
        """Answer a tile `<L>/<N>[.p/<W>]` or an entry bundle `entries/<N>[.p/<W>]`."""
        try:
            wanted = parse_tile_path(f"tile/{path}")
        except Malformed as error:
            raise NotFound("no such tile") from error
        body = await (reader.bundle(wanted) if wanted.is_bundle else reader.tile(wanted))
        return Response(body, media_type=_BYTES, headers={"Cache-Control": IMMUTABLE})

    @router.get("/receipt/{index}", response_class=Response)
    async def receipt(index: Index) -> Response:
        """Answer the receipt of an entry (C2SP tlog-proof), under the newest final checkpoint."""
        name = f'attachment; filename="{index}.tlog-proof"'
        headers = {"Cache-Control": NO_CACHE, "Content-Disposition": name}
        return Response(await reader.receipt(index), media_type=_TEXT, headers=headers)


def _add_blocks(router: APIRouter, reader: LedgerReader) -> None:
    @router.get("/block/{height}", response_class=Response)
    async def block(height: Height) -> Response:
        """Answer a final block: the sealer's signed note."""
        return Response(await reader.block_note(height), media_type=_TEXT, headers={"Cache-Control": IMMUTABLE})

    @router.get("/rejected/{height}", response_class=Response)
    async def rejected(height: Height) -> Response:
        """Answer the list of a final block's refused records: one line each, empty where nothing was refused."""
        return Response(await reader.rejected_list(height), media_type=_TEXT, headers={"Cache-Control": IMMUTABLE})

    @router.get("/rejected/{height}/{number}", response_class=Response)
    async def rejected_record(height: Height, number: Number) -> Response:
        """Answer the bytes of the n-th line's record, from 0: u32 ‖ signature ‖ u32 ‖ value."""
        body = await reader.rejected_record(height, number)
        return Response(body, media_type=_BYTES, headers={"Cache-Control": IMMUTABLE})

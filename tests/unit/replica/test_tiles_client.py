"""A peer's answers over HTTP: only what has the right form comes through."""

import httpx2
import pytest

from litopys.errors import Malformed, Unavailable
from litopys.replica.tiles_client import TilesClient
from litopys.tlog.bundles import format_bundle
from litopys.tlog.tiles import TilePath

pytestmark = pytest.mark.anyio


def client_of(answers):
    def answer(request):
        found = answers.get(request.url.path)
        return httpx2.Response(404) if found is None else httpx2.Response(200, content=found)

    return TilesClient(url="http://lviv.example", client=httpx2.AsyncClient(transport=httpx2.MockTransport(answer)))


async def test_tiles_bundles_and_records():
    client = client_of(
        {
            "/tile/0/000.p/2": bytes(64),
            "/tile/entries/001": format_bundle([b"x"] * 256),
            "/rejected/3/0": b"\0\0\0\x01s\0\0\0\x02vv",
            "/api/v1/blocks/3": b'{"offset":9}',
            "/api/v1/blocks/4": b'{"offset":null}',
        }
    )
    assert await client.tile(TilePath(0, 0, 2)) == bytes(64)
    assert await client.bundle(1, 256) == [b"x"] * 256
    assert await client.rejected_record(3, 0) == (b"s", b"vv")
    assert await client.block_offset(3) == 9
    assert await client.block_offset(4) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"\0\0\0", b"\0\0\0\x09s", b"\0\0\0\x01s\0\0\0\x02v", b"\0\0\0\x01s\0\0\0\x01vX", b"\xff\xff\xff\xff"],
)
async def test_a_record_of_another_form(body):
    with pytest.raises(Malformed):
        await client_of({"/rejected/3/0": body}).rejected_record(3, 0)


@pytest.mark.parametrize("body", [b"[]", b"nonsense", b"\xff"])
async def test_a_block_of_another_form(body):
    with pytest.raises(Malformed):
        await client_of({"/api/v1/blocks/3": body}).block_offset(3)


async def test_a_tile_of_another_width():
    with pytest.raises(Malformed, match="width"):
        await client_of({"/tile/0/000.p/2": bytes(32)}).tile(TilePath(0, 0, 2))


async def test_what_is_missing_or_unreachable_is_unavailable():
    with pytest.raises(Unavailable, match="404"):
        await client_of({}).block(1)

    def refuse(_request):
        raise httpx2.ConnectError("nobody")

    client = TilesClient(url="http://lviv.example", client=httpx2.AsyncClient(transport=httpx2.MockTransport(refuse)))
    with pytest.raises(Unavailable, match="ConnectError"):
        await client.get("/checkpoint")

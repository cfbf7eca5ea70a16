"""The outside audit over what the reading role really serves."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from deploy.local.ports import free_ports
from litopys.audit.fetching import LedgerFiles
from litopys.audit.outside import OutsideAudit
from litopys.cli import http
from litopys.postgres.pool import open_pool
from litopys.service.run import serve
from services.validator.serve import serving_app
from tests.support.live_network import CountingDomain, until

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def served(filled, dsn):
    pool, stopping, (port,) = await open_pool(dsn), asyncio.Event(), free_ports(1)
    app = serving_app(name="kyiv", database_url=dsn, pool=pool, network=filled.network)
    server = asyncio.create_task(serve(app, host="127.0.0.1", port=port, stopping=stopping))
    url = f"http://127.0.0.1:{port}"

    async def answers():
        try:
            return await asyncio.to_thread(http.get, f"{url}/healthz")
        except http.Unavailable:
            return None

    try:
        await until(answers, what="the server")
        yield LedgerFiles(lambda path: http.get(url + path))
    finally:
        stopping.set()
        await server
        await pool.close()


def auditing(filled, files, *, knows_network=True):
    return OutsideAudit(
        files,
        policy=filled.network.policy(),
        network=filled.network if knows_network else None,
        load_rules=lambda _sector, _rules: CountingDomain(),
    )


async def test_what_a_validator_serves_holds(filled):
    async with filled.copy() as dsn, served(filled, dsn) as files:
        for knows_network in (True, False):
            report = await asyncio.to_thread(auditing(filled, files, knows_network=knows_network).run)
            assert report.findings == []
            assert report.counts["blocks"] == 3
            assert report.counts["refused records"] == 4
            assert report.counts["tiles"] == 3


async def test_a_tampered_database_serves_what_does_not_hold(filled):
    async with filled.copy() as dsn, served(filled, dsn) as files:
        pool = await open_pool(dsn)
        await pool.execute("update entry set body = set_byte(body, 90, 120) where index = 262")
        await pool.close()
        report = await asyncio.to_thread(auditing(filled, files).run)
        assert report.findings[0][:2] == ("block", "height 1")

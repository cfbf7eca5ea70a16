"""The toy's HTTP side, and clients of it as whoever a test needs: with scopes, with a code of their own."""

import secrets
import time
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from joserfc.jwk import OKPKey

from litopys.postgres.sector_requests import load_digest_key
from litopys.service.http.application import SectorWorld, sector_app
from litopys.service.relay import RelayWorld
from litopys.service.tokens import sign_token
from litopys.service.validators import Validators
from litopys.steps import Passing, pass_on
from tests.support.databases import tampering
from tests.support.toy_sector.sector import TOY

APPLICATION = {"kind": "application", "document": "заява 60718"}
COURT = {"kind": "court", "document": "ухвала у справі 534/117/26"}


class ToyHttp:
    """Makes clients of one application; each request goes through it in this process."""

    def __init__(self, application: Any, token_key: OKPKey) -> None:
        self._application = application
        self._token_key = token_key

    @classmethod
    async def over(cls, toy: Any, passing: Passing = pass_on) -> "ToyHttp":
        token_key = OKPKey.generate_key("Ed25519", private=True)
        world = SectorWorld(
            sector=TOY,
            writer=toy.world.writer,
            pool=toy.world.pool,
            gate=toy.gate,
            feed=toy.feed,
            board=toy.board,
            validators=Validators(toy.world.network, toy.ledger.client()),
            token_key=token_key,
            digest_key=await load_digest_key(toy.world.pool),
            passing=passing,
        )
        return cls(sector_app(world), token_key)

    def as_(self, actor: str, *scopes: str, code: str | None = None) -> "Client":
        """A client with a token of its own."""
        token = sign_token(
            self._token_key, actor=actor, now_s=int(time.time()), lifetime_s=600, scopes=scopes, code=code
        )
        transport = httpx2.ASGITransport(app=self._application)
        headers = {"Authorization": f"Bearer {token}"}
        return Client(httpx2.AsyncClient(transport=transport, base_url="http://toy", headers=headers))


class Client:
    """Somebody with a token."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def get(self, path: str) -> httpx2.Response:
        return await self.http.get(f"/v1/{path}")

    async def post(self, path: str, body: Any, *, version: int | None = None, **headers: str) -> httpx2.Response:
        given = {} if version is None else {"If-Match": f'"{version}"'}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"/v1/{path}", json=body, headers={**given, **named})

    async def done(self, path: str, body: Any, *, version: int | None = None) -> dict:
        """Post what must be accepted."""
        answer = await self.post(path, body, version=version)
        assert answer.is_success, answer.text
        return answer.json()

    async def open_box(self, key: str, name: str = "Оля Коваль", phone: str | None = "380441234567") -> str:
        """Open a box with a keeper; returns the keeper's id."""
        await self.done(f"boxes/{key}/open", {"label": "shoes", "keeper": {"name": name, "phone": phone}})
        history = (await self.get(f"boxes/{key}/history")).json()["items"]
        return history[0]["event"]["data"]["keeper"]["id"]

    async def ask(self, plural: str, reach: dict, **body: Any) -> str:
        """Ask for an erasure or a hold; returns its id."""
        key = secrets.token_hex(16)
        await self.done(f"{plural}/{key}/ask", {"reach": reach, "basis": APPLICATION, **body})
        return key


@asynccontextmanager
async def read_only(world: RelayWorld):
    """While it lasts, every new session of the database can only read."""
    async with tampering(world.dsn) as connection:
        name = await connection.fetchval("select current_database()")
        await connection.execute(f"alter database {name} set default_transaction_read_only = on")
        await world.pool.expire_connections()
        try:
            yield
        finally:
            await connection.execute(f"alter database {name} set default_transaction_read_only = off")
            await world.pool.expire_connections()

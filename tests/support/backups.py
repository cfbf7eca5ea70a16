"""Backups of a member's database: a copy within the same server, taken and put back while nobody uses it."""

import asyncio

import asyncpg

from deploy.local.network import LocalNetwork
from deploy.local.postgres import drop_database


def back_up(network: LocalNetwork, member: str) -> str:
    """Copy a database whose processes are down; answers the copy's name."""
    name = _name(network, member)
    asyncio.run(_copy(network, name, f"{name}_backup"))
    return f"{name}_backup"


def restore(network: LocalNetwork, member: str, backup: str) -> None:
    """Put a copy in the place of the database, which is lost for good."""
    name = _name(network, member)
    asyncio.run(drop_database(network.postgres, name))
    asyncio.run(_copy(network, backup, name))


def _name(network: LocalNetwork, member: str) -> str:
    return network.dsn(member).partition("postgresql:///")[2].partition("?")[0]


async def _copy(network: LocalNetwork, source: str, target: str) -> None:
    connection = await asyncpg.connect(network.postgres.admin_dsn)
    try:
        await connection.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    finally:
        await connection.close()

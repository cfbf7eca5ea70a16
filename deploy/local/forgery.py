"""A dishonest administrator of a validator's database, for demonstrations."""

from typing import Final

import asyncpg

from deploy.local.clerk import Title

_CHANGE_ENTRY: Final = (
    "update entry set body = convert_to(replace(convert_from(body, 'UTF8'), $1, $2), 'UTF8') where index = $3"
)
_CHANGE_STATE: Final = (
    "update stream set state = convert_to(replace(convert_from(state, 'UTF8'), $1, $2), 'UTF8') where subject = $3"
)


async def change_owner(dsn: str, title: Title) -> None:
    """Change the owner's id wherever it stands, entry and state, as somebody would who wants no contradiction."""
    connection = await asyncpg.connect(dsn)
    thief = title.owner[::-1]
    try:
        async with connection.transaction():
            await connection.execute(_CHANGE_ENTRY, title.owner, thief, title.named_at)
            await connection.execute(_CHANGE_STATE, title.owner, thief, title.subject)
    finally:
        await connection.close()

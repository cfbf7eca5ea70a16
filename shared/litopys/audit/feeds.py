"""Reading tables in order through server-side cursors: one batch of rows in memory, whatever the table's size."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from litopys.postgres.pool import Connection

_BATCH_ROWS = 1_024


class RowFeed:
    """Hands out the rows of a query in its order; lives inside the caller's transaction."""

    def __init__(self, cursor: Any) -> None:  # noqa: ANN401 -- the driver's cursor, whose stubs are generic over rows
        self._cursor = cursor
        self._rows: deque[Any] = deque()
        self._is_over = False

    @classmethod
    async def open(cls, connection: Connection, query: str, *arguments: object) -> RowFeed:
        """Open a cursor for a query."""
        return cls(await connection.cursor(query, *arguments))

    async def peek(self) -> Any:  # noqa: ANN401 -- a row has the columns that the query names
        """Return the next row and leave it; None after the last."""
        if not self._rows and not self._is_over:
            self._rows.extend(await self._cursor.fetch(_BATCH_ROWS))
            self._is_over = not self._rows
        return self._rows[0] if self._rows else None

    async def take(self) -> Any:  # noqa: ANN401 -- same
        """Return the next row and go on; None after the last."""
        row = await self.peek()
        if row is not None:
            self._rows.popleft()
        return row

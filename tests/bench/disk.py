"""What a local network keeps on disk: Kafka by topic, each database by table and index, in bytes that are allocated."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from pathlib import Path

    from deploy.local.network import LocalNetwork

_BLOCK_BYTES = 512  # st_blocks, whatever the file system's own blocks are
_PARTITION_FOLDER = re.compile(r"(.+)-\d+")
# Entries of a partitioned table come under the table's name; what is stored beside its rows (TOAST) apart from them.
_RELATIONS = """
select coalesce(p.relname, c.relname) as "table", pg_relation_size(c.oid) as rows,
    coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0) as beside,
    array(select i.relname::text from pg_index x join pg_class i on i.oid = x.indexrelid
          where x.indrelid = c.oid order by 1) as names,
    array(select pg_relation_size(i.oid) from pg_index x join pg_class i on i.oid = x.indexrelid
          where x.indrelid = c.oid order by i.relname::text) as sizes
from pg_class c left join pg_inherits h on h.inhrelid = c.oid left join pg_class p on p.oid = h.inhparent
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1"""


def topic_bytes(network: LocalNetwork) -> dict[str, int]:
    """Allocated bytes of each of the network's own topics, over all nodes, by name without the network's prefix."""
    sizes: Counter[str] = Counter()
    prefix = f"{network.network().topics}."
    for node in range(len(network.ports.kafka)):
        for folder in (network.kafka.folder / f"node-{node}" / "data").iterdir():
            named = _PARTITION_FOLDER.fullmatch(folder.name)
            if named and named[1].startswith(prefix):
                sizes[named[1].removeprefix(prefix)] += _allocated(folder)
    return dict(sizes)


async def relation_bytes(dsn: str) -> dict[str, int]:
    """Bytes of each table, of what is kept beside its rows (`table+`), and of each index (`table.index`)."""
    connection = await asyncpg.connect(dsn)
    try:
        sizes: Counter[str] = Counter()
        for table, rows, beside, names, indexes in await connection.fetch(_RELATIONS):
            sizes[table] += rows
            sizes[f"{table}+"] += beside
            for name, size in zip(names, indexes, strict=True):
                sizes[f"{table}.{_without_number(name)}"] += size
    finally:
        await connection.close()
    return {name: size for name, size in sizes.items() if size}


def _without_number(index: str) -> str:
    """`entry_0_pkey` and `entry_1_pkey` are one index to a reader."""
    return re.sub(r"_\d+_", "_", index)


def _allocated(folder: Path) -> int:
    return sum(file.stat().st_blocks * _BLOCK_BYTES for file in folder.iterdir() if file.is_file())

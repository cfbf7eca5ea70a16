"""Kafka as a process wants it before it does anything: waited for where it is away, refused where it is set wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.errors import Unavailable
from litopys.kafka.brokers import check_brokers
from litopys.service.patience import patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litopys.service.settings import ProcessSettings


async def wait_for_brokers(
    settings: ProcessSettings, topics: Mapping[str, int], *, tell: Callable[[str], None] = lambda _fault: None
) -> None:
    """Return once the brokers are there and set as `LITOPYS_KAFKA_PROFILE` says; `tell` hears what they lack till then.

    `topics` are those that the process speaks of (name → partitions). Raises BrokersRefused: then it must not go on.
    """

    async def check() -> None:
        try:
            await check_brokers(settings.kafka, topics, profile=settings.kafka_profile)
        except Unavailable as error:
            tell(str(error))
            raise

    await patiently(check)

"""Two real sealers on a real Kafka: who proposes, who takes over, what the log signs."""

import time
from hashlib import sha256

import pytest

from tests.support.live_network import until
from tests.support.sealed import all_sealed, log_signed
from tests.support.sealer_processes import answers, get

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


def sealer_of(counted) -> str:
    return counted.note.rpartition(b"/sealer/")[2][:1].decode()


async def ready(*processes):
    for process in processes:
        await answers(process, "/readyz", b'"ready":true')


async def test_the_other_takes_over_within_15_seconds_of_a_kill(live, sealers):
    processes = {name: sealers(name) for name in "ab"}
    await ready(*processes.values())
    await live.publish("thing:first")
    begun = len(await all_sealed(live))  # the turn may pass once while the second joins
    for number in range(20):
        await live.publish(f"thing:{number}")
    first = await all_sealed(live)
    leader = sealer_of(first[-1])
    assert {sealer_of(block) for block in first[begun:]} == {leader}, "one proposes"
    processes[leader].kill()
    killed_at = time.monotonic()
    await live.publish("thing:after")
    blocks = await all_sealed(live)
    assert time.monotonic() - killed_at < 15
    assert sealer_of(blocks[-1]) != leader
    processes[leader].start()
    await ready(processes[leader])
    await live.publish("thing:last")
    assert sealer_of((await all_sealed(live))[-1]) != leader, "who returns stands by"


async def test_one_that_leaves_is_replaced_at_once(live, sealers):
    processes = {name: sealers(name) for name in "ab"}
    await ready(*processes.values())
    await live.publish("thing:1")
    leader = sealer_of((await all_sealed(live))[-1])
    processes[leader].stop()
    await live.publish("thing:2")
    assert sealer_of((await all_sealed(live, timeout_s=5.5))[-1]) != leader


async def test_the_log_signs_a_quorum_and_catches_up_after_a_take_over(live, sealers):
    one = live.checkpoint(4, sha256(b"one").digest())
    two = live.checkpoint(9, sha256(b"two").digest())
    process = sealers("a")
    await ready(process)
    await live.vote(one, "kyiv", "lviv")
    await live.publish("thing:1")
    await all_sealed(live)
    assert await log_signed(live) == [], "two of four are no quorum"
    await live.vote(one, "dnipro")

    async def is_signed(checkpoint):
        return checkpoint in await log_signed(live)

    await until(lambda: is_signed(one), what="signed")
    process.kill()
    await live.vote(two, "kyiv", "lviv", "odesa", "dnipro")
    sealers("b")
    await until(lambda: is_signed(two), what="signed after the take-over")
    assert await log_signed(live) == [one, two], "each once"


async def test_a_broker_that_dies_under_load_costs_nothing(live, sealers, kafka_server):
    processes = [sealers(name) for name in "ab"]
    await ready(*processes)
    for number in range(30):
        await live.publish(f"thing:{number}")
        if number == 15:
            kafka_server.process(0).kill()
            kafka_server.start()
    await all_sealed(live, timeout_s=60)
    for process in processes:
        process.check_alive()


async def test_what_a_sealer_tells_of_itself(live, sealers):
    process = sealers("a", LITOPYS_SEAL_MAX_RECORDS="10")
    await ready(process)
    for number in range(25):
        await live.publish(f"thing:{number}")
    blocks = await all_sealed(live)
    assert max(len(block.records) for block in blocks) <= 10

    async def has_measured():
        page = get(process, "/metrics").decode()
        lines = dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
        return (
            lines["litopys_leader_state"] == "1.0"
            and float(lines["litopys_chain_height_blocks"]) == blocks[-1].block.height
            and float(lines["litopys_block_events_sum"]) == 25
            and float(lines["litopys_seal_seconds_count"]) == len(blocks)
            and float(lines["litopys_unsealed_age_seconds"]) == 0
        )

    await until(has_measured, what="metrics")
    assert get(process, "/healthz") == b'{"status":"ok"}'


async def test_a_key_that_is_not_in_the_network_file_ends_the_process(live, sealers):
    process = sealers("c")

    async def has_ended():
        return process.pid() is None

    await until(has_ended, what="the process has ended")
    assert "not one of sealer c" in process.log_tail()

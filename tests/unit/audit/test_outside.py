"""A ledger audited over its public files: whatever one of them says otherwise is found."""

import pytest

from litopys.audit.fetching import LedgerFiles
from litopys.audit.outside import OutsideAudit
from litopys.errors import VerificationFailed
from litopys.note.checkpoints import Checkpoint
from tests.support.served_log import ServedLog
from tests.support.simulated import Counting

MANY = 300


class StoredCounting(Counting):
    def encode_state(self, state):
        return str(state).encode()

    def decode_state(self, _aggregate, data):
        return int(data)


@pytest.fixture
def log():
    made = ServedLog()
    made.seal([(f"thing:{number}", 1, {}) for number in range(MANY)])
    made.seal([("thing:1", 2, {}), ("thing:2", 9, {}), ("thing:3", 2, {"data": {"refuse": "value"}})])
    made.seal([("thing:1", 3, {})])
    made.finish()
    return made


def auditing(log, *, knows_network=True, rules=True):
    return OutsideAudit(
        LedgerFiles(log.fetch),
        policy=log.network.policy(),
        network=log.network if knows_network else None,
        load_rules=(lambda _sector, _version: StoredCounting()) if rules else None,
    )


@pytest.mark.parametrize("knows_network", [True, False])
@pytest.mark.parametrize("rules", [True, False])
def test_an_honest_log_is_fine(log, knows_network, rules):
    one = auditing(log, knows_network=knows_network, rules=rules)
    report = one.run()
    assert report.findings == []
    assert report.counts == {"cosigners": 3, "blocks": 3, "entries": MANY + 5, "refused records": 2, "tiles": 3}
    assert one.checkpoint == log.files["/checkpoint"]
    assert bool(report.not_checked) == (not (knows_network and rules))


def test_bytes_all_over_every_small_file_count():
    """All but entries and tiles, which have tests of their own."""
    log = ServedLog()
    log.seal([("thing:1", 1, {}), ("thing:2", 1, {})])
    log.seal([("thing:1", 2, {}), ("thing:2", 9, {}), ("thing:3", 2, {"data": {"refuse": "value"}})])
    log.seal([("thing:1", 3, {})])
    log.finish()
    paths = [path for path in log.files if not path.startswith(("/tile", "/block/0"))]
    assert len(paths) == 8
    for path in paths:
        honest = log.files[path]
        for place in range(0, len(honest), max(1, len(honest) // 30)):
            log.files[path] = honest[:place] + bytes([honest[place] ^ 1]) + honest[place + 1 :]
            assert auditing(log).run().has_failed, f"{path} at {place}"
        log.files[path] = honest


@pytest.mark.parametrize("knows_network", [True, False])
@pytest.mark.parametrize("path", ["/tile/0/000", "/tile/0/001.p/49", "/tile/1/000.p/1"])
def test_a_forged_tile_is_found(log, path, knows_network):
    log.files[path] = log.files[path][:-1] + b"\0"
    report = auditing(log, knows_network=knows_network).run()
    assert [one.place for one in report.findings] == ["tile"]


@pytest.mark.parametrize("knows_network", [True, False])
@pytest.mark.parametrize("path", ["/tile/entries/000", "/tile/entries/001.p/49"])
def test_a_forged_entry_is_found(log, path, knows_network):
    data = log.files[path]
    place = data.rindex(b'"actor":"o:1"')
    log.files[path] = data[:place] + data[place:].replace(b"o:1", b"o:2", 1)
    assert auditing(log, knows_network=knows_network).run().findings[0].place == "block"


@pytest.mark.parametrize("knows_network", [True, False])
def test_a_missing_tile_is_found(log, knows_network):
    del log.files["/tile/1/000.p/1"]
    report = auditing(log, knows_network=knows_network).run()
    assert "is not served" in report.findings[0].what


def test_the_reason_of_a_refusal_is_judged_again(log):
    """A ledger whose validators all gave another reason: digests and tree agree, the rules do not."""

    class Lenient(StoredCounting):
        def evolve(self, state, event):
            return (state or 0) + 1

    one = auditing(log)
    one._load_rules = lambda _sector, _version: Lenient()
    assert "refuse them for other reasons" in one.run().findings[0].what


def test_versions_count_without_the_network_file(log):
    """What a quorum admitted in a stream out of turn shows with the policy alone."""
    forged = ServedLog()
    forged._streams = {"thing:1": (4, 0, 4)}
    forged._streams = {name: type(next(iter(log._streams.values())))(*one) for name, one in forged._streams.items()}
    forged.seal([("thing:1", 5, {})])
    forged.finish()
    assert "not the next of its stream" in auditing(forged, knows_network=False).run().findings[0].what
    assert auditing(forged).run().has_failed


def test_it_goes_on_from_an_earlier_checkpoint():
    log = ServedLog()
    log.seal([("thing:1", 1, {}), ("thing:2", 1, {})])
    log.finish()
    earlier = log.files["/checkpoint"]
    log.seal([("thing:1", 2, {})])
    log.finish()
    assert auditing(log).run(since=earlier).findings == []


def test_a_rewritten_history_is_found():
    log = ServedLog()
    log.seal([("thing:1", 1, {}), ("thing:2", 1, {})])
    checkpoint = log.finish()
    other = log.simulated.final_note(Checkpoint(checkpoint.origin, 2, b"\5" * 32))
    report = auditing(log).run(since=other)
    assert "history was rewritten" in report.findings[0].what


def test_a_log_that_went_back_is_found(log):
    ahead = log.simulated.final_note(Checkpoint(log.network.origin, 10_000, b"\5" * 32))
    assert "behind the earlier size" in auditing(log).run(since=ahead).findings[0].what


def test_an_earlier_checkpoint_of_nobody_is_refused(log):
    with pytest.raises(VerificationFailed):
        auditing(log).run(
            since=log.simulated.final_note(Checkpoint(log.network.origin, 1, b"\5" * 32), ["log", "kyiv"])
        )


def test_a_checkpoint_without_quorum_is_found(log):
    checkpoint = Checkpoint(log.network.origin, len(log.entries), b"\5" * 32)
    log.files["/checkpoint"] = log.simulated.final_note(checkpoint, ["log", "kyiv"])
    assert auditing(log).run().findings[0].place == "checkpoint"


def test_a_quorum_on_another_root_is_found(log):
    log.files["/checkpoint"] = log.simulated.final_note(Checkpoint(log.network.origin, len(log.entries), b"\5" * 32))
    report = auditing(log).run()
    assert report.findings[0].what == "its root is not that of the entries"

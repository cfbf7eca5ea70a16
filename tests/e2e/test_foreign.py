"""Other people's verifiers, set upon a network that runs."""

import json

import pytest

from deploy.local.ports import wait_until
from litopys.cli.http import get
from tests.e2e.conftest import head, registrars_of
from tests.interop import foreign
from tests.interop.foreign import ForeignRefusal

pytestmark = [pytest.mark.e2e, pytest.mark.interop, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def document(network):
    return json.loads(network.layout.network_file.read_text())


@pytest.fixture(scope="module")
def base(network):
    """A validator's URL, once there is something final under it."""
    registrars = registrars_of(network)
    for number in range(1, 6):
        registrars.record(f"8700000000:00:001:{number:04}")
    wait_until(lambda: head(network).tree_size > 5, what="a final block", timeout_s=60)
    return network.network().validators[0].url


@pytest.fixture(scope="module")
def receipt(base):
    return get(f"{base}/receipt/1")


def had(program):
    try:
        program()
    except foreign.ForeignMissing as missing:
        pytest.skip(f"not checked by others: {missing}")


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_go_sumdb_authenticates_every_tile_and_entry(base, document):
    had(foreign.outsider)
    assert "cosigned by" in foreign.check_with_go_sumdb(base, document)


def test_tessera_rebuilds_the_log_under_every_key(base, document):
    had(foreign.tessera_fsck)
    for validator in (None, *foreign._validators(document)):
        assert "Successfully fsck'd log" in foreign.check_with_tessera_fsck(base, document, validator=validator)


@pytest.mark.parametrize("check", ["transparency_dev", "proofbundle"])
def test_receipts_are_accepted_and_a_flipped_bit_is_not(receipt, document, check):
    had({"transparency_dev": foreign.outsider, "proofbundle": foreign.proofbundle}[check])
    verify = getattr(foreign, f"check_with_{check}")
    assert verify(receipt, document)
    for words in (b"extra ", b"index ", b"\n\n" + document["origin"].encode() + b"\n"):
        with pytest.raises(ForeignRefusal):
            verify(flipped(receipt, receipt.index(words) + len(words)), document)

"""Keys that collide by their 32-bit ids: too costly to make for a test, so the ids are forced."""

from dataclasses import replace

import pytest

from litopys.errors import Malformed
from litopys.event.signatures import batch_key_id
from litopys.ledger.network import ProvenKey
from litopys.ledger.network_checks import check_network
from litopys.note.vkeys import ED25519, make_signer
from tests.support.simulated import ORIGIN, Simulated, key_value

SIMULATED = Simulated()
NAMES = ("sealer/a", "energy")


def network_with_second_keys():
    def change(document):
        second = {name: key_value(make_signer(f"{ORIGIN}/{name}", ED25519, name.encode().ljust(32))) for name in NAMES}
        document["sealers"].append({**document["sealers"][0], **second["sealer/a"]})
        keys = document["sectors"][0]["keys"]
        keys.append({**keys[0], **second["energy"]})

    return SIMULATED.network(change)


def with_id(key: ProvenKey, key_id: bytes) -> ProvenKey:
    return key._replace(vkey=key.vkey._replace(key_id=key_id))


def test_two_keys_of_one_name_and_id_are_refused():
    network = network_with_second_keys()
    check_network(network)
    first, second = network.sealers
    forced = second._replace(key=with_id(second.key, first.key.vkey.key_id))
    with pytest.raises(Malformed, match="share name and key id"):
        check_network(replace(network, sealers=(first, forced)))


def test_ids_of_batches_count():
    network = network_with_second_keys()
    sector = network.sectors[0]
    first, second = sector.keys
    batch_id = batch_key_id(first.key.vkey.name, first.key.vkey.public.raw)
    forced = second._replace(key=with_id(second.key, batch_id))
    with pytest.raises(Malformed, match="share name and key id"):
        check_network(replace(network, sectors=(sector._replace(keys=(first, forced)), *network.sectors[1:])))

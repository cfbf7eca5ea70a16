"""Keys of a small network, the same in every run; they sign for nobody."""

from hashlib import sha256

from litopys.note.vkeys import ED25519, ED25519_COSIGNATURE, make_signer

ORIGIN = "litopys.example/test"
NAMES = ("kyiv", "lviv", "odesa", "dnipro")


def seed(name):
    return sha256(name.encode()).digest()


LOG = make_signer(ORIGIN, ED25519, seed("log"))
STRANGER = make_signer("stranger.example", ED25519, seed("stranger"))
VALIDATORS = {name: make_signer(f"{ORIGIN}/validator/{name}", ED25519_COSIGNATURE, seed(name)) for name in NAMES}

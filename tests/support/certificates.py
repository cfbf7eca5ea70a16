"""A certificate authority of the test's own: a certificate for whoever needs one, known by its common name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from litopys.kafka.address import TlsFiles

LOCALHOST = "localhost"
_DAY = timedelta(days=1)


class Authority:
    """Issues certificates for this machine into `folder`; the same files each time for the same name."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _common_name("a test's authority")
        ca = self._certificate(self._name, self._key.public_key(), is_authority=True)
        (folder / "ca.crt").write_bytes(ca.public_bytes(Encoding.PEM))

    def files(self, name: str) -> TlsFiles:
        """The three files of whoever is called `name`."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        if not key.exists():
            private = ec.generate_private_key(ec.SECP256R1())
            issued = self._certificate(_common_name(name), private.public_key(), is_authority=False)
            certificate.write_bytes(issued.public_bytes(Encoding.PEM))
            key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return TlsFiles(self.folder / "ca.crt", certificate, key)

    def key_store(self, name: str) -> Path:
        """Key and certificate in one file, as Java wants them."""
        files, store = self.files(name), self.folder / f"{name}.pem"
        store.write_bytes(files.key.read_bytes() + files.certificate.read_bytes())
        return store

    def _certificate(self, name: x509.Name, key: ec.EllipticCurvePublicKey, *, is_authority: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        names = x509.SubjectAlternativeName([x509.DNSName(LOCALHOST)])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(names, critical=False)
        )
        return made.sign(self._key, hashes.SHA256())


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

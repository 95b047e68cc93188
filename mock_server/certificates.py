"""A certificate authority created at start-up, and this server's certificate signed by it."""

import datetime
import ipaddress
import re
from collections.abc import Sequence
from pathlib import Path

NAMES = ("localhost", "*.localhost", "*.blob.localhost")
ADDRESSES = ("127.0.0.1", "::1")
VALID_DAYS = 30
_NAME = re.compile(r"(?:\*\.)?[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?", re.IGNORECASE | re.ASCII)


def make(directory: Path, hosts: Sequence[str]) -> tuple[Path, Path]:
    """Create a certificate authority and a server certificate with its key; returns the paths of the two files.

    The certificate is for loopback and for `hosts`, names or addresses. `cryptography` is imported here so that a start
    without TLS does not pay for it.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime.now(datetime.UTC)
    period = (now - datetime.timedelta(hours=1), now + datetime.timedelta(days=VALID_DAYS))
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mock_server authority")])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    authority = (
        x509.CertificateBuilder(ca_name, ca_name, ca_key.public_key(), x509.random_serial_number(), *period)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .add_extension(usage, critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    own_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mock_server")])
    alternatives: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(name)) if _is_address(name) else x509.DNSName(name)
        for name in dict.fromkeys((*NAMES, *ADDRESSES, *hosts))
    ]
    certificate = (
        x509.CertificateBuilder(ca_name, own_name, key.public_key(), x509.random_serial_number(), *period)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    ca_path, own_path = directory / "ca.pem", directory / "server.pem"
    ca_path.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    own_path.touch(mode=0o600)
    own_path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return ca_path, own_path


def first_invalid_name(hosts: Sequence[str]) -> str | None:
    """Return the first that is neither a host name nor an address, or None."""
    return next((host for host in hosts if not _is_address(host) and not _NAME.fullmatch(host)), None)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

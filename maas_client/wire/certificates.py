"""The certificate authorities that servers are verified with, and the environment variables that choose them."""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

from ..core.errors import NetworkSettingsError
from .httpx_import import httpx

BUNDLES = ("MAAS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""The variables that name certificate authorities, by precedence; the second and third are read by azure-identity."""

KEY_LOG = "SSLKEYLOGFILE"

_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
"""The names by which OpenSSL finds the certificates in a folder."""

_UNKNOWN_AUTHORITY = re.compile(r"unable to get (?:local )?issuer|self.signed certificate")


def tls_context(ca_bundle: str | None = None) -> ssl.SSLContext:
    """Return a context that trusts `ca_bundle`, else the authorities that the environment names, else certifi's.

    Raises NetworkSettingsError, which names the variable, if what it names cannot be used.
    """
    _check_key_log()
    variable, place = ("ca_bundle", ca_bundle) if ca_bundle else chosen_bundle()
    if not place:
        return httpx.create_ssl_context(trust_env=False)
    folders = [part for part in place.split(os.pathsep) if Path(part).is_dir()]
    try:
        if not folders:
            return ssl.create_default_context(cafile=place)
        if not any(_HASHED.fullmatch(name) for folder in folders for name in _names(folder)):
            why = f"the folder {place!r} has no certificate under its hash; run `openssl rehash` on it, or name a file"
            raise NetworkSettingsError(variable, why)
        context = ssl.create_default_context(capath=folders[0])
        for folder in folders[1:]:
            context.load_verify_locations(capath=folder)
    except (OSError, ValueError) as error:
        raise NetworkSettingsError(variable, f"the CA bundle {place!r} cannot be used: {_reason(error)}") from None
    return context


def no_tls() -> ssl.SSLContext:
    """Return a context without certificate authorities, for endpoints over plain http: loading them takes 40 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def chosen_bundle() -> tuple[str, str]:
    """Return the variable that chooses the certificate authorities, and its value; empty without one."""
    found = ((name, os.environ.get(name, "").strip()) for name in BUNDLES)
    return next(((name, place) for name, place in found if place), ("", ""))


def advice_on(failure: str) -> str:
    """Return what to do about a failed handshake; empty unless its certificate is of an unknown authority."""
    if not _UNKNOWN_AUTHORITY.search(failure):
        return ""
    variable, place = chosen_bundle()
    trusted = f"the authorities in {variable}={place}" if variable else "the public authorities only"
    return (
        f"; trusted are {trusted}. If your company inspects TLS, set REQUESTS_CA_BUNDLE to a PEM file with its CA and "
        f"the public ones ({', '.join(name for name in BUNDLES if name != 'REQUESTS_CA_BUNDLE')} are read, too)"
    )


def _names(folder: str) -> Iterator[str]:
    return (entry.name for entry in Path(folder).iterdir())


def _check_key_log() -> None:
    """Raise NetworkSettingsError if the file for TLS session keys, which every context opens, can't be written."""
    place = os.environ.get(KEY_LOG, "")
    if not place or sys.flags.ignore_environment:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).keylog_filename = place
    except (OSError, ValueError) as error:
        raise NetworkSettingsError(KEY_LOG, f"the file {place!r} cannot be written: {_reason(error)}") from None


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, ssl.SSLError):
        return "it contains no valid certificate in PEM format"
    return (error.strerror if isinstance(error, OSError) else "") or str(error)

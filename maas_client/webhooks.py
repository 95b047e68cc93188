"""Webhooks of Foundry: whether a delivery is the service's own, and what it says.

In a receiver::

    event = verify(request.headers, request.body, secret)
    if event.type == "fine_tuning.job.succeeded":
        print(event.job_id)

Deliveries follow the Standard Webhooks (github.com/standard-webhooks/standard-webhooks, version 1): the signature in
`webhook-signature` is an HMAC-SHA256 of the id, the time and the body as it came, under the secret that the service
showed when the webhook endpoint was added (learn.microsoft.com/azure/foundry/openai/how-to/webhooks, 2026).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Protocol

from pydantic import BeforeValidator

from .core.errors import InvalidInput, InvalidSignature
from .core.http_messages import parse_json
from .core.json_fields import is_object
from .core.secret_arguments import takes_secrets
from .core.secret_text import SecretText
from .core.text import one_line
from .core.timestamps import parse_timestamp, unix_timestamp
from .core.values import Text, Value, at

TOLERANCE = 300.0
"""Seconds that a delivery's time may differ from now, as the reference implementations have it."""

_ID, _TIME, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
_VERSION = b"v1,"
_MOST_SIGNATURES = 32
_SECONDS = re.compile(r"[0-9]{1,15}")


class Headers(Protocol):
    """Headers as any framework has them: a mapping, or another object with their names and values as `items()`."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return each header's name, in upper or lower case, and its value."""
        ...


class WebhookEvent(Value):
    """What a webhook says, after its signature was verified.

    `type` is such as `fine_tuning.job.succeeded`, `.failed` or `.cancelled`, and `job_id` the service's id of the job.
    `created_at` is ISO 8601. A delivery may come more than once: `delivery_id` is the same each time. `raw` is the
    whole document.
    """

    _shown_first = ("type", "job_id")

    id: Text = ""
    type: Text = ""
    created_at: Annotated[str, BeforeValidator(unix_timestamp)] = ""
    # Assumption: The delivery of a webhook has the id of the job in `data.id`.
    # Shown wrong by: A delivery for the step's job without it, at a receiver of your own that was registered before.
    # Verified by: tuning job to its end
    # If wrong: `job_id` is empty; `raw` has the whole document.
    # Also in: mock_server/resources/foundry_webhooks.py
    job_id: Annotated[Text, at("data", "id")] = ""
    delivery_id: Text = ""

    @property
    def created(self) -> datetime | None:
        """When it happened, with its time zone; None if the service does not say."""
        return parse_timestamp(self.created_at)


@takes_secrets("secret")
def verify(
    headers: Headers,
    body: bytes | str,
    secret: str | SecretText | Iterable[str | SecretText],
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> WebhookEvent:
    """Return the event of a delivery whose signature is valid.

    Args:
        headers: the request's headers.
        body: the request's body as it came, as bytes or text. JSON that was parsed and written again has another
            signature.
        secret: the secret of the webhook endpoint, or several while it is replaced.
        tolerance: seconds that the delivery's time may differ from now, before or after.
        now: the time in seconds since 1970, by default the machine's.

    Returns:
        The event; `event.delivery_id` identifies a repeated delivery.

    Raises:
        InvalidSignature: a header is missing, the time is too far from now, or no signature is valid. Answer with 400.
        InvalidInput: a secret is empty or not base64, the body is no bytes and no text, or it is not a JSON object
            although it is signed.
    """
    secrets = _hidden(secret)
    del secret
    if not tolerance >= 0:
        raise InvalidInput(f"tolerance must be a number of seconds, not {tolerance!r}")
    sent = _standard_headers(headers)
    _check_time(sent[_TIME], datetime.now(UTC).timestamp() if now is None else now, tolerance)
    content = _content(body)
    signed = b".".join((_octets(sent[_ID]), _octets(sent[_TIME]), content))
    if not _is_signed(signed, sent[_SIGNATURE], secrets):
        raise InvalidSignature(
            "no signature matches; check that the secret is this webhook endpoint's, and that the body is as it came"
        )
    return _event(content, sent[_ID])


def _hidden(secret: str | SecretText | Iterable[str | SecretText]) -> tuple[SecretText, ...]:
    """Return the secrets, whose values no traceback shows; raise InvalidInput for one that cannot be a key."""
    given = (secret,) if isinstance(secret, str | SecretText) else secret
    secrets = tuple(SecretText.of(each) for each in given)
    if not secrets or not all(map(_key, secrets)):
        del secret, given
        raise InvalidInput(
            f"the secret of a webhook must be the text that the service showed when it was added: {_PREFIX} and base64"
        )
    return secrets


def _key(secret: SecretText) -> bytes:
    """Return the key that a secret stands for; empty if it stands for none."""
    written = secret.reveal().strip()
    if not written.startswith(_PREFIX):  # as openai 3.54 `lib/_webhooks.py` reads it
        return written.encode("utf-8", "surrogatepass")
    digits = written.removeprefix(_PREFIX).rstrip("=")
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _standard_headers(headers: Headers) -> dict[str, str]:
    """Return the three headers of a delivery; several signature headers are read as one."""
    found: dict[str, list[str]] = {_ID: [], _TIME: [], _SIGNATURE: []}
    for name, value in headers.items():
        if (lower := name.lower()) in found:
            found[lower].append(value.strip())
    missing = [name for name, values in found.items() if not any(values)]
    if missing:
        raise InvalidSignature(f"the header {missing[0]} is missing")
    if len({*found[_ID]}) > 1 or len({*found[_TIME]}) > 1:
        raise InvalidSignature("the id or the time is given twice")
    return {name: " ".join(values) if name == _SIGNATURE else values[0] for name, values in found.items()}


def _check_time(written: str, now: float, tolerance: float) -> None:
    """Raise InvalidSignature for a time that is too far from now: a delivery that was recorded could be repeated."""
    if not _SECONDS.fullmatch(written):
        raise InvalidSignature(f"{_TIME} is not a number of seconds")
    ahead = int(written) - now
    if not abs(ahead) <= tolerance:  # neither is true of NaN
        where = "ahead of" if ahead > 0 else "behind"
        raise InvalidSignature(
            f"its time is {abs(ahead):.0f} s {where} this machine's, and up to {tolerance:.0f} s are allowed"
        )


def _is_signed(signed: bytes, signatures: str, secrets: Iterable[SecretText]) -> bool:
    """Return whether one of the signatures is valid under one of the secrets, in a time that does not reveal which."""
    given = [_octets(each).removeprefix(_VERSION) for each in signatures.split() if each.startswith(_VERSION.decode())]
    matches = [
        hmac.compare_digest(base64.b64encode(hmac.digest(_key(secret), signed, "sha256")), each)
        for secret in secrets
        for each in given[:_MOST_SIGNATURES]
    ]
    return any(matches)


def _event(content: bytes, delivery_id: str) -> WebhookEvent:
    try:
        document: object = parse_json(content)
    except ValueError as error:
        raise InvalidInput(f"the webhook's signature is valid, but its body is not JSON: {error}") from None
    if not is_object(document):
        raise InvalidInput("the webhook's signature is valid, but its body is not a JSON object")
    return WebhookEvent.read(document).model_copy(update={"delivery_id": one_line(delivery_id)})


def _content(body: bytes | str) -> bytes:
    """Return a body as it came; raise InvalidInput for one that a framework has parsed."""
    if isinstance(body, str):
        return _octets(body)
    try:
        return bytes(memoryview(body))
    except TypeError:
        kind = type(body).__name__
    raise InvalidInput(
        f"the body of a delivery is verified as it came, as bytes or text, and not as {kind}: JSON that was parsed and "
        "written again has another signature"
    )


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

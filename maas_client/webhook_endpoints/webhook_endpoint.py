"""A webhook endpoint as a value, and the secret that the service shows once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from ..core.json_fields import is_array
from ..core.secret_text import Secret, SecretText
from ..core.text import one_line
from ..core.timestamps import parse_timestamp, unix_timestamp
from ..core.values import Text, Value, at


def _names(value: object) -> tuple[str, ...]:
    return tuple(one_line(each) for each in value if isinstance(each, str)) if is_array(value) else ()


class WebhookEndpoint(Value):
    """A URL that the service calls when a job ends. `secret_hint` is the beginning of its signing secret.

    Deliveries are verified by `maas_client.webhooks.verify`. `created_at` is ISO 8601. `raw` keeps the service's whole
    document, without the secret.
    """

    id: Text = ""
    name: Text = ""
    url: Text = ""
    event_types: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    secret_hint: Annotated[Text, at("signing_secret_hint")] = ""
    created_at: Annotated[str, BeforeValidator(unix_timestamp)] = ""

    @property
    def created(self) -> datetime | None:
        """When it was registered, with its time zone; None if the service does not say."""
        return parse_timestamp(self.created_at)

    def __str__(self) -> str:
        return f"webhook {self.name or self.id}: {self.url}"


@dataclass(frozen=True, slots=True)
class NewWebhookEndpoint(Secret):
    """A webhook endpoint that was just registered, and its signing secret. The service does not show it again.

    `signing_secret.reveal()` is what `maas_client.webhooks.verify` takes; keep it where secrets are kept.
    """

    endpoint: WebhookEndpoint
    signing_secret: SecretText = field(repr=False)

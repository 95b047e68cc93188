"""What carries a client's requests: whom it trusts, whose clock it waits on, and whether they are recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from ssl import SSLContext
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from .azure.settings import base_url
from .core.errors import SettingsError
from .resources import Resources, view_of
from .settings_choice import AnySettings
from .wire import BlockingWire, Wire, no_tls

if TYPE_CHECKING:
    from .http.channel import Channel
    from .recording.recording import Recording
    from .wire import HttpxClient, HttpxLimits, HttpxTransport

W = TypeVar("W", bound=Wire)


def verify_for(settings: AnySettings) -> SSLContext | None:
    """The TLS context to verify servers with: none is trusted where the endpoint, and so every URL, is plain http."""
    return no_tls() if settings.endpoint.startswith("http://") else None


def blocking_wire(
    settings: AnySettings,
    *,
    verify: SSLContext | None = None,
    transport: HttpxTransport | None = None,
    http_client: HttpxClient | None = None,
    limits: HttpxLimits | None = None,
) -> BlockingWire:
    """Return a blocking wire; where the settings say that the endpoint is a mock server, it waits on its clock."""
    make = partial(BlockingWire, verify=verify, transport=transport, http_client=http_client, limits=limits)
    if not settings.is_mock:
        return make()
    from .wire.mock_clock import MockClock

    clock = MockClock(settings.endpoint)
    return make(sleep=clock.sleep, now=clock.now, clock=clock.now)


def recording_asked_for(environ: Mapping[str, str]) -> Recording | None:
    """Return the recording that MAAS_RECORD asks for; without one return None, and do not import `recording`."""
    if not environ.get("MAAS_RECORD"):
        return None
    from .recording.recording import recording_from

    return recording_from(environ)


def over_recording(resources: Resources, recording: Recording | None) -> Resources:
    """Return resources whose exchanges are written to a recording; without one, the same resources."""
    if recording is None:
        return resources
    from .recording.recorder import RecordingWire

    return view_of(resources, lambda channel: channel.over(RecordingWire(channel.wire, recording)))


def over_replay(resources: Resources, environ: Mapping[str, str]) -> Resources:
    """Return resources that ask the replay at MAAS_REPLAY first; without one, the same resources."""
    endpoint = environ.get("MAAS_REPLAY", "").strip()
    if not endpoint:
        return resources
    from .recording.replay_first import ReplayFirstWire

    return over_wire(resources, lambda wire: ReplayFirstWire(wire, local_base(endpoint)))[0]


def local_base(endpoint: str) -> str:
    """Return the URL of a replay; raise SettingsError if it is not of this machine."""
    base = base_url(endpoint)
    if urlsplit(base).scheme != "http":  # which `base_url` allows on this machine only
        raise SettingsError(f"MAAS_REPLAY={endpoint} is no replay on this machine, such as http://127.0.0.1:8765")
    return base


def over_wire(resources: Resources, around: Callable[[Wire], W]) -> tuple[Resources, W]:
    """Return the same resources over a wire around their own, and that wire."""
    wires: list[W] = []

    def over(channel: Channel) -> Channel:
        wires.append(around(channel.wire))
        return channel.over(wires[-1])

    view = view_of(resources, over)
    return view, wires[-1]

"""The operations of Azure's services on this server, by name: what the journal and fault rules call them."""

from collections.abc import Mapping

from mock_server.http.routing import Handler
from mock_server.surfaces import blob, history, inference, management, registry, scoring
from mock_server.surfaces.foundry import data_plane, project

SURFACES = (
    management.SURFACE,
    history.SURFACE,
    inference.SURFACE,
    scoring.SURFACE,
    registry.SURFACE,
    blob.SURFACE,
    data_plane.V1_SURFACE,
    data_plane.DATED_SURFACE,
    project.SURFACE,
)

OPERATIONS: Mapping[str, Handler] = {
    name: handler for surface in SURFACES for name, handler in sorted(surface.operations.items())
}
"""Each operation with what handles it. The server's own routes are not among them: faults do not apply to those."""

"""A program that replays a cassette and does a whole job against it; it can reach nothing but the replay.

python replayed_job.py CASSETTE SURFACE KIND ROWS FOLDER prints what came of the job as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

HELPERS = Path(__file__).parents[1] / "helpers"


def main(cassette: str, surface: str, kind: str, rows: str, folder: str) -> None:
    """Replay, and print the results."""
    sys.path.insert(0, str(HELPERS))
    import whole_jobs

    from maas_client import AsyncMaasClient
    from maas_client.client import Resources, blocking_wire
    from maas_client.core.blocking import run
    from maas_client.settings_choice import resolve
    from mock_server import serve_replay

    work = {"azure_ml": whole_jobs.azure_ml, "own_compute": whole_jobs.own_compute, "foundry": whole_jobs.foundry}
    with serve_replay(cassette) as server:
        allow_only(int(server.endpoint.rpartition(":")[2]))
        os.environ |= variables(surface, server.endpoint)
        if kind == "blocking":
            settings = resolve(environ=os.environ, directory=Path(folder))
            wire = blocking_wire(settings)
            found = run(work[surface](Resources(wire, settings, None), Path(rows), Path(folder)))
            wire.close()
        else:

            async def on_a_loop() -> Any:
                async with AsyncMaasClient.from_env() as maas:
                    return await work[surface](maas, Path(rows), Path(folder))

            found = asyncio.run(on_a_loop())
        unmatched = list(server.unmatched())
    print(json.dumps({"found": found, "unmatched": unmatched}, default=str))


def variables(surface: str, endpoint: str) -> dict[str, str]:
    """Return the environment of an app that uses a server on this machine."""
    if surface == "foundry":
        return {"MAAS_MOCK": "1", "FOUNDRY_ENDPOINT": f"{endpoint}/api/projects/theirs"}
    names = {"AZURE_SUBSCRIPTION_ID": "their-sub", "AZURE_RESOURCE_GROUP": "their-group", "AZUREML_WORKSPACE_NAME": "w"}
    return {"MAAS_MOCK": "1", "MAAS_ENDPOINT": endpoint, **names}


def allow_only(port: int) -> None:
    """Refuse every connection but those to a port of this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any, /) -> None:  # Any: as in typeshed
        if address[:2] != ("127.0.0.1", port):
            raise OSError(f"this process may connect to the replay only, and not to {address}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign,assignment]  # a guard for the whole process
    socket.socket.connect_ex = guarded  # type: ignore[method-assign,assignment]  # nothing here reads its result


if __name__ == "__main__":
    main(*sys.argv[1:])

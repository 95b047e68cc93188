"""The peer of the mock server's start: Starlette and uvicorn with one route, and nothing else."""

import json
import os
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def health(_: Request) -> JSONResponse:
    """Say that the server answers."""
    return JSONResponse({"status": "ok"})


def main(url_file: Path) -> None:
    """Serve on any free port and write the address to a file."""
    listener = socket.create_server(("127.0.0.1", 0))
    temporary = url_file.with_suffix(".new")
    temporary.write_text(json.dumps({"endpoint": f"http://127.0.0.1:{listener.getsockname()[1]}", "pid": os.getpid()}))
    temporary.replace(url_file)
    app = Starlette(routes=[Route("/_mock/health", health)])
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[-1]))

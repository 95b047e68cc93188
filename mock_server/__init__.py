"""A local server that speaks the wire protocol of Azure Machine Learning's serverless fine-tuning.

From a program, `with mock_server.serve() as server:`; from any language, `python -m mock_server`. A recording is played
back by `with mock_server.serve_replay("job.jsonl") as server:`, or `python -m mock_server --replay job.jsonl`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_server.replay_server import ReplayServer as ReplayServer, serve_replay as serve_replay
    from mock_server.server import Server as Server, serve as serve

__all__ = ["ReplayServer", "Server", "serve", "serve_replay"]


def __getattr__(name: str) -> object:
    """Import the server on first use: pytest imports this package whether or not a test wants it."""
    if name in __all__:
        if name in ("ReplayServer", "serve_replay"):
            from mock_server import replay_server

            return getattr(replay_server, name)
        from mock_server import server

        return getattr(server, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

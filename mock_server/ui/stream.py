"""What changes, as server-sent events for as long as a page listens: looked at a few times a second, told if new."""

import asyncio
from collections.abc import AsyncIterator

from mock_server.core.json_values import dump
from mock_server.state.world import World
from mock_server.ui.overview import Sections, changes, sections

LOOK_SECONDS = 0.3
QUIET_LOOKS = 50  # after so many without news a comment shows that the line is alive


async def events(world: World) -> AsyncIterator[bytes]:
    """Give everything there is as the first event, then what changes."""
    shown: Sections = {}
    quiet = 0
    while not world.closing:
        there = sections(world)
        news = changes(shown, there)
        if not shown:
            news = {"begin": True, "wall": world.wall(), **news}
        if news:
            yield f"data: {dump(news)}\n\n".encode()
        elif quiet >= QUIET_LOOKS:
            yield b": nothing new\n\n"
        quiet = 0 if news or quiet >= QUIET_LOOKS else quiet + 1
        shown = there
        await asyncio.sleep(LOOK_SECONDS)

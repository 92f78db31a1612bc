"""The port of the open interface, as the server has it, in front of an intake of another kind.

So the path, the log-in, the parser and the schema are the same, and the difference is the intake.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from prometheus_client import CollectorRegistry

from ace_server.clock import SystemClock
from ace_server.current import Current
from ace_server.events import Events
from ace_server.figures import Room
from ace_server.intake import Intake
from ace_server.passwords import Passwords
from ace_server.store import Store
from ace_server.workitem.port import Port


async def serve(data: Path, intake: Intake) -> None:
    """Answer work items until standard input is closed."""
    store = Store(data)
    store.open()
    current = Current(store, Events())
    current.load()
    store.close()
    clock = SystemClock()
    port = Port(
        site=current.site,
        secrets=current.secrets,
        intake=intake,
        files=store.files,
        clock=clock,
        passwords=Passwords(),
        registry=CollectorRegistry(),
        room=Room(data, lambda: current.site().system.freeSpaceFloor, clock).has,
        health=lambda: (True, {}),
        metrics=lambda: b"",
    )
    await until_told(port.start, port.stop)


async def until_told(
    start: Callable[[], Awaitable[int]], stop: Callable[[], Awaitable[None]]
) -> None:
    """Start, say on which port, and stop when standard input is closed."""
    print(json.dumps({"ready": True, "workItem": await start()}), flush=True)
    try:
        await asyncio.to_thread(sys.stdin.buffer.read)
    finally:
        await stop()

"""Reading a store from another process: beside a running server, and without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ace_server.errors import Refused, Unavailable
from ace_server.store import engine
from ace_server.store.models import database
from ace_server.store.seam import Seam
from ace_server.store.trouble import TROUBLE


@contextmanager
def reading(data: Path, url: str) -> Iterator[None]:
    """The store as it is now, for jobs that only read; beside a running server, and without one.

    Nothing is brought up to date, cleaned up or locked. Raises Unavailable or Refused.
    """
    connection = engine.connect(url, data, Seam())
    database.initialize(connection)
    try:
        if not connection.exists():
            raise Refused("no-store", f"{data} holds no contacts and no configuration yet")
        connection.connect(reuse_if_open=True)
        connection.begin_reading()
        yield
    except BrokenPipeError:  # ours, not the store's
        raise
    except TROUBLE as error:
        raise Unavailable(f"the store cannot be read: {error}") from error
    finally:
        connection.close()

"""A store used from another process: read beside a running server, and noted in without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ace_server.errors import Refused, Unavailable
from ace_server.store import engine
from ace_server.store.contract import Engine
from ace_server.store.models import database
from ace_server.store.seam import Seam
from ace_server.store.trouble import TROUBLE


@contextmanager
def reading(data: Path, url: str) -> Iterator[None]:
    """The store as it is now, for jobs that only read; beside a running server, and without one.

    Nothing is brought up to date, cleaned up or locked. Raises Unavailable or Refused.
    """
    with _opened(data, url, "read") as connection:
        connection.begin_reading()
        yield


@contextmanager
def looking(data: Path, url: str) -> Iterator[None]:
    """The store for jobs that only read, each as things are then; for what takes long.

    Raises Unavailable or Refused.
    """
    with _opened(data, url, "read"):
        yield


@contextmanager
def writing(data: Path, url: str) -> Iterator[None]:
    """One transaction for jobs that write, where no server runs; nothing is brought up to date.

    Raises Unavailable or Refused.
    """
    with _opened(data, url, "written") as connection:
        connection.begin()
        yield
        connection.commit()


@contextmanager
def _opened(data: Path, url: str, what: str) -> Iterator[Engine]:
    connection = engine.connect(url, data, Seam())
    database.initialize(connection)
    try:
        if not connection.exists():
            raise Refused("no-store", f"{data} holds no contacts and no configuration yet")
        connection.connect(reuse_if_open=True)
        yield connection
    except BrokenPipeError:  # ours, not the store's
        raise
    except TROUBLE as error:
        raise Unavailable(f"the store cannot be {what}: {error}") from error
    finally:
        connection.close()

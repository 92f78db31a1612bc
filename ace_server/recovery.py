"""Memory made anew from the store: at a start, and after a commit of unknown outcome."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec
from msgspec.structs import replace

from ace_server.contact import AgentState
from ace_server.store import Files, contacts, desks, lease, named, news, serving
from ace_server.store.contacts import ContactRow, OpenContact
from ace_server.store.desks import DeskRow
from ace_server.store.serving import Serving

SWEEP = 500
"""Files looked up at a time."""


class Found(msgspec.Struct, frozen=True):
    """Everything that is not ended, and what every agent is doing."""

    open_contacts: list[OpenContact]
    desks: list[DeskRow]
    in_hand: list[ContactRow]  # and those whose wrap-up runs
    served: list[Serving]  # work levels and queues that agents chose


@contextmanager
def undisturbed() -> Iterator[None]:
    """While memory is filled nothing becomes garbage, and a search for some costs as much again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read() -> Found:
    """Read it all; a job."""
    rows = desks.everyone()
    wrap_ups = [contacts.get(row.wrap_up_contact) for row in rows if row.wrap_up_contact]
    return Found(
        contacts.still_open(),
        rows,
        contacts.in_hand() + [row for row in wrap_ups if row is not None],
        serving.everyone(),
    )


def _read_at_work() -> Found:
    """Read it all, and beat: it may take longer than a lease lasts, and a standby waits to take it
    as soon as this is committed."""
    found = read()
    lease.beat()
    return found


def read_and_write() -> Found:
    """Prove that the store can be written again, and read it all; a job."""
    contacts.await_writers()
    contacts.prove_writable()
    news.clear()
    return _read_at_work()


def after_restart(now: datetime) -> Found:
    """Booked contacts return to their old places (P6), then read it all; a job."""
    contacts.await_writers()
    news.clear()
    contacts.unbook(now)
    for row in desks.everyone():
        if row.state is AgentState.BOOKED:
            desks.save(_unbooked(row, now))
    return _read_at_work()


def _unbooked(row: DeskRow, now: datetime) -> DeskRow:
    if row.pause_wanted:
        return DeskRow(
            row.login,
            AgentState.PAUSED,
            now,
            activity=row.wanted_activity,
            last_entrance=row.last_entrance,
        )
    return replace(row, state=AgentState.READY, since=now, until=None)


def sweep(files: Files) -> None:
    """Remove kept files that nothing names, left by a kill before their row; a job."""
    kept = list(files.kept())
    for start in range(0, len(kept), SWEEP):
        for digest in named.unnamed(kept[start : start + SWEEP]):
            files.remove(digest)

"""What a replay of some time reads: what came in and became of it, and what every agent did.

With the configuration that is all that routing decided on. Contacts and their history stand where
they always do; of agents one row is kept for each change. No text is read, and none is kept.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from peewee import fn

from ace_server.contact import AgentState
from ace_server.store import history
from ace_server.store.history import Happening
from ace_server.store.models import (
    Contact,
    DeskHistory,
    database,
    rows,
)

PAGE = 500
"""Rows read at a time."""

_decode_data = msgspec.json.Decoder(dict[str, str]).decode
_decode_logged = msgspec.json.Decoder(dict[str, bool]).decode


class AgentChange(msgspec.Struct, frozen=True):
    """What an agent's desk came to at a moment, and stayed until the next."""

    login: str
    at: datetime
    state: AgentState
    work_level: str
    logged: dict[str, bool]  # queue or waiting list = in or out


class TakenIn(msgspec.Struct, frozen=True):
    """A contact as it was taken in, with all that happened to it, oldest first."""

    id: int
    account: str
    entrance: str
    data: dict[str, str]  # as it is today: what an agent has edited is in it
    received_at: datetime
    first_queued_at: datetime | None
    place: int | None
    happenings: tuple[Happening, ...]


_CHANGE = (
    DeskHistory.id,
    DeskHistory.login,
    DeskHistory.at,
    DeskHistory.state,
    DeskHistory.work_level,
    DeskHistory.detail,
)
_CONTACT = (
    Contact.id,
    Contact.account,
    Contact.entrance,
    Contact.data,
    Contact.received_at,
    Contact.first_queued_at,
    Contact.place,
)


def note(login: str, state: AgentState, at: int) -> None:
    """Keep what an agent's desk has come to, where that differs from what was kept last.

    `at` as stored. It is written with those of other jobs, and with what the agent serves then.
    """
    database.add_line(_insertion(database.param, is_saved=False), (at, login, state))


def note_choice(login: str, at: int) -> None:
    """The same, where what the agent serves has been saved, and may be another."""
    database.execute_sql(_insertion(database.param, is_saved=True), (at, login))


@cache
def _insertion(mark: str, *, is_saved: bool) -> str:
    """Written once; the state is a value, or the one that is saved."""
    desk = f"SELECT CAST({mark} AS TEXT) AS login, CAST({mark} AS TEXT) AS state"
    if is_saved:
        desk = f"SELECT login, state FROM desk WHERE login = {mark}"
    return (
        "INSERT INTO desk_history (login, at, state, work_level, detail) "
        f"SELECT now.login, CAST({mark} AS BIGINT), now.state,"
        " COALESCE(serving.work_level, ''), COALESCE(serving.logged, '{}')"
        f" FROM ({desk}) AS now LEFT JOIN serving ON serving.login = now.login"
        " LEFT JOIN desk_history AS last"
        " ON last.id = (SELECT MAX(id) FROM desk_history WHERE login = now.login)"
        " WHERE last.id IS NULL OR last.state <> now.state"
        " OR last.work_level <> COALESCE(serving.work_level, '')"
        " OR last.detail <> COALESCE(serving.logged, '{}')"
    )


def agents_between(start: datetime, end: datetime) -> Iterator[AgentChange]:
    """Each agent's last change before `start`, then every change before `end`, in their order.

    Reads page by page.
    """
    database.write_lines()
    before = DeskHistory.select(fn.MAX(DeskHistory.id)).where(DeskHistory.at < start)
    first = DeskHistory.select(*_CHANGE).where(
        DeskHistory.id.in_(before.group_by(DeskHistory.login))
    )
    yield from (_change(row) for row in rows(first.order_by(DeskHistory.id)))
    within = (DeskHistory.at >= start) & (DeskHistory.at < end)
    last = 0
    while True:
        page = DeskHistory.select(*_CHANGE).where(within, DeskHistory.id > last)
        found = rows(page.order_by(DeskHistory.id).limit(PAGE))
        yield from (_change(row) for row in found)
        if len(found) < PAGE:
            return
        last = found[-1][0]


def _change(row: Sequence[Any]) -> AgentChange:
    _, login, at, state, work_level, logged = row
    return AgentChange(login, at, AgentState(state), work_level, _decode_logged(logged))


def contacts_between(start: datetime, end: datetime) -> Iterator[TakenIn]:
    """Every contact that was there within a time, by id.

    It was taken in before `end`, and not ended before `start`; what was taken in before `start`
    is told by `received_at`. Reads page by page.
    """
    not_over = Contact.ended_at.is_null() | (Contact.ended_at >= start)
    last = 0
    while True:
        page = Contact.select(*_CONTACT).where(
            Contact.id > last, Contact.received_at < end, not_over
        )
        found = rows(page.order_by(Contact.id).limit(PAGE))
        happened = history.of_several([row[0] for row in found])
        for contact_id, account, entrance, data, *when in found:
            received_at, first_queued_at, place = when
            yield TakenIn(
                contact_id,
                account,
                entrance,
                _decode_data(data),
                received_at,
                first_queued_at,
                place,
                tuple(happened[contact_id]),
            )
        if len(found) < PAGE:
            return
        last = found[-1][0]

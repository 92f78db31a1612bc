"""Contacts: taken in once, moved by one guarded step, and read back.

Every function is a job: it runs inside a transaction of the store, and nothing it does is true
before that commits. What a contact's queue should be is decided elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
from peewee import fn

from ace_server.contact import IN_HAND, MOVES, State, prio
from ace_server.errors import IllegalMove, Refused
from ace_server.store import figures, history, pieces
from ace_server.store.figures import Place
from ace_server.store.models import (
    Attachment,
    Contact,
    UtcDateTimeField,
    database,
    from_stored,
    insertion,
    next_value,
    rows,
    to_stored,
)


class NewAttachment(msgspec.Struct, frozen=True):
    """A file that is already kept in `Files`, and where the database keeps files, there, too."""

    name: str
    media_type: str
    size: int  # bytes
    digest: str


class Placement(msgspec.Struct, frozen=True):
    """Where a contact waits: in a queue, for one agent alone, or (neither) buffered."""

    queue: str = ""
    destination: int = 0
    moves_on_at: datetime | None = None
    personal: str = ""
    area: str = ""  # the organisation area it is in from then on
    until: str = ""  # the constraint by which the load makes it move on

    @property
    def state(self) -> State:
        return State.QUEUED if self.queue or self.personal else State.BUFFERED


class NewContact(msgspec.Struct, frozen=True):
    """A contact as it comes in."""

    account: str
    external_id: str
    digest: str
    entrance: str
    subject: str
    body: str
    data: Mapping[str, str]
    attachments: Sequence[NewAttachment]
    task_type: str
    placement: Placement
    received_at: datetime


class Added(msgspec.Struct, frozen=True):
    """What became of an intake; `state` and `received_at` as first given."""

    contact_id: int
    state: State
    received_at: datetime
    digest: str
    repeated: bool
    place: int = 0


class ContactRow(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as it is stored."""

    id: int
    account: str
    external_id: str
    entrance: str
    state: State
    task_type: str
    queue: str
    destination: int
    personal: str
    place: int | None
    agent: str | None
    subject: str
    body: str
    data: dict[str, str]
    note: str
    note_by: str
    received_at: datetime
    first_queued_at: datetime | None
    moves_on_at: datetime | None
    booked_until: datetime | None
    accepted_at: datetime | None
    parked_at: datetime | None
    ended_at: datetime | None
    attachments: tuple[NewAttachment, ...] = ()

    def routing_data(self) -> dict[str, str]:
        """The contact data that rules look at, with what the server sets."""
        return {**self.data, "Entrance": self.entrance, "TaskType": self.task_type}


class OpenContact(NamedTuple):
    """What an index in memory needs of a contact that is not ended."""

    id: int
    entrance: str
    state: State
    queue: str
    personal: str
    place: int | None
    prio: int
    agent: str | None
    first_queued_at: datetime | None
    moves_on_at: datetime | None


PAGE = 500
"""Rows read at a time."""

NOT_ENDED = [state for state in State if state is not State.ENDED]

_NEVER = 2**62  # behind every time: what was never queued

_NEW = (
    Contact.account,
    Contact.external_id,
    Contact.digest,
    Contact.entrance,
    Contact.state,
    Contact.received_as,
    Contact.task_type,
    Contact.queue,
    Contact.destination,
    Contact.personal,
    Contact.place,
    Contact.prio,
    Contact.subject,
    Contact.body,
    Contact.data,
    Contact.note,
    Contact.note_by,
    Contact.received_at,
    Contact.first_queued_at,
    Contact.moves_on_at,
)

_ROW = tuple(
    getattr(Contact, name) for name in ContactRow.__struct_fields__ if name != "attachments"
)
_FIELDS: Mapping[str, Any] = Contact._meta.fields
_TIMES = tuple(column.name for column in _ROW if isinstance(column, UtcDateTimeField))
_OPEN = (
    Contact.id,
    Contact.entrance,
    Contact.state,
    Contact.queue,
    Contact.personal,
    Contact.place,
    Contact.prio,
    Contact.agent,
    Contact.first_queued_at,
    Contact.moves_on_at,
)
_STATES = {str(state): state for state in State}
_encode = msgspec.json.Encoder().encode
_decode_data = msgspec.json.Decoder(dict[str, str]).decode


@cache
def _insertion(mark: str, gives_place: bool) -> str:
    place = f"CASE WHEN {mark} THEN nextval('place') END" if gives_place else mark
    ending = "ON CONFLICT DO NOTHING RETURNING id, place"
    return insertion(Contact, _NEW, mark, ending, {Contact.place: place})


def add(new: NewContact) -> Added:
    """Take a contact in, or find that its account and id were taken in before (P2, A-3).

    Raises Refused("id-conflict") where they were taken in with other content, and Unavailable
    where a file that it names is gone.
    """
    state = new.placement.state
    at = to_stored(new.received_at)
    is_queued = state is State.QUEUED
    if database.sequences:  # PostgreSQL gives the place on the way
        place: int | bool | None = is_queued
    else:
        place = next_value("place") if is_queued else None
    cursor = database.execute_sql(
        _insertion(database.param, database.sequences),
        (
            new.account,
            new.external_id,
            new.digest,
            new.entrance,
            state,
            state,
            new.task_type,
            new.placement.queue,
            new.placement.destination,
            new.placement.personal,
            place,
            prio(new.data),
            new.subject,
            new.body,
            _encode(new.data).decode(),
            "",
            "",
            at,
            at if is_queued else None,
            _stored(new.placement.moves_on_at),
        ),
    )
    row = cursor.fetchone()
    if row is None:
        return _repeated(new)
    contact_id, place = row
    if new.attachments:
        _attach(contact_id, new.attachments)
    history.record(contact_id, at, "taken in", after=state, queue=new.placement.queue)
    figures.enter(Place(new.placement.queue, new.placement.personal, new.entrance), state, at)
    return Added(contact_id, state, new.received_at, new.digest, False, place or 0)


def _next_place() -> int:
    """The place of a contact that is queued for the first time."""
    if database.sequences:  # PostgreSQL: a row that counts would let one process wait for another
        return int(database.execute_sql("SELECT nextval('place')").fetchone()[0])
    return next_value("place")


def _repeated(new: NewContact) -> Added:
    found = known(new.account, new.external_id)
    if found is None or found.digest != new.digest:
        raise Refused("id-conflict", "this id was taken in before with other content")
    return found


def known(account: str, external_id: str) -> Added | None:
    """What was taken in under this account and id, with the digest of its content."""
    row = (
        Contact.select(Contact.id, Contact.received_as, Contact.received_at, Contact.digest)
        .where(Contact.account == account, Contact.external_id == external_id)
        .first()
    )
    if row is None:
        return None
    return Added(row.id, State(row.received_as), row.received_at, row.digest, True)


def _attach(contact_id: int, attachments: Sequence[NewAttachment]) -> None:
    if database.keeps_files:  # PostgreSQL, where another process may have swept what nobody named
        pieces.demand({one.digest for one in attachments})
    Attachment.insert_many(
        [
            (contact_id, position, one.name, one.media_type, one.size, one.digest)
            for position, one in enumerate(attachments)
        ],
        fields=[
            Attachment.contact,
            Attachment.position,
            Attachment.name,
            Attachment.media_type,
            Attachment.size,
            Attachment.digest,
        ],
    ).execute()


def move(
    contact_id: int,
    before: State,
    to: State,
    verb: str,
    at: datetime,
    *,
    by: str = "",
    held_by: str | None = None,
    detail: str = "",
    **changes: Any,
) -> None:
    """Move one contact from `before` to `to`, or raise IllegalMove and change nothing.

    The caller names the state it saw, so that a late timer cannot undo what came after it.
    `held_by` also demands that the contact is in that agent's hands. `changes` are columns.
    """
    if to not in MOVES[before]:
        raise IllegalMove(f"{before} contacts never become {to}")
    moves_over = before is not State.BUFFERED and not {"queue", "personal"}.isdisjoint(changes)
    left = _place(contact_id) if moves_over else None
    seen = (contact_id, before) if held_by is None else (contact_id, before, held_by)
    if to not in IN_HAND and to is not State.ENDED:
        changes["agent"] = None
    stored = [_FIELDS[name].db_value(value) for name, value in changes.items()]
    cursor = database.execute_sql(
        _guarded_update(tuple(changes), held_by is not None, database.param),
        (to, *stored, *seen),
    )
    row = cursor.fetchone()
    if row is None:
        raise IllegalMove(f"contact {contact_id} is no longer {before}")
    *place, ended_at = row
    figures.leave(left or Place(*place), before)
    figures.enter(Place(*place), to, ended_at or 0)
    history.record(
        contact_id,
        to_stored(at),
        verb,
        by=by,
        before=before,
        after=to,
        queue=str(changes.get("queue", "")),
        detail=detail,
    )


@cache
def _guarded_update(columns: tuple[str, ...], held: bool, mark: str) -> str:
    """The UPDATE of a move, written once for each set of columns (see `insertion`)."""
    settings = ", ".join(f'"{name}" = {mark}' for name in ("state", *columns))
    guard = f' AND "agent" = {mark}' if held else ""
    return (
        f'UPDATE "contact" SET {settings} WHERE "id" = {mark} AND "state" = {mark}{guard} '
        'RETURNING "queue", "personal", "entrance", "ended_at"'
    )


def _place(contact_id: int) -> Place | None:
    """Where a contact counts now; None where there is no such contact."""
    columns = Contact.queue, Contact.personal, Contact.entrance
    row = Contact.select(*columns).where(Contact.id == contact_id).tuples().first()
    return None if row is None else Place(*row)


def release(
    entrance: str,
    limit: int,
    decide: Callable[[Mapping[str, str]], tuple[str, Placement]],
    at: datetime,
) -> list[OpenContact]:
    """Queue the oldest buffered contacts of an entrance, in order (WI-8).

    `decide` gives task type and placement for a contact's data; one that it leaves buffered stays,
    and so does everything behind it.
    """
    oldest = (
        Contact.select(Contact.id, Contact.data)
        .where(Contact.state == State.BUFFERED, Contact.entrance == entrance)
        .order_by(Contact.id)
        .limit(limit)
    )
    released = []
    for contact_id, data in rows(oldest):
        task_type, placement = decide(_decode_data(data))
        if placement.state is State.BUFFERED:
            break
        place = _next_place()
        move(
            contact_id,
            State.BUFFERED,
            State.QUEUED,
            "released",
            at,
            task_type=task_type,
            queue=placement.queue,
            destination=placement.destination,
            personal=placement.personal,
            moves_on_at=placement.moves_on_at,
            place=place,
            first_queued_at=at,
        )
        if (waiting := open_one(contact_id)) is not None:
            released.append(waiting)
    return released


def move_on(contact_id: int, queue: str, placement: Placement, at: datetime) -> None:
    """Let a queued contact wait at the next destination of its rule; it keeps its age (RO-3)."""
    left = _place(contact_id)
    moved = (
        Contact.update(
            queue=placement.queue,
            personal=placement.personal,
            destination=placement.destination,
            moves_on_at=placement.moves_on_at,
        )
        .where(Contact.id == contact_id, Contact.state == State.QUEUED, Contact.queue == queue)
        .execute()
    )
    if not moved or left is None:
        raise IllegalMove(f"contact {contact_id} no longer waits in that queue")
    figures.leave(left, State.QUEUED)
    figures.enter(Place(placement.queue, placement.personal, left.entrance), State.QUEUED, 0)
    history.record(contact_id, to_stored(at), "moved on", queue=placement.queue)


def stranded(queues: Sequence[str], users: Sequence[str]) -> list[ContactRow]:
    """Queued contacts whose queue, or the person they wait for, is not among these."""
    in_no_queue = (Contact.queue != "") & Contact.queue.not_in(list(queues))
    for_nobody = (Contact.personal != "") & Contact.personal.not_in(list(users))
    ids = Contact.select(Contact.id).where(Contact.state == State.QUEUED, in_no_queue | for_nobody)
    found = rows(ids.order_by(Contact.place))
    return [row for (contact_id,) in found if (row := get(contact_id)) is not None]


def edit(contact_id: int, values: Mapping[str, str], at: datetime, by: str) -> None:
    """Set contact data of one contact; an empty value clears its key.

    Which keys an agent may set, and to what, is decided before.
    """
    query = Contact.select(Contact.data).where(Contact.id == contact_id)
    if database.for_update:  # PostgreSQL; SQLite already holds the write lock (BEGIN IMMEDIATE)
        query = query.for_update()
    row = query.get()
    data = _decode_data(row.data) | dict(values)
    data = {key: value for key, value in data.items() if value}
    Contact.update(data=_encode(data).decode(), prio=prio(data)).where(
        Contact.id == contact_id
    ).execute()
    history.record(contact_id, to_stored(at), "edited", by=by, detail=", ".join(sorted(values)))


def get(contact_id: int) -> ContactRow | None:
    """One contact with its attachments."""
    one, its_files = _selections(database.param)
    row = database.execute_sql(one, (contact_id,)).fetchone()
    if row is None:
        return None
    files = database.execute_sql(its_files, (contact_id,)).fetchall()
    return _row(row, tuple(NewAttachment(*file) for file in files))


@cache
def _selections(mark: str) -> tuple[str, str]:
    """The SELECTs of a contact and of its files, written once (see `insertion`)."""
    columns = ", ".join(f'"{column.column_name}"' for column in _ROW)
    contact = f'SELECT {columns} FROM "contact" WHERE "id" = {mark}'
    columns = ", ".join(NewAttachment.__struct_fields__)
    files = f'SELECT {columns} FROM "attachment" WHERE "contact_id" = {mark} ORDER BY "position"'
    return contact, files


def in_hand() -> list[ContactRow]:
    """Every contact in some agent's hands."""
    ids = Contact.select(Contact.id).where(Contact.state.in_(IN_HAND)).order_by(Contact.id)
    return [row for (contact_id,) in rows(ids) if (row := get(contact_id)) is not None]


def still_open() -> list[OpenContact]:
    """Every contact that is not ended, in the order of being queued; buffered ones last, by age."""
    sql, parameters = Contact.select(*_OPEN).where(Contact.state.in_(NOT_ENDED)).sql()
    found = [_open(row) for row in database.execute_sql(sql, parameters)]
    found.sort(key=lambda one: (one.place is None, one.place or 0, one.id))
    return found


def open_one(contact_id: int) -> OpenContact | None:
    """One contact as an index needs it; None where it is ended or does not exist."""
    query = Contact.select(*_OPEN).where(Contact.id == contact_id, Contact.state.in_(NOT_ENDED))
    row = database.execute_sql(*query.sql()).fetchone()
    return None if row is None else _open(row)


def _open(row: Sequence[Any]) -> OpenContact:
    # By hand: a start reads a hundred thousand of these, and Peewee's conversion costs double.
    return OpenContact(
        row[0],
        row[1],
        _STATES[row[2]],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8] and from_stored(row[8]),
        row[9] and from_stored(row[9]),
    )


def unbook(at: datetime) -> int:
    """After a restart: booked contacts return to their old places (P6). How many there were."""
    booked = rows(Contact.select(Contact.id).where(Contact.state == State.BOOKED))
    for (contact_id,) in booked:
        move(contact_id, State.BOOKED, State.QUEUED, "returned", at, booked_until=None)
    return len(booked)


def listing(states: Sequence[State] | None = None) -> Iterator[ContactRow]:
    """Contacts in order of first queue time, then id; None: those that are not ended.

    Reads page by page, so that a million rows need no memory.
    """
    wanted = NOT_ENDED if states is None else list(states)
    queued = fn.COALESCE(Contact.first_queued_at, _NEVER).python_value(int)
    last, last_id = -1, 0
    while True:
        page = (
            Contact.select(queued, Contact.id)
            .where(
                Contact.state.in_(wanted),
                (queued > last) | ((queued == last) & (Contact.id > last_id)),
            )
            .order_by(queued, Contact.id)
            .limit(PAGE)
        )
        found = rows(page)
        yield from (row for _, contact_id in found if (row := get(contact_id)) is not None)
        if len(found) < PAGE:
            return
        last, last_id = found[-1]


class Surroundings(msgspec.Struct, frozen=True):
    """What waits around a contact; 0 where it does not wait."""

    position: int  # in its queue; the first is 1
    waiting: dict[str, int]  # contacts in each queue
    buffered_before: int  # contacts of its entrance that were buffered earlier
    active: int  # contacts of its entrance that wait in queues
    total: int  # these, and those in hand


def surroundings(row: ContactRow) -> Surroundings:
    """Count around one contact: for an explanation that somebody asked for, never for a screen."""
    counted = fn.COUNT(Contact.id)
    waits = Contact.state == State.QUEUED
    by_queue = Contact.select(Contact.queue, counted).where(waits).group_by(Contact.queue)
    here = Contact.entrance == row.entrance
    by_state = Contact.select(Contact.state, counted).where(here).group_by(Contact.state)
    of = dict(rows(by_state.where(Contact.state.in_(NOT_ENDED))))
    buffered = of.pop(State.BUFFERED, 0)
    position = earlier = 0
    if row.state is State.QUEUED:
        before = (Contact.queue == row.queue) & (Contact.personal == row.personal)
        position = 1 + Contact.select().where(waits, before, Contact.place < row.place).count()
    elif row.state is State.BUFFERED and buffered:
        older = Contact.id < row.id
        earlier = Contact.select().where(Contact.state == State.BUFFERED, here, older).count()
    return Surroundings(
        position, dict(rows(by_queue)), earlier, of.get(State.QUEUED, 0), sum(of.values())
    )


class InUse(msgspec.Struct, frozen=True):
    """What contacts that are not ended refer to by name."""

    queues: frozenset[str]
    entrances: frozenset[str]
    task_types: frozenset[str]
    agents: frozenset[str]


def in_use() -> InUse:
    """What must not be removed from the configuration."""

    def names(column: Any) -> frozenset[str]:
        used = Contact.select(column).where(Contact.state != State.ENDED, column != "").distinct()
        return frozenset(str(name) for (name,) in rows(used))

    return InUse(
        names(Contact.queue),
        names(Contact.entrance),
        names(Contact.task_type),
        names(Contact.agent) | names(Contact.personal),
    )


def prove_writable() -> None:
    """Give a place to nobody, so that the commit has something to write: gaps mean nothing."""
    next_value("place")


def await_writers() -> None:
    """Return when what others have begun to write is committed, or never will be.

    What is read after this in the same transaction is the last word until its end.
    """
    # PostgreSQL ends a commit whose connection was lost, or whose process was killed, in its own
    # time. SQLite's goes with its process, and there is one writer (BEGIN IMMEDIATE).
    if database.for_update:
        database.execute_sql("LOCK TABLE contact, desk IN SHARE MODE")


def unreferenced(digests: Sequence[str]) -> list[str]:
    """Those of the kept files that no contact refers to."""
    listed = Attachment.select(Attachment.digest).where(Attachment.digest.in_(list(digests)))
    used = {digest for (digest,) in rows(listed.distinct())}
    return [digest for digest in digests if digest not in used]


def files() -> Iterator[tuple[str, int]]:
    """Each kept file that contacts refer to, by digest, and one of these contacts."""
    found = _files_after("")
    while found:
        yield from found
        found = _files_after(found[-1][0])


def _files_after(digest: str) -> list[tuple[str, int]]:
    query = (
        Attachment.select(Attachment.digest, fn.MIN(Attachment.contact))
        .where(Attachment.digest > digest)
        .group_by(Attachment.digest)
        .order_by(Attachment.digest)
        .limit(PAGE)
    )
    return [(found, int(contact)) for found, contact in rows(query)]


def _row(values: Sequence[Any], attachments: tuple[NewAttachment, ...]) -> ContactRow:
    fields = dict(zip(ContactRow.__struct_fields__, values, strict=False))
    fields["state"] = _STATES[fields["state"]]
    fields["data"] = _decode_data(fields["data"])
    for name in _TIMES:
        fields[name] = fields[name] and from_stored(fields[name])
    return ContactRow(**fields, attachments=attachments)


def _stored(moment: datetime | None) -> int | None:
    return None if moment is None else to_stored(moment)

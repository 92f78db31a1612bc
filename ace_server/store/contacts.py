"""Contacts: taken in once, moved by one guarded step, and read back.

Every function is a job: it runs inside a transaction of the store, and nothing it does is true
before that commits. What a contact's queue should be is decided elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
from peewee import BooleanField, fn

from ace_server.contact import IN_HAND, MOVES, State, is_work_item, prio
from ace_server.errors import IllegalMove, Refused
from ace_server.store import figures, history, pieces
from ace_server.store.figures import NO_LEVELS, Levels, Place
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


class NewAttachment(msgspec.Struct, frozen=True, gc=False):
    """A file that is already kept in `Files`, and where the database keeps files, there, too."""

    name: str
    media_type: str
    size: int  # bytes
    digest: str
    content_id: str = ""  # by which the HTML of a mail names it


class Placement(msgspec.Struct, frozen=True):
    """Where a contact waits: in a queue, for one agent alone, or (neither) buffered."""

    queue: str = ""
    destination: int = 0
    moves_on_at: datetime | None = None
    personal: str = ""
    area: str = ""  # the organisation area it is in from then on
    until: str = ""  # the constraint by whose load it moves on (RO-3)

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
    follows: int | None = None  # the contact that this mail follows up (EM-6)


class Added(msgspec.Struct, frozen=True):
    """What became of an intake; `state` and `received_at` as first given."""

    contact_id: int
    state: State
    received_at: datetime
    digest: str
    repeated: bool
    place: int = 0


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
    area: str = ""
    prioritised: bool = False
    destination: int = 0
    task_type: str = ""
    until: str = ""


class ContactRow(msgspec.Struct, frozen=True, gc=False):  # it refers to nothing that refers to it
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
    area: str = ""
    until: str = ""
    prioritised: bool = False
    entered_at: datetime | None = None  # into its place; a booking that returns changes nothing
    accepted_as: str | None = None  # its task type when it was accepted last
    reestablished: bool = False  # that was its task type the time before, too (RE-2)
    in_hand_since: datetime | None = None  # accepted or resumed
    handled_for: int = 0  # microseconds before that, without the parked ones
    follows: int | None = None  # the contact that this mail follows up (EM-6)
    attachments: tuple[NewAttachment, ...] = ()

    def routing_data(self) -> dict[str, str]:
        """The contact data that rules look at, with what the server sets."""
        return {**self.data, "Entrance": self.entrance, "TaskType": self.task_type}

    def as_open(self) -> OpenContact:
        """The same contact as an index needs it; what is ended is in none."""
        return OpenContact(
            self.id,
            self.entrance,
            self.state,
            self.queue,
            self.personal,
            self.place,
            prio(self.data),
            self.agent,
            self.first_queued_at,
            self.moves_on_at,
            self.area,
            self.prioritised,
            self.destination,
            self.task_type,
            self.until,
        )


class WaitingRow(NamedTuple):
    """A contact that waits, as somebody chooses by it; its text stays where it is."""

    id: int
    account: str
    external_id: str
    entrance: str
    task_type: str
    queue: str
    personal: str
    subject: str
    data: dict[str, str]
    prio: int
    prioritised: bool
    first_queued_at: datetime


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
    Contact.area,
    Contact.until,
    Contact.entered_at,
    Contact.follows,
)

_ROW = tuple(
    getattr(Contact, name) for name in ContactRow.__struct_fields__ if name != "attachments"
)
_FIELDS: Mapping[str, Any] = Contact._meta.fields
_STATE = ContactRow.__struct_fields__.index("state")
_DATA = ContactRow.__struct_fields__.index("data")
_TIMES = tuple(at for at, column in enumerate(_ROW) if isinstance(column, UtcDateTimeField))
_BOOLEANS = tuple(at for at, column in enumerate(_ROW) if isinstance(column, BooleanField))
_WHOLE = ", ".join(
    [
        *(f'"{column.column_name}"' for column in _ROW),
        'EXISTS (SELECT 1 FROM "attachment" WHERE "contact_id" = "contact"."id")',
    ]
)
"""What `_row` makes a contact of: its columns, and whether it has attachments."""

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
    Contact.area,
    Contact.prioritised,
    Contact.destination,
    Contact.task_type,
    Contact.until,
)
_WAITING = tuple(getattr(Contact, name) for name in WaitingRow._fields)
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
            new.placement.area,
            new.placement.until,
            at if is_queued else None,
            new.follows,
        ),
    )
    row = cursor.fetchone()
    if row is None:
        return _repeated(new)
    contact_id, place = row
    if new.attachments:
        _attach(contact_id, new.attachments)
    stands = Place(new.placement.queue, new.placement.personal, new.entrance)
    history.record(
        contact_id, at, "taken in", after=state, queue=stands.queue, personal=stands.personal
    )
    figures.enter(stands, state, at)
    if is_queued:
        figures.receive(stands, at)
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
            (
                contact_id,
                position,
                one.name,
                one.media_type,
                one.size,
                one.digest,
                one.content_id,
            )
            for position, one in enumerate(attachments)
        ],
        fields=[
            Attachment.contact,
            Attachment.position,
            Attachment.name,
            Attachment.media_type,
            Attachment.size,
            Attachment.digest,
            Attachment.content_id,
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
    levels: Levels = NO_LEVELS,
    **changes: Any,
) -> ContactRow:
    """Move one contact from `before` to `to`, or raise IllegalMove and change nothing.

    Gives the contact as it is then.

    The caller names the state it saw, so that a late timer cannot undo what came after it.
    `held_by` also demands that the contact is in that agent's hands. `levels` are those of the
    place where it is accepted (RE-2). `changes` are columns.
    """
    if to not in MOVES[before]:
        raise IllegalMove(f"{before} contacts never become {to}")
    moves_over = before is not State.BUFFERED and not {"queue", "personal"}.isdisjoint(changes)
    left = _place(contact_id) if moves_over else None
    seen = (contact_id, before) if held_by is None else (contact_id, before, held_by)
    if to not in IN_HAND and to is not State.ENDED:
        changes["agent"] = None
    if to is State.QUEUED and before is not State.BOOKED:  # a booking returns to its old place
        changes["entered_at"] = at
    if to is State.ACCEPTED:
        changes["in_hand_since"] = at
    if to in (State.ACCEPTED, State.ENDED):
        changes["prioritised"] = False
    stored = [_FIELDS[name].db_value(value) for name, value in changes.items()]
    now = to_stored(at)
    spent = (now, now) if before is State.ACCEPTED else ()
    cursor = database.execute_sql(
        _guarded_update(before, to, tuple(changes), held_by is not None, database.param),
        (to, *stored, *spent, *seen),
    )
    row = cursor.fetchone()
    if row is None:
        raise IllegalMove(f"contact {contact_id} is no longer {before}")
    moved = _row(row)
    place = Place(moved.queue, moved.personal, moved.entrance)
    figures.leave(left or place, before)
    figures.enter(place, to, _stored(moved.ended_at) or 0)
    _count(moved, place, before, to, now, levels)
    history.record(
        contact_id,
        now,
        verb,
        by=by,
        before=before,
        after=to,
        queue=moved.queue,
        personal=moved.personal,
        detail=detail,
    )
    return moved


def _count(
    moved: ContactRow, place: Place, before: State, to: State, at: int, levels: Levels
) -> None:
    """Count what was done by a move (RE-2)."""
    if to is State.QUEUED and before is not State.BOOKED:
        figures.receive(place, at)
    elif to is State.ACCEPTED and before is not State.PARKED:
        queued_for = _since(moved.first_queued_at, at)
        dwelt_for = _since(moved.entered_at, at)
        figures.accept(place, at, queued_for, dwelt_for, moved.reestablished, levels)
    elif to is State.ENDED and before is State.QUEUED:
        figures.close(place, _stored(moved.ended_at) or at)
    elif to is State.ENDED:
        figures.handle(place, _stored(moved.ended_at) or at, moved.handled_for)


def _since(moment: datetime | None, at: int) -> int:
    """Microseconds from then to `at`; none where a clock was set back meanwhile."""
    return 0 if moment is None else max(0, at - to_stored(moment))


@cache
def _guarded_update(
    before: State, to: State, columns: tuple[str, ...], held: bool, mark: str
) -> str:
    """The UPDATE of a move, written once for each set of columns (see `insertion`)."""
    settings = [f'"{name}" = {mark}' for name in ("state", *columns)]
    if to is State.ACCEPTED and before is not State.PARKED:
        # What stands on the right is as it was before.
        settings.append('"reestablished" = COALESCE("accepted_as" = "task_type", false)')
        settings.append('"accepted_as" = "task_type"')
    if before is State.ACCEPTED:
        # A clock that was set back takes nothing away.
        settings.append(
            f'"handled_for" = "handled_for" + CASE WHEN {mark} > "in_hand_since"'
            f' THEN {mark} - "in_hand_since" ELSE 0 END'
        )
        settings.append('"in_hand_since" = NULL')
    guard = f' AND "agent" = {mark}' if held else ""
    return (
        f'UPDATE "contact" SET {", ".join(settings)} WHERE "id" = {mark} AND "state" = {mark}'
        f"{guard} RETURNING {_WHOLE}"
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
        moved = move(
            contact_id,
            State.BUFFERED,
            State.QUEUED,
            "released",
            at,
            task_type=task_type,
            area=placement.area,
            queue=placement.queue,
            destination=placement.destination,
            personal=placement.personal,
            moves_on_at=placement.moves_on_at,
            until=placement.until,
            place=place,
            first_queued_at=at,
        )
        released.append(moved.as_open())
    return released


def move_on(
    contact_id: int, queue: str, placement: Placement, at: datetime, *, personal: str = ""
) -> None:
    """Let a queued contact wait at the next destination of its rule; it keeps its age (RO-3).

    `queue` and `personal` are where it was seen. Raises IllegalMove where it waits there no more.
    """
    _wait_elsewhere(contact_id, queue, personal, placement, "moved on", at)


def move_waiting(contact_id: int, placement: Placement, at: datetime, by: str) -> None:
    """Let a queued contact wait elsewhere, with its age, as a supervisor says (PU-2).

    Raises IllegalMove where it does not wait, or waits there already.
    """
    stands = _place(contact_id)
    if stands is None:
        raise IllegalMove(f"contact {contact_id} does not exist")
    if (stands.queue, stands.personal) == (placement.queue, placement.personal):
        raise IllegalMove(f"contact {contact_id} waits there already")
    _wait_elsewhere(contact_id, stands.queue, stands.personal, placement, "moved", at, by)


def _wait_elsewhere(
    contact_id: int,
    queue: str,
    personal: str,
    placement: Placement,
    verb: str,
    at: datetime,
    by: str = "",
) -> None:
    changes: dict[str, Any] = {
        "queue": placement.queue,
        "personal": placement.personal,
        "destination": placement.destination,
        "moves_on_at": placement.moves_on_at,
        "until": placement.until,
        "area": placement.area,
    }
    enters = (queue, personal) != (placement.queue, placement.personal)
    if enters:
        changes["entered_at"] = at
    stored = [_FIELDS[name].db_value(value) for name, value in changes.items()]
    cursor = database.execute_sql(
        _update_of_waiting(tuple(changes), database.param),
        (*stored, contact_id, State.QUEUED, queue, personal),
    )
    row = cursor.fetchone()
    if row is None:
        raise IllegalMove(f"contact {contact_id} no longer waits in that queue")
    (entrance,) = row
    now = to_stored(at)
    if enters:
        place = Place(placement.queue, placement.personal, entrance)
        figures.leave(Place(queue, personal, entrance), State.QUEUED)
        figures.enter(place, State.QUEUED, 0)
        figures.receive(place, now)
    history.record(contact_id, now, verb, by=by, queue=placement.queue, personal=placement.personal)


@cache
def _update_of_waiting(columns: tuple[str, ...], mark: str) -> str:
    """Written once for each set of columns (see `insertion`)."""
    settings = ", ".join(f'"{name}" = {mark}' for name in columns)
    return (
        f'UPDATE "contact" SET {settings} WHERE "id" = {mark} AND "state" = {mark}'
        f' AND "queue" = {mark} AND "personal" = {mark} RETURNING "entrance"'
    )


def prioritise(contact_id: int, first: bool, at: datetime, by: str) -> None:
    """Let a queued contact go first where it waits, or in its order again, as a supervisor says.

    It goes first until it is accepted or ended (PU-2). Raises IllegalMove where it does not wait,
    or is so already.
    """
    is_other = Contact.prioritised != first
    waits = (Contact.id == contact_id) & (Contact.state == State.QUEUED)
    query = Contact.update(prioritised=first).where(waits, is_other)
    found = rows(query.returning(Contact.queue, Contact.personal))
    if not found:
        raise IllegalMove(f"contact {contact_id} no longer waits, or its order is so already")
    ((queue, personal),) = found
    verb = "prioritised" if first else "unprioritised"
    history.record(contact_id, to_stored(at), verb, by=by, queue=queue, personal=personal)


def close(contact_id: int, at: datetime, by: str, reason: str) -> None:
    """End a queued contact that nobody handled, as a supervisor says (WI-7).

    The reason stands in its history. Raises IllegalMove where it does not wait.
    """
    move(contact_id, State.QUEUED, State.ENDED, "closed", at, by=by, detail=reason, ended_at=at)


def end_route(contact_id: int, at: datetime) -> None:
    """End a queued contact where its rule says that nobody is to handle it.

    Raises IllegalMove where it does not wait, and for a work item, which only End ends (WI-7).
    """
    _demand_email(contact_id, "no route ends it")
    move(contact_id, State.QUEUED, State.ENDED, "end route", at, ended_at=at)


def send_out(contact_id: int, at: datetime, address: str) -> None:
    """End a queued contact whose mail goes out to where its rule sends it (RO-3).

    Raises IllegalMove where it does not wait, and for a work item, which is never sent out (WI-10).
    """
    _demand_email(contact_id, "no route sends it out")
    move(contact_id, State.QUEUED, State.ENDED, "routed out", at, detail=address, ended_at=at)


def _demand_email(contact_id: int, otherwise: str) -> None:
    data = Contact.select(Contact.data).where(Contact.id == contact_id).scalar()
    if is_work_item(_decode_data(data or "{}")):
        raise IllegalMove(f"contact {contact_id} is a work item: {otherwise}")


def stranded(
    places: Sequence[str],
    users: Sequence[str],
    area: str = "",
    *,
    after: int = 0,
    most: int = PAGE,
) -> list[ContactRow]:
    """Queued contacts of an area whose place, or the person they wait for, is not among these.

    The first so many whose place in the order of being queued comes after a number.
    """
    in_no_place = (Contact.queue != "") & Contact.queue.not_in(list(places))
    for_nobody = (Contact.personal != "") & Contact.personal.not_in(list(users))
    waits = (Contact.state == State.QUEUED) & (Contact.area == area)
    ids = Contact.select(Contact.id).where(waits, Contact.place > after, in_no_place | for_nobody)
    found = rows(ids.order_by(Contact.place).limit(most))
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
    row = database.execute_sql(_selection(database.param), (contact_id,)).fetchone()
    return None if row is None else _row(row)


@cache
def _selection(mark: str) -> str:
    """The SELECT of a contact, written once (see `insertion`)."""
    return f'SELECT {_WHOLE} FROM "contact" WHERE "id" = {mark}'


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
        row[10],
        bool(row[11]),
        row[12],
        row[13],
        row[14],
    )


def several(ids: Sequence[int]) -> list[WaitingRow]:
    """Those of these contacts that wait, in the order of the ids: a page of a queue or list."""
    query = Contact.select(*_WAITING).where(
        Contact.id.in_(list(ids)), Contact.state == State.QUEUED
    )
    found = {row.id: row for row in map(_waiting, rows(query))}
    return [found[contact_id] for contact_id in ids if contact_id in found]


def _waiting(values: Sequence[Any]) -> WaitingRow:
    row = WaitingRow(*values)
    return row._replace(data=_decode_data(values[WaitingRow._fields.index("data")]))


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


def buffered_before(row: ContactRow) -> int:
    """Contacts of the same entrance that were buffered earlier: counted, so not for a screen."""
    here = (Contact.state == State.BUFFERED) & (Contact.entrance == row.entrance)
    return int(Contact.select().where(here, Contact.id < row.id).count())


class InUse(msgspec.Struct, frozen=True):
    """What contacts that are not ended refer to by name."""

    areas: frozenset[str]
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
        names(Contact.area),
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
        database.execute_sql("LOCK TABLE contact, desk, serving IN SHARE MODE")


def _row(values: Sequence[Any]) -> ContactRow:
    # By hand, like `_open`: every move of a contact ends here.
    columns = list(values)
    columns[_STATE] = _STATES[columns[_STATE]]
    columns[_DATA] = _decode_data(columns[_DATA])
    for at in _TIMES:
        if columns[at] is not None:
            columns[at] = from_stored(columns[at])
    for at in _BOOLEANS:
        columns[at] = bool(columns[at])
    has_attachments = columns[-1]
    columns[-1] = _attachments(columns[0]) if has_attachments else ()
    return ContactRow(*columns)


def _attachments(contact_id: int) -> tuple[NewAttachment, ...]:
    found = database.execute_sql(_selection_of_files(database.param), (contact_id,)).fetchall()
    return tuple(NewAttachment(*file) for file in found)


@cache
def _selection_of_files(mark: str) -> str:
    columns = ", ".join(NewAttachment.__struct_fields__)
    return f'SELECT {columns} FROM "attachment" WHERE "contact_id" = {mark} ORDER BY "position"'


def _stored(moment: datetime | None) -> int | None:
    return None if moment is None else to_stored(moment)

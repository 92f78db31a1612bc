"""Rows for the views: contacts at hand, attachments, places to requeue to, commands.

Models hold rows and know nothing else; roles are plain ints. Every change is told as rows come,
go and differ, so that selection and scrolling stay.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from ace_agent import icons
from ace_agent.commands import Entry
from ace_agent.desk import files, times
from ace_agent.desk.shown import one_line
from ace_agent.session import Changed
from ace_agent.widgets import tips
from ace_server.wire import Agent, Attachment, Colleague, Contact, State, WaitingContact

translate = QCoreApplication.translate


Index = QModelIndex | QPersistentModelIndex

DISPLAY = int(Qt.ItemDataRole.DisplayRole)
TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
ROW = int(Qt.ItemDataRole.UserRole) + 1
"""The whole row, for a delegate."""

BATCH_MS = 30
"""What changed within this time is shown at once."""


MOST_SEARCHED = 4000
KEYS_SEARCHED = 500
"""In so many characters of a value, and in so many keys, typed words are looked for."""


class HasKey(Protocol):
    """What a row must tell: which one it is, whatever else becomes different."""

    @property
    def key(self) -> Hashable: ...

    @property
    def text(self) -> str: ...


R = TypeVar("R", bound=HasKey)


class Rows(QAbstractListModel, Generic[R]):
    """A list of rows, each with a key; `show` makes it another list in the fewest steps."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[R] = []
        self.is_moving = False
        """Rows come and go: what a view then calls current is nobody's choice."""

    @property
    def rows(self) -> Sequence[R]:
        """The rows as shown now."""
        return self._rows

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = DISPLAY) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role in (DISPLAY, ACCESSIBLE):
            return row.text
        return tips.plain(self.hint(row)) if role == TOOL_TIP else None

    def hint(self, row: R) -> str:
        """What is said of a row on hover; nothing where it is empty."""
        return ""

    def place(self, key: Hashable) -> QModelIndex:
        """Where the row with this key stands; invalid where there is none."""
        for number, row in enumerate(self._rows):
            if row.key == key:
                return self.index(number)
        return QModelIndex()

    def show(self, rows: Sequence[R]) -> None:
        """Show these rows instead."""
        self.is_moving = True
        try:
            self._become(rows)
        finally:
            self.is_moving = False

    def _become(self, rows: Sequence[R]) -> None:
        self._remove_all_but({row.key for row in rows})
        here = {row.key for row in self._rows}
        for number, row in enumerate(rows):
            held = self._rows[number] if number < len(self._rows) else None
            if held is None or held.key != row.key:
                if row.key in here:
                    self._take_out(row.key, number)
                self.beginInsertRows(QModelIndex(), number, number)
                self._rows.insert(number, row)
                self.endInsertRows()
            elif held != row:
                self._rows[number] = row
                self.dataChanged.emit(self.index(number), self.index(number))

    def _remove_all_but(self, wanted: set[Hashable]) -> None:
        for number in reversed(range(len(self._rows))):
            if self._rows[number].key not in wanted:
                self._remove(number)

    def _take_out(self, key: Hashable, after: int) -> None:
        """A row that changes its place leaves its old one."""
        for number in range(after, len(self._rows)):
            if self._rows[number].key == key:
                self._remove(number)
                return

    def _remove(self, number: int) -> None:
        self.beginRemoveRows(QModelIndex(), number, number)
        del self._rows[number]
        self.endRemoveRows()


# Contacts at hand


@dataclass(frozen=True, slots=True)
class Section:
    """A heading between contacts."""

    text: str

    @property
    def key(self) -> Hashable:
        return self.text


@dataclass(frozen=True, slots=True)
class Card:
    """One contact as the list shows it."""

    contact: int
    icon: str
    title: str
    detail: str
    booked: bool
    since: datetime  # what its age counts from
    until: datetime | None  # when a booking ends
    time: str = ""

    @property
    def key(self) -> Hashable:
        return self.contact

    @property
    def text(self) -> str:
        parts = (self.title, self.detail, self.time)
        return ", ".join(part for part in parts if part)


ContactRow = Section | Card


class Holder(Protocol):
    """What the contacts model reads: the session."""

    contacts: dict[int, Contact]
    agent: Agent | None

    def now(self) -> datetime: ...


class Contacts(Rows[ContactRow]):
    """The contacts at hand under their headings; follows the session in batches."""

    updated = Signal()
    """After a batch: the rows are as the session is."""

    def __init__(self, session: Holder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted = ""
        self._batch = QTimer(self)
        self._batch.setSingleShot(True)
        self._batch.setInterval(BATCH_MS)
        self._batch.timeout.connect(self.update)

    def follow(self, changed: Changed) -> None:
        """Something changed; what else changes soon is shown together with it.

        A whole desk is shown at once: a window that was made ahead comes up with its first one.
        """
        if changed.what == "desk":
            self.update()
        elif changed.what in ("contact", "agent") and not self._batch.isActive():
            self._batch.start()

    def filter(self, typed: str) -> None:
        """Show only contacts in which every typed word is found."""
        self._wanted = typed
        self.update()

    def update(self) -> None:
        """Show the session's contacts as they are now."""
        self._batch.stop()
        self.show(_sections(self._session, self._wanted.lower().split()))
        self.updated.emit()

    def tick(self) -> None:
        """Ages and what is left of bookings, as of now."""
        self.show(_sections(self._session, self._wanted.lower().split()))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings are passed over by the keyboard."""
        if not index.isValid() or isinstance(self._rows[index.row()], Section):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def hint(self, row: ContactRow) -> str:
        return row.text if isinstance(row, Card) else ""

    def contact_at(self, index: Index) -> int | None:
        """The contact of a row, where it is one."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        return row.contact if isinstance(row, Card) else None


def _sections(session: Holder, words: Sequence[str]) -> list[ContactRow]:
    now = session.now()
    rows: list[ContactRow] = []
    for heading, states in _headings():
        cards = [
            _card(contact, now)
            for contact in session.contacts.values()
            if contact.state in states and _fits(contact, words)
        ]
        if cards:
            cards.sort(key=lambda card: (not card.booked, card.since))
            rows += [Section(heading), *cards]
    return rows


def _headings() -> Iterable[tuple[str, frozenset[State]]]:
    yield translate("rows", "In hand"), frozenset({State.BOOKED, State.ACCEPTED})
    yield translate("rows", "Wrap-up"), frozenset({State.ENDED})
    yield translate("rows", "Parked"), frozenset({State.PARKED})


def _fits(contact: Contact, words: Sequence[str]) -> bool:
    if not words:
        return True
    values = (field.value[:MOST_SEARCHED] for field in contact.fields[:KEYS_SEARCHED])
    held = "\n".join(
        (contact.task_type, contact.external_id, contact.subject, contact.entrance, *values)
    ).lower()
    return all(word in held for word in words)


def _card(contact: Contact, now: datetime) -> Card:
    booked = contact.state == State.BOOKED
    until = contact.booked_until if booked else None
    since = contact.first_queued_at or contact.received_at
    return Card(
        contact=contact.id,
        icon=icons.of_contact(contact),
        title=title(contact),
        detail=_detail(contact),
        booked=booked,
        since=since,
        until=until,
        time=_time_left(until, now) if until else times.rough(times.seconds(since, now)),
    )


def _detail(contact: Contact) -> str:
    """What a person wrote is known by its subject; its own name says nothing to anybody."""
    names = (one_line(contact.external_id), one_line(contact.subject))
    is_written = contact.medium == "email" or contact.channel
    first, second = reversed(names) if is_written else names
    return first or second


def title(contact: Contact | WaitingContact) -> str:
    """What a contact is called in one line: its task type, else its medium."""
    return one_line(contact.task_type) or medium(contact)


def medium(contact: Contact | WaitingContact) -> str:
    """What kind of contact it is, in words."""
    if contact.channel:
        return (
            translate("rows", "Facebook message")
            if contact.channel == "facebook"
            else translate("rows", "Message on X")
        )
    return (
        translate("rows", "Work item")
        if contact.medium == "work item"
        else translate("rows", "Email")
    )


def _time_left(until: datetime, now: datetime) -> str:
    return translate("rows", "%1 left").replace("%1", times.short(times.seconds(now, until)))


def booked(contacts: Iterable[Contact]) -> int | None:
    """The contact that waits to be accepted."""
    return next((c.id for c in contacts if c.state == State.BOOKED), None)


def to_choose(
    contacts: Iterable[Contact], chosen: int | None, *, writes: bool = False
) -> int | None:
    """Which contact to show: a booked one, else the chosen one while it is here, else the first.

    Nothing that is booked takes the chosen one away from who `writes` just now.
    """
    held = sorted(contacts, key=lambda contact: _NEARNESS.index(contact.state))
    nearest = held[0] if held else None
    if writes and any(contact.id == chosen for contact in held):
        return chosen
    if nearest is None or nearest.state == State.BOOKED:
        return nearest.id if nearest else None
    return chosen if any(contact.id == chosen for contact in held) else nearest.id


_NEARNESS = (
    State.BOOKED,
    State.ACCEPTED,
    State.ENDED,
    State.PARKED,
    State.QUEUED,
    State.BUFFERED,
)


def as_text(contact: Contact, drafts: Mapping[str, str]) -> str:
    """All contact data, a line each, as it is copied."""
    return "\n".join(
        f"{one_line(field.display or field.key)}: {drafts.get(field.key, field.value)}"
        for field in contact.fields
    )


# Attachments


@dataclass(frozen=True, slots=True)
class File:
    """One attachment: its name is already cleaned (F-2)."""

    position: int
    name: str
    media_type: str
    bytes: int
    fetching: int | None = None  # percent that has come
    sending: int | None = None  # percent that has gone

    @property
    def key(self) -> Hashable:
        return self.position

    @property
    def text(self) -> str:
        return ", ".join((self.name, self.detail))

    @property
    def detail(self) -> str:
        """Its kind and its size."""
        if self.fetching is not None:
            return translate("rows", "Fetching, %1 %").replace("%1", str(self.fetching))
        if self.sending is not None:
            return translate("rows", "Being attached, %1 %").replace("%1", str(self.sending))
        return f"{self.media_type} · {files.size(self.bytes)}"


SENDING = 1_000_000
"""The places of files that have none yet begin here."""


class Attachments(Rows[File]):
    """The attachments of one contact."""

    def show_attachments(self, attachments: Sequence[Attachment]) -> None:
        """Show these; what is being fetched stays marked."""
        fetching = {row.position: row.fetching for row in self.rows}
        self.show([_file(each, fetching.get(each.position)) for each in attachments])

    def show_draft(
        self, attachments: Sequence[Attachment], sending: Mapping[int, tuple[str, int]]
    ) -> None:
        """Show what goes with a draft, and below it what is on its way there, in percent."""
        coming = [
            File(SENDING + number, files.shown_name(name, number), "", 0, sending=percent)
            for number, (name, percent) in sending.items()
        ]
        self.show([*(_file(each, None) for each in attachments), *coming])

    def show_progress(self, position: int, percent: int | None) -> None:
        """Mark one as being fetched, or as no longer."""
        self.show(
            [
                File(row.position, row.name, row.media_type, row.bytes, percent)
                if row.position == position
                else row
                for row in self.rows
            ]
        )

    def hint(self, row: File) -> str:
        return row.text


def _file(attachment: Attachment, fetching: int | None) -> File:
    return File(
        attachment.position,
        files.shown_name(attachment.name, attachment.position),
        one_line(attachment.media_type),
        attachment.size,
        fetching,
    )


# Where a contact can be requeued to


@dataclass(frozen=True, slots=True)
class Target:
    """A queue, a waiting list or a colleague; a heading where `name` is empty."""

    text: str
    name: str = ""
    icon: str = ""

    @property
    def key(self) -> Hashable:
        return (self.icon, self.name or self.text)


class Targets(Rows[Target]):
    """All of them under their headings, by name, narrowed by what is typed."""

    def __init__(
        self,
        queues: Sequence[str],
        waiting_lists: Sequence[str],
        colleagues: Sequence[Colleague],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._queues = _by_name(Target(one_line(name), name, "queue") for name in queues)
        self._lists = _by_name(
            Target(one_line(name), name, "waiting-list") for name in waiting_lists
        )
        people = (Target(one_line(c.name), c.login, "person") for c in colleagues)
        self._colleagues = _by_name(people)
        self.filter("")

    def filter(self, typed: str) -> None:
        """Show only those in which every typed word is found."""
        words = typed.lower().split()
        rows: list[Target] = []
        for heading, targets in (
            (translate("rows", "Queues"), self._queues),
            (translate("rows", "Waiting lists"), self._lists),
            (translate("rows", "Colleagues"), self._colleagues),
        ):
            found = [t for t in targets if all(word in t.text.lower() for word in words)]
            rows += [Target(heading), *found] if found else []
        self.show(rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or not self._rows[index.row()].name:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def _by_name(targets: Iterable[Target]) -> list[Target]:
    return sorted(targets, key=lambda target: target.text.casefold())


# Commands


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command in the command list."""

    entry: Entry

    @property
    def key(self) -> Hashable:
        return self.entry.name

    @property
    def text(self) -> str:
        parts = (self.entry.text, self.entry.state, self.entry.key)
        return ", ".join(part for part in parts if part)


class Commands(Rows[CommandRow]):
    """The commands that fit what was typed."""

    def __init__(
        self, find: Callable[[str], Iterable[Entry]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._find = find

    def filter(self, typed: str) -> None:
        """Show what fits."""
        self.show([CommandRow(entry) for entry in self._find(typed)])

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if not self._rows[index.row()].entry.enabled:
            return Qt.ItemFlag.ItemIsEnabled  # seen, but not chosen
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def hint(self, row: CommandRow) -> str:
        return row.entry.hint


# What is chosen by typing


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: its number among them, its name, and what more there is to say."""

    number: int
    name: str
    detail: str = ""
    whole: str = ""  # all of it, for who points at it

    @property
    def key(self) -> Hashable:
        return self.number

    @property
    def text(self) -> str:
        return ", ".join(part for part in (self.name, self.detail) if part)


class Choices(Rows[Choice]):
    """All of them, narrowed by what is typed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: Sequence[Choice] = ()

    def offer(self, choices: Sequence[Choice]) -> None:
        """Choose among these."""
        self._all = choices
        self.show(choices)

    def filter(self, typed: str) -> None:
        """Show only those in which every typed word is found."""
        words = typed.lower().split()
        self.show([one for one in self._all if all(word in one.text.lower() for word in words)])

    def hint(self, row: Choice) -> str:
        return row.whole or row.text

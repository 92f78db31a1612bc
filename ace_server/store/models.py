"""The tables, as they are today. How they came to be so is in `migrations/`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    CompositeKey,
    DatabaseProxy,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    SmallIntegerField,
    TextField,
)

from ace_server.store.tally import Tally


class Current(DatabaseProxy):
    """The database that the tables use.

    What every statement asks of it is told at once: a proxy looks for it, in vain, at home first.
    """

    @property
    def param(self) -> str:
        """What stands for a value in a statement."""
        mark: str = self.obj.param
        return mark

    @property
    def tally(self) -> Tally:
        """What the jobs of this transaction change in the figures."""
        found: Tally = self.obj.tally
        return found

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        """Do one statement; its cursor."""
        return self.obj.execute_sql(sql, params)

    def add_line(self, sql: str, values: Sequence[Any]) -> None:
        """Do a statement later (see `contract`)."""
        self.obj.add_line(sql, values)


database = Current()

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_stored(moment: datetime) -> int:
    """Microseconds since 1970 in UTC. A naive time is a bug and raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return (moment - EPOCH) // _MICROSECOND


def from_stored(value: int) -> datetime:
    """The aware UTC time that `to_stored` made `value` of."""
    return EPOCH + timedelta(0, 0, value)  # by name it takes half as long again


class UtcDateTimeField(BigIntegerField):
    """Aware in, aware (UTC) out, and the same number on every engine."""

    def db_value(self, value: datetime | None) -> int | None:
        return None if value is None else to_stored(value)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else from_stored(value)


class Base(Model):
    class Meta:
        database = database
        legacy_table_names = False


def insertion(
    model: type[Model],
    columns: Sequence[Field],
    mark: str,
    ending: str = "",
    made: Mapping[Field, str] = {},
) -> str:
    """An INSERT written once: having Peewee build it anew costs more than running it.

    `mark` stands for a value, as the engine writes it; `made` says what a value is made into.
    """
    names = ", ".join(f'"{column.column_name}"' for column in columns)
    marks = ", ".join(made.get(column, mark) for column in columns)
    return f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({marks}) {ending}'


def rows(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a query as tuples, in its columns' Python types."""
    return list(query.tuples())


class Move(Base):
    """The moves a contact may make: history rows refer to them, so the database knows them too."""

    before = CharField(16)
    after = CharField(16)

    class Meta:
        primary_key = CompositeKey("before", "after")


class Counter(Base):
    """Numbers given out once, in the transaction that uses them."""

    name = CharField(16, primary_key=True)
    value = BigIntegerField()


def next_value(counter: str) -> int:
    """The counter's next number; without gaps, since a job that fails gives its number back."""
    row = database.execute_sql(
        f'UPDATE "counter" SET value = value + 1 WHERE name = {database.param} RETURNING value',
        (counter,),
    ).fetchone()
    return int(row[0])


class Contact(Base):
    """What is routed and handled; never deleted while it is not ended (WI-7)."""

    id = AutoField()
    account = TextField()
    external_id = TextField()
    digest = TextField()  # of the content as taken in: the same id with another is a conflict
    entrance = TextField()
    state = CharField(16)
    received_as = CharField(16)  # the state that its receipt told
    task_type = TextField(default="")
    queue = TextField(default="")
    destination = SmallIntegerField(default=0)  # which stop of its routing rule
    personal = TextField(default="")  # the login it waits for alone; its queue is empty then
    place = BigIntegerField(null=True)  # order of first being queued; kept for good
    prio = SmallIntegerField(default=5)
    agent = TextField(null=True)
    subject = TextField(default="")
    body = TextField(default="")
    data = TextField(default="{}")  # JSON object
    note = TextField(default="")
    note_by = TextField(default="")
    received_at = UtcDateTimeField()
    first_queued_at = UtcDateTimeField(null=True)
    moves_on_at = UtcDateTimeField(null=True)  # to the next destination of its rule
    until = TextField(default="")  # the constraint by whose load it moves on
    booked_until = UtcDateTimeField(null=True)
    accepted_at = UtcDateTimeField(null=True)
    parked_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)
    area = TextField(default="")  # the organisation area it is in now; "": the nameless one
    prioritised = BooleanField(default=False)  # by a supervisor: first where it waits (PU-2)
    entered_at = UtcDateTimeField(null=True)  # when it came into the place where it is
    accepted_as = TextField(null=True)  # its task type when it was accepted last
    reestablished = BooleanField(default=False)  # that was its task type the time before, too
    in_hand_since = UtcDateTimeField(null=True)  # accepted or resumed; None: not in hand now
    handled_for = BigIntegerField(default=0)  # microseconds before that, without the parked ones
    follows = IntegerField(null=True)  # the contact that this mail follows up (EM-6)

    class Meta:
        indexes = ((("account", "external_id"), True), (("state", "place"), False))


class Attachment(Base):
    """A file that came with a contact; the bytes lie in `Files` (and `pieces`) by their digest."""

    contact = ForeignKeyField(Contact, backref="attachments")
    position = SmallIntegerField()
    name = TextField()  # as given; only ever shown
    media_type = TextField()
    size = BigIntegerField()
    digest = TextField(index=True)
    content_id = TextField(default="")  # by which the HTML of a mail names it

    class Meta:
        primary_key = CompositeKey("contact", "position")


class SharedFile(Base):
    """A copy of an attachment, as one process has written it for every machine (`pieces`)."""

    id = AutoField()
    digest = CharField(64, index=True)
    size = BigIntegerField(default=0)  # bytes, so far
    is_whole = BooleanField(default=False)
    counted_on_at = BigIntegerField()  # microseconds, by the clock of the database itself


class Piece(Base):
    """Some bytes of such a copy."""

    file = ForeignKeyField(SharedFile, on_delete="CASCADE", index=False)
    number = IntegerField()  # the first is 0
    content = BlobField()

    class Meta:
        primary_key = CompositeKey("file", "number")


class History(Base):
    """What happened to a contact, one row an event, never changed."""

    id = AutoField()
    contact = ForeignKeyField(Contact, backref="history", on_delete="CASCADE")
    at = UtcDateTimeField()
    verb = CharField(24)
    by = TextField(default="")  # a login; empty: the server
    before = CharField(16, null=True)
    after = CharField(16, null=True)
    queue = TextField(default="")
    detail = TextField(default="")
    fence = BigIntegerField(default=0)  # under whose lead; 0: that of who only takes in
    personal = TextField(default="")  # the login it waits for alone; its queue is empty then

    class Meta:
        table_name = "history"


class Lease(Base):
    """Who dispatches an organisation area (`lease`)."""

    area = TextField(primary_key=True)
    holder = TextField()
    fence = BigIntegerField()
    beat = BigIntegerField()


class News(Base):
    """A contact that the core has not heard of (`news`)."""

    id = AutoField()
    contact = IntegerField()


class Desk(Base):
    """What an agent is doing, so that it survives the server."""

    login = TextField(primary_key=True)
    state = CharField(16)
    since = UtcDateTimeField()
    until = UtcDateTimeField(null=True)
    activity = TextField(default="")
    pause_wanted = BooleanField(default=False)
    wanted_activity = TextField(default="")
    wrap_up_contact = IntegerField(null=True)
    last_entrance = TextField(default="")


class Serving(Base):
    """What an agent has chosen to serve, or was told to (`serving`)."""

    login = TextField(primary_key=True)
    work_level = TextField(default="")
    logged = TextField(default="{}")  # JSON object: queue or waiting list = logged in there


class DeskHistory(Base):
    """What an agent's desk has come to, one row a change, never changed (`decisions`)."""

    id = AutoField()
    login = TextField()
    at = UtcDateTimeField(index=True)
    state = CharField(16)
    work_level = TextField()
    detail = TextField()  # as `Serving.logged` was then

    class Meta:
        indexes = ((("login", "id"), False),)


class LogIn(Base):
    """A token that was given out, by its digest."""

    token = CharField(64, primary_key=True)
    login = TextField(index=True)
    at = UtcDateTimeField()
    seen_at = UtcDateTimeField()


class Entry(Base):
    """One entry of the configuration, as JSON of its concept, without its secret."""

    kind = CharField(32)
    name = TextField()
    position = IntegerField()
    body = TextField()

    class Meta:
        primary_key = CompositeKey("kind", "name")


class Secret(Base):
    """A hash, or where a secret is read from; never a secret."""

    kind = CharField(32)
    name = TextField()
    form = CharField(8)
    value = TextField()

    class Meta:
        primary_key = CompositeKey("kind", "name")


class Figure(Base):
    """One figure, as one process has written it; `figures` says what is kept."""

    at = BigIntegerField()  # start of the quarter of an hour, as stored; 0: what stands now
    kind = CharField(16)
    name = TextField()
    figure = CharField(16)
    writer = CharField(32)  # the process: each has rows of its own, and none waits for another's
    value = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("at", "kind", "name", "figure", "writer")


class MailFolder(Base):
    """How far one folder of a mailbox has been read, and what was in it then (`ledger`)."""

    account = TextField()
    folder = TextField()
    uidvalidity = BigIntegerField()
    last_uid = BigIntegerField(default=0)  # of a server whose uids grow
    on_server = IntegerField(default=0)  # mails in it when it was last looked at
    noted = IntegerField(default=0)  # rows of the ledger with this uidvalidity and mailbox
    looked_at = UtcDateTimeField(null=True)
    mailbox = TextField(default="")  # whose it is, and where; empty: not known
    mailbox_number = SmallIntegerField(default=0)  # of those that its account was pointed at

    class Meta:
        primary_key = CompositeKey("account", "folder")


class FetchedMail(Base):
    """The ledger: one row a mail that was found on a server, and what became of it (EM-2)."""

    id = AutoField()
    account = TextField()
    folder = TextField()
    uidvalidity = BigIntegerField()
    uid = TextField()
    size = BigIntegerField()  # on the server
    arrived_at = UtcDateTimeField(null=True)  # there
    fetched_at = UtcDateTimeField()
    message_id = TextField(default="")  # a hint for threading, and nothing else (C-2)
    digest = CharField(64)  # of the raw bytes, which lie in `Files`
    is_oversized = BooleanField(default=False)  # these bytes are its header alone (C-11)
    outcome = CharField(16, default="pending")
    contact = ForeignKeyField(Contact, null=True, backref="mails", on_delete="SET NULL")
    reason = TextField(default="")  # a sentence, as JSON
    attempts = SmallIntegerField(default=0)  # counted before the work (C-6)
    settled_at = UtcDateTimeField(null=True)
    mailbox_number = SmallIntegerField(default=0)  # as in `MailFolder`
    disposed_at = UtcDateTimeField(null=True)  # when what the account says was done to it there

    class Meta:
        table_name = "mail"
        indexes = (
            (("account", "folder", "uidvalidity", "mailbox_number", "uid"), True),
            (("account", "folder", "uidvalidity", "mailbox_number", "id"), False),  # `disposals`
            (("outcome", "id"), False),
            (("digest",), False),
            (("message_id", "account"), False),
        )


class MailAccountState(Base):
    """How one account is doing, as the Email Server says that fetches from it (EM-1)."""

    account = TextField(primary_key=True)
    server = TextField(default="")  # the Email Server it is given to
    state = CharField(16, default="waiting")
    since = UtcDateTimeField()
    fetched_at = UtcDateTimeField(null=True)  # the last time it went well
    trouble = TextField(default="")  # a sentence, as JSON
    withheld = TextField(default="")  # the last answers that a budget kept back, as JSON
    wanted_since = TextField(default="")  # a day: older mails are to be fetched, too
    wanted_before = TextField(default="")  # up to this day, which is not among them


class EmailServer(Base):
    """An Email Server that was started and has not stopped (EM-11)."""

    name = TextField(primary_key=True)
    beat = BigIntegerField(default=0)  # grows while it is at work


class Outgoing(Base):
    """The outbox: a mail that is to be sent, written in the transaction of its cause (EM-10)."""

    id = AutoField()
    kind = CharField(16)
    contact = ForeignKeyField(Contact, null=True, backref="outgoing", on_delete="SET NULL")
    account = TextField()  # whose SMTP server it leaves by
    by = TextField(default="")  # the login of its writer; empty: the server
    sender = TextField(default="")  # of the envelope; empty: the null sender
    recipients = TextField()  # JSON: address, state and the server's words of each
    correspondent = TextField(default="")  # whom an automatic answer goes to, in one spelling
    subject = TextField(default="")
    message_id = TextField(default="")
    digest = CharField(64)  # of its bytes, which lie in `Files`
    state = CharField(16, default="queued")
    created_at = UtcDateTimeField()
    due_at = UtcDateTimeField()  # not before; what can be undone waits, and so does a retry
    attempts = SmallIntegerField(default=0)
    is_again = BooleanField(default=False)  # a person let it be sent once more
    holder = TextField(default="")  # the Email Server that is handing it over
    settled_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = (
            (("state", "due_at"), False),
            (("kind", "created_at"), False),
            (("correspondent", "account", "created_at"), False),
            (("message_id", "account"), False),
            (("digest",), False),
        )


class KnownDomain(Base):
    """A domain that somebody here has written to, and with which mail (D-2)."""

    domain = TextField()  # in lower case
    outgoing = ForeignKeyField(Outgoing, backref="domains", on_delete="CASCADE")

    class Meta:
        primary_key = CompositeKey("domain", "outgoing")


class Draft(Base):
    """A mail that an agent is writing, as typed (EM-9)."""

    id = AutoField()
    login = TextField(index=True)
    contact = ForeignKeyField(Contact, null=True, backref="drafts", on_delete="SET NULL")
    kind = CharField(16)
    body = TextField()  # JSON of what its writer typed
    saved_at = UtcDateTimeField()
    outgoing = ForeignKeyField(Outgoing, null=True, backref="drafts", on_delete="CASCADE")
    """The mail it was sent as; until that leaves, the draft may come back."""


class DraftFile(Base):
    """A file that is to go with a draft."""

    draft = ForeignKeyField(Draft, backref="files", on_delete="CASCADE")
    position = SmallIntegerField()
    name = TextField()
    media_type = TextField()
    size = BigIntegerField()
    digest = CharField(64, index=True)

    class Meta:
        primary_key = CompositeKey("draft", "position")


class Audit(Base):
    """Who did what to the system; each row's chain covers the one before it (G-8)."""

    id = AutoField()
    at = UtcDateTimeField()
    actor = TextField()
    action = TextField()
    object = TextField()
    result = TextField()
    detail = TextField(default="")
    chain = CharField(64)

"""The messages between an agent's program and the server: JSON text over one WebSocket.

Commands go up, each with a number of its own; a `Done`, `LoggedIn`, `Explained` or `Refusal` with
that number answers each. What happens comes down as one `Change` a transaction, numbered without
gaps; after a gap, and after every (re)connection, a `Desk` says everything anew: how long it is
does not grow with the number of contacts, those that have no room in it follow. Attachments travel
by HTTP: `GET /attachments/{contact}/{position}` with `Authorization: Bearer TOKEN`. What is to be
read by a person comes as a `Sentence`, and is said in their language at their desk.

Who watches (ACE Pulse) gets `Figures`, then `FiguresChange`s with numbers of their own, at most one
a second; after a gap `Watch` says everything anew.

This is the only module of the server that the agent's program imports.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ace_server.contact import MOST_TEXT, AgentState, Medium, Role, State
from ace_server.sentences import Sentence

__all__ = [
    "PROTOCOL_VERSION",
    "AgentState",
    "Medium",
    "Role",
    "Sentence",
    "State",
    "decode_command",
    "decode_event",
    "encode",
]

PROTOCOL_VERSION = 1
"""Grows when an older program could no longer understand a newer one."""

MAX_COMMAND_BYTES = 8 * 1024 * 1024
"""The longest message that the server reads: more than the largest value of one key."""

MAX_CONTACT_BYTES = 3 * MOST_TEXT
"""The longest contact, as it travels.

JSON writes quotation marks, backslashes and line ends in two bytes, all others that XML lets in as
they are: so the text has at most twice its bytes. The third share has room for what stands beside
it: the link once more, 10,000 keys with their names, 20 attachments, the note. What an agent adds
is refused where the contact would become longer.
"""

MAX_DESK_BYTES = 4 * 1024 * 1024
"""Of the contacts in a `Desk` together; the first is there however long it is."""

MAX_EVENT_BYTES = MAX_CONTACT_BYTES + 4 * MAX_DESK_BYTES
"""The longest message that the agent's program reads: a `Desk` whose first contact is the longest.

Queues, activities, colleagues and figures grow with the site, and have room in it as well.
"""

LONGEST_NOTE = 100_000
"""Characters; it is sent with the contact to whoever has it in hand."""

Note = Annotated[str, Meta(max_length=LONGEST_NOTE, pattern=r"\A[^\x00]*\Z")]
"""Without a NUL, which not every database keeps."""

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""Of a contact; or how many: what every database can compare with what it holds."""

Right = Literal["park", "requeue", "decline", "extend-wrap-up", "pick-not-ready", "close-waiting"]
Rule = Literal["locked", "optional", "mandatory"]
Why = Literal[
    "logged in",
    "activated",
    "paused",
    "booked",
    "accepted",
    "declined",
    "timed out",
    "parked",
    "resumed",
    "requeued",
    "ended",
    "edited",
    "wrap-up extended",
    "wrap-up over",
    "returned",
    "logged out",
    "shown",
    "picked",
    "work level",
    "queues",
]
"""What made a `Change`. `returned`: the contact went back to its queue, its agent was gone.

`shown`: nothing changed; the contact had no room in the `Desk` before it. `queues`: the agent was
logged in to or out of a queue.
"""


class _Message(msgspec.Struct, tag_field="type", rename="camel", kw_only=True, frozen=True):
    pass


# What a desk shows


class Field(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """One contact data key as this contact's task type shows it (AG-4)."""

    key: str
    display: str
    value: str = ""
    rule: Rule = "locked"
    choices: list[str] = []  # the value set, narrowed to the task type; empty: free text
    lines: int = 1
    max_length: int = 4000  # characters
    known: bool = True  # False: the account stores unknown keys; shown apart


class Attachment(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """A file that came with a contact; its name is only ever shown."""

    position: int  # 0 is the first
    name: str
    media_type: str
    size: int  # bytes


class Contact(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """A contact in this agent's hands, or the one whose wrap-up runs."""

    id: int
    external_id: str
    medium: Medium
    state: State
    entrance: str
    received_at: datetime
    channel: str = ""  # of a social media account (WI-10)
    task_type: str = ""
    queue: str = ""
    subject: str = ""
    body: str = ""
    target: str = ""  # the value of the workItem key: a link, or a reference in plain text
    fields: list[Field] = []
    attachments: list[Attachment] = []
    first_queued_at: datetime | None = None
    booked_until: datetime | None = None
    accepted_at: datetime | None = None
    parked_at: datetime | None = None
    ended_at: datetime | None = None
    note: str = ""  # of who requeued it last
    note_by: str = ""


class Agent(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """The person at this desk."""

    login: str
    name: str
    role: Role
    state: AgentState
    since: datetime
    until: datetime | None = None  # when the booking or a limited wrap-up ends
    activity: str = ""  # why paused
    pause_wanted: bool = False  # pause takes effect when the contact ends
    wanted_activity: str = ""
    wrap_up_contact: int | None = None
    rights: list[Right] = []
    work_level: str = ""  # empty: all that the agent's skills allow
    work_levels: list[str] = []  # between which the agent may choose; none: there is no choice


class Colleague(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """Somebody a contact can be requeued to."""

    login: str
    name: str


# What queue status shows (AG-5)


class QueueStatus(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """One queue or waiting list that this agent serves, or may log in to; or the agent's own."""

    name: str  # empty: what waits for this agent alone
    is_list: bool = False  # the agent picks from it
    waiting: int = 0
    oldest: datetime | None = None  # first queue time of what has waited longest
    agents: int = 0  # who serve it and are logged in
    at_work: int = 0  # of these, who are not paused
    logged_in: bool = True  # whether this agent serves it now
    change: int = 0  # grows when what waits there is different


class WaitingContact(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """A contact that waits, as a list shows it: enough to choose by."""

    id: int
    external_id: str
    medium: Medium
    entrance: str
    position: int  # where it stands; the first is 1
    first_queued_at: datetime
    channel: str = ""
    task_type: str = ""
    subject: str = ""
    prio: int = 5
    prioritised: bool = False  # by a supervisor: it goes before all others


# What Pulse shows: figures and states, nothing of a contact but its number and task type


class QueueFigures(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """One queue now (PU-1); work items and e-mail count alike (PU-3)."""

    queue: str = ""  # empty: what waits for one person alone
    personal: str = ""  # the login of that person
    waiting: int = 0
    oldest: datetime | None = None  # first queue time of what is at its top
    in_hand: int = 0  # booked, accepted, parked
    ended: int = 0  # today, in the site's time zone


class AgentFigures(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """One agent now (PU-1)."""

    login: str
    name: str
    state: AgentState
    since: datetime | None = None  # None: never logged in
    activity: str = ""  # why paused
    contact: int | None = None  # booked, accepted, or the one whose wrap-up runs
    task_type: str = ""  # of that contact
    parked: int = 0


# Commands: from the agent's program to the server


class LogIn(_Message, tag="log-in", kw_only=True, frozen=True):
    """Answered by `LoggedIn`, then a `Desk`.

    With a one-time code it is refused with `new-password` until `new_password` is given.
    """

    request: int
    login: str
    password: str
    new_password: str = ""
    version: int = PROTOCOL_VERSION


class Return(_Message, tag="return", kw_only=True, frozen=True):
    """Come back with the token of an earlier log-in, after the link was lost."""

    request: int
    token: str
    version: int = PROTOCOL_VERSION


class CreateAdministrator(_Message, tag="create-administrator", kw_only=True, frozen=True):
    """On a first start, the first user; `setup` is the secret in the data folder's server file."""

    request: int
    setup: str
    login: str
    name: str
    password: str


class ChangePassword(_Message, tag="change-password", kw_only=True, frozen=True):
    request: int
    old: str
    new: str


class LogOut(_Message, tag="log-out", kw_only=True, frozen=True):
    request: int


class Activate(_Message, tag="activate", kw_only=True, frozen=True):
    request: int


class Pause(_Message, tag="pause", kw_only=True, frozen=True):
    request: int
    activity: str = ""


class Accept(_Message, tag="accept", kw_only=True, frozen=True):
    request: int
    contact: Number


class Decline(_Message, tag="decline", kw_only=True, frozen=True):
    request: int
    contact: Number


class Park(_Message, tag="park", kw_only=True, frozen=True):
    request: int
    contact: Number


class Resume(_Message, tag="resume", kw_only=True, frozen=True):
    """Take a parked contact in hand again."""

    request: int
    contact: Number


class Requeue(_Message, tag="requeue", kw_only=True, frozen=True):
    """To a queue or to a colleague: exactly one of the two."""

    request: int
    contact: Number
    queue: str = ""
    colleague: str = ""
    note: Note = ""


class Edit(_Message, tag="edit", kw_only=True, frozen=True):
    """Set contact data; an empty value clears the key."""

    request: int
    contact: Number
    values: dict[str, str]


class End(_Message, tag="end", kw_only=True, frozen=True):
    """End a contact, with what was edited last."""

    request: int
    contact: Number
    values: dict[str, str] = {}


class ExtendWrapUp(_Message, tag="extend-wrap-up", kw_only=True, frozen=True):
    request: int


class ChooseWorkLevel(_Message, tag="choose-work-level", kw_only=True, frozen=True):
    """Serve this named set of queues from now on: only while paused or ready, nothing parked."""

    request: int
    work_level: str


class LogInToQueue(_Message, tag="log-in-to-queue", kw_only=True, frozen=True):
    """Serve a queue or waiting list, or no longer, until the next log-out.

    A supervisor may name another agent, and log that one in without the skills (PU-2).
    """

    request: int
    queue: str
    logged_in: bool
    agent: str = ""  # a login; empty: who gives the command


class Look(_Message, tag="look", kw_only=True, frozen=True):
    """Answered by `Looked`: what waits in a queue or list; an agent may look into lists only.

    With a `personal` login and no queue: what waits for that agent alone.
    """

    request: int
    queue: str = ""
    personal: str = ""
    start: Number = 0  # how many to pass by


class Preview(_Message, tag="preview", kw_only=True, frozen=True):
    """Answered by `Previewed`: a waiting contact that the user may pick, move or close."""

    request: int
    contact: Number


class Pick(_Message, tag="pick", kw_only=True, frozen=True):
    """Take a waiting contact in hand: from a list; a supervisor, from anywhere."""

    request: int
    contact: Number


class Move(_Message, tag="move", kw_only=True, frozen=True):
    """Let a waiting contact wait elsewhere, with its age: a supervisor's (PU-2)."""

    request: int
    contact: Number
    queue: str = ""
    colleague: str = ""


class Prioritise(_Message, tag="prioritise", kw_only=True, frozen=True):
    """Let a waiting contact go before all others where it waits: a supervisor's (PU-2)."""

    request: int
    contact: Number
    first: bool = True  # False: in its order again


class Close(_Message, tag="close", kw_only=True, frozen=True):
    """End a waiting contact that nobody handled: with the right for it, and a reason (WI-7)."""

    request: int
    contact: Number
    reason: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\A[^\x00]*\Z")]


class Explain(_Message, tag="explain", kw_only=True, frozen=True):
    """Why a contact is where it is; with an `agent`, why that one has it or has it not.

    An agent may ask about the contacts at the own desk, a supervisor about any.
    """

    request: int
    contact: Number
    agent: str = ""


class Resync(_Message, tag="resync", kw_only=True, frozen=True):
    """Answered by `Done`, then a `Desk`."""

    request: int


class Watch(_Message, tag="watch", kw_only=True, frozen=True):
    """Answered by `Done`, then `Figures` and, as they change, `FiguresChange`s, until `Unwatch`."""

    request: int


class Unwatch(_Message, tag="unwatch", kw_only=True, frozen=True):
    request: int


Command = (
    LogIn
    | Return
    | CreateAdministrator
    | ChangePassword
    | LogOut
    | Activate
    | Pause
    | Accept
    | Decline
    | Park
    | Resume
    | Requeue
    | Edit
    | End
    | ExtendWrapUp
    | ChooseWorkLevel
    | LogInToQueue
    | Look
    | Preview
    | Pick
    | Move
    | Prioritise
    | Close
    | Explain
    | Resync
    | Watch
    | Unwatch
)

# Events: from the server to the agent's program


class Welcome(_Message, tag="welcome", kw_only=True, frozen=True):
    """The first message on a link."""

    version: int
    site: str
    first_start: bool  # there is no user yet: `CreateAdministrator` is next


class Done(_Message, tag="done", kw_only=True, frozen=True):
    request: int


class LoggedIn(_Message, tag="logged-in", kw_only=True, frozen=True):
    request: int
    token: str
    name: str


class Explained(_Message, tag="explained", kw_only=True, frozen=True):
    request: int
    sentences: list[Sentence]


class Looked(_Message, tag="looked", kw_only=True, frozen=True):
    """What waits, in order, up to 50; `waiting` is how many there are."""

    request: int
    now: datetime
    waiting: int
    contacts: list[WaitingContact]


class Previewed(_Message, tag="previewed", kw_only=True, frozen=True):
    request: int
    contact: Contact


class Refusal(_Message, tag="refusal", kw_only=True, frozen=True):
    """Nothing was changed. `unavailable` means: the server cannot do it now, try again."""

    request: int
    code: str
    reason: Sentence


class Desk(_Message, tag="desk", kw_only=True, frozen=True):
    """Everything a desk shows, as it is at `now`; later changes count on from `number`.

    What is in hand or in wrap-up stands first in `contacts`. Those in `following` are in the
    agent's hands, too; each comes in a `Change` of its own.
    """

    number: int
    now: datetime
    agent: Agent
    contacts: list[Contact]
    following: list[int] = []
    activities: list[str]
    queues: list[str]
    waiting_lists: list[str] = []
    colleagues: list[Colleague]
    unavailable: Sentence | None = None  # why the server takes nothing in at present


class Change(_Message, tag="change", kw_only=True, frozen=True):
    """What one transaction changed: the agent as now, a contact as now, contacts that left."""

    number: int
    now: datetime
    why: Why
    agent: Agent
    contact: Contact | None = None
    gone: list[int] = []


class Queues(_Message, tag="queues", kw_only=True, frozen=True):
    """Queue status of this desk, whole; it comes after a `Desk`, and then when it is different.

    At most one a second. The agent's own first, then queues by priority, then lists.
    """

    now: datetime
    queues: list[QueueStatus]


class Figures(_Message, tag="figures", kw_only=True, frozen=True):
    """Everything Pulse shows, as it is at `now`; later changes count on from `number`."""

    number: int
    now: datetime
    buffered: int  # contacts that their entrances hold back
    queues: list[QueueFigures]
    agents: list[AgentFigures]


class FiguresChange(_Message, tag="figures-change", kw_only=True, frozen=True):
    """The rows that are different now, or new; where rows are gone, `Figures` say everything."""

    number: int
    now: datetime
    buffered: int
    queues: list[QueueFigures] = []
    agents: list[AgentFigures] = []


class Notice(_Message, tag="notice", kw_only=True, frozen=True):
    """Something for the person at the desk; none takes back what was said `about` it."""

    about: Literal["store"]
    text: Sentence | None


class LoggedOut(_Message, tag="logged-out", kw_only=True, frozen=True):
    """The server ended this log-in; no `reason` where the person asked for it."""

    reason: Sentence | None = None


Event = (
    Welcome
    | Done
    | LoggedIn
    | Explained
    | Looked
    | Previewed
    | Refusal
    | Desk
    | Change
    | Queues
    | Figures
    | FiguresChange
    | Notice
    | LoggedOut
)

_encoder = msgspec.json.Encoder()
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_events: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(message: Command | Event) -> str:
    """The message as it travels."""
    return _encoder.encode(message).decode()


def size(contact: Contact) -> int:
    """Bytes of a contact as it travels."""
    return len(_encoder.encode(contact))


def decode_command(text: str | bytes) -> Command:
    """Read a command, or raise msgspec.ValidationError that names what is wrong with it."""
    return _commands.decode(text)


def decode_event(text: str | bytes) -> Event:
    """Read an event, or raise msgspec.ValidationError that names what is wrong with it."""
    return _events.decode(text)

"""The messages between an agent's program and the server: JSON text over one WebSocket.

Commands go up, each with a number of its own; a `Done`, a `Refusal` or what its command names
answers each, with that number. What happens comes down as one `Change` a transaction, numbered
without gaps; after a gap, and after every (re)connection, a `Desk` says everything anew: how long
it is does not grow with the number of contacts, those that have no room in it follow. What is to be
read by a person comes as a `Sentence`, and is said in their language at their desk.

Files travel by HTTP with `Authorization: Bearer TOKEN`: attachments by `GET
/attachments/{contact}/{position}`, the source of a mail by `GET /mails/{contact}/source` or, of one
in quarantine, `GET /quarantine/{mail}/source`, and what goes with a draft by `POST
/drafts/{draft}/files?name=NAME`, answered by an `Attached`.

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

PROTOCOL_VERSION = 2
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

MOST_HTML = 8 * 1024 * 1024
"""Characters of a mail's HTML that travel; of a longer one there is the text, and the source."""

LONGEST_MAIL = 1_000_000
"""Characters that an agent may write."""

MOST_ADDRESSES = 20_000
"""Characters of the addresses in one field, as typed."""

MOST_DRAFT_FILE = 35 * 1024 * 1024
"""Bytes of one file that goes with a draft."""

LONGEST_NOTE = 100_000
"""Characters; it is sent with the contact to whoever has it in hand."""

Note = Annotated[str, Meta(max_length=LONGEST_NOTE, pattern=r"\A[^\x00]*\Z")]
"""Without a NUL, which not every database keeps."""

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""Of a contact; or how many: what every database can compare with what it holds."""

Right = Literal["park", "requeue", "decline", "extend-wrap-up", "pick-not-ready", "close-waiting"]
Rule = Literal["locked", "optional", "mandatory"]
Writing = Literal["reply", "reply-all", "forward", "new"]
"""What an agent writes (EM-9)."""

SentState = Literal["queued", "sending", "handed over", "refused", "unknown", "withdrawn"]
"""How a mail that goes out stands (EM-10)."""

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
    content_id: str = ""  # by which the HTML of a mail names it


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
    sender: str = ""  # who wrote it: of an email, or of a social media account (WI-10)
    thread: str = ""  # the link to the thread on the channel's own pages (WI-10)
    follows: int | None = None  # the contact that this mail follows up (EM-6)
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
    sender: str = ""
    task_type: str = ""
    subject: str = ""
    prio: int = 5
    prioritised: bool = False  # by a supervisor: it goes before all others


# Mail: read, written, sent


class OutgoingMail(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """A mail in the outbox, as it truly stands (EM-10)."""

    id: int
    kind: Literal["answer", "delivery", "external", "reply", "reply-all", "forward", "new"]
    state: SentState
    to: list[str]
    subject: str = ""
    by: str = ""  # the login of its writer; empty: the server
    created_at: datetime
    due_at: datetime  # sent, or tried again, not before
    settled_at: datetime | None = None
    said: Sentence | None = None  # what the next server said, or what went wrong
    contact: int | None = None
    is_private: bool = False  # about no contact: its writer alone sees whom it goes to


class SentMail(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """An outgoing mail to be read: what its readers got, and how it stands."""

    outgoing: OutgoingMail
    senders: list[str] = []  # each as `Name <address>`, as in all these lists
    to: list[str] = []
    cc: list[str] = []
    bcc: list[str] = []  # whom the envelope names, and no header
    subject: str = ""
    sent_at: datetime | None = None  # as the mail says
    text: str = ""
    html: str = ""  # as it came, of a mail that is sent on: whoever shows it cleans it (EM-12)
    files: list[Attachment] = []
    remarks: list[Sentence] = []


class DraftHead(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """A draft in a list."""

    id: int
    kind: Writing
    contact: int | None
    subject: str
    to: str
    saved_at: datetime


class Mail(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """The mail of an email contact, to be read; its files are the contact's attachments."""

    contact: int
    senders: list[str] = []  # each as `Name <address>`
    reply_to: list[str] = []
    to: list[str] = []
    cc: list[str] = []
    subject: str = ""
    sent_at: datetime | None = None  # as the mail says
    arrived_at: datetime | None = None  # at its mail server
    text: str = ""
    html: str = ""  # as it came: whoever shows it cleans it (EM-12)
    size: int = 0  # bytes, of its source
    remarks: list[Sentence] = []  # what a reader has to know of it: sent by a machine, damaged, cut
    external: str = ""  # the address it is handled at (EM-7); empty: here
    pressed: int = 0  # how often *Did not arrive* was pressed
    writes: Sentence | None = None  # why nothing can be written about it; None: it can
    outgoing: list[OutgoingMail] = []
    drafts: list[DraftHead] = []  # this user's, about this contact


class Template(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """A text that can be put into a mail (EM-9)."""

    name: str
    text: str  # with the values of this contact in the places of its variables


class Draft(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """A mail that is being written, as typed."""

    id: Number
    kind: Writing
    contact: Number | None = None
    sender: Annotated[str, Meta(max_length=1000)] = ""
    to: Annotated[str, Meta(max_length=MOST_ADDRESSES)] = ""  # separated by commas
    cc: Annotated[str, Meta(max_length=MOST_ADDRESSES)] = ""
    bcc: Annotated[str, Meta(max_length=MOST_ADDRESSES)] = ""
    subject: Annotated[str, Meta(max_length=2000)] = ""
    text: Annotated[str, Meta(max_length=LONGEST_MAIL, pattern=r"\A[^\x00]*\Z")] = ""


class QuarantinedMail(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """A mail that could not be made a contact of, and is kept (EM-2)."""

    id: int
    account: str
    folder: str
    uid: str
    size: int  # bytes
    arrived_at: datetime | None
    fetched_at: datetime
    reason: Sentence | None
    attempts: int


class WithheldAnswer(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """An automatic answer that a budget kept back lately, with its address and why (EM-5)."""

    at: datetime
    said: Sentence


class MailAccountFigures(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """One mail account now (PU-1)."""

    account: str
    server: str = ""  # the Email Server that fetches from it
    state: Literal[
        "waiting", "connecting", "fetching", "idle", "held back", "trouble", "stopped"
    ] = "waiting"
    since: datetime | None = None
    fetched_at: datetime | None = None  # the last time that everything was fetched
    trouble: Sentence | None = None
    on_server: int = 0  # mails in its folders when they were last looked at
    pending: int = 0  # fetched, and not analysed yet
    quarantined: int = 0
    undelivered: int = 0  # outgoing mails that were refused, or may not have been sent
    withheld: list[WithheldAnswer] = []  # the last ones, the newest first


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


class ReadMail(_Message, tag="read-mail", kw_only=True, frozen=True):
    """Answered by `MailRead`: the mail of a contact in hand, or of one that may be previewed."""

    request: int
    contact: Number


class ReadOutgoing(_Message, tag="read-outgoing", kw_only=True, frozen=True):
    """Answered by `OutgoingRead`: what was sent by this agent, or about a contact to be read."""

    request: int
    outgoing: Number


class DidNotArrive(_Message, tag="did-not-arrive", kw_only=True, frozen=True):
    """The mail of this contact has not come to the agent's own program, or cannot be read (EM-8).

    It is sent, or fetched, again; a second press offers it in the built-in pane. Answered by
    `MailRead`.
    """

    request: int
    contact: Number


class Compose(_Message, tag="compose", kw_only=True, frozen=True):
    """Begin a mail; about a contact, or (`new`) about none. Answered by `Composed`."""

    request: int
    kind: Writing
    contact: Number | None = None


class OpenDraft(_Message, tag="open-draft", kw_only=True, frozen=True):
    """Go on with a draft. Answered by `Composed`."""

    request: int
    draft: Number


class SaveDraft(_Message, tag="save-draft", kw_only=True, frozen=True):
    request: int
    draft: Draft


class DiscardDraft(_Message, tag="discard-draft", kw_only=True, frozen=True):
    request: int
    draft: Number


class Detach(_Message, tag="detach", kw_only=True, frozen=True):
    """Take a file out of a draft. Answered by `Attached`; files come by HTTP."""

    request: int
    draft: Number
    position: Number


class SendMail(_Message, tag="send-mail", kw_only=True, frozen=True):
    """Send a draft as it is typed here. Answered by `MailQueued`, once that is durable.

    What was sent just so is answered in the same way again, and sent once.
    """

    request: int
    draft: Draft


class UndoSend(_Message, tag="undo-send", kw_only=True, frozen=True):
    """Take a mail back that nobody has heard of yet; it is a draft again.

    Answered by `Composed`.
    """

    request: int
    outgoing: Number


class SendAgain(_Message, tag="send-again", kw_only=True, frozen=True):
    """Send a mail once more that was refused, or may not have been sent: as a person says."""

    request: int
    outgoing: Number


class ListSent(_Message, tag="list-sent", kw_only=True, frozen=True):
    """Answered by `SentListed`: what this agent wrote and sent lately."""

    request: int


class WriteAgain(_Message, tag="write-again", kw_only=True, frozen=True):
    """Begin a draft as the mail was typed that was refused, or taken back.

    One that may have been sent is begun anew only where its writer is `sure`. Answered by
    `Composed`.
    """

    request: int
    outgoing: Number
    sure: bool = False


class ListDrafts(_Message, tag="list-drafts", kw_only=True, frozen=True):
    """Answered by `DraftsListed`: all of this user's."""

    request: int


class LookIntoQuarantine(_Message, tag="look-into-quarantine", kw_only=True, frozen=True):
    """Answered by `Quarantined`: what is kept, and what could not be sent; a supervisor's."""

    request: int
    after: Number = 0  # the id behind which to go on


class RetryMails(_Message, tag="retry-mails", kw_only=True, frozen=True):
    """Analyse quarantined mails again."""

    request: int
    mails: Annotated[list[Number], Meta(max_length=1000)]


class DiscardMails(_Message, tag="discard-mails", kw_only=True, frozen=True):
    """Clear quarantined mails that nobody needs."""

    request: int
    mails: Annotated[list[Number], Meta(max_length=1000)]


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
    | ReadMail
    | ReadOutgoing
    | DidNotArrive
    | Compose
    | OpenDraft
    | SaveDraft
    | DiscardDraft
    | Detach
    | SendMail
    | UndoSend
    | SendAgain
    | ListSent
    | WriteAgain
    | ListDrafts
    | LookIntoQuarantine
    | RetryMails
    | DiscardMails
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


class MailRead(_Message, tag="mail-read", kw_only=True, frozen=True):
    request: int
    mail: Mail


class OutgoingRead(_Message, tag="outgoing-read", kw_only=True, frozen=True):
    request: int
    mail: SentMail


class SentListed(_Message, tag="sent-listed", kw_only=True, frozen=True):
    """What was sent in the last two weeks, the newest first; up to 500."""

    request: int
    mails: list[OutgoingMail]


class Composed(_Message, tag="composed", kw_only=True, frozen=True):
    """A draft to be gone on with, and what can be chosen for it."""

    request: int
    draft: Draft
    files: list[Attachment] = []
    senders: list[str] = []  # the addresses that From may be, the preset one first (EM-9)
    signatures: list[str] = []  # of each of them: what stands below `-- ` in a mail from there
    templates: list[Template] = []


class Attached(_Message, tag="attached", kw_only=True, frozen=True):
    """The files of a draft, as they are then."""

    request: int
    files: list[Attachment]


class MailQueued(_Message, tag="mail-queued", kw_only=True, frozen=True):
    """The mail is in the outbox; until `due_at` it can be undone."""

    request: int
    outgoing: OutgoingMail


class DraftsListed(_Message, tag="drafts-listed", kw_only=True, frozen=True):
    request: int
    drafts: list[DraftHead]


class Quarantined(_Message, tag="quarantined", kw_only=True, frozen=True):
    request: int
    mails: list[QuarantinedMail]
    undelivered: list[OutgoingMail]


class MailNews(_Message, tag="mail-news", kw_only=True, frozen=True):
    """What was sent about a contact at this desk stands otherwise now."""

    contact: int
    outgoing: list[OutgoingMail]


class SentNews(_Message, tag="sent-news", kw_only=True, frozen=True):
    """What this agent wrote lately and was refused, or may have been sent: all of it.

    It comes after a `Desk` where there is any, and then whenever it is different.
    """

    undelivered: list[OutgoingMail]


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
    mail_accounts: list[MailAccountFigures] = []


class FiguresChange(_Message, tag="figures-change", kw_only=True, frozen=True):
    """The rows that are different now, or new; where rows are gone, `Figures` say everything."""

    number: int
    now: datetime
    buffered: int
    queues: list[QueueFigures] = []
    agents: list[AgentFigures] = []
    mail_accounts: list[MailAccountFigures] = []


class Notice(_Message, tag="notice", kw_only=True, frozen=True):
    """Something for the person at the desk; none takes back what was said `about` it."""

    about: Literal["store"]
    text: Sentence | None


class LoggedOut(_Message, tag="logged-out", kw_only=True, frozen=True):
    """The server ended this log-in; no `reason` where the person asked for it."""

    reason: Sentence | None = None


Answer = (
    Done
    | LoggedIn
    | Explained
    | Looked
    | Previewed
    | MailRead
    | OutgoingRead
    | SentListed
    | Composed
    | Attached
    | MailQueued
    | DraftsListed
    | Quarantined
    | Refusal
)
"""What answers a command, by its number."""

Event = (
    Answer
    | Welcome
    | MailNews
    | SentNews
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

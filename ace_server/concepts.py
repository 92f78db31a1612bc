"""What an administrator configures: every kind of entry, its fields and their defaults.

Declared once: the configuration file, its checks, its documentation and the running server all
read these. Entries refer to each other by name. Nothing here looks at other entries; that is
`administration.configuration`.
"""

from collections.abc import Mapping
from datetime import date as Date
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from ace_server.contact import Role
from ace_server.settings import SystemParameters
from ace_server.wire import Right, Rule

UNROUTED = "Unrouted"
"""The queue for contacts without routing; it always exists (RO-3)."""

UNROUTED_LIST = "Unrouted list"
"""The waiting list for them, where `agentDistrOrderEmailIncoming` says so (RO-7)."""

PERSONAL = "Personal"
"""The template of what waits for one agent alone; it can be changed, and never removed (RO-4)."""

AGENT_KEY = "AgentName"
"""The contact data key that names the agent a contact is for (RO-4)."""

Name = Annotated[str, Meta(min_length=1, max_length=128)]
Level = Annotated[int, Meta(ge=1, le=9)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Minutes = Annotated[int, Meta(ge=1, le=525_600)]
Count = Annotated[int, Meta(ge=0, le=10_000_000)]
Secret = str
"""`env:NAME`, `file:PATH`, or a literal, which is stored hashed; never part of a stored entry."""


class Concept(
    msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One entry of a configuration file; the class says its kind.

    A field's `description` is what `docs/configuration.md` says of it; the `title` of one with a
    pattern says in words what is expected.
    """

    kind: ClassVar[str]
    identity: ClassVar[str] = "name"  # the field that names the entry; "" where the order does
    secret_field: ClassVar[str] = ""


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A looser condition than equality: one of the two."""

    has: Annotated[str, Meta(description="The value contains this text, in any case.")] = ""
    any: Annotated[bool, Meta(description="The key has any value.")] = False


Condition = str | Match
"""What a contact data key must be: a value to equal, or a `Match`."""

When = dict[str, Condition]
"""Contact data key = condition; all must hold."""

_WHEN = "Contact data key = condition; all must hold. Without any, the rule fits every contact."

Area = Annotated[str, Meta(max_length=128)]
"""The name of an organisation area; empty: the one of a site that has no other."""

Service = Literal["queue", "waiting list"]
"""*Incoming email, queue* and *incoming email, waiting list*; both carry both media (RO-4b)."""

Sort = Literal["longest waiting", "priority", "newest"]
"""A queue's sorting order; `priority`: by the `prio` digit, then by waiting (RO-4)."""

_AREA = "The organisation area it belongs to; a site with one area leaves it out."
_REQUIRES = "Skill = least level; all must hold. Without any, every agent of the area serves it."
_GROUPS = "Groups that an agent must be in, all of them."
_SORT = (
    "Which contact is first: `longest waiting`, `priority` (the `prio` digit, then waiting) or"
    " `newest`."
)
_LEVEL = "Minutes within which contacts should be accepted; level 2 includes level 1 (RE-2)."


class OrganisationArea(Concept, kw_only=True, frozen=True):
    """The largest division of a site: it owns entrances, queues, rules and agents."""

    kind = "organisation_area"
    name: Annotated[Name, Meta(description="What accounts, queues, rules and users call it.")]


class WorkItemAccount(Concept, kw_only=True, frozen=True):
    """The name under which an external system may hand in work items; creates its entrance."""

    kind = "work_item_account"
    secret_field = "secret"
    name: Annotated[
        Name, Meta(description="The user name of the sending system, and its entrance; no colon.")
    ]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    secret: Annotated[
        Secret,
        Meta(description="What the sender shows as password; without one it cannot log in."),
    ] = ""
    receipt: Annotated[bool, Meta(description="Whether a receipt is given (WI-4).")] = False
    enabled: Annotated[bool, Meta(description="`false` switches the account off.")] = True
    entrances: Annotated[
        list[str], Meta(description="Other entrances it may name; its own always.")
    ] = []
    channel: Annotated[
        Literal["", "facebook", "x"],
        Meta(description="Social media channel; it then needs the three fields below (WI-10)."),
    ] = ""
    page: Annotated[str, Meta(description="Page or handle of the channel.")] = ""
    author_key: Annotated[str, Meta(description="Contact data key that carries the author.")] = ""
    link_key: Annotated[str, Meta(description="Contact data key that links to the thread.")] = ""
    unknown_keys: Annotated[
        Literal["refuse", "store"],
        Meta(description="`store`: keys that are not configured are kept and shown apart."),
    ] = "refuse"
    rate: Annotated[
        str,
        Meta(
            pattern=r"^(\d{1,6}/\d{0,4}[smh])?$",
            title="a number of messages and a time, such as `100/1m`",
            description="Most messages in a time, such as `100/1m`; empty: no limit.",
        ),
    ] = ""


class MailAccount(Concept, kw_only=True, frozen=True):
    """A mailbox that e-mail is fetched from; creates its entrance."""

    kind = "mail_account"
    secret_field = "password"
    name: Annotated[Name, Meta(description="The mail address it is known by, and its entrance.")]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    fetch: Annotated[
        str,
        Meta(
            pattern=r"^((imaps?|imap\+starttls|pop3s?|pop3\+starttls)://|maildir:).+$",
            title="an address such as `imaps://support@mail.example`, or `maildir:/path`",
            description="`imap`, `imaps`, `pop3` or `pop3s` as `imaps://USER@HOST:PORT`, with"
            " STARTTLS `imap+starttls` or `pop3+starttls`, or `maildir:/PATH`; without TLS on this"
            " machine only. In USER an at sign is written `%40`.",
        ),
    ]
    password: Annotated[
        Secret,
        Meta(
            description="Of the mailbox, or with `oauth` its refresh token: `env:`, `file:` or"
            " `ask`, never a literal. A refresh token that is exchanged is written to its file."
        ),
    ] = ""
    oauth: Annotated[
        str, Meta(description="The `oauth_client` by which it logs in; empty: by password.")
    ] = ""
    ca_file: Annotated[
        str, Meta(description="File with the certificates of a site's own authority (PEM).")
    ] = ""
    server: Annotated[
        str,
        Meta(
            max_length=64,
            description="The Email Server that fetches it, by the name it was started with; empty:"
            " whichever has the fewest accounts (EM-11).",
        ),
    ] = ""
    since: Annotated[
        Date | None,
        Meta(description="Mails that arrived before this day are left alone; left out: none are."),
    ] = None
    afterwards: Annotated[
        Literal["keep", "seen", "move", "delete"],
        Meta(
            description="What is done to a mail on its server when it is a contact: nothing, mark"
            " it read, move it to `moved_to`, or delete it. POP3 can only keep or delete."
        ),
    ] = "keep"
    moved_to: Annotated[
        str, Meta(description='The folder for `afterwards = "move"`, not fetched from.')
    ] = ""
    omits_return_path: Annotated[
        bool,
        Meta(
            description="`true`: the mail server writes no Return-Path, so that automatic answers"
            " go to the address in From (EM-5)."
        ),
    ] = False
    signature: Annotated[
        str,
        Meta(
            max_length=2000,
            description="What a mail ends with that is written from this account; variables as in"
            " `mail_template`.",
        ),
    ] = ""
    return_address: Annotated[
        str, Meta(description="Sender of answers; needed where mail is answered in ACE Agent.")
    ] = ""
    alternative_addresses: Annotated[
        list[str], Meta(description="Other addresses an agent may write from.")
    ] = []
    folders: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=255)], ...],
        Meta(min_length=1, description="Folders that are fetched from; POP3 has `INBOX` alone."),
    ] = ("INBOX",)
    smtp: Annotated[
        str,
        Meta(
            description="The `smtp_server` its mail leaves by; needed where mail is answered, or"
            " sent on to users who have an address."
        ),
    ] = ""
    poll_seconds: Annotated[
        int,
        Meta(ge=1, le=86_400, description="Seconds between fetches where the server has no IDLE."),
    ] = 60
    answer_budget: Annotated[
        str,
        Meta(
            pattern=r"^(0|\d{1,6}/\d{0,4}[smh])$",
            title="a number of answers and a time, such as `5/1h`, or `0`",
            description="Automatic answers a correspondent and entrance; `0`: none (EM-5).",
        ),
    ] = "5/1h"


class SmtpServer(Concept, kw_only=True, frozen=True):
    """Where outgoing mail is handed over."""

    kind = "smtp_server"
    secret_field = "password"
    name: Annotated[Name, Meta(description="What a `mail_account` calls it.")]
    url: Annotated[
        str,
        Meta(
            pattern=r"^(smtps?|smtp\+starttls)://.+$",
            title="an address such as `smtps://mail.example`",
            description="`smtp`, `smtps` or `smtp+starttls` as `smtps://USER@HOST:PORT`; `smtp`,"
            " which has no TLS, on this machine only. In USER an at sign is written `%40`.",
        ),
    ]
    password: Annotated[
        Secret,
        Meta(
            description="Of the user in `url`, or with `oauth` the refresh token: `env:`, `file:`"
            " or `ask`, never a literal. A refresh token that is exchanged is written to its file."
        ),
    ] = ""
    oauth: Annotated[
        str, Meta(description="The `oauth_client` by which it logs in; empty: by password.")
    ] = ""
    ca_file: Annotated[
        str, Meta(description="File with the certificates of a site's own authority (PEM).")
    ] = ""


class OauthClient(Concept, kw_only=True, frozen=True):
    """How access tokens are got for mail servers that take no passwords (OAuth 2)."""

    kind = "oauth_client"
    secret_field = "secret"
    name: Annotated[Name, Meta(description="What mail accounts and SMTP servers call it.")]
    token_url: Annotated[
        str,
        Meta(
            pattern=r"^https?://.+$",
            title="an address such as `https://login.example/token`",
            description="Where tokens are got; without TLS on this machine only.",
        ),
    ]
    client_id: Annotated[str, Meta(min_length=1, description="The name of this program there.")]
    secret: Annotated[
        Secret, Meta(description="Its secret there, if it has one: `env:`, `file:` or `ask`.")
    ] = ""
    scope: Annotated[str, Meta(description="What is asked for, as the provider says.")] = ""


class MailTemplate(Concept, kw_only=True, frozen=True):
    """A text that agents put into mails that they write (EM-9)."""

    kind = "mail_template"
    name: Annotated[Name, Meta(description="Its name on the screen.")]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    text: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=100_000,
            description="The text. `{EmailFrom}` stands for the value of that contact data key,"
            " `{AgentName}` for its writer's name; `{{` and `}}` are braces.",
        ),
    ]


class Skill(Concept, kw_only=True, frozen=True):
    """What an agent can do, at a level from 1 to 9 (9 is best)."""

    kind = "skill"
    name: Annotated[Name, Meta(description="What queues and users call it.")]


class Group(Concept, kw_only=True, frozen=True):
    """What an agent is in or out of; queues may demand it beside skills."""

    kind = "group"
    name: Annotated[Name, Meta(description="What queues and users call it.")]


class Queue(Concept, kw_only=True, frozen=True):
    """Where contacts wait for the system to pick an agent (RO-4)."""

    kind = "queue"
    name: Annotated[Name, Meta(description="Its name on the screen and in routing rules.")]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    requires: Annotated[dict[str, Level], Meta(description=_REQUIRES)] = {}
    groups: Annotated[list[str], Meta(description=_GROUPS)] = []
    priority: Annotated[
        int, Meta(ge=1, le=9, description="Queues of priority 1 are served first (RO-5).")
    ] = 1
    weight: Annotated[
        float,
        Meta(
            gt=0,
            le=1_000_000,
            description="Multiplies waiting time when queues of one priority are compared.",
        ),
    ] = 1.0
    sort: Annotated[Sort, Meta(description=_SORT)] = "longest waiting"
    distribution: Annotated[
        bool,
        Meta(description="`false`: nobody is given its contacts; they wait to be moved or pulled."),
    ] = True
    agents: Annotated[
        Literal["longest ready", "highest skill"],
        Meta(
            description="Who gets a new contact when several are ready: who has been so longest,"
            " or whose levels of the demanded skills are highest together (RO-5)."
        ),
    ] = "longest ready"
    service_level_1: Annotated[Minutes | None, Meta(description=_LEVEL)] = None
    service_level_2: Annotated[Minutes | None, Meta(description=_LEVEL)] = None


class WaitingList(Concept, kw_only=True, frozen=True):
    """Where contacts wait for an agent to pick them (RO-7)."""

    kind = "waiting_list"
    name: Annotated[
        Name, Meta(description="Its name on the screen and in routing rules; no queue has it.")
    ]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    requires: Annotated[dict[str, Level], Meta(description=_REQUIRES)] = {}
    groups: Annotated[list[str], Meta(description=_GROUPS)] = []
    sort: Annotated[Sort, Meta(description=_SORT)] = "longest waiting"
    service_level_1: Annotated[Minutes | None, Meta(description=_LEVEL)] = None
    service_level_2: Annotated[Minutes | None, Meta(description=_LEVEL)] = None


class WorkLevel(Concept, kw_only=True, frozen=True):
    """A named set of queues and waiting lists that an agent may choose to serve (RO-4b)."""

    kind = "work_level"
    name: Annotated[Name, Meta(description="Its name on the screen.")]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    serves: Annotated[
        list[Name], Meta(min_length=1, description="Queues and waiting lists of the area.")
    ]
    personal: Annotated[
        bool, Meta(description="Whether what waits for the agent alone is served, too.")
    ] = True


class TaskType(Concept, kw_only=True, frozen=True):
    """The label that decides statistics, wrap-up and routing."""

    kind = "task_type"
    name: Annotated[Name, Meta(description="Its name on the screen and in rules.")]
    outcomes: Annotated[
        list[str], Meta(description="The values of the key `Outcome` for this task type.")
    ] = []
    outcome: Annotated[
        Literal["optional", "mandatory"],
        Meta(description="`mandatory`: End asks for an outcome."),
    ] = "optional"
    wrap_up: Annotated[
        Seconds | Literal["unlimited"] | None,
        Meta(description='Seconds of wrap-up, 0 for none, or `"unlimited"`; else `wrapUpSeconds`.'),
    ] = None


class TaskTypeRule(Concept, kw_only=True, frozen=True):
    """The first rule whose conditions all hold gives a contact its task type (RO-2)."""

    kind = "task_type_rule"
    identity = ""
    area: Annotated[Area, Meta(description=_AREA)] = ""
    when: Annotated[When, Meta(description=_WHEN)] = {}
    task_type: Annotated[Name, Meta(description="The task type it gives.")]
    comment: Annotated[str, Meta(description="For whoever reads the rules.")] = ""


class Destination(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One stop in a routing rule: exactly one of the places, and when to move on from it."""

    queue: Annotated[str, Meta(description="The queue the contact waits in.")] = ""
    waiting_list: Annotated[str, Meta(description="The waiting list it waits in.")] = ""
    agent: Annotated[
        str,
        Meta(
            description="The login of the one agent it waits for, or `AgentName`: whom that contact"
            " data key names."
        ),
    ] = ""
    external: Annotated[
        str,
        Meta(description="The mail address it is sent to; e-mail only, a work item passes by."),
    ] = ""
    end: Annotated[
        bool,
        Meta(description="`true`: it ends here; e-mail only, a work item passes by (WI-7)."),
    ] = False
    escalation: Annotated[
        str, Meta(description="The escalation point through which it leaves for another area.")
    ] = ""
    until: Annotated[
        str,
        Meta(
            pattern=r"^((wait|eqt|minAvailAgents)\(\d{1,8}\)|agentConRatio\(\d{1,6}(\.\d{1,3})?\))?$",
            title="a constraint such as `wait(180)`, `eqt(300)`, `agentConRatio(4)` or"
            " `minAvailAgents(2)`",
            description="When it moves on to the next stop: after s seconds here, `wait(s)`; when"
            " the estimated queue time is above s seconds, `eqt(s)`; when more than x contacts wait"
            " here for each agent who is logged in, `agentConRatio(x)`; when fewer than n agents"
            " who serve it are at work, `minAvailAgents(n)`.",
        ),
    ] = ""


class RoutingRule(Concept, kw_only=True, frozen=True):
    """Says where the contacts go whose data fit its conditions (RO-3).

    The first rule that fits, in the order of the `search_order` of the area, else in that of the
    file.
    """

    kind = "routing_rule"
    identity = ""
    area: Annotated[Area, Meta(description=_AREA)] = ""
    when: Annotated[When, Meta(description=_WHEN)] = {}
    to: Annotated[
        list[Destination],
        Meta(min_length=1, max_length=1000, description="Destinations, in order."),
    ]
    comment: Annotated[str, Meta(description="For whoever reads the rules.")] = ""


class SearchOrder(Concept, kw_only=True, frozen=True):
    """In which order the rules of an area are asked, by the keys in their `when` (RO-3)."""

    kind = "search_order"
    identity = "area"
    area: Annotated[Area, Meta(description=_AREA)] = ""
    keys: Annotated[
        list[list[str]],
        Meta(
            min_length=1,
            description='Combinations of keys, such as `[["Entrance", "TaskType"],'
            ' ["TaskType"], []]`; rules with other combinations come last.',
        ),
    ]


class EscalationPoint(Concept, kw_only=True, frozen=True):
    """A named way from one organisation area into another; contact data travel along (RO-3)."""

    kind = "escalation_point"
    name: Annotated[Name, Meta(description="What a destination calls it.")]
    area: Annotated[Area, Meta(description="The area whose rules may use it.")] = ""
    to: Annotated[Area, Meta(description="The area whose routing rules go on.")]


class User(Concept, kw_only=True, frozen=True):
    """A person who logs in."""

    kind = "user"
    identity = "login"
    secret_field = "password"
    login: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9._@-]{1,64}$",
            title="1 to 64 letters A to Z, digits and `._@-`",
            description="What the person types to log in.",
        ),
    ]
    name: Annotated[Name, Meta(description="The person's name on the screen.")]
    role: Annotated[
        Role,
        Meta(description="What the person may do; `wall` only shows a wall display."),
    ]
    password: Annotated[
        Secret,
        Meta(description="Without one: chosen at the first log-in, by a one-time code."),
    ] = ""
    area: Annotated[
        Area, Meta(description="The organisation area whose contacts the user serves.")
    ] = ""
    skills: Annotated[dict[str, Level], Meta(description="Skill = level.")] = {}
    groups: Annotated[list[str], Meta(description="Groups that the user is in.")] = []
    services: Annotated[
        tuple[Service, ...],
        Meta(
            description="`queue`: contacts are booked for the user; `waiting list`: the user picks"
            " (RO-4b)."
        ),
    ] = ("queue", "waiting list")
    work_levels: Annotated[
        list[str],
        Meta(
            description="Work levels that the user may choose between, the first one at first."
            " Without any, the user serves all that the skills allow."
        ),
    ] = []
    email: Annotated[
        str, Meta(description="Mail is then handled in the user's own mail program (EM-7).")
    ] = ""
    rights: Annotated[
        tuple[Right, ...], Meta(description="What the user may do with contacts.")
    ] = ("park", "requeue", "extend-wrap-up")
    wrap_up: Annotated[
        Seconds | Literal["unlimited"] | None,
        Meta(description='Seconds of wrap-up, or `"unlimited"`; goes before the task type\'s.'),
    ] = None
    locked: Annotated[bool, Meta(description="`true`: cannot log in.")] = False


class ContactDataKey(Concept, kw_only=True, frozen=True):
    """A key that contact data may have, beside those that always exist."""

    kind = "contact_data_key"
    name: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$",
            title="a letter A to Z, then up to 63 letters, digits and `_.-`",
            description="Its short name, as messages and rules write it.",
        ),
    ]
    display: Annotated[
        str, Meta(max_length=128, description="Its name on the screen; empty: the short name.")
    ] = ""
    value_set: Annotated[
        str, Meta(description="The `value_set` its values come from; empty: free text.")
    ] = ""
    max_length: Annotated[
        int, Meta(ge=1, le=1_000_000, description="The most characters a value may have.")
    ] = 4000


class ValueSet(Concept, kw_only=True, frozen=True):
    """The values that a contact data key may have."""

    kind = "value_set"
    name: Annotated[Name, Meta(description="What a `contact_data_key` calls it.")]
    values: Annotated[list[Name], Meta(min_length=1, description="The values, as shown in order.")]


class LayoutField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of the contact data pane."""

    key: Annotated[Name, Meta(description="The contact data key.")]
    rule: Annotated[
        Rule,
        Meta(
            description="`locked`: only shown; `mandatory`: End asks for a value. `workItem` and"
            " what the server sets can only be locked."
        ),
    ] = "optional"
    lines: Annotated[int, Meta(ge=1, le=20, description="Lines of text shown.")] = 1
    values: Annotated[
        list[str], Meta(description="Narrows the key's value set for this task type.")
    ] = []


class Layout(Concept, kw_only=True, frozen=True):
    """Which contact data an agent sees, in which order (AG-4)."""

    kind = "layout"
    identity = "task_type"
    task_type: Annotated[
        str, Meta(description="Whose contacts look so; empty: every task type without its own.")
    ] = ""
    fields: Annotated[list[LayoutField], Meta(min_length=1, description="The lines, in order.")]


class SpecialDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A day whose hours are not the week's."""

    date: Annotated[Date, Meta(description="The day, such as `2026-12-24`.")]
    open: Annotated[
        str, Meta(description="Spans as in `week`, instead of what begins that day; empty: closed.")
    ] = ""


class OpeningHours(Concept, kw_only=True, frozen=True):
    """When an entrance is open (RO-10). One without an entry is always open."""

    kind = "opening_hours"
    identity = "entrance"
    entrance: Annotated[Name, Meta(description="The entrance, named as its account.")]
    mode: Annotated[
        Literal["open", "closed", "schedule"],
        Meta(description="Always open, always closed, or by `week` and `special`."),
    ] = "schedule"
    week: Annotated[
        dict[str, str],
        Meta(
            description="Day or days = spans in the site's time zone, such as"
            ' `{ mon-thu = "08:00-12:00, 13:00-17:00", sat = "22:00-06:00" }`; a day that is not'
            " named is closed."
        ),
    ] = {}
    special: Annotated[list[SpecialDay], Meta(description="Days that differ from the week.")] = []


class Activity(Concept, kw_only=True, frozen=True):
    """A reason to pause, shown to colleagues."""

    kind = "activity"
    name: Annotated[Name, Meta(description="Its name on the screen.")]


class FlowControl(Concept, kw_only=True, frozen=True):
    """An entrance's own limits; what is left out is as in `[system]` (RO-9)."""

    kind = "flow_control"
    identity = "entrance"
    entrance: Annotated[Name, Meta(description="The entrance, named as its account.")]
    emailBufferMax: Annotated[
        Count | None,
        Meta(description="Contacts not ended before more are buffered; 0: no limit."),
    ] = None
    emailBufferMaxActive: Annotated[
        Count | None, Meta(description="Of these, contacts waiting in a queue; 0: no limit.")
    ] = None
    emailBufferMin: Annotated[
        Count | None,
        Meta(
            description="Buffered contacts are released when no more than these are left;"
            " 0: as soon as there is room."
        ),
    ] = None


class KeywordCategory(Concept, kw_only=True, frozen=True):
    """A category that mail and work items get by the words in their text (EM-3)."""

    kind = "keyword_category"
    name: Annotated[
        Name, Meta(description="What stands in the key `emailCategories`; no semicolon.")
    ]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    active: Annotated[bool, Meta(description="`false`: it is not looked for.")] = True
    keywords: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=200)]],
        Meta(
            min_length=1,
            max_length=5000,
            description="Words and phrases, in any case; `word*` is every word that begins so,"
            " `+word` must be there, `-word` must not.",
        ),
    ]


class PatternPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A run of characters of one type."""

    type: Annotated[
        Literal["digit", "capital", "letter", "alphanumeric", "whitespace", "any", "literal"],
        Meta(
            description="`capital` is A to Z, `letter` A to Z in any case, `alphanumeric` a letter"
            " or digit; `any` is all but the end of a line; `literal` is what `text` says."
        ),
    ]
    text: Annotated[str, Meta(max_length=64, description="What a `literal` is, in any case.")] = ""
    least: Annotated[int, Meta(ge=0, le=200, description="How many of them, at least.")] = 1
    most: Annotated[
        Annotated[int, Meta(ge=1, le=200)] | None,
        Meta(description="How many, at most; left out: as many as `least`, which is then above 0."),
    ] = None
    optional: Annotated[bool, Meta(description="Whether the part may be missing altogether.")] = (
        False
    )
    save: Annotated[bool, Meta(description="Whether it is part of the value that is saved.")] = True


class Pattern(Concept, kw_only=True, frozen=True):
    """A form with a fixed layout, such as `SSN: 771122-4499`, saved as contact data (EM-3)."""

    kind = "pattern"
    name: Annotated[Name, Meta(description="What the administrator calls it.")]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    active: Annotated[bool, Meta(description="`false`: it is not looked for.")] = True
    keys: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=200)]],
        Meta(
            min_length=1,
            max_length=50,
            description="Text that stands before the value, in any case; one of these.",
        ),
    ]
    separators: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=20)]],
        Meta(
            max_length=20,
            description="What stands between, one of these, with or without space around it; left"
            " out: a colon or space.",
        ),
    ] = []
    parts: Annotated[
        list[PatternPart],
        Meta(min_length=1, max_length=20, description="What the value consists of, in order."),
    ]
    save_to: Annotated[
        Name, Meta(description="The contact data key that gets the value; none the server sets.")
    ]


class AnswerText(Concept, kw_only=True, frozen=True):
    """A named text of automatic answers, with variables (EM-4)."""

    kind = "answer_text"
    name: Annotated[Name, Meta(description="What an `automatic_answer` calls it.")]
    subject: Annotated[
        str,
        Meta(max_length=200, description="Subject; empty: `Auto: ` and the subject of the mail."),
    ] = ""
    text: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=2000,
            description="What is answered. `{EmailSubject}` stands for the value of that contact"
            " data key, `{Received}` for when the mail came in; `{{` and `}}` are braces.",
        ),
    ]


class AnswerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which text answers the mail whose contact data fit."""

    when: Annotated[When, Meta(description="Contact data key = condition; all must hold.")]
    text: Annotated[Name, Meta(description="The `answer_text`.")]


class AutomaticAnswer(Concept, kw_only=True, frozen=True):
    """What the sender of a mail is answered at once (EM-4). Without an entry, nothing."""

    kind = "automatic_answer"
    name: Annotated[Name, Meta(description="What the administrator calls it.")]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    entrance: Annotated[
        str,
        Meta(description="The mail entrance; empty: each one of the area that has no entry."),
    ] = ""
    mode: Annotated[
        Literal["always", "never", "conditional"],
        Meta(description="`always` answers `text`; `conditional` what the first fitting row says."),
    ] = "never"
    text: Annotated[
        str,
        Meta(
            description="The `answer_text`; when `conditional`, for what no row fits: empty is"
            " then no answer."
        ),
    ] = ""
    rows: Annotated[
        list[AnswerRow], Meta(max_length=1000, description="When `conditional`: asked in order.")
    ] = []
    oversized: Annotated[
        str,
        Meta(
            description="The `answer_text` for a mail of which only the header is fetched: it has"
            " more than `emailMaxBytes`, or its server does not give it out. Empty: no answer."
        ),
    ] = ""
    original: Annotated[
        Literal["none", "before", "after"],
        Meta(description="Where the text of the mail is put, cut to what fits into 4 KB."),
    ] = "none"
    prefix: Annotated[
        str, Meta(max_length=10, description="What each line of the mail then begins with.")
    ] = "> "


class MachineSubject(Concept, kw_only=True, frozen=True):
    """How subjects of absence notes and bounces begin, beside those the program knows (EM-5)."""

    kind = "machine_subject"
    name: Annotated[Name, Meta(description="The beginning of the subject, in any case.")]
    active: Annotated[
        bool,
        Meta(description="`false`: one that the program knows is no sign of a machine here."),
    ] = True


class DiscardRule(Concept, kw_only=True, frozen=True):
    """Which mails become no contact but are discarded (EM-2). Without an entry, none is."""

    kind = "discard_rule"
    name: Annotated[Name, Meta(description="What the ledger and the audit call it.")]
    area: Annotated[Area, Meta(description=_AREA)] = ""
    active: Annotated[bool, Meta(description="`false`: it discards nothing.")] = True
    when: Annotated[
        When,
        Meta(
            description="Contact data key = condition, of what the analysis found; all must hold."
        ),
    ] = {}
    flags: Annotated[
        list[Literal["automatic", "bounce", "own mail", "several senders", "unknown sender"]],
        Meta(description="What the mail must be recognised as, all of it."),
    ] = []


class SiteFacts(
    msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What the site is called, and by which clock it goes."""

    name: Annotated[str, Meta(max_length=128, description="Shown in the window's title.")] = ""
    time_zone: Annotated[
        str, Meta(description="The zone of opening hours and times, such as `Europe/Stockholm`.")
    ] = "UTC"


KINDS: Mapping[str, type[Concept]] = {
    concept.kind: concept
    for concept in (
        OrganisationArea,
        WorkItemAccount,
        MailAccount,
        SmtpServer,
        OauthClient,
        MailTemplate,
        Skill,
        Group,
        Queue,
        WaitingList,
        WorkLevel,
        TaskType,
        TaskTypeRule,
        RoutingRule,
        SearchOrder,
        EscalationPoint,
        User,
        ContactDataKey,
        ValueSet,
        Layout,
        OpeningHours,
        Activity,
        FlowControl,
        KeywordCategory,
        Pattern,
        AnswerText,
        AutomaticAnswer,
        MachineSubject,
        DiscardRule,
    )
}
"""The table arrays of a configuration file, in the order of an export."""


_COLLECTIONS: Mapping[str, str] = {
    "organisation_area": "organisation_areas",
    "work_item_account": "work_item_accounts",
    "mail_account": "mail_accounts",
    "smtp_server": "smtp_servers",
    "oauth_client": "oauth_clients",
    "mail_template": "mail_templates",
    "skill": "skills",
    "group": "groups",
    "queue": "queues",
    "waiting_list": "waiting_lists",
    "work_level": "work_levels",
    "task_type": "task_types",
    "task_type_rule": "task_type_rules",
    "routing_rule": "routing_rules",
    "search_order": "search_orders",
    "escalation_point": "escalation_points",
    "user": "users",
    "contact_data_key": "contact_data_keys",
    "value_set": "value_sets",
    "layout": "layouts",
    "opening_hours": "opening_hours",
    "activity": "activities",
    "flow_control": "flow_controls",
    "keyword_category": "keyword_categories",
    "pattern": "patterns",
    "answer_text": "answer_texts",
    "automatic_answer": "automatic_answers",
    "machine_subject": "machine_subjects",
    "discard_rule": "discard_rules",
}


class Site(msgspec.Struct, kw_only=True, frozen=True):
    """The whole configuration, as the running server reads it; a change makes a new one."""

    facts: SiteFacts = SiteFacts()
    system: SystemParameters = SystemParameters()
    organisation_areas: Mapping[str, OrganisationArea] = {}
    work_item_accounts: Mapping[str, WorkItemAccount] = {}
    mail_accounts: Mapping[str, MailAccount] = {}
    smtp_servers: Mapping[str, SmtpServer] = {}
    oauth_clients: Mapping[str, OauthClient] = {}
    mail_templates: Mapping[str, MailTemplate] = {}
    skills: Mapping[str, Skill] = {}
    groups: Mapping[str, Group] = {}
    queues: Mapping[str, Queue] = {}  # always with the one for contacts without routing
    personal: Queue = Queue(name=PERSONAL)  # the template of every agent's own
    waiting_lists: Mapping[str, WaitingList] = {}
    work_levels: Mapping[str, WorkLevel] = {}
    task_types: Mapping[str, TaskType] = {}
    task_type_rules: tuple[TaskTypeRule, ...] = ()
    routing_rules: tuple[RoutingRule, ...] = ()
    search_orders: Mapping[str, SearchOrder] = {}
    escalation_points: Mapping[str, EscalationPoint] = {}
    users: Mapping[str, User] = {}
    contact_data_keys: Mapping[str, ContactDataKey] = {}  # always with the built-in ones
    value_sets: Mapping[str, ValueSet] = {}
    layouts: Mapping[str, Layout] = {}
    opening_hours: Mapping[str, OpeningHours] = {}
    activities: Mapping[str, Activity] = {}
    flow_controls: Mapping[str, FlowControl] = {}
    keyword_categories: Mapping[str, KeywordCategory] = {}
    patterns: Mapping[str, Pattern] = {}
    answer_texts: Mapping[str, AnswerText] = {}
    automatic_answers: Mapping[str, AutomaticAnswer] = {}
    machine_subjects: Mapping[str, MachineSubject] = {}
    discard_rules: Mapping[str, DiscardRule] = {}

    def entries(self, kind: str) -> tuple[Concept, ...]:
        """The entries of one of KINDS, in order."""
        collection = getattr(self, _COLLECTIONS[kind])
        found = tuple(collection.values() if isinstance(collection, Mapping) else collection)
        is_changed = kind == Queue.kind and self.personal != Queue(name=PERSONAL)
        return (*found, self.personal) if is_changed else found

    @property
    def entrances(self) -> set[str]:
        """Every account creates the entrance of its name."""
        return {*self.work_item_accounts, *self.mail_accounts}

    @property
    def areas(self) -> tuple[str, ...]:
        """The organisation areas; the one without a name is always there."""
        return ("", *self.organisation_areas)

    def area_of(self, entrance: str) -> str:
        """The organisation area that an entrance belongs to."""
        account = self.work_item_accounts.get(entrance) or self.mail_accounts.get(entrance)
        return account.area if account is not None else ""

    def place(self, name: str) -> Queue | WaitingList | None:
        """The queue or waiting list of this name."""
        return self.queues.get(name) or self.waiting_lists.get(name)

    def places(self) -> list[Queue | WaitingList]:
        """Every queue and waiting list."""
        return [*self.queues.values(), *self.waiting_lists.values()]


def unrouted(area: str, system: SystemParameters) -> str:
    """The queue or waiting list of an area for contacts that no rule fits (RO-3, RO-7)."""
    is_list = system.agentDistrOrderEmailIncoming == "waiting list"
    name = UNROUTED_LIST if is_list else UNROUTED
    return f"{name} ({area})" if area else name


SENDER_KEYS = ("workItem", "cid", "prio", AGENT_KEY, "MenuChoice", "Outcome")
"""Keys that always exist and that a sender may set."""

SERVER_KEYS = (
    "Entrance",
    "TaskType",
    "emailCategories",
    "EmailFrom",
    "EmailTo",
    "EmailReplyTo",
    "EmailSubject",
)
"""Keys that always exist and that only the server sets."""

DISPLAY_NAMES: Mapping[str, str] = {
    "workItem": "Work item",
    "cid": "Customer no.",
    "prio": "Priority",
    "AgentName": "Agent",
    "MenuChoice": "Menu choice",
    "Outcome": "Outcome",
    "Entrance": "Entrance",
    "TaskType": "Task type",
    "emailCategories": "Categories",
    "EmailFrom": "From",
    "EmailTo": "To",
    "EmailReplyTo": "Reply to",
    "EmailSubject": "Subject",
}
"""Names on the screen of the keys that always exist, unless the site sets its own."""

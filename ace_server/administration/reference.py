"""`docs/configuration.md`: every table and field of a configuration file, out of the declarations.

What an administrator should know beyond a field's own sentence stands here; so do the examples,
which together are one working configuration.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from ace_server.administration import toml
from ace_server.administration.declarations import Field, description, fields
from ace_server.concepts import (
    AGENT_KEY,
    KINDS,
    PERSONAL,
    SENDER_KEYS,
    SERVER_KEYS,
    UNROUTED,
    UNROUTED_LIST,
    AnswerRow,
    Destination,
    LayoutField,
    Match,
    PatternPart,
    SiteFacts,
    SpecialDay,
)
from ace_server.settings import SystemParameters

INTRODUCTION = """\
# The configuration file

Everything that makes a site – who may hand in work, what queues there are, who serves them, when an
entrance is open – stands in one text file in the format [TOML](https://toml.io). Two commands go
with it:

    python3 main.py export site.toml       # write what is configured now
    python3 main.py configure site.toml    # check the file, and make it the configuration

Both take `--data DIR` for another data folder than the usual one. The server may run or not; where
one runs, the change acts at once.

**Nothing is half done.** The whole file is checked first. If anything is wrong, nothing changes,
and every fault is named with its place: file and line where the text is no TOML, otherwise table,
entry and field. `queue Loan decisions, requires.Loans: 12 is not a whole number from 1 to 9` is
about the field `requires` of the queue of that name. Entries without a name are counted from 1.

**What a file leaves out.** Each kind of entry in the file is the whole truth for its kind: a queue
that is not among the file's queues is removed. A kind that does not occur at all stays as it is. So
a file with nothing but `[[user]]` entries changes users and nothing else. `[site]` and `[system]`
count as kinds: a parameter that is left out has its default again.

**What is in use stays.** A queue or waiting list, an area, an account, a task type or a user that
contacts not yet ended belong to is not removed but refused by name. The same holds for a mail
account with mail that is not analysed, in quarantine or not sent yet, and for the last
administrator who can log in.

**Names** are how entries refer to each other. They must be the same letter by letter, capitals too.

**Secrets** are given in one of these ways, and never come out again in clear:

| written | means |
|---|---|
| `"env:NAME"` | the server reads the environment variable NAME when it needs it |
| `"file:/run/secrets/name"` | the server reads this file when it needs it |
| `"ask"`, or nothing | what was entered before stays; see below where nothing was |
| anything else | the secret itself, 8 characters or more; only its Argon2id hash is stored |

Where there is no secret yet, `configure` lists it as still to be entered; a user gets a one-time
code instead, which it shows once. Mail accounts, SMTP servers and OAuth clients need their secrets
in clear, so these are never kept here: only the first two ways will do. An export shows references
and hashes; a hash out of an export may be given again, also elsewhere.

The examples on this page are parts of one file, a small bank. Together they work.
"""

SPANS = """\
`week` names days (`mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`) or ranges of them (`mon-fri`,
`sat-mon`), each with spans such as `08:00-17:00`, separated by commas. A span may end at `24:00`,
or pass midnight: `22:00-06:00` belongs to the day on which it begins. A special day replaces what
begins on that day. Times are those of the clock on the wall in the site's time zone, also on the
days when it is put forward or back. While an entrance is closed its contacts are buffered, and
released oldest first when it opens; what waits in a queue already stays there."""

CONDITIONS = """\
A condition is the value that a key must have, exactly; `""` means that it has none. Or it is a
table with one of these:"""

RULES_ARE_ASKED = """\
The rules of an area are asked from top to bottom. Two of them cannot have the same conditions."""

IN_ORDER = """\
The first rule that fits decides: in the order of the area's `[[search_order]]`, else from top to
bottom. Two rules of an area cannot have the same conditions. A contact that no rule fits waits
in the area's queue for contacts without routing."""

STOPS = """\
Conditions are as in task type rules. Each of `to` is a table with exactly one of `queue`,
`waiting_list`, `agent`, `external`, `end` and `escalation`, of the rule's own area. The `until` of
the last one says nothing: the contact stays there. `end` and `external` are for e-mail: a work item
passes by, and a rule that only work items fit cannot have them."""


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


NOTES: Mapping[str, str] = {
    "work_item_account": """\
How a system hands in work is in [interface.md](interface.md). What comes in here is handled in ACE
Agent alone: a routing rule that only such entrances fit can neither end a contact nor send it out.
`author_key` and `link_key` serve accounts without a channel, too.""",
    "mail_account": """\
Every mail that is fetched becomes a contact, or waits in quarantine for a person, unless a
`discard_rule` fits it. It stays on its server as it is unless `afterwards` says otherwise. A folder
of a mailbox is fetched by one account, and an address belongs to one: it decides the entrance. So
no rule sends mail to these addresses, and no user has one of them as `email`.

Mail is handled in two ways, side by side. A user without an `email` reads and answers it in ACE
Agent: the accounts of the user's area then need a `return_address`, which answers come from, and an
`smtp` server. To a user with one the mail is sent on, and answered there: the accounts need an
`smtp` server. `configure` notes which accounts and users do not fit together.""",
    "smtp_server": "A user is needed only where the server asks for one, and with `oauth`.",
    "oauth_client": """\
The program is registered with the provider of the mail server under `client_id`. What a mailbox
allows it is a refresh token, the `password` of the account; without one the client's own `secret`
must be enough.""",
    "mail_template": """\
Agents of its area find it where they write a mail. A variable without a value stays as it was
typed, so that its writer sees what is missing.""",
    "organisation_area": f"""\
A site that needs no areas leaves them out: the area without a name is always there. Every other
area has a queue of its own for contacts without routing, named `{UNROUTED} (AREA)`.""",
    "queue": f"""\
A queue named `{UNROUTED}` always exists; contacts that no routing rule fits wait there. Each area
has its own, `{UNROUTED} (AREA)`. `{PERSONAL}` is no queue but the template of what waits for one
agent alone, and so demands nothing. All of these can be changed by an entry of their name, and
never removed.""",
    "waiting_list": f"""\
Contacts wait here until an agent who may serve the list picks one. Where `[system]` says
`agentDistrOrderEmailIncoming = "waiting list"`, a list named `{UNROUTED_LIST}` exists, and
`{UNROUTED_LIST} (AREA)` in each area: contacts that no rule fits wait there instead.""",
    "work_level": """\
An agent chooses one while paused, or while ready with nothing parked; the choice is kept.""",
    "search_order": """\
Rules whose `when` has exactly the keys of the first combination are asked first, then those of the
second, and so on; rules with other keys come last, from top to bottom. `[]` stands for the rules
without conditions. One entry for each area; without one the order is that of the file.""",
    "escalation_point": """\
A contact that comes to one is from then on a contact of the other area, and goes through that
area's routing rules with the contact data it has.""",
    "task_type_rule": RULES_ARE_ASKED,
    "routing_rule": IN_ORDER,
    "user": f"""\
A user serves what all of these allow: the services, the area, the skills and groups that a queue or
waiting list demands, and the chosen work level. The login `{AGENT_KEY}` is not free: in a
destination it means whom the contact data key of that name names.

Without a password in the file, a new user gets a one-time code: `configure` shows it once, and with
it the user chooses a password at the first log-in.""",
    "contact_data_key": f"""\
These exist without being configured, and cannot be removed: {_listed(SENDER_KEYS)}, which a sender
may set; and {_listed(SERVER_KEYS)},
which only the server sets. An entry of such a name changes how the key is shown.""",
    "layout": """\
Without any layout, an agent sees the customer number and whatever else has a value.""",
    "opening_hours": SPANS,
    "flow_control": """\
Bounds keep one flooded entrance from filling the queues. Contacts over a bound are buffered, and
released in order; for their sender that is no error.""",
    "keyword_category": """\
A mail or work item is in a category when none of the prohibited words stands in its subject or
text, all of the necessary ones do, and, where none is necessary, one of the others. A keyword of
several words is a phrase: they must follow each other. All its categories, with a semicolon
between, are the value of `emailCategories`. `main.py keywords` saves the keywords of a category to
a text file, one a line, and loads them from one.""",
    "pattern": f"""\
`SSN: 771122-4499` is a key, a separator and a value. The first place where a whole value stands is
taken; one that goes on in further letters or digits is another value. Of several patterns for one
key the first that finds something wins. No pattern sets `workItem`, nor what only the server sets:
{_listed(SERVER_KEYS)}.""",
    "automatic_answer": """\
The task type is known before, so rows may ask for it. A machine is never answered, whatever the
mode says: no absence note, no bounce, no list, no mail of our own. Nor is anybody more often than
the `answer_budget` of the account allows. An answer comes from the account's return address.""",
    "machine_subject": """\
The subject is the last resort: most machines say so in a header. What the program knows stands in
`resources/mail/automatic_subjects.txt`.""",
    "discard_rule": """\
The rules of an area are asked from top to bottom when a mail was analysed, before it gets a task
type. One that fits leaves it without a contact and without an automatic answer. It stays in the
ledger with the name of the rule, and in the audit; its text is kept, and `afterwards` of its
account holds for it as for a contact. `main.py mail --outcome discarded` lists what was discarded,
and `main.py mail try` says beforehand what would be.""",
    "system": """\
Parameters act at once, except those that say *Restart*: they wait for the server's next start.""",
}
"""What is good to know about a kind, beside its fields."""

PARTS: Mapping[str, tuple[str, type[msgspec.Struct]]] = {
    "task_type_rule": (CONDITIONS, Match),
    "routing_rule": (STOPS, Destination),
    "layout": ("Each of `fields` is a table:", LayoutField),
    "opening_hours": ("Each of `special` is a table:", SpecialDay),
    "pattern": ("Each of `parts` is a table:", PatternPart),
    "automatic_answer": (
        "Each of `rows` is a table; conditions are as in task type rules:",
        AnswerRow,
    ),
}
"""The tables within tables, and the sentence before them."""

EXAMPLES: Mapping[str, str] = {
    "site": """\
[site]
name = "Example Bank"
time_zone = "Europe/Stockholm"
""",
    "system": """\
[system]
workItemPort = 8765
bookingTimeout = 45
emailBufferMax = 5000
emailBufferMin = 4000
""",
    "organisation_area": """\
[[organisation_area]]
name = "Cards"
""",
    "work_item_account": """\
[[work_item_account]]
name = "loans"                    # creates the entrance "loans"
secret = "env:ACE_LOANS_SECRET"
receipt = true
entrances = ["night"]             # it may hand in there, too

[[work_item_account]]
name = "night"
secret = "file:/run/secrets/night"
rate = "100/1m"

[[work_item_account]]
name = "cards"
area = "Cards"
secret = "env:ACE_CARDS_SECRET"

[[work_item_account]]
name = "facebook"
secret = "ask"
channel = "facebook"
page = "Example Bank"
author_key = "author"
link_key = "thread"
""",
    "mail_account": """\
[[mail_account]]
name = "support@bank.example"
fetch = "imaps://support@mail.bank.example"
password = "file:/run/secrets/support"
return_address = "support@bank.example"
alternative_addresses = ["help@bank.example"]
folders = ["INBOX", "Forms"]
smtp = "outgoing"
afterwards = "move"
moved_to = "Fetched"
signature = '''
{AgentName}
Example Bank'''

[[mail_account]]
name = "cards@bank.example"
area = "Cards"
fetch = "imap+starttls://cards%40bank.example@mail.provider.example"
oauth = "provider"
password = "file:/run/secrets/cards-fetching"
return_address = "cards@bank.example"
smtp = "provider"
since = 2026-11-20                # what came before is left alone
""",
    "smtp_server": """\
[[smtp_server]]
name = "outgoing"
url = "smtps://ace@mail.bank.example"
password = "env:ACE_SMTP_PASSWORD"
ca_file = "/etc/ace/own-authority.pem"

[[smtp_server]]
name = "provider"
url = "smtp+starttls://cards%40bank.example@mail.provider.example:587"
oauth = "provider"
password = "file:/run/secrets/cards-sending"
""",
    "oauth_client": """\
[[oauth_client]]
name = "provider"
token_url = "https://login.provider.example/token"
client_id = "ace"
secret = "env:ACE_OAUTH_SECRET"
scope = "mail offline_access"
""",
    "mail_template": """\
[[mail_template]]
name = "Documents are missing"
text = '''
Some documents of customer no. {cid} are missing. Please send them to us.

Yours sincerely,
{AgentName}
'''
""",
    "skill": """\
[[skill]]
name = "Loans"

[[skill]]
name = "Swedish"
""",
    "group": """\
[[group]]
name = "Head office"
""",
    "queue": """\
[[queue]]
name = "Loan decisions"
requires = { Loans = 3, Swedish = 1 }
weight = 2.0                      # a minute here counts as two elsewhere
agents = "highest skill"
service_level_1 = 5               # minutes
service_level_2 = 60

[[queue]]
name = "Everyone"
priority = 2                      # only when no queue of priority 1 has a contact

[[queue]]
name = "Card matters"
area = "Cards"
sort = "priority"

[[queue]]
name = "Personal"                 # what waits for one agent alone
service_level_1 = 240
""",
    "waiting_list": """\
[[waiting_list]]
name = "Complaints"
groups = ["Head office"]
service_level_1 = 1440            # a day

[[waiting_list]]
name = "Disputes"
area = "Cards"
sort = "newest"
""",
    "work_level": """\
[[work_level]]
name = "All day"
serves = ["Loan decisions", "Everyone", "Complaints"]

[[work_level]]
name = "Decisions only"
serves = ["Loan decisions"]
personal = false
""",
    "task_type": """\
[[task_type]]
name = "Loan application"
outcomes = ["Granted", "Refused"]
outcome = "mandatory"
wrap_up = 120                     # seconds

[[task_type]]
name = "Question"
outcomes = ["Answered", "Passed on"]
wrap_up = "unlimited"
""",
    "task_type_rule": """\
[[task_type_rule]]
when = { Entrance = "loans", loanAmount = { any = true } }
task_type = "Loan application"

[[task_type_rule]]
when = { thread = { has = "facebook.com" } }
task_type = "Question"
comment = "whatever entrance it came by"
""",
    "routing_rule": """\
[[routing_rule]]
when = { TaskType = "Loan application" }
to = [
    { agent = "AgentName", until = "wait(60)" },
    { queue = "Loan decisions", until = "wait(180)" },
    { queue = "Everyone", until = "agentConRatio(4)" },
    { waiting_list = "Complaints" },
]

[[routing_rule]]
when = { TaskType = "Question", Entrance = "facebook" }
to = [{ queue = "Everyone", until = "minAvailAgents(2)" }, { escalation = "To cards" }]

[[routing_rule]]
when = { EmailSubject = { has = "out of office" } }
to = [{ end = true }, { queue = "Everyone" }]
comment = "a work item of this subject waits in the queue"

[[routing_rule]]
area = "Cards"
to = [{ queue = "Card matters", until = "eqt(600)" }, { waiting_list = "Disputes" }]
""",
    "search_order": """\
[[search_order]]
keys = [["TaskType", "Entrance"], ["TaskType"], []]
""",
    "escalation_point": """\
[[escalation_point]]
name = "To cards"
to = "Cards"
""",
    "user": """\
[[user]]
login = "anna"
name = "Anna Berg"
role = "agent"
password = "file:/run/secrets/anna"
skills = { Loans = 7, Swedish = 9 }
groups = ["Head office"]
work_levels = ["All day", "Decisions only"]
rights = ["park", "requeue", "decline", "extend-wrap-up"]

[[user]]
login = "bo"
name = "Bo Ek"
role = "agent"                    # no password: a one-time code for the first log-in
skills = { Swedish = 5 }
wrap_up = 60                      # whatever the task type says

[[user]]
login = "dan"
name = "Dan Alm"
role = "agent"
area = "Cards"
services = ["waiting list"]       # nothing is booked: Dan picks

[[user]]
login = "cilla"
name = "Cilla Ek"
role = "administrator"
""",
    "contact_data_key": """\
[[contact_data_key]]
name = "loanAmount"
display = "Amount"
max_length = 40

[[contact_data_key]]
name = "purpose"
display = "Purpose"
value_set = "Purposes"

[[contact_data_key]]
name = "author"
display = "Written by"

[[contact_data_key]]
name = "thread"
display = "Thread"

[[contact_data_key]]
name = "Outcome"                  # exists anyway; here it gets its values
value_set = "Outcomes"
""",
    "value_set": """\
[[value_set]]
name = "Purposes"
values = ["Car", "Home", "Boat", "Studies", "Other"]

[[value_set]]
name = "Outcomes"
values = ["Granted", "Refused", "Answered", "Passed on"]
""",
    "layout": """\
[[layout]]
task_type = "Loan application"
fields = [
    { key = "cid", rule = "locked" },
    { key = "loanAmount", rule = "mandatory" },
    { key = "purpose", values = ["Car", "Home", "Boat"] },
    { key = "Outcome" },
]

[[layout]]                        # every other task type
fields = [{ key = "cid" }, { key = "author", rule = "locked" }, { key = "thread", lines = 2 }]
""",
    "opening_hours": """\
[[opening_hours]]
entrance = "loans"
week = { mon-thu = "08:00-12:00, 13:00-17:00", fri = "08:00-15:00" }
special = [{ date = 2026-12-24, open = "08:00-12:00" }, { date = 2026-12-25 }]

[[opening_hours]]
entrance = "night"
week = { mon-fri = "17:00-08:00", sat-sun = "00:00-24:00" }

[[opening_hours]]
entrance = "facebook"
mode = "closed"
""",
    "activity": """\
[[activity]]
name = "Lunch"

[[activity]]
name = "Meeting"
""",
    "flow_control": """\
[[flow_control]]
entrance = "loans"
emailBufferMax = 1000             # the next one is buffered
emailBufferMin = 800              # and released when no more than these are left

[[flow_control]]
entrance = "night"
emailBufferMaxActive = 200        # waiting in queues
emailBufferMin = 0                # released as soon as there is room
""",
    "keyword_category": """\
[[keyword_category]]
name = "password"
keywords = ["password", "passphrase", "log* in", "-unsubscribe"]

[[keyword_category]]
name = "swedish"
keywords = ["och", "jag", "inte", "lösenord*"]
""",
    "pattern": """\
[[pattern]]
name = "Civic number"
keys = ["SSN", "Personnummer"]
parts = [
    { type = "digit", least = 6, most = 8 },
    { type = "literal", text = "-", optional = true, save = false },
    { type = "digit", least = 4 },
]
save_to = "cid"                   # "SSN: 771122-4499" becomes 7711224499
""",
    "answer_text": """\
[[answer_text]]
name = "English"
text = '''
Thank you for your mail about "{EmailSubject}". We read it as soon as we can.

Example Bank
'''

[[answer_text]]
name = "Swedish"
subject = "Vi har fått din e-post"
text = "Tack för din e-post som kom {Received}. Vi läser den så snart vi kan."

[[answer_text]]
name = "Too large"
text = "Your mail is too large to be read here. Please send it without its files."
""",
    "automatic_answer": """\
[[automatic_answer]]
name = "Support"
entrance = "support@bank.example"
mode = "conditional"
rows = [{ when = { emailCategories = { has = "swedish" } }, text = "Swedish" }]
text = "English"                  # when no row fits
oversized = "Too large"           # an answer_text, too
original = "after"
""",
    "machine_subject": """\
[[machine_subject]]
name = "Ticket created"           # how another help desk acknowledges mail
""",
    "discard_rule": """\
[[discard_rule]]
name = "Reports of the scanner"
when = { EmailFrom = "scanner@bank.example", EmailSubject = { has = "report" } }
flags = ["automatic"]
""",
}
"""A part of one working configuration for each kind."""


def markdown() -> str:
    """The whole page."""
    sections = [INTRODUCTION, *_sections()]
    return "\n".join(sections)


def _sections() -> Iterator[str]:
    yield _section("site", "[site]", SiteFacts)
    for kind, concept in KINDS.items():
        yield _section(kind, f"[[{kind}]]", concept)
    yield _section("system", "[system]", SystemParameters)


def _section(kind: str, header: str, table: type[msgspec.Struct]) -> str:
    lines = [f"## `{header}`", "", _plain(description(table))]
    if kind in NOTES:
        lines += ["", NOTES[kind]]
    lines += ["", *_field_table(table)]
    if kind in PARTS:
        sentence, inner = PARTS[kind]
        lines += ["", sentence, "", *_field_table(inner)]
    lines += ["", "```toml", EXAMPLES[kind].rstrip(), "```", ""]
    return "\n".join(lines)


def _field_table(table: type[msgspec.Struct]) -> Iterator[str]:
    yield "| field | type | default | meaning |"
    yield "|---|---|---|---|"
    for field in fields(table):
        cells = f"`{field.name}`", field.words, _default(field), _plain(field.description)
        yield f"| {' | '.join(cells)} |"


def _default(field: Field) -> str:
    if field.required:
        return "required"
    if field.default in (None, "", [], {}, ()):
        return ""
    return f"`{toml.value(field.default)}`"


def _plain(sentence: str) -> str:
    """Without the names of our own rules, which mean nothing on this page."""
    return re.sub(r" \([A-Z]{2}-\d+[a-z]?\)", "", sentence)

"""The bank that the benchmarks work in: its data folder, its agents, and the work items it is sent.

One account, one queue, one task type, no wrap-up; agents who all have the skill.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from ace_server.administration import commands
from ace_server.concepts import (
    ContactDataKey,
    Destination,
    Queue,
    RoutingRule,
    Skill,
    TaskType,
    TaskTypeRule,
    User,
    WorkItemAccount,
)
from ace_server.contact import Role
from ace_server.passwords import StoredSecret, cheap
from ace_server.settings import SystemParameters
from ace_server.store import Store, directory
from ace_server.store.contacts import NewContact, Placement
from benchmarks import senders

ACCOUNT = "loans"
SECRET = "not a secret"
QUEUE = "Loan decisions"
TASK_TYPE = "Loan application"

PASSWORD_VARIABLE = "ACE_BENCHMARK_PASSWORD"
"""Where the agents' password stands: hashing two hundred of them would take half a minute."""
PASSWORD = "correct horse battery staple"

MESSAGE_BYTES = 2093
"""As long as the messages behind the figures that the goals were set with."""

_MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<workItem xmlns="urn:ace:workitem:1" id="LOAN-%010d">
  <entrance>loans</entrance>
  <contactData>
    <item key="workItem">https://bank.example/loans/%010d</item>
    <item key="cid">19701122-4499</item>
    <item key="prio">3</item>
    <item key="loanAmount">245 000 kr</item>
    <item key="branch">Sveavägen</item>
    <item key="product">Home loan, variable</item>
  </contactData>
  <subject>Loan application</subject>
  <body>BODY</body>
</workItem>
"""
_LARGE = b"""<?xml version="1.0" encoding="UTF-8"?>
<workItem xmlns="urn:ace:workitem:1" id="LARGE-%010d">
  <contactData><item key="workItem">https://bank.example/large</item></contactData>
  <subject>Loan application with a file</subject>
  <attachment name="file.bin" mediaType="application/octet-stream" href="cid:file"/>
</workItem>
"""
_SENTENCE = "The automatic check wants a person. The applicant's income could not be confirmed. "


def prepare(data: Path, *, agents: int = 0, url: str = "") -> None:
    """Make a data folder with the bank's configuration.

    `url`: where its database is, which the folder then remembers.
    """
    commands.database(data, url, remember=bool(url))
    store = Store(data, url=url)
    store.open()
    try:
        store.perform(_configure, agents)
    finally:
        store.close()


def login(number: int) -> str:
    """The login of an agent, counted from 0."""
    return f"agent{number}"


def _configure(agents: int) -> None:
    """A job."""
    directory.replace_single("system", SystemParameters(workItemPort=0, wrapUpSeconds=0.0))
    directory.replace("work_item_account", [WorkItemAccount(name=ACCOUNT, receipt=True)])
    directory.set_secret("work_item_account", ACCOUNT, StoredSecret("hash", cheap().hash(SECRET)))
    directory.replace("skill", [Skill(name="Loans")])
    directory.replace("queue", [Queue(name=QUEUE, requires={"Loans": 3})])
    directory.replace("task_type", [TaskType(name=TASK_TYPE)])
    directory.replace(
        "task_type_rule", [TaskTypeRule(when={"Entrance": ACCOUNT}, task_type=TASK_TYPE)]
    )
    directory.replace(
        "routing_rule", [RoutingRule(when={"TaskType": TASK_TYPE}, to=[Destination(QUEUE)])]
    )
    directory.replace(
        "contact_data_key",
        [ContactDataKey(name=name) for name in ("loanAmount", "branch", "product")],
    )
    users = [
        User(login=login(number), name=f"Agent {number}", role=Role.AGENT, skills={"Loans": 7})
        for number in range(agents)
    ]
    directory.replace("user", users)
    for user in users:
        directory.set_secret("user", user.login, StoredSecret("env", PASSWORD_VARIABLE))


def message(number: int) -> bytes:
    """A work item as XML; one number gives one id."""
    return _TEMPLATE % (number, number)


def requests() -> Iterator[bytes]:
    """POSTs of work items, each with an id of its own, for ever."""
    head = senders.head("POST", "/workitem", "application/xml", MESSAGE_BYTES, (ACCOUNT, SECRET))
    whole = head.replace(b"%", b"%%") + _TEMPLATE
    return (whole % (number, number) for number in count(1))


def large_request(number: int, size: int) -> bytes:
    """A POST of a work item with an attachment of so many bytes; one number gives one id."""
    parts = (
        b"--part\r\nContent-Type: application/xml\r\n\r\n",
        _LARGE % number,
        b"\r\n--part\r\nContent-ID: <file>\r\n\r\n",
        bytes(size - 8) + number.to_bytes(8, "big"),  # a file of its own
        b"\r\n--part--\r\n",
    )
    body = b"".join(parts)
    kind = "multipart/related; boundary=part"
    return senders.head("POST", "/workitem", kind, len(body), (ACCOUNT, SECRET)) + body


def external_id(number: int) -> str:
    """The id in the work item of that number."""
    return f"LOAN-{number:010d}"


def contacts(first: int, number: int) -> list[NewContact]:
    """So many contacts as the intake hands them to the store, counted from `first`."""
    now = datetime.now(UTC)
    body = _body()
    return [
        NewContact(
            account=ACCOUNT,
            external_id=external_id(one),
            digest=f"{one:064x}",
            entrance=ACCOUNT,
            subject="Loan application",
            body=body,
            data={
                "workItem": f"https://bank.example/loans/{one:010d}",
                "cid": "19701122-4499",
                "prio": "3",
                "loanAmount": "245 000 kr",
                "branch": "Sveavägen",
                "product": "Home loan, variable",
            },
            attachments=(),
            task_type=TASK_TYPE,
            placement=Placement(queue=QUEUE),
            received_at=now,
        )
        for one in range(first, first + number)
    ]


def _body() -> str:
    """Text that makes the message as long as it should be."""
    frame = len((_MESSAGE.replace("BODY", "") % (0, 0)).encode())
    length = MESSAGE_BYTES - frame
    return (_SENTENCE * (length // len(_SENTENCE) + 1))[:length]


_TEMPLATE = _MESSAGE.replace("BODY", _body()).encode()

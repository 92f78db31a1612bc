"""The bank with mail: where it fetches from, and what became of what it fetched.

A mailbox is begun with by configuring it, in the running server as an administrator does.
"""

import time
from pathlib import Path
from urllib.parse import quote

import msgspec

from ace_server.administration import commands, running
from ace_server.concepts import Destination, Queue, RoutingRule, Skill, TaskType, TaskTypeRule
from ace_server.store import Store, directory, ledger
from ace_server.store.models import Contact, rows
from ace_server.store.reading import looking
from benchmarks import bank
from benchmarks.measuring import Failed
from tests.dovecot import PASSWORD

PASSWORD_VARIABLE = "ACE_BENCHMARK_MAIL_PASSWORD"

TASK_TYPE = "E-mail"
QUEUE = "E-mail"
SKILL = "E-mail"
"""None of the bank's agents has it: what is measured is the way in."""

LONGEST = 100 * 1024 * 1024
"""Bytes of a mail that are fetched."""

WITHIN = 600.0
"""Seconds."""

_ACCOUNT = """[[mail_account]]
name = "{user}"
fetch = "{scheme}://{name}@{place}"
password = "env:{variable}"
"""


def prepare(data: Path, *, agents: int = 0, url: str = "") -> None:
    """Make a data folder of the bank that also takes mail in, as much as there is."""
    bank.prepare(data, agents=agents, url=url)
    store = Store(data, url=commands.database(data, ""))
    store.open()
    try:
        store.perform(_configure)
    finally:
        store.close()


def _configure() -> None:
    """A job."""
    site = directory.load()
    system = msgspec.structs.replace(
        site.system, maxNumEmailInSystem=0, maxNumEmailPerSrv=0, emailMaxBytes=LONGEST
    )
    directory.replace_single("system", system)
    directory.replace("skill", [*site.skills.values(), Skill(name=SKILL)])
    directory.replace("queue", [*site.queues.values(), Queue(name=QUEUE, requires={SKILL: 1})])
    directory.replace("task_type", [*site.task_types.values(), TaskType(name=TASK_TYPE)])
    directory.replace("task_type_rule", [*site.task_type_rules, TaskTypeRule(task_type=TASK_TYPE)])
    mail = RoutingRule(when={"TaskType": TASK_TYPE}, to=[Destination(QUEUE)])
    directory.replace("routing_rule", [*site.routing_rules, mail])


def with_mail_password() -> dict[str, str]:
    """The variables that let the bank open its mailboxes."""
    return {PASSWORD_VARIABLE: PASSWORD}


class Mailroom:
    """The mail of one running server."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._url = commands.database(data, "")
        self._accounts: list[str] = []

    def fetch(self, user: str, url: str) -> None:
        """Begin to fetch this user's mailbox, too; the account has the user's name."""
        scheme, _, place = url.partition("://")
        self._accounts.append(
            _ACCOUNT.format(
                user=user,
                scheme=scheme,
                name=quote(user, safe=""),
                place=place,
                variable=PASSWORD_VARIABLE,
            )
        )
        accounts = "\n".join(self._accounts)
        status, answer = running.ask(self._server(), "POST", "/control/configure", accounts)
        if status != 200 or answer.get("problems"):
            raise Failed(f"a mailbox could not be configured: {answer}")

    def _server(self) -> running.Running:
        found = running.find(self._data)
        if found is None:
            raise Failed("no server runs")
        return found

    @property
    def pid(self) -> int:
        """Of the server."""
        return self._server().pid

    def until_settled(self, account: str, number: int, *, look_again: float = 0.01) -> None:
        """Wait until so many of its mails are contacts; seconds between two looks.

        Raises Failed.
        """
        deadline = time.monotonic() + WITHIN
        with looking(self._data, self._url):
            while (settled := _noted(account) - ledger.waiting([account])) < number:
                if time.monotonic() > deadline:
                    raise Failed(f"only {settled} of {number} mails were settled in time")
                time.sleep(look_again)  # looking must cost the two cores next to nothing
            if (there := _contacts(account)) != number:
                raise Failed(f"{there} contacts were made of {number} mails")

    def texts(self, account: str) -> dict[str, str]:
        """The text of each of its contacts, by subject."""
        with looking(self._data, self._url):
            query = Contact.select(Contact.subject, Contact.body)
            return dict(rows(query.where(Contact.entrance == account)))


def _noted(account: str) -> int:
    return sum(folder.noted for folder in ledger.folders() if folder.account == account)


def _contacts(account: str) -> int:
    return int(Contact.select().where(Contact.entrance == account).count())

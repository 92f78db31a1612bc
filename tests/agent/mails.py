"""Mail accounts, quarantined and undelivered mails, and a server at the other end that has them."""

from datetime import timedelta

from ace_agent.actions import Intervention, Page
from ace_server import wire
from ace_server.wire import AgentFigures, AgentState, MailAccountFigures, QueueFigures
from tests.agent.scripted import NOW, desk
from tests.agent.waiting import until

SUPPORT, LOANS, CARDS = "support@bank.example", "loans@bank.example", "cards@bank.example"
SOURCE = b"Subject: hej\r\n\r\nKan n\xe5gon \xe2\x80\xae hj\xc3\xa4lpa?\r\n"
REFUSED_PASSWORD = wire.Sentence("The mail server %1 refuses the password.", ("mail.example",))
TOO_DEEP = wire.Sentence("It has more than 100 parts within each other.")
NO_MAILBOX = wire.Sentence("The other server said: %1", ("550 no such mailbox",))


def account(name, state="idle", **other):
    """A mail account, as it is now."""
    known = {"account": name, "state": state, "since": NOW, "fetched_at": NOW}
    return MailAccountFigures(**(known | other))


ACCOUNTS = (
    account(LOANS, on_server=12, pending=3),
    account(SUPPORT, quarantined=3, undelivered=2),
    account(CARDS, "stopped", trouble=REFUSED_PASSWORD),
)


def kept(number=1, **other):
    """A quarantined mail."""
    known = {
        "id": number,
        "account": SUPPORT,
        "folder": "INBOX",
        "uid": str(number),
        "size": 4_200 * number,
        "arrived_at": NOW - timedelta(minutes=100 - number),
        "fetched_at": NOW,
        "reason": TOO_DEEP,
        "attempts": 1,
    }
    return wire.QuarantinedMail(**(known | other))


def unsent(number=1, **other):
    """A mail that was refused."""
    known = {
        "id": number,
        "kind": "reply",
        "state": "refused",
        "to": ["gone@home.example"],
        "subject": f"Re: question {number}",
        "by": "anna",
        "created_at": NOW - timedelta(minutes=number),
        "due_at": NOW,
        "said": NO_MAILBOX,
        "contact": 40 + number,
    }
    return wire.OutgoingMail(**(known | other))


class Kept:
    """What a server has in quarantine; it does what it is told."""

    def __init__(self, server, mails, undelivered):
        self.mails, self.undelivered = list(mails), list(undelivered)
        self.asked, self.exported = [], []
        self.source = SOURCE
        self.refuses = None
        server.quarantined_source = self._source
        server.export_quarantined = self._export
        server.answers |= {
            wire.LookIntoQuarantine: self._look,
            wire.RetryMails: lambda command: self._clear(command.mails),
            wire.DiscardMails: lambda command: self._clear(command.mails),
            wire.SendAgain: self._send,
        }

    async def _source(self, mail, most):
        self.asked.append(mail)
        return self.source[:most]

    async def _export(self, mail, to):
        self.exported.append(mail)
        to.write_bytes(self.source)

    def _look(self, command):
        rest = [mail for mail in self.mails if mail.id > command.after]
        first = [] if command.after else self.undelivered
        return wire.Quarantined(request=0, mails=rest[:2], undelivered=first)

    def _clear(self, mails):
        if not any(mail.id in mails for mail in self.mails):
            reason = wire.Sentence("This mail is no longer in quarantine.")
            return wire.Refusal(request=0, code="not-found", reason=reason)
        self.mails = [mail for mail in self.mails if mail.id not in mails]
        return wire.Done(request=0)

    def _send(self, command):
        self.undelivered = [mail for mail in self.undelivered if mail.id != command.outgoing]
        return wire.Done(request=0)


def figures(number=1, accounts=ACCOUNTS):
    return wire.Figures(
        number=number,
        now=NOW,
        buffered=0,
        queues=[QueueFigures(queue="Loans", waiting=3, oldest=NOW)],
        agents=[AgentFigures(login="bo", name="Bo Ek", state=AgentState.READY, since=NOW)],
        mail_accounts=list(accounts),
    )


async def pulse_of(bench, agent, *, mails=None, undelivered=None, accounts=ACCOUNTS):
    """Pulse, with mail accounts, and what went no further at the other end."""
    mails = [kept(number) for number in (1, 2, 3)] if mails is None else mails
    if undelivered is None:
        undelivered = [unsent(1), unsent(2, state="unknown")]
    bench.kept = Kept(bench.server, mails, undelivered)
    await bench.say(desk(agent=agent))
    panel = bench.window.panel
    panel.quarantine._pause.setInterval(0)
    bench.window.show_page(Page.PULSE)
    await until(lambda: bench.server.last(wire.Watch))
    bench.session.receive(figures(accounts=accounts))
    await until(lambda: panel.account_model.rowCount() == len(accounts))
    return panel


async def quarantine_of(bench, agent, **kept):
    """The quarantine, looked into, with the keyboard in it."""
    panel = await pulse_of(bench, agent, **kept)
    bench.window.commands[Intervention.QUARANTINE].trigger()
    await until(lambda: panel.quarantine.is_known)
    return panel.quarantine_view

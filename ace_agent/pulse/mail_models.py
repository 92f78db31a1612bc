"""Rows of Pulse about mail: how the accounts are doing, what is quarantined, what did not arrive.

Models hold rows and know nothing else; what the server told is in `board` and `quarantine`.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject

from ace_agent.desk import files, mail_words, times
from ace_agent.desk.shown import one_line
from ace_agent.pulse.board import Board
from ace_agent.pulse.models import NOTHING, count
from ace_agent.sentences import filled, said
from ace_agent.tables import Column, Mark, Table
from ace_server.wire import MailAccountFigures, OutgoingMail, QuarantinedMail

translate = QCoreApplication.translate

# Accounts

STATES = ("stopped", "trouble", "held back", "connecting", "waiting", "fetching", "idle")
"""What an Email Server does about an account: what a person has to see to first."""

MARKS = {
    "stopped": Mark("stopped", "alarm"),
    "trouble": Mark("warning", "paused"),
    "held back": Mark("state-paused", "paused"),
    "connecting": Mark("state-booked", "accent"),
    "waiting": Mark("state-logged-out", "logged_out"),
    "fetching": Mark("state-busy", "busy"),
    "idle": Mark("state-ready", "ready"),
}


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One mail account."""

    figures: MailAccountFigures

    @property
    def key(self) -> Hashable:
        return self.figures.account

    @property
    def is_in_trouble(self) -> bool:
        """Whether fetching does not go on by itself, or not now."""
        return self.figures.state in ("stopped", "trouble")

    @property
    def asks(self) -> bool:
        """Whether a person has to see to its mails, or to who gets no answers any more."""
        row = self.figures
        return bool(row.quarantined or row.undelivered or row.withheld)

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """What is in trouble, then what asks for a person, comes first."""
        return not self.is_in_trouble, not self.asks, STATES.index(self.figures.state)


class MailAccounts(Table[AccountRow]):
    """The mail accounts, those in trouble first unless asked otherwise."""

    def __init__(self, now: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(_account_columns(now), parent)

    def follow(self, board: Board) -> None:
        """Show the board's accounts as they are now."""
        self.show(AccountRow(row) for row in board.mail_accounts.values())


def _account_columns(now: Callable[[], datetime]) -> tuple[Column[AccountRow], ...]:
    return (
        Column(
            "account",
            translate("pulse", "Mail account"),
            text=lambda row: one_line(row.figures.account),
            order=lambda row: row.figures.account.casefold(),
            hint=lambda row: one_line(row.figures.account),
        ),
        Column(
            "state",
            translate("pulse", "State"),
            text=lambda row: account_state(row.figures),
            order=lambda row: row.rank,
            hint=lambda row: _state_since(row.figures),
            mark=lambda row: MARKS[row.figures.state],
        ),
        Column(
            "fetched",
            translate("pulse", "Last fetch"),
            text=lambda row: _moment(row.figures.fetched_at, now()),
            order=lambda row: _time_order(row.figures.fetched_at),
            hint=lambda row: _exact(row.figures.fetched_at),
            figures=True,
            ticks=True,
        ),
        Column(
            "pending",
            translate("pulse", "To analyse"),
            text=lambda row: count(row.figures.pending),
            order=lambda row: row.figures.pending,
            hint=lambda row: _on_server(row.figures),
            figures=True,
        ),
        Column(
            "quarantined",
            translate("pulse", "Quarantined"),
            text=lambda row: count(row.figures.quarantined),
            order=lambda row: row.figures.quarantined,
            figures=True,
        ),
        Column(
            "undelivered",
            translate("pulse", "Not delivered"),
            text=lambda row: count(row.figures.undelivered),
            order=lambda row: row.figures.undelivered,
            figures=True,
        ),
        Column(
            "trouble",
            translate("pulse", "What is wrong"),
            text=lambda row: what_is_wrong(row.figures),
            order=lambda row: what_is_wrong(row.figures).casefold(),
            hint=lambda row: what_to_do(row.figures),
            mark=lambda row: Mark("warning", "alarm") if row.asks else None,
        ),
    )


def account_state(row: MailAccountFigures) -> str:
    """What is done about an account, in words."""
    words = {
        "stopped": translate("pulse", "Stopped"),
        "trouble": translate("pulse", "In trouble"),
        "held back": translate("pulse", "Held back"),
        "connecting": translate("pulse", "Connecting"),
        "waiting": translate("pulse", "Not begun"),
        "fetching": translate("pulse", "Fetching"),
        "idle": translate("pulse", "All fetched"),
    }
    return words[row.state]


def what_is_wrong(row: MailAccountFigures) -> str:
    """All of it, on one line; nothing where all is well."""
    last = row.withheld[0].said if row.withheld else None
    parts = [one_line(said(row.trouble)), _went_no_further(row), one_line(said(last))]
    return " ".join(part for part in parts if part)


def _went_no_further(row: MailAccountFigures) -> str:
    return translate("pulse", "Mails went no further.") if _has_mails_to_see_to(row) else ""


def _has_mails_to_see_to(row: MailAccountFigures) -> bool:
    return bool(row.quarantined or row.undelivered)


def what_to_do(row: MailAccountFigures) -> str:
    """What went wrong with an account, and who has to do what; nothing where all is well."""
    parts = [one_line(said(row.trouble)), _advice(row), *_asked(row)]
    return " ".join(part for part in parts if part)


def _advice(row: MailAccountFigures) -> str:
    match row.state:
        case "stopped":
            return translate(
                "pulse",
                "Only a person can mend this: see to the password, the token or the certificate "
                "that it names. It is tried again now and then; mail stays on its server.",
            )
        case "trouble":
            return translate("pulse", "It is tried again by itself; mail stays on its server.")
        case "held back":
            return translate(
                "pulse", "There is no room for more mail. It goes on by itself as contacts end."
            )
    return ""


def _asked(row: MailAccountFigures) -> Iterator[str]:
    if _has_mails_to_see_to(row):
        yield translate("pulse", "Look into quarantine to see the mails that went no further.")
    for one in row.withheld:
        text = translate("pulse", "%1, %2.")
        yield filled(text, one_line(said(one.said)).rstrip("."), times.exact(one.at))
    if row.withheld:
        yield translate("pulse", "Automatic answers to others go on.")


def _state_since(row: MailAccountFigures) -> str:
    if row.since is None:
        return account_state(row)
    text = translate("pulse", "%1 since %2")
    return filled(text, account_state(row), times.exact(row.since))


def _on_server(row: MailAccountFigures) -> str:
    text = translate("pulse", "%1 fetched and not analysed yet; %2 in its folders on the server")
    return filled(text, count(row.pending), count(row.on_server))


def _moment(at: datetime | None, now: datetime) -> str:
    return NOTHING if at is None else times.moment(at, now)


def _exact(at: datetime | None) -> str:
    return "" if at is None else times.exact(at)


def _time_order(at: datetime | None) -> float:
    return float("-inf") if at is None else at.timestamp()


# What is quarantined


@dataclass(frozen=True, slots=True)
class MailRow:
    """One quarantined mail."""

    mail: QuarantinedMail

    @property
    def key(self) -> Hashable:
        return self.mail.id


class QuarantinedMails(Table[MailRow]):
    """The quarantined mails, those that came first at the top unless asked otherwise."""

    def __init__(self, now: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(_mail_columns(now), parent)

    def show_mails(self, mails: Iterable[QuarantinedMail]) -> None:
        """Show these."""
        self.show(MailRow(mail) for mail in mails)


def _mail_columns(now: Callable[[], datetime]) -> tuple[Column[MailRow], ...]:
    return (
        Column(
            "came",
            translate("pulse", "Came"),
            text=lambda row: times.moment(came(row.mail), now()),
            order=lambda row: (came(row.mail), row.mail.id),
            hint=lambda row: times.exact(came(row.mail)),
        ),
        Column(
            "account",
            translate("pulse", "Mail account"),
            text=lambda row: one_line(row.mail.account),
            order=lambda row: row.mail.account.casefold(),
            hint=lambda row: one_line(row.mail.account),
        ),
        Column(
            "reason",
            translate("pulse", "Reason"),
            text=lambda row: reason(row.mail),
            order=lambda row: reason(row.mail).casefold(),
            hint=lambda row: reason(row.mail),
        ),
        Column(
            "size",
            translate("pulse", "Size"),
            text=lambda row: files.size(row.mail.size),
            order=lambda row: row.mail.size,
            figures=True,
        ),
    )


def came(mail: QuarantinedMail) -> datetime:
    """When it arrived at its server; where that is not known, when it was fetched."""
    return mail.arrived_at or mail.fetched_at


def reason(mail: QuarantinedMail) -> str:
    """Why no contact was made of it."""
    return one_line(said(mail.reason)) or translate("pulse", "No reason is known.")


# What was not delivered


@dataclass(frozen=True, slots=True)
class OutgoingRow:
    """One mail that was refused, or may have been sent."""

    mail: OutgoingMail

    @property
    def key(self) -> Hashable:
        return self.mail.id


class Undelivered(Table[OutgoingRow]):
    """The mails that were not delivered, the last at the top unless asked otherwise."""

    def __init__(self, now: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(_outgoing_columns(now), parent)

    def show_mails(self, mails: Iterable[OutgoingMail]) -> None:
        """Show these."""
        self.show(OutgoingRow(mail) for mail in mails)


def _outgoing_columns(now: Callable[[], datetime]) -> tuple[Column[OutgoingRow], ...]:
    return (
        Column(
            "written",
            translate("pulse", "Written"),
            text=lambda row: times.moment(row.mail.created_at, now()),
            order=lambda row: (row.mail.created_at, row.mail.id),
            hint=lambda row: times.exact(row.mail.created_at),
        ),
        Column(
            "state",
            translate("pulse", "State"),
            text=lambda row: outgoing_state(row.mail),
            order=lambda row: row.mail.state,
            hint=lambda row: why_not_delivered(row.mail),
            mark=lambda row: mail_words.mark(row.mail),
        ),
        Column(
            "to",
            translate("pulse", "To"),
            text=lambda row: addressed(row.mail),
            order=lambda row: addressed(row.mail).casefold(),
            hint=lambda row: addressed(row.mail),
        ),
        Column(
            "subject",
            translate("pulse", "Subject"),
            text=lambda row: one_line(row.mail.subject),
            order=lambda row: row.mail.subject.casefold(),
            hint=lambda row: one_line(row.mail.subject),
        ),
    )


def outgoing_state(mail: OutgoingMail) -> str:
    """How it truly stands (EM-10)."""
    return mail_words.state(mail.state).word


def addressed(mail: OutgoingMail) -> str:
    """Whom it did not reach; of a mail about no contact only its writer is told (EM-9)."""
    if mail.is_private and not mail.to:
        return translate("pulse", "Only %1 sees the recipients").replace("%1", one_line(mail.by))
    return ", ".join(one_line(address) for address in mail.to)


def why_not_delivered(mail: OutgoingMail) -> str:
    """What the next server said, or what went wrong."""
    return one_line(said(mail.said)) or outgoing_state(mail)


def kind(mail: OutgoingMail) -> str:
    """What sort of mail it is."""
    words = {
        "answer": translate("pulse", "Automatic answer"),
        "delivery": translate("pulse", "Delivery to an agent's own mail program"),
        "external": translate("pulse", "Sent out by a routing rule"),
        "reply": translate("pulse", "Reply"),
        "reply-all": translate("pulse", "Reply to all"),
        "forward": translate("pulse", "Forwarded mail"),
        "new": translate("pulse", "New mail"),
    }
    return words[mail.kind]

"""What the desk says about mail: how it was sent, who wrote it, what cannot be sent yet.

Pure: what to say is decided here, how it looks elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from ace_agent.desk import recipients, times
from ace_agent.desk.shown import one_line
from ace_agent.sentences import filled, said
from ace_agent.tables import Mark
from ace_agent.written import Written
from ace_server.wire import LONGEST_MAIL, Draft, DraftHead, Mail, OutgoingMail, SentState, Writing

translate = QCoreApplication.translate

MOST_NAMED = 3
"""Of the recipients of a mail in one line."""


@dataclass(frozen=True, slots=True)
class Look:
    """A state as it is shown: shape, colour and word."""

    icon: str
    colour: str
    word: str


def state(sent: SentState) -> Look:
    """How a mail that goes out stands (EM-10)."""
    match sent:
        case "queued":
            return Look("mail-queued", "secondary", translate("mail", "Waits to be sent"))
        case "sending":
            return Look("send", "accent", translate("mail", "Being sent"))
        case "handed over":
            return Look("mail-handed-over", "ready", translate("mail", "Handed over"))
        case "refused":
            return Look("mail-refused", "alarm", translate("mail", "Refused"))
        case "unknown":
            return Look("mail-unknown", "paused", translate("mail", "May have been sent"))
        case "withdrawn":
            return Look("undo", "logged_out", translate("mail", "Taken back"))


def mark(outgoing: OutgoingMail) -> Mark:
    """The shape and the colour of its state, as a table shows them."""
    look = state(outgoing.state)
    return Mark(look.icon, look.colour)


def can_be_sent_again(outgoing: OutgoingMail) -> bool:
    """Whether a person may decide to send it once more."""
    return outgoing.state in ("refused", "unknown")


def is_text_of_its_own(outgoing: OutgoingMail) -> bool:
    """Whether it says something else than the mail that it is about."""
    return outgoing.kind not in ("delivery", "external")


def can_be_written_again(outgoing: OutgoingMail) -> bool:
    """Whether its writer may begin anew with what was written."""
    is_written = outgoing.kind in ("reply", "reply-all", "forward", "new")
    return is_written and outgoing.state in ("refused", "unknown", "withdrawn")


def outgoing(mail: OutgoingMail, now: datetime) -> str:
    """What was sent to whom and when, in one line."""
    at = times.moment(mail.settled_at or mail.created_at, now)
    match mail.kind:
        case "answer":
            text = translate("mail", "Automatic answer to %1, %2")
        case "delivery":
            text = translate("mail", "This mail, sent to %1, %2")
        case "external":
            text = translate("mail", "This mail, routed on to %1, %2")
        case "forward":
            text = translate("mail", "Forwarded to %1, %2")
        case "new":
            text = translate("mail", "Mail to %1, %2")
        case _:
            text = translate("mail", "Reply to %1, %2")
    return filled(text, people(mail.to), at)


def about_outgoing(mail: OutgoingMail) -> str:
    """What the next server said to it, or what went wrong, where there is more to know."""
    return one_line(said(mail.said))


def not_delivered(mails: Sequence[OutgoingMail], key: str) -> str:
    """That something the person wrote was refused, or may not have been sent (A-11).

    `key` shows all that was sent.
    """
    if len(mails) > 1:
        text = translate(
            "mail",
            "%n of your mails were refused, or may not have been sent. %1 shows them.",
            "",
            len(mails),
        )
        return text.replace("%1", key)
    mail = mails[0]
    if mail.state == "unknown":
        text = translate("mail", "Your mail to %1 may not have been sent. %2 shows what is known.")
    else:
        text = translate("mail", "Your mail to %1 was refused. %2 shows why.")
    return filled(text, people(mail.to), key)


def people(to: Sequence[str]) -> str:
    """Recipients in one line; the first few, and how many more."""
    named = ", ".join(one_line(recipients.address(one)) for one in to[:MOST_NAMED])
    if len(to) > MOST_NAMED:
        text = translate("mail", "%1 and %n more", "", len(to) - MOST_NAMED)
        return text.replace("%1", named)
    return named


def elsewhere(mail: Mail, now: datetime) -> str:
    """Where the mail is handled, and how it got there (EM-7); empty where it is handled here."""
    if not mail.external:
        return ""
    sent = [one for one in mail.outgoing if one.kind == "delivery"]
    if not sent:
        text = translate("mail", "This mail is handled in your own mail program, at %1.")
        return text.replace("%1", one_line(mail.external))
    last = max(sent, key=lambda one: one.created_at)
    at = times.moment(last.settled_at or last.created_at, now)
    text = translate("mail", "Sent to %1 %2 – %3.")
    return filled(text, one_line(mail.external), at, state(last.state).word.lower())


def listed(mail: Mail) -> list[OutgoingMail]:
    """What was sent about a mail, without the delivery that `elsewhere` has told already."""
    sent = sorted(mail.outgoing, key=lambda one: one.created_at)
    deliveries = [one for one in sent if one.kind == "delivery"]
    is_told = mail.external and deliveries and not can_be_sent_again(deliveries[-1])
    return [one for one in sent if not (is_told and one is deliveries[-1])]


def beside_elsewhere() -> str:
    """What is to be known of replies from elsewhere (domain §8)."""
    return translate(
        "mail",
        "What you answer there leaves with your own address, and is not in the history here.",
    )


def did_not_arrive(mail: Mail) -> str:
    """What pressing that has done (EM-8)."""
    if mail.external:
        text = translate("mail", "The mail is sent to %1 once more.")
        return text.replace("%1", one_line(mail.external))
    if mail.pressed > 1:
        return translate("mail", "Read and answer the mail here now.")
    return translate("mail", "The mail was read once more from what is kept.")


# What is written


def writing(kind: Writing) -> str:
    """What a draft is, as a heading."""
    match kind:
        case "reply":
            return translate("mail", "Reply")
        case "reply-all":
            return translate("mail", "Reply to all")
        case "forward":
            return translate("mail", "Forward")
        case "new":
            return translate("mail", "New mail")


def draft(head: DraftHead) -> str:
    """A draft in one line."""
    subject = one_line(head.subject) or translate("mail", "(no subject)")
    to = recipients.split(head.to)
    if not to:
        return filled(translate("mail", "%1: %2"), writing(head.kind), subject)
    return filled(translate("mail", "%1 to %2: %3"), writing(head.kind), people(to), subject)


def stored(one: Written, now: datetime, *, link_up: bool) -> Look:
    """Whether the server has what was typed."""
    if one.trouble:
        return Look("warning", "alarm", one.trouble)
    if not one.is_stored and not link_up:
        text = translate("mail", "Kept here until the link is back")
        return Look("link-down", "paused", text)
    if not one.is_stored:
        return Look("draft", "secondary", translate("mail", "Storing …"))
    if one.stored_at is None:
        return Look("tick", "secondary", translate("mail", "Stored as a draft"))
    text = translate("mail", "Stored as a draft %1")
    return Look("tick", "secondary", text.replace("%1", times.moment(one.stored_at, now)))


def unfit(typed: Draft) -> tuple[str, str]:
    """The first part that keeps a draft from being sent, and why; both empty where none does."""
    for part in ("to", "cc", "bcc"):
        bad = recipients.wrong(getattr(typed, part))
        if bad:
            return part, no_address(bad[0])
    if not any(recipients.split(part) for part in (typed.to, typed.cc, typed.bcc)):
        return "to", translate("mail", "Say who the mail is for.")
    if len(typed.text) >= LONGEST_MAIL:
        return "text", translate("mail", "The mail is longer than can be sent. Attach a file.")
    return "", ""


def refused_part(typed: Draft, code: str, reason: str) -> str:
    """The part of a draft for which the server did not send it; empty where it is none alone."""
    match code:
        case "bad-sender":
            return "from"
        case "no-recipient":
            return "to"
        case "bad-address":  # the reason names it
            for part in ("to", "cc", "bcc"):
                if any(one in reason for one in recipients.split(getattr(typed, part))):
                    return part
            return "to"
    return ""


def no_address(typed: str) -> str:
    """That this is no address, and what one looks like."""
    text = translate("mail", "%1 is no e-mail address. One looks like name@bank.example.")
    return text.replace("%1", one_line(typed))


def can_be_undone(mail: OutgoingMail, now: datetime) -> str:
    """That it is about to be sent, and how long it can be taken back."""
    left = max(1, times.seconds(now, mail.due_at) + 1)
    text = translate("mail", "The mail to %1 is sent in %n s.", "", left)
    return text.replace("%1", people(mail.to))

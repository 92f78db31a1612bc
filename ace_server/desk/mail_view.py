"""Mails as a desk shows them: what was read, what was sent, what is being written.

Pure: rows, mails and configuration in, messages out.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ace_server import wire
from ace_server.email.analysis import flags, telling
from ace_server.email.mail import Address, Mail
from ace_server.email.message import addresses
from ace_server.sentences import Sentence, Value, commas, sentence
from ace_server.store.contacts import ContactRow, NewAttachment
from ace_server.store.drafts import DraftRow
from ace_server.store.outgoing import OutgoingRow, Sent

_WORST = (Sent.UNKNOWN, Sent.REFUSED, Sent.QUEUED, Sent.HANDED_OVER)
"""The states of recipients, the one a person has to know of first."""

_SPECIAL = re.compile(r'[",;:<>()@\[\]\\]')

FAULTS: Mapping[str, Sentence] = {
    "no header": sentence("This mail has no header."),
    "no sender": telling.FLAGS[flags.UNKNOWN_SENDER],
    "several senders": telling.FLAGS[flags.SEVERAL_SENDERS],
    "no date": sentence("This mail does not say when it was written."),
    "date not readable": sentence("It cannot be read when this mail was written."),
    "more addresses": sentence("This mail has more addresses than are shown."),
    "headers cut": sentence("The header of this mail is too long; only its beginning was read."),
    "text cut": sentence("The text of this mail is too long; only its beginning is shown."),
    "html cut": sentence("This mail is too long; only its beginning is shown."),
    "no closing boundary": sentence("This mail may be cut: its last part has no end."),
    "broken boundary": sentence("The parts of this mail are damaged."),
    "no boundary": sentence("The parts of this mail are damaged."),
    "damaged transfer encoding": sentence("Something in this mail is damaged."),
    "more parts": sentence("This mail has more files than are kept apart; its source has all."),
    "wrong charset": sentence("Some characters of this mail may be wrong."),
    "unknown charset": sentence("Some characters of this mail may be wrong."),
}
"""What was wrong with a mail, for its reader; what no reader has to know is left out."""

OVERSIZED = sentence(
    "This mail is larger than the server fetches: only its header is here, the mail itself is"
    " still on its mail server."
)
NO_SOURCE = sentence("The mail as it was fetched is not here any more, or is damaged.")
NO_HTML = sentence("This mail has more HTML than can be shown; its text is here, and its source.")


MOST_NAMED = 10
"""Files that a remark names."""


def remarks(mail: Mail) -> list[Sentence]:
    """What is wrong with a mail, as far as a reader has to know, each once."""
    found = [FAULTS[fault] for fault in mail.faults if fault in FAULTS]
    damaged = [part.name for part in mail.parts if part.damaged][:MOST_NAMED]
    if damaged:
        found.append(sentence("Only a part of these files could be read: %1.", commas(damaged)))
    return list(dict.fromkeys(found))


def from_contact(row: ContactRow) -> Mail:
    """What the contact itself keeps of its mail, where the mail cannot be read."""

    def listed(key: str) -> tuple[Address, ...]:
        return tuple(addresses.read(row.data.get(key, ""))[0])

    return Mail(
        senders=listed("EmailFrom"),
        reply_to=listed("EmailReplyTo"),
        to=listed("EmailTo"),
        subject=row.subject,
        text=row.body,
    )


def outgoing(row: OutgoingRow) -> wire.OutgoingMail:
    """A mail in the outbox, with what was said about the recipient that it went worst with."""
    by_state = sorted(row.recipients, key=lambda one: _WORST.index(one.state))
    return wire.OutgoingMail(
        id=row.id,
        kind=row.kind,
        state=row.state.value,
        to=[one.address for one in row.recipients],
        subject=row.subject,
        by=row.by,
        created_at=row.created_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
        said=next((one.said for one in by_state if one.said is not None), None),
        contact=row.contact,
        is_private=row.contact is None and bool(row.by),
    )


def without_secrets(mail: wire.OutgoingMail) -> wire.OutgoingMail:
    """What somebody else than its writer may know of it: of a private one, not to whom (EM-9)."""
    if not mail.is_private:
        return mail
    said = None if mail.said is None else _unnamed(mail.said, mail.to)
    return msgspec.structs.replace(mail, to=[], subject="", said=said)


def _unnamed(said: Sentence, addresses: Sequence[str]) -> Sentence:
    """The same without these addresses, which mail servers like to repeat."""
    return Sentence(said.text, tuple(_without(value, addresses) for value in said.values))


def _without(value: Value, addresses: Sequence[str]) -> Value:
    if isinstance(value, Sentence):
        return _unnamed(value, addresses)
    if isinstance(value, str):
        for address in addresses:
            value = re.sub(re.escape(address), "…", value, flags=re.IGNORECASE)
    return value


def sent(row: OutgoingRow, mail: Mail, notes: Sequence[Sentence]) -> wire.SentMail:
    """An outgoing mail as its readers got it; who is in no header got a blind copy."""
    html_too_long = len(mail.html) > wire.MOST_HTML
    named = {one.address.casefold() for one in (*mail.to, *mail.cc)}
    blind = [one.address for one in row.recipients if one.address.casefold() not in named]
    return wire.SentMail(
        outgoing=outgoing(row),
        senders=shown_all(mail.senders),
        to=shown_all(mail.to),
        cc=shown_all(mail.cc),
        bcc=blind if row.by else [],  # a mail that is sent on keeps the header that it came with
        subject=mail.subject,
        sent_at=mail.sent_at,
        text=mail.text,
        html="" if html_too_long else mail.html,
        files=[
            wire.Attachment(position=n, name=one.name, media_type=one.media_type, size=one.size)
            for n, one in enumerate(mail.parts)
        ],
        remarks=[*notes, *([NO_HTML] if html_too_long else [])],
    )


def files(kept: Sequence[NewAttachment]) -> list[wire.Attachment]:
    """The files that go with a draft."""
    return [
        wire.Attachment(position=n, name=one.name, media_type=one.media_type, size=one.size)
        for n, one in enumerate(kept)
    ]


# What is being written


class Typed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A draft as it is stored: what was typed, and the thread it belongs to."""

    sender: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


_read_typed = msgspec.json.Decoder(Typed).decode
TYPED = ("sender", "to", "cc", "bcc", "subject", "text")


def typed(row: DraftRow) -> Typed:
    """What is stored of a draft."""
    return _read_typed(row.body)


def written(body: Typed) -> str:
    """A draft as it is stored."""
    return msgspec.json.encode(body).decode()


def retyped(body: Typed, draft: wire.Draft) -> Typed:
    """The same thread with what is typed now."""
    return msgspec.structs.replace(body, **{name: getattr(draft, name) for name in TYPED})


def draft(row: DraftRow) -> wire.Draft:
    """A draft as its writer goes on with it."""
    body = typed(row)
    return wire.Draft(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]  # as it was begun
        contact=row.contact,
        **{name: getattr(body, name) for name in TYPED},
    )


def head(row: DraftRow) -> wire.DraftHead:
    """A draft in a list."""
    body = typed(row)
    return wire.DraftHead(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]  # as it was begun
        contact=row.contact,
        subject=body.subject,
        to=body.to,
        saved_at=row.saved_at,
    )


# Addresses


def shown(one: Address) -> str:
    """`Name <address>`, or what there is of it, so that it can be read back."""
    if not one.name:
        return one.address
    name = one.name
    if _SPECIAL.search(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{one.address}>" if one.address else name


def shown_all(several: Iterable[Address]) -> list[str]:
    """Each as `shown`."""
    return [shown(one) for one in several]


def line(several: Iterable[Address], most: int = wire.MOST_ADDRESSES) -> str:
    """Addresses as they are typed, separated by commas; no more than have room."""
    found = ""
    for one in several:
        longer = f"{found}, {shown(one)}" if found else shown(one)
        if len(longer) > most:
            break
        found = longer
    return found

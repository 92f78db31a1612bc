"""A draft becomes an outgoing mail, and, as long as nobody has heard of it, a draft again (EM-10).

The mail is composed as the draft is typed when it is sent; its bytes are durable before anything
says that it will be sent.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ace_server import wire
from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import MailAccount, Site
from ace_server.desk import mail_view, recipients, senders
from ace_server.desk.drafting import Drafting
from ace_server.desk.mail_view import Typed
from ace_server.desk.reading import Reading, demand_email, may_write
from ace_server.email import writing
from ace_server.email.mail import Address, one_line
from ace_server.email.writing import Enclosed, Letter
from ace_server.errors import IllegalMove, Refused, Unavailable
from ace_server.events import Events, MailChanged, MailDue
from ace_server.sentences import Sentence, commas, sentence
from ace_server.store import Store, contacts, drafts, outgoing
from ace_server.store.contacts import NewAttachment
from ace_server.store.drafts import DraftRow
from ace_server.store.outgoing import NewOutgoing, OutgoingRow, Recipient, Sent

MOST_RECIPIENTS = 500
"""Addresses that one mail may go to."""

MOST_NAMED = 10
"""Of wrong addresses in one sentence."""

MEBIBYTE = 1024 * 1024


class Sending:
    """Answers who sends a mail, or takes one back."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        reading: Reading,
        drafting: Drafting,
        attachments: Attachments,
        events: Events,
        clock: Clock,
        *,
        token: Callable[[], str] = secrets.token_hex,
    ) -> None:
        """`token`: what makes a Message-ID the only one."""
        self._store = store
        self._site = site
        self._reading = reading
        self._drafting = drafting
        self._attachments = attachments
        self._events = events
        self._clock = clock
        self._token = token

    async def send(self, login: str, command: wire.SendMail) -> wire.MailQueued:
        """Put a draft into the outbox, as typed here; it is durable there when this returns.

        A draft that was sent just so is not sent twice: who asks again did not hear the answer.
        Raises Refused, Unavailable; then the draft is as it was.
        """
        try:
            queued = await self._queued(login, command.draft)
        except Refused as refused:
            before = None
            if refused.code == "gone":
                before = await self._store.run(_sent_before, command.draft, login)
            if before is None:
                raise
            queued = before
        else:
            self._tell(queued)
        return wire.MailQueued(request=command.request, outgoing=mail_view.outgoing(queued))

    async def _queued(self, login: str, typed: wire.Draft) -> OutgoingRow:
        row, files = await self._store.run(_look, typed.id, login)
        account = self._account(login, typed.sender)
        body = mail_view.retyped(mail_view.typed(row), typed)
        letter = self._letter(body)
        self._demand_room(body, files)
        composed = await self._composed(letter, files)
        digest = await self._attachments.keep(composed)
        now = self._clock.now()
        new = NewOutgoing(
            kind=row.kind,  # type: ignore[arg-type]  # as it was begun
            contact=row.contact,
            account=account.name,
            by=login,
            sender=letter.sender.address,
            recipients=tuple(Recipient(one) for one in writing.recipients(letter)),
            subject=letter.subject,
            message_id=letter.message_id,
            digest=digest,
            due_at=now + timedelta(seconds=self._site().system.undoSeconds),
        )
        stored = mail_view.written(body)
        return await self._store.run(_queue, new, row, stored, now)

    async def undo(self, login: str, command: wire.UndoSend) -> wire.Composed:
        """Take a mail back that nobody has heard of yet; it is a draft again, as it was sent.

        Raises Refused (`too-late`), Unavailable.
        """
        now = self._clock.now()

        def job() -> tuple[OutgoingRow, DraftRow]:
            withdrawn = outgoing.withdraw(command.outgoing, login, now)
            number = drafts.bring_back(command.outgoing, login, now)
            return withdrawn, drafts.get(number, login)

        try:
            withdrawn, row = await self._store.run(job)
        except IllegalMove:
            reason = await self._store.run(_why_not_back, command.outgoing, login)
            raise Refused("too-late", reason) from None
        self._tell(withdrawn)
        return await self._drafting.composed(command.request, row)

    async def forget_sent(self) -> None:
        """Remove what is kept of drafts whose mails have left. Raises Unavailable."""
        await self._store.run(drafts.forget_sent, self._clock.now() - drafts.KEPT)

    def _tell(self, row: OutgoingRow) -> None:
        self._events.publish(MailDue(row.account))
        self._events.publish(MailChanged(row.account, row.contact, row.by))

    # What is sent

    def _account(self, login: str, sender: str) -> MailAccount:
        """The entrance whose address it is written from: one of the agent's area (EM-9)."""
        user = self._reading.user(login)
        account = senders.accounts(self._site(), user.area).get(sender.strip().casefold())
        if account is None:
            if not sender:
                raise Refused("bad-sender", "Choose the address to write from.")
            raise Refused("bad-sender", sentence("You cannot write from %1.", sender))
        return account

    def _letter(self, body: Typed) -> Letter:
        """Raises Refused (`bad-address`, `no-recipient`) and names every address that is none."""
        read = [recipients.read(typed) for typed in (body.to, body.cc, body.bcc)]
        if wrong := [one for _, some in read for one in some]:
            raise Refused("bad-address", _named(wrong))
        to, cc, bcc = (tuple(right) for right, _ in read)
        everyone = (*to, *cc, *bcc)
        if not everyone:
            raise Refused("no-recipient", "Say who the mail is for.")
        if len(everyone) > MOST_RECIPIENTS:
            reason = sentence("A mail goes to no more than %1 addresses.", MOST_RECIPIENTS)
            raise Refused("too-many", reason)
        sender = body.sender.strip()
        domain = writing.ascii_address(sender).rpartition("@")[2]
        now = self._clock.now().astimezone(ZoneInfo(self._site().facts.time_zone))
        return Letter(
            sender=Address(sender),
            date=now,
            message_id=writing.new_message_id(domain, self._token()),
            to=to,
            cc=cc,
            bcc=bcc,
            subject=one_line(body.subject),
            text=body.text,
            in_reply_to=body.in_reply_to,
            references=body.references,
        )

    def _demand_room(self, body: Typed, files: Sequence[NewAttachment]) -> None:
        """Raise Refused where the text and the files, decoded, are more than a mail may be."""
        most = self._site().system.emailMaxBytes
        length = len(body.text.encode(errors="replace")) + sum(one.size for one in files)
        if length > most:
            whole, room = -(-length // MEBIBYTE), most // MEBIBYTE
            reason = sentence("This mail has %1 MB with its files; %2 MB can be sent.", whole, room)
            raise Refused("too-large", reason)

    async def _composed(self, letter: Letter, files: Sequence[NewAttachment]) -> bytes:
        """The bytes of the mail. Raises Refused (`no-file`), Unavailable."""
        found: list[tuple[NewAttachment, Path]] = []
        for one in files:
            path = await self._attachments.path(one.digest)
            if path is None:
                reason = sentence("The server does not have the file %1 any more.", one.name)
                raise Refused("no-file", reason)
            found.append((one, path))
        return await self._attachments.in_thread(_compose, letter, found)


def _look(number: int, login: str) -> tuple[DraftRow, list[NewAttachment]]:
    """A draft and its files, while it may be sent; a job."""
    row = drafts.get(number, login)
    _demand_writable(row, login)
    return row, drafts.files(number)


def _demand_writable(row: DraftRow, login: str) -> None:
    """Raise Refused where it is about a contact that is another's by now, or waits again; a job."""
    if row.contact is None:
        return
    about = contacts.get(row.contact)
    if about is not None:
        demand_email(about)
    if not may_write(about, login):
        reason = sentence("This contact is no longer in your hands. The draft is kept.")
        raise Refused("not-in-hand", reason)


def _queue(new: NewOutgoing, row: DraftRow, body: str, at: datetime) -> OutgoingRow:
    """The mail is in the outbox, the draft is set aside, in one transaction; a job."""
    _demand_writable(row, row.login)
    drafts.save(row.id, row.login, body, at)
    drafts.forget_sent(at - drafts.KEPT)
    number = outgoing.add(new, at)
    drafts.send(row.id, row.login, number)
    found = outgoing.get(number)
    assert found is not None
    return found


def _sent_before(typed: wire.Draft, login: str) -> OutgoingRow | None:
    """The mail that this draft was sent as, by this user and with these words; a job."""
    found = drafts.sent(typed.id, login)
    if found is None:
        return None
    row, number = found
    body = mail_view.typed(row)
    return outgoing.get(number) if mail_view.retyped(body, typed) == body else None


def _why_not_back(number: int, login: str) -> Sentence:
    """Why a mail cannot be taken back; a job."""
    found = outgoing.get(number)
    if found is not None and (found.by, found.state) == (login, Sent.WITHDRAWN):
        return sentence("This mail was taken back before: it is among your drafts.")
    return sentence("This mail cannot be taken back any more: it is on its way.")


def _compose(letter: Letter, files: Sequence[tuple[NewAttachment, Path]]) -> bytes:
    """Raises Unavailable where a file cannot be read."""
    try:
        enclosed = tuple(
            Enclosed(one.name, one.media_type, path.read_bytes()) for one, path in files
        )
    except OSError as error:
        raise Unavailable("the data folder cannot be read") from error
    return writing.compose(msgspec.structs.replace(letter, attachments=enclosed))


def _named(names: Sequence[str]) -> Sentence:
    if len(names) == 1:
        return sentence("%1 is no e-mail address.", names[0])
    if len(names) > MOST_NAMED:
        return sentence(
            "These are no e-mail addresses: %1, and %2 more.",
            commas(names[:MOST_NAMED]),
            len(names) - MOST_NAMED,
        )
    return sentence("These are no e-mail addresses: %1.", commas(names))

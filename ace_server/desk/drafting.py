"""Mails that agents are writing: begun from what is answered, and kept as typed (EM-9).

A draft is its writer's, and nobody else's. What becomes of it when it is sent is in `sending`.
"""

import mimetypes
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from ace_server import wire
from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import AGENT_KEY, MailAccount, Site, User
from ace_server.desk import mail_view, senders
from ace_server.desk.mail_view import Typed
from ace_server.desk.reading import Reading, presses
from ace_server.email import replying, variables
from ace_server.email.mail import Mail
from ace_server.email.message import shown_name
from ace_server.email.replying import Prepared
from ace_server.errors import Refused
from ace_server.sentences import sentence
from ace_server.store import Draft, Store, drafts, ledger
from ace_server.store.contacts import ContactRow, NewAttachment
from ace_server.store.drafts import DraftRow
from ace_server.store.ledger import MailRow

MOST_CARRIED = 400_000
"""Characters of a mail that is forwarded, which its writer can still add to."""

CUT = "[…]"

_LONGEST_SUBJECT = 2000


class Drafting:
    """Answers who begins a mail, and goes on with one."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        reading: Reading,
        attachments: Attachments,
        clock: Clock,
    ) -> None:
        self._store = store
        self._site = site
        self._reading = reading
        self._attachments = attachments
        self._clock = clock

    # Beginning

    async def compose(self, login: str, command: wire.Compose) -> wire.Composed:
        """Begin a mail; it is a draft when this returns. Raises Refused, Unavailable."""
        user = self._reading.user(login)
        if command.contact is None:
            if command.kind != "new":
                raise Refused("bad-value", "Only a new mail can be about no contact.")
            return await self._begin(command, user, None, Prepared(subject="", text=""), Mail())
        row = self._reading.in_hand(login, command.contact)
        known, pressed = await self._store.run(_known, row.id, login)
        external = self._reading.external(login, row, known, pressed)
        if why := senders.hindrance(row, self._site(), user, in_hand=True, external=external):
            raise Refused("not-now", why)
        mail = (await self._reading.understood(row, known)).mail
        at = mail.sent_at or (known and known.arrived_at) or row.received_at
        prepared = self._prepared(command.kind, mail, at)
        return await self._begin(command, user, row, prepared, mail)

    def _prepared(self, kind: wire.Writing, mail: Mail, at: datetime) -> Prepared:
        """What it begins with of the mail it is about."""
        site = self._site()
        when = f"{at.astimezone(ZoneInfo(site.facts.time_zone)):%Y-%m-%d %H:%M}"
        if kind == "new":
            return Prepared(subject="", text="")
        if kind == "forward":
            return replying.forward(_shortened(mail), _origin(mail, when))
        own = {
            address
            for one in site.mail_accounts.values()
            for address in (one.name, *senders.of_account(one))
        }
        attribution = ", ".join([when, *mail_view.shown_all(mail.senders[:1])]) + ":"
        to_all = kind == "reply-all"
        return replying.reply(mail, own, to_all=to_all, attribution=attribution)

    async def _begin(
        self,
        command: wire.Compose,
        user: User,
        row: ContactRow | None,
        prepared: Prepared,
        mail: Mail,
    ) -> wire.Composed:
        site = self._site()
        account = site.mail_accounts.get(row.account) if row is not None else None
        choices = senders.choices(site, user, account, mail)
        if not choices:
            raise Refused("not-now", "Your organisation area has no address to write from.")
        body = Typed(
            sender=choices[0],
            to=mail_view.line(prepared.to),
            cc=mail_view.line(prepared.cc),
            subject=prepared.subject[:_LONGEST_SUBJECT],
            text=_text(_signature(site, user, choices[0], row), prepared.text),
            in_reply_to=prepared.in_reply_to,
            references=prepared.references,
        )
        carried = row.attachments if row is not None and command.kind == "forward" else ()
        now, contact = self._clock.now(), None if row is None else row.id

        def job() -> DraftRow:
            stored = mail_view.written(body)
            number = drafts.add(user.login, command.kind, contact, stored, now)
            if carried:
                drafts.attach(number, user.login, carried)
            return drafts.get(number, user.login)

        return await self.composed(command.request, await self._store.run(job))

    # Going on

    async def open(self, login: str, command: wire.OpenDraft) -> wire.Composed:
        """Go on with a draft. Raises Refused, Unavailable."""
        return await self.composed(
            command.request, await self._store.run(drafts.get, command.draft, login)
        )

    async def composed(self, request: int, row: DraftRow) -> wire.Composed:
        """A draft with all that can be chosen for it. Raises Refused, Unavailable."""
        site, user, draft = self._site(), self._reading.user(row.login), mail_view.draft(row)
        about = self._about(row)
        account = site.mail_accounts.get(about.account) if about is not None else None
        allowed = senders.choices(site, user, account, Mail())
        preset = [one for one in allowed if one == draft.sender]
        choices = list(dict.fromkeys([*preset, *allowed]))
        values = _values(user, about)
        return wire.Composed(
            request=request,
            draft=draft,
            files=mail_view.files(await self._store.run(drafts.files, row.id)),
            senders=choices,
            signatures=[_signature(site, user, one, about) for one in choices],
            templates=[
                wire.Template(name=one.name, text=variables.fill(one.text, values))
                for one in site.mail_templates.values()
                if one.area == user.area
            ],
        )

    def _about(self, row: DraftRow) -> ContactRow | None:
        """The contact it is about, while it is in its writer's hands: then alone it may be seen."""
        if row.contact is None:
            return None
        try:
            return self._reading.in_hand(row.login, row.contact)
        except Refused:
            return None

    async def save(self, login: str, command: wire.SaveDraft) -> wire.Done:
        """Keep what was typed. Raises Refused, Unavailable."""
        typed, now = command.draft, self._clock.now()

        def job() -> None:
            body = mail_view.retyped(mail_view.typed(drafts.get(typed.id, login)), typed)
            drafts.save(typed.id, login, mail_view.written(body), now)

        await self._store.run(job)
        return wire.Done(request=command.request)

    async def discard(self, login: str, command: wire.DiscardDraft) -> wire.Done:
        """Throw a draft away. Raises Refused, Unavailable."""
        await self._store.run(drafts.remove, command.draft, login)
        return wire.Done(request=command.request)

    async def listed(self, login: str, command: wire.ListDrafts) -> wire.DraftsListed:
        """All of this user's drafts, the one saved last first. Raises Unavailable."""
        found = await self._store.run(drafts.of, login)
        return wire.DraftsListed(
            request=command.request, drafts=[mail_view.head(row) for row in found]
        )

    # Files

    async def detach(self, login: str, command: wire.Detach) -> wire.Attached:
        """Take a file out of a draft. Raises Refused, Unavailable."""
        left = await self._store.run(drafts.detach, command.draft, login, command.position)
        return wire.Attached(request=command.request, files=mail_view.files(left))

    async def attach(
        self, login: str, number: int, name: str, media_type: str, content: AsyncIterator[bytes]
    ) -> wire.Attached:
        """Put a file into a draft; it is durable before the draft names it.

        Raises Refused (`gone`, `too-large`, `too-many`), Unavailable.
        """
        await self._store.run(drafts.get, number, login)  # before anything is taken in
        file = self._store.files.draft(own=True)
        try:
            await self._write(file, content)
            digest = await self._attachments.in_thread(file.keep)
        finally:
            await self._attachments.in_thread(file.discard)
        await self._attachments.share([digest])

        def job() -> list[NewAttachment]:
            shown = shown_name(name, len(drafts.files(number)) + 1)
            kind = mimetypes.guess_type(shown)[0] or media_type
            added = NewAttachment(shown, kind, file.size, digest)
            return drafts.attach(number, login, [added])

        return wire.Attached(request=0, files=mail_view.files(await self._store.run(job)))

    async def _write(self, file: Draft, content: AsyncIterator[bytes]) -> None:
        """Raises Refused("too-large"), Unavailable."""
        async for chunk in content:
            if file.size + len(chunk) > wire.MOST_DRAFT_FILE:
                most = wire.MOST_DRAFT_FILE // (1024 * 1024)
                reason = sentence("A file that goes with a mail has at most %1 MB.", most)
                raise Refused("too-large", reason)
            await self._attachments.in_thread(file.write, chunk)


# What a mail begins with


def _known(contact: int, login: str) -> tuple[MailRow | None, int]:
    """The mail of a contact, and how often this user said that it did not arrive; a job."""
    return ledger.of_contact(contact), presses(contact, login)


def _shortened(mail: Mail) -> Mail:
    if len(mail.text) <= MOST_CARRIED:
        return mail
    return msgspec.structs.replace(mail, text=f"{mail.text[:MOST_CARRIED]}\n{CUT}")


def _origin(mail: Mail, when: str) -> list[str]:
    """The lines above a forwarded mail: its header, as mails call it in every language."""
    lines = {
        "From": mail_view.line(mail.senders),
        "Date": when,
        "To": mail_view.line(mail.to),
        "Cc": mail_view.line(mail.cc),
        "Subject": mail.subject,
    }
    return [f"{name}: {value}" for name, value in lines.items() if value]


def _text(signature: str, original: str) -> str:
    """Room for what is written, the signature, then what it is about."""
    signed = f"\n\n-- \n{signature}" if signature else ""
    below = f"\n\n{original}" if original else ""
    return f"{signed}{below}"


def _signature(site: Site, user: User, sender: str, row: ContactRow | None) -> str:
    account: MailAccount | None = senders.accounts(site, user.area).get(sender.casefold())
    template = account.signature if account is not None else ""
    return variables.fill(template, _values(user, row)).strip("\n")


def _values(user: User, row: ContactRow | None) -> Mapping[str, str]:
    """What variables stand for: contact data, and who writes."""
    data = row.routing_data() if row is not None else {}
    return {**data, AGENT_KEY: user.name}

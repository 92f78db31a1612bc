"""Everything this desk shows, as one object: commands go out, changes come back as one signal.

No socket and no widget here: `link` brings what the server says and takes commands along, the
windows read the state and follow `Session.changed`.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from ace_agent.sentences import said
from ace_agent.tasks import Tasks, Trouble
from ace_server import wire

log = logging.getLogger(__name__)

EDIT_PAUSE_MS = 400
"""What is typed is sent when no key was pressed for so long."""

RETRY_PAUSE_MS = 2_000
"""And tried again after so long where the server could not store it."""

ABOUT_WAITING = (wire.Preview, wire.Pick, wire.Move, wire.Prioritise, wire.Close)
"""What is not found then waits no more."""

ABOUT_NO_CONTACT = (
    wire.ChooseWorkLevel,
    wire.LogInToQueue,
    wire.Look,
    wire.RetryMails,
    wire.DiscardMails,
    wire.SendAgain,
)
"""What is not found then is a work level, a queue, a list or a mail."""

ABOUT_MAIL = (
    wire.ReadMail,
    wire.ReadOutgoing,
    wire.DidNotArrive,
    wire.Compose,
    wire.OpenDraft,
    wire.SaveDraft,
    wire.DiscardDraft,
    wire.Detach,
    wire.SendMail,
    wire.UndoSend,
    wire.SendAgain,
    wire.ListSent,
    wire.WriteAgain,
    wire.ListDrafts,
)
"""What is not found then is a mail or a draft, and the server says which."""

Progress = Callable[[int, int], None]
"""Told how many bytes of how many have come, or gone."""


class Refused(Trouble):
    """The server refused and changed nothing; `reason` is a sentence for the person."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.code = code


class LinkDown(Trouble):
    """There is no link; a command on its way may have been done: the next `Desk` tells."""


class Sender(Protocol):
    """What carries commands to the server: `link.Link`."""

    async def ask(self, command: wire.Command) -> wire.Event:
        """Send it under a number of its own; return what answers it, or raise LinkDown."""
        ...


class Files(Protocol):
    """What carries files: `transfers.Transfers`."""

    async def attachment(
        self, contact: int, attachment: wire.Attachment, progress: Progress | None
    ) -> Path:
        """Fetch it into a private file, or raise LinkDown or Refused."""
        ...

    async def quarantined_source(self, mail: int, most: int) -> bytes:
        """The first bytes of a quarantined mail, or raise LinkDown or Refused."""
        ...

    async def export_quarantined(self, mail: int, to: Path) -> None:
        """Save a quarantined mail as it was fetched, or raise LinkDown or Refused."""
        ...

    async def source(self, contact: int, size: int, progress: Progress | None) -> Path:
        """Fetch the source of a mail into a private file, or raise LinkDown or Refused."""
        ...

    async def attach(
        self, draft: int, name: str, path: Path, progress: Progress | None
    ) -> wire.Attached:
        """Put a file into a draft, or raise LinkDown or Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Changed:
    """What became different.

    `desk`: everything may be; `contact` names which (it may have left); `queues`: queue status.
    `why` is the server's word (`wire.Why`) for it, empty where there is none.
    """

    what: Literal["link", "desk", "agent", "contact", "queues", "notice"]
    contact: int | None = None
    why: str = ""


class Session(QObject):
    """One agent at one desk; kept while the link comes and goes."""

    changed = Signal(object)
    """Carries a `Changed`, after the state below it is as it says."""

    refused = Signal(int, str)
    """What was typed for this contact was not taken, and why: a sentence for the person."""

    told = Signal(object)
    """Carries the `Figures` or `FiguresChange` that the server told to who watches."""

    mail_news = Signal(object)
    """Carries a `MailNews`: what was sent about a contact stands otherwise now."""

    looked_at = Signal(int)
    """This waiting contact was opened to be previewed."""

    sent_news = Signal(object)
    """Carries a `SentNews`: what this person wrote and was not delivered."""

    logged_out = Signal(str)
    """Log in again; the sentence says why, and is empty where the person asked for it."""

    def __init__(
        self, parent: QObject | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self.site = ""
        self.link_up = False
        self.link_lost_at: datetime | None = None
        self.agent: wire.Agent | None = None
        self.contacts: dict[int, wire.Contact] = {}
        self._following: set[int] = set()  # still to come after the last Desk
        self.activities: list[str] = []
        self.queues: list[str] = []
        self.waiting_lists: list[str] = []
        self.queue_status: list[wire.QueueStatus] = []  # in the server's order
        self.colleagues: list[wire.Colleague] = []
        self._previewed: wire.Contact | None = None  # the waiting one looked at last
        self.typed: dict[int, dict[str, str]] = {}
        self._typed_by = ""  # the login that typed it
        self._rejected: dict[int, dict[str, str]] = {}  # drafts the server refused: not sent again
        self._ending: set[int] = set()  # their drafts went along with an End
        self._notice: wire.Sentence | None = None
        self._number = 0
        self._behind = True  # a change was missed: only a Desk helps
        self._monotonic = monotonic
        self._heard = (datetime.now(UTC), monotonic())
        self._sender: Sender | None = None
        self._files: Files | None = None
        self._keepers: list[Callable[[], Awaitable[None]]] = []
        self._stoppers: list[Callable[[], Awaitable[None]]] = []
        self._storing = asyncio.Lock()
        self._tasks = Tasks(lambda reason: log.debug("not sent: %s", reason))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._send_soon)

    # What the link calls

    def connect_to(self, sender: Sender, files: Files | None = None) -> None:
        """Send commands through `sender` from now on, and files through `files`."""
        self._sender = sender
        self._files = files

    def set_link(self, up: bool) -> None:
        """The link is lost, or back; a `Desk` brings it up by itself."""
        if up == self.link_up:
            return
        self.link_up = up
        self.link_lost_at = None if up else self.now()
        self._behind = self._behind or not up
        self.changed.emit(Changed("link"))

    def receive(self, event: wire.Event) -> None:
        """Take in what the server said, in the order it was said."""
        match event:
            case wire.Welcome():
                self.site = event.site
            case wire.Desk():
                self._replace(event)
            case wire.Change():
                self._follow(event)
            case wire.Queues():
                self._heard = (event.now, self._monotonic())
                self.queue_status = event.queues
                self.changed.emit(Changed("queues"))
            case wire.Notice():
                self._notice = event.text
                self.changed.emit(Changed("notice"))
            case wire.Figures() | wire.FiguresChange():
                self._heard = (event.now, self._monotonic())
                self.told.emit(event)
            case wire.MailNews():
                self.mail_news.emit(event)
            case wire.SentNews():
                self.sent_news.emit(event)
            case wire.LoggedOut():
                self.leave(said(event.reason))
            case _:
                log.debug("nothing to do for %s", type(event).__name__)

    def leave(self, reason: str) -> None:
        """Nobody is logged in any more; what was typed is kept for the same person's return."""
        if self.agent is None:
            return
        self.agent = None
        self.contacts = {}
        self._following.clear()
        self.queue_status = []
        self._previewed = None
        self._notice = None
        self._behind = True
        self.changed.emit(Changed("desk", why="logged out"))
        self.logged_out.emit(reason)

    async def stop(self) -> None:
        """End what is under way."""
        self._pause.stop()
        for stop in self._stoppers:
            await stop()
        await self._tasks.stop()

    # What the windows call

    @property
    def notice(self) -> str:
        """What the server has to say while it lasts; empty where there is nothing."""
        return said(self._notice)

    @property
    def previewed(self) -> int | None:
        """The waiting contact that was looked at last."""
        return None if self._previewed is None else self._previewed.id

    def now(self) -> datetime:
        """The server's clock, estimated from its last message; good to the link's delay."""
        heard, at = self._heard
        return heard + timedelta(seconds=self._monotonic() - at)

    def value(self, contact: int, key: str) -> str:
        """What stands in a field: what was typed last, else what the server has."""
        typed = self.typed.get(contact, {})
        if key in typed:
            return typed[key]
        held = self.contacts.get(contact)
        return next((field.value for field in held.fields if field.key == key), "") if held else ""

    def edit(self, contact: int, key: str, value: str) -> None:
        """Remember what was typed at once, and send it when the typing pauses."""
        if contact not in self.contacts or self.value(contact, key) == value:
            return
        self.typed.setdefault(contact, {})[key] = value
        self._pause.start(EDIT_PAUSE_MS)

    async def activate(self) -> None:
        """Be ready for contacts; ends a wrap-up."""
        await self._store_wrap_up()
        await self.ask(wire.Activate(request=0))

    async def pause(self, activity: str = "") -> None:
        """Get no more contacts; during a contact it takes effect at its end (AG-2)."""
        await self._store_wrap_up()
        await self.ask(wire.Pause(request=0, activity=activity))

    async def accept(self, contact: int) -> None:
        """Take the booked contact in hand."""
        await self.ask(wire.Accept(request=0, contact=contact))

    async def decline(self, contact: int) -> None:
        """Let the booked contact go back to its place."""
        await self.ask(wire.Decline(request=0, contact=contact))

    async def park(self, contact: int) -> None:
        """Lay it aside, with what was typed."""
        await self._store(contact)
        await self.ask(wire.Park(request=0, contact=contact))

    async def resume(self, contact: int) -> None:
        """Take a parked contact in hand again; ends a wrap-up."""
        await self._store_wrap_up()
        await self.ask(wire.Resume(request=0, contact=contact))

    async def requeue(
        self, contact: int, queue: str = "", colleague: str = "", note: str = ""
    ) -> None:
        """Give it to a queue or a colleague, with what was typed."""
        await self._store(contact)
        await self.ask(
            wire.Requeue(request=0, contact=contact, queue=queue, colleague=colleague, note=note)
        )

    async def end(self, contact: int) -> None:
        """End it; what was typed last goes along in the same transaction."""
        async with self._storing:
            values = dict(self.typed.get(contact, {}))
            self._ending.add(contact)
            try:
                await self.ask(wire.End(request=0, contact=contact, values=values))
            except Refused:
                self._ending.discard(contact)
                raise
            self._ending.discard(contact)
            self._stored(contact, values)

    async def extend_wrap_up(self) -> None:
        """Let the wrap-up last longer."""
        await self.ask(wire.ExtendWrapUp(request=0))

    async def explain(self, contact: int, agent: str = "") -> list[str]:
        """Why the contact is where it is, or why this agent has it or not, in sentences (RO-11)."""
        answer = await self.ask(wire.Explain(request=0, contact=contact, agent=agent))
        sentences = answer.sentences if isinstance(answer, wire.Explained) else []
        return [said(sentence) for sentence in sentences]

    async def choose_work_level(self, work_level: str) -> None:
        """Serve this named set of queues from now on (RO-4b)."""
        await self.ask(wire.ChooseWorkLevel(request=0, work_level=work_level))

    async def log_in_to_queue(self, queue: str, logged_in: bool, agent: str = "") -> None:
        """Serve a queue or list, or no longer; a supervisor may name another agent (PU-2)."""
        await self.ask(wire.LogInToQueue(request=0, queue=queue, logged_in=logged_in, agent=agent))

    async def look(self, queue: str = "", personal: str = "", start: int = 0) -> wire.Looked:
        """What waits in a queue or list, or for one person alone; neither: for this agent alone.

        So many as `start` says are passed by.
        """
        own = self.agent.login if self.agent is not None and not queue else ""
        look = wire.Look(request=0, queue=queue, personal=personal or own, start=start)
        answer = await self.ask(look)
        assert isinstance(answer, wire.Looked)
        return answer

    async def preview(self, contact: int) -> wire.Contact:
        """A waiting contact as it would be in hand; raises Refused where it no longer waits."""
        answer = await self.ask(wire.Preview(request=0, contact=contact))
        assert isinstance(answer, wire.Previewed)
        self._previewed = answer.contact
        self.looked_at.emit(contact)
        return answer.contact

    async def pick(self, contact: int) -> None:
        """Take a waiting contact in hand (RO-7); ends a wrap-up."""
        await self._store_wrap_up()
        await self.ask(wire.Pick(request=0, contact=contact))

    async def move(self, contact: int, queue: str = "", colleague: str = "") -> None:
        """Let a waiting contact wait elsewhere, with its age (PU-2)."""
        await self.ask(wire.Move(request=0, contact=contact, queue=queue, colleague=colleague))

    async def prioritise(self, contact: int, first: bool = True) -> None:
        """Let a waiting contact go before all others of its place, or in its order again."""
        await self.ask(wire.Prioritise(request=0, contact=contact, first=first))

    async def close(self, contact: int, reason: str) -> None:
        """End a waiting contact that nobody handled (WI-7)."""
        await self.ask(wire.Close(request=0, contact=contact, reason=reason))

    async def look_into_quarantine(self, after: int = 0) -> wire.Quarantined:
        """What went no further, behind this mail; at first also what was not delivered (EM-2)."""
        answer = await self.ask(wire.LookIntoQuarantine(request=0, after=after))
        assert isinstance(answer, wire.Quarantined)
        return answer

    async def retry_quarantined(self, mails: list[int]) -> None:
        """Let quarantined mails be analysed again."""
        await self.ask(wire.RetryMails(request=0, mails=mails))

    async def discard_quarantined(self, mails: list[int]) -> None:
        """Clear quarantined mails that nobody needs."""
        await self.ask(wire.DiscardMails(request=0, mails=mails))

    async def send_undelivered_again(self, outgoing: int) -> None:
        """Send a mail once more to whom it did not reach (EM-10)."""
        await self.ask(wire.SendAgain(request=0, outgoing=outgoing))

    async def quarantined_source(self, mail: int, most: int) -> bytes:
        """The first bytes of a quarantined mail, as it was fetched."""
        return await self.files.quarantined_source(mail, most)

    async def export_quarantined(self, mail: int, to: Path) -> None:
        """Save a quarantined mail as it was fetched."""
        await self.files.export_quarantined(mail, to)

    async def watch(self) -> None:
        """Be told the figures, and what changes in them."""
        await self.ask(wire.Watch(request=0))

    async def unwatch(self) -> None:
        """Be told no more figures."""
        await self.ask(wire.Unwatch(request=0))

    async def attachment(
        self, contact: int, position: int, progress: Progress | None = None
    ) -> Path:
        """Fetch an attachment into a private file that lives as long as the program."""
        held = self.contacts.get(contact)
        if held is None and self._previewed is not None and self._previewed.id == contact:
            held = self._previewed
        found = [a for a in held.attachments if a.position == position] if held else []
        if not found:
            raise Refused(self.tr("This attachment is no longer here."), "not-found")
        return await self.files.attachment(contact, found[0], progress)

    async def change_password(self, old: str, new: str) -> None:
        """Set a new password; the old one proves who asks. Every other log-in of theirs ends."""
        login = self.agent.login if self.agent is not None else ""
        await self.ask(wire.ChangePassword(request=0, old=old, new=new))
        with suppress(Trouble):  # the change ended this log-in too; at worst it is asked for again
            await self.ask(wire.LogIn(request=0, login=login, password=new))

    async def flush(self) -> None:
        """Send all that was typed, now."""
        self._pause.stop()
        for contact in list(self.typed):
            await self._store(contact)
        for store in self._keepers:
            await store()

    def keep(
        self, store: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]
    ) -> None:
        """Something else lives as long: `store` what was typed into it, `stop` what it does."""
        self._keepers.append(store)
        self._stoppers.append(stop)

    async def log_out(self) -> None:
        """Store what was typed, then go; parked contacts stay (AG-2)."""
        await self.flush()
        await self.ask(wire.LogOut(request=0))
        self.leave("")

    # Commands

    @property
    def files(self) -> Files:
        """What carries files; raises LinkDown where there is no link at all."""
        if self._files is None:
            raise LinkDown(self.tr("There is no link to the server."))
        return self._files

    def _link(self) -> Sender:
        if self._sender is None:
            raise LinkDown(self.tr("There is no link to the server."))
        return self._sender

    async def ask(self, command: wire.Command) -> wire.Event:
        """Send a command, and return what answers it; raises Refused or LinkDown."""
        answer = await self._link().ask(command)
        if isinstance(answer, wire.Refusal):
            raise Refused(self._sentence(answer, command), answer.code)
        return answer

    def _sentence(self, refusal: wire.Refusal, command: wire.Command) -> str:
        """The server's reason, or ours where this side knows better what to do."""
        match refusal.code:
            case "illegal-move" | "not-found" if isinstance(command, ABOUT_WAITING):
                return self.tr(
                    "This contact no longer waits here: somebody took it, or it was moved."
                )
            case "illegal-move" | "not-found" if not isinstance(
                command, (*ABOUT_NO_CONTACT, *ABOUT_MAIL)
            ):
                return self.tr(
                    "This contact is no longer where it was. What you see now is how it is."
                )
            case "unavailable":
                return self.tr(
                    "The server cannot do this at present. Nothing was changed; try again soon."
                )
            case _:
                return said(refusal.reason)

    # What the server said

    def _replace(self, desk: wire.Desk) -> None:
        self._heard = (desk.now, self._monotonic())
        self._number = desk.number
        self._behind = False
        self.agent = desk.agent
        self._following = set(desk.following)
        self.contacts = {contact.id: contact for contact in desk.contacts} | {
            number: contact  # as it was, until it comes anew
            for number, contact in self.contacts.items()
            if number in self._following
        }
        self.activities = desk.activities
        self.queues = desk.queues
        self.waiting_lists = desk.waiting_lists
        self.colleagues = desk.colleagues
        self._notice = desk.unavailable
        if self._typed_by != desk.agent.login:
            self._typed_by = desk.agent.login
            self.typed.clear()
            self._rejected.clear()
        lost = self._forget_typed_by_the_gone()
        self._ending.clear()
        self.set_link(True)
        self.changed.emit(Changed("desk", why="logged in"))
        self._say_not_stored(lost)
        if self.typed:
            self._pause.start(EDIT_PAUSE_MS)

    def _follow(self, change: wire.Change) -> None:
        if self._behind or change.number != self._number + 1:
            self._catch_up()
            return
        self._heard = (change.now, self._monotonic())
        self._number = change.number
        self.agent = change.agent
        self._following.difference_update(change.gone)
        for contact in change.gone:
            self.contacts.pop(contact, None)
        if change.contact is not None:
            self._following.discard(change.contact.id)
            self.contacts[change.contact.id] = change.contact
        lost = self._forget_typed_by_the_gone()
        for contact in change.gone:
            self.changed.emit(Changed("contact", contact, change.why))
        if change.contact is not None:
            self.changed.emit(Changed("contact", change.contact.id, change.why))
        self.changed.emit(Changed("agent", why=change.why))
        self._say_not_stored(lost)

    def _catch_up(self) -> None:
        """Ask for everything anew: a change is missing."""
        self._behind = True
        if self.link_up and not self._tasks.is_running("resync"):
            log.warning("a change is missing after %s, asking for everything", self._number)
            self._tasks.start(self.ask(wire.Resync(request=0)), name="resync")

    # What was typed

    def _forget_typed_by_the_gone(self) -> list[int]:
        here = self.contacts.keys() | self._following
        gone = [contact for contact in self.typed if contact not in here]
        for contact in gone:
            del self.typed[contact]
            self._rejected.pop(contact, None)
        return [contact for contact in gone if contact not in self._ending]

    def _say_not_stored(self, contacts: list[int]) -> None:
        for contact in contacts:
            self.refused.emit(
                contact,
                self.tr("The contact left this desk before what you typed last was stored."),
            )

    def _send_soon(self) -> None:
        if self.link_up:
            self._tasks.start(self._store_all())

    async def _store_all(self) -> None:
        for contact in list(self.typed):
            try:
                await self._store(contact)
            except Refused as refusal:
                if refusal.code == "unavailable":
                    self._pause.start(RETRY_PAUSE_MS)
                    return
                self.refused.emit(contact, refusal.reason)

    async def _store(self, contact: int) -> None:
        """Send what was typed of one contact; raises Refused where any of it is not taken."""
        async with self._storing:
            rejected = self._rejected.get(contact, {})
            typed = self.typed.get(contact, {})
            values = {key: text for key, text in typed.items() if rejected.get(key) != text}
            if values:
                await self._send(contact, values)

    async def _store_wrap_up(self) -> None:
        """What was typed into the ended contact is stored before its wrap-up ends."""
        if self.agent is not None and self.agent.wrap_up_contact is not None:
            await self._store(self.agent.wrap_up_contact)

    async def _send(self, contact: int, values: dict[str, str]) -> None:
        try:
            await self.ask(wire.Edit(request=0, contact=contact, values=values))
        except Refused as refusal:
            if refusal.code == "unavailable":
                raise
            if len(values) > 1:
                await self._send_each(contact, values)
                return
            self._rejected.setdefault(contact, {}).update(values)
            raise
        self._stored(contact, values)

    async def _send_each(self, contact: int, values: dict[str, str]) -> None:
        """One by one, so that one bad value keeps no other from being stored."""
        refusal: Refused | None = None
        for key, value in values.items():
            try:
                await self._send(contact, {key: value})
            except Refused as refused:
                refusal = refused
        if refusal is not None:
            raise refusal

    def _stored(self, contact: int, values: dict[str, str]) -> None:
        """These values are the server's now; what was typed since then stays a draft."""
        typed = self.typed.get(contact, {})
        for key, value in values.items():
            if typed.get(key) == value:
                del typed[key]
        if not typed:
            self.typed.pop(contact, None)
        held = self.contacts.get(contact)
        if held is not None:
            self.contacts[contact] = msgspec.structs.replace(
                held,
                fields=[
                    msgspec.structs.replace(field, value=values.get(field.key, field.value))
                    for field in held.fields
                ],
            )

"""Mails that are being written at this desk: kept at once, stored when the typing pauses.

No widget here. Nothing typed is lost by a lost link, by another contact, or by the end of this
program: the drafts are the server's, and what it does not have yet goes along when it is back.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from ace_agent.sentences import filled
from ace_agent.session import EDIT_PAUSE_MS, RETRY_PAUSE_MS, Changed, LinkDown, Refused, Session
from ace_agent.tasks import Tasks, Trouble
from ace_server import wire
from ace_server.wire import Attachment, Draft, DraftHead, OutgoingMail, Writing

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Written:
    """One draft that is open here."""

    draft: Draft  # as it is typed
    stored: Draft  # as the server has it
    files: list[Attachment]
    senders: list[str]  # that From may be, the preset one first
    templates: list[wire.Template]
    begun: tuple[Draft, int] | None  # as it was composed, with how many files; None: gone on with
    stored_at: datetime | None = None
    rejected: Draft | None = None  # what the server did not take: not sent again
    trouble: str = ""  # why it is not stored, or not sent
    sending: dict[str, int] = field(default_factory=dict)  # files under way, and their percent
    is_closing: bool = False  # being sent or thrown away: nothing is typed any more

    @property
    def is_stored(self) -> bool:
        """Whether the server has all that was typed."""
        return self.draft == self.stored

    @property
    def is_touched(self) -> bool:
        """Whether anybody wrote anything into it."""
        if self.begun is None or self.sending:
            return True
        draft, files = self.begun
        return self.draft != draft or len(self.files) != files


class Drafts(QObject):
    """All that this person writes, and what was just sent and can still be taken back."""

    changed = Signal(int)
    """This draft is open, closed, stored or not; or its files are others."""

    listed = Signal()
    """There are other drafts about a contact, or something else can be undone."""

    @classmethod
    def of(cls, session: Session) -> "Drafts":
        """Those of this session, which outlive a window that is made anew."""
        return session.findChild(cls) or cls(session)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.open: dict[int, Written] = {}
        self._heads: dict[int, DraftHead] = {}
        self._just_sent: list[OutgoingMail] = []  # the last is undone first
        self._whose = ""
        self._storing = asyncio.Lock()
        self._tasks = Tasks(lambda reason: log.debug("a draft was not stored: %s", reason))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._store_soon)
        session.changed.connect(self._follow)
        session.mail_news.connect(self._take_news)
        session.keep(self.flush, self.stop)

    def about(self, contact: int) -> list[DraftHead]:
        """What is not sent yet about this contact, the oldest first."""
        heads = dict(self._heads)
        heads |= {number: head(one) for number, one in self.open.items()}
        return [one for _, one in sorted(heads.items()) if one.contact == contact]

    def undoable(self, now: datetime) -> OutgoingMail | None:
        """What was sent last and can still be taken back."""
        self._just_sent = [one for one in self._just_sent if one.due_at > now]
        return self._just_sent[-1] if self._just_sent else None

    def learn(self, mail: wire.Mail) -> None:
        """The drafts about a contact, as the server has them."""
        others = {n: one for n, one in self._heads.items() if one.contact != mail.contact}
        self._heads = others | {one.id: one for one in mail.drafts}
        self.listed.emit()

    # What a person does; each raises Refused or LinkDown

    async def compose(self, kind: Writing, contact: int | None = None) -> int:
        """Begin a mail; returns the number of its draft."""
        answer = await self._session.ask(wire.Compose(request=0, kind=kind, contact=contact))
        return self._take(answer, is_new=True)

    async def go_on(self, draft: int) -> None:
        """Open a draft, unless it is open already."""
        if draft not in self.open:
            self._take(await self._session.ask(wire.OpenDraft(request=0, draft=draft)))

    async def list_all(self) -> list[DraftHead]:
        """Every draft of this person, the last one stored first."""
        await self._try_to_flush()
        answer = await self._session.ask(wire.ListDrafts(request=0))
        assert isinstance(answer, wire.DraftsListed)
        return sorted(answer.drafts, key=lambda one: one.saved_at, reverse=True)

    def write(self, number: int, **typed: str) -> None:
        """Remember what was typed at once, and store it when the typing pauses."""
        one = self.open.get(number)
        if one is None or one.is_closing:
            return
        draft = msgspec.structs.replace(one.draft, **{k: v[: MOST[k]] for k, v in typed.items()})
        if draft != one.draft:
            one.draft, one.trouble = draft, ""
            self._pause.start(EDIT_PAUSE_MS)
            self.changed.emit(number)

    async def attach(self, number: int, files: Sequence[Path]) -> None:
        """Send these files along, one after the other; none that is too large is begun."""
        sizes = await asyncio.to_thread(lambda: [file.stat().st_size for file in files])
        for file, size in zip(files, sizes, strict=True):
            if size > wire.MOST_DRAFT_FILE:
                text = self.tr("%1 was not attached: a file may have at most 35 MB.")
                raise Refused(text.replace("%1", file.name), "too-large")
        one = self.open[number]
        one.sending |= {file.name: 0 for file in files}
        self.changed.emit(number)
        try:
            for file in files:
                await self._attach(number, one, file)
        finally:
            for file in files:
                one.sending.pop(file.name, None)
            self.changed.emit(number)

    async def detach(self, number: int, position: int) -> None:
        """Take a file out again."""
        command = wire.Detach(request=0, draft=number, position=position)
        answer = await self._session.ask(command)
        assert isinstance(answer, wire.Attached)
        self._have(number, answer)

    async def send(self, number: int) -> OutgoingMail:
        """Send it as it is typed; it is closed here once the server has it in its outbox."""
        one = self.open[number]
        if one.sending:
            raise Refused(self.tr("A file is still on its way; send when it is there."))
        async with self._closing(number):
            answer = await self._session.ask(wire.SendMail(request=0, draft=one.draft))
        assert isinstance(answer, wire.MailQueued)
        self._close(number)
        self._just_sent.append(answer.outgoing)
        self.listed.emit()
        return answer.outgoing

    async def undo(self, outgoing: OutgoingMail) -> int:
        """Take it back before anybody has heard of it; returns the number of its draft."""
        answer = await self._session.ask(wire.UndoSend(request=0, outgoing=outgoing.id))
        self._just_sent = [one for one in self._just_sent if one.id != outgoing.id]
        number = self._take(answer)
        self.listed.emit()
        return number

    async def write_again(self, outgoing: OutgoingMail) -> int:
        """Begin a draft as this mail was typed; returns its number.

        Whoever asks is sure where it may have been sent.
        """
        command = wire.WriteAgain(request=0, outgoing=outgoing.id, sure=True)
        number = self._take(await self._session.ask(command))
        self.listed.emit()
        return number

    async def discard(self, number: int) -> None:
        """Throw it away."""
        async with self._closing(number):
            await self._session.ask(wire.DiscardDraft(request=0, draft=number))
        self._close(number)

    async def put_aside(self, number: int) -> None:
        """Close it here and keep it; one that nobody wrote into goes away."""
        one = self.open.get(number)
        if one is None:
            return
        if not one.is_touched:
            await self.discard(number)
            return
        async with self._storing:
            await self._store(one)
        self._heads[number] = head(one)
        del self.open[number]
        self.changed.emit(number)

    async def flush(self) -> None:
        """Store all that was typed, now."""
        self._pause.stop()
        async with self._storing:
            for one in [*self.open.values()]:
                await self._store(one)

    async def stop(self) -> None:
        """End what is under way."""
        self._pause.stop()
        await self._tasks.stop()

    # What the server said

    def _take(self, answer: wire.Event, *, is_new: bool = False) -> int:
        assert isinstance(answer, wire.Composed)
        draft = answer.draft
        self.open[draft.id] = Written(
            draft=draft,
            stored=draft,
            files=answer.files,
            senders=answer.senders,
            templates=answer.templates,
            begun=(draft, len(answer.files)) if is_new else None,
        )
        self.changed.emit(draft.id)
        return draft.id

    def _have(self, number: int, attached: wire.Attached) -> None:
        one = self.open.get(number)
        if one is not None:
            one.files = attached.files
            self.changed.emit(number)

    def _close(self, number: int) -> None:
        self.open.pop(number, None)
        self._heads.pop(number, None)
        self.changed.emit(number)

    def _follow(self, changed: Changed) -> None:
        if changed.what != "desk" or self._session.agent is None:
            return
        login = self._session.agent.login
        if login != self._whose:
            closed, self._whose = [*self.open], login
            self.open.clear()
            self._heads.clear()
            self._just_sent.clear()
            for number in closed:
                self.changed.emit(number)
            self.listed.emit()
        if any(not one.is_stored for one in self.open.values()):
            self._pause.start(EDIT_PAUSE_MS)

    def _take_news(self, news: wire.MailNews) -> None:
        """What is no longer queued can no longer be taken back."""
        moved = {one.id for one in news.outgoing if one.state != "queued"}
        self._just_sent = [one for one in self._just_sent if one.id not in moved]
        self.listed.emit()

    # Storing

    def _store_soon(self) -> None:
        if self._session.link_up:
            self._tasks.start(self._store_all())

    async def _store_all(self) -> None:
        async with self._storing:
            for one in [*self.open.values()]:
                try:
                    await self._store(one)
                except LinkDown:
                    return  # a `Desk` comes when it is back, and the drafts with it
                except Refused as refusal:
                    if refusal.code == "unavailable":
                        self._pause.start(RETRY_PAUSE_MS)

    async def _try_to_flush(self) -> None:
        """What cannot be stored now says so where it is written."""
        try:
            await self.flush()
        except Trouble as trouble:
            log.debug("not stored: %s", trouble.reason)

    async def _store(self, one: Written) -> None:
        draft = one.draft
        if one.is_stored or one.is_closing or draft == one.rejected:
            return
        try:
            await self._session.ask(wire.SaveDraft(request=0, draft=draft))
        except Refused as refusal:
            one.trouble = refusal.reason
            if refusal.code != "unavailable":
                one.rejected = draft
            self.changed.emit(draft.id)
            raise
        one.stored, one.stored_at, one.trouble = draft, self._session.now(), ""
        self.changed.emit(draft.id)

    @asynccontextmanager
    async def _closing(self, number: int) -> AsyncIterator[None]:
        """Nothing is stored meanwhile: it could come after what closes the draft."""
        one = self.open.get(number)
        async with self._storing:
            if one is not None:
                one.is_closing = True
                self.changed.emit(number)
            try:
                yield
            except BaseException:
                if one is not None:
                    one.is_closing = False
                    self.changed.emit(number)
                raise

    async def _attach(self, number: int, one: Written, file: Path) -> None:
        def progress(gone: int, whole: int) -> None:
            one.sending[file.name] = gone * 100 // whole if whole else 100
            self.changed.emit(number)

        try:
            self._have(number, await self._session.files.attach(number, file.name, file, progress))
        except Trouble as trouble:
            text = self.tr("%1 was not attached. %2")
            raise Refused(filled(text, file.name, trouble.reason)) from trouble


MOST = {
    "sender": 1000,
    "to": wire.MOST_ADDRESSES,
    "cc": wire.MOST_ADDRESSES,
    "bcc": wire.MOST_ADDRESSES,
    "subject": 2000,
    "text": wire.LONGEST_MAIL,
}
"""Characters of each part of a draft, as the wire takes them."""


def head(one: Written) -> DraftHead:
    """A draft as a list shows it."""
    draft = one.draft
    return DraftHead(
        id=draft.id,
        kind=draft.kind,
        contact=draft.contact,
        subject=draft.subject,
        to=draft.to,
        saved_at=one.stored_at or EARLIEST,
    )


EARLIEST = datetime.min.replace(tzinfo=UTC)
"""For a draft that was not stored since it was opened: nobody is told when."""

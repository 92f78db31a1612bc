"""Mails that are being written at this desk: kept at once, stored when the typing pauses.

No widget here. Nothing typed is lost by a lost link, by another contact, or by the end of this
program: the drafts are the server's, and what it does not have yet goes along when it is back.
"""

import asyncio
import itertools
import logging
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from ace_agent.sentences import filled
from ace_agent.session import EDIT_PAUSE_MS, RETRY_PAUSE_MS, Changed, LinkDown, Refused, Session
from ace_agent.tasks import Tasks, Trouble
from ace_agent.written import MOST, Sending, Written, head
from ace_server import wire
from ace_server.wire import DraftHead, OutgoingMail, Writing

log = logging.getLogger(__name__)


class Drafts(QObject):
    """All that this person writes, and what was just sent and can still be taken back."""

    changed = Signal(int)
    """This draft is open, closed, stored or not; or its files are others."""

    listed = Signal()
    """There are other drafts about a contact, or something else can be undone."""

    gone = Signal(int)
    """A draft about this contact is not the server's any more: it was sent, or thrown away."""

    @classmethod
    def of(cls, session: Session) -> "Drafts":
        """Those of this session, which outlive a window that is made anew."""
        return session.findChild(cls) or cls(session)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.open: dict[int, Written] = {}
        self.shown: int | None = None  # the one that is in front
        self._heads: dict[int, DraftHead] = {}
        self._sending: dict[int, Sending] = {}  # also of drafts that are not open now
        self._places = itertools.count()
        self._just_sent: list[OutgoingMail] = []  # the last is undone first
        self._whose = ""
        self._storing = asyncio.Lock()
        self._tasks = Tasks(lambda reason: log.debug("a draft was not stored: %s", reason))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._store_soon)
        session.changed.connect(self._follow)
        session.mail_news.connect(self._take_news)
        session.keep(self.leave, self.stop)

    def about(self, contact: int) -> list[DraftHead]:
        """What is not sent yet about this contact, the oldest first."""
        heads = dict(self._heads)
        heads |= {number: head(one) for number, one in self.open.items()}
        return [one for _, one in sorted(heads.items()) if one.contact == contact]

    def undoable(self, now: datetime) -> OutgoingMail | None:
        """What was sent last and can still be taken back."""
        self._just_sent = [one for one in self._just_sent if one.due_at > now]
        return self._just_sent[-1] if self._just_sent else None

    @property
    def only_here(self) -> list[Written]:
        """What the server does not take, or cannot get now: it is lost when this program ends."""
        is_up = self._session.link_up
        unstored = [one for one in self.open.values() if not one.is_stored]
        return [one for one in unstored if one.rejected is not None or not is_up]

    def learn(self, mail: wire.Mail) -> None:
        """The drafts about a contact, as the server has them."""
        others = {n: one for n, one in self._heads.items() if one.contact != mail.contact}
        self._heads = others | {one.id: one for one in mail.drafts}
        self._learn_of(mail.outgoing)

    def show(self, number: int | None) -> None:
        """This one is in front now; the others are in lists."""
        if number != self.shown:
            self.shown = number
            self.listed.emit()

    # What a person does; each raises Refused or LinkDown

    async def compose(self, kind: Writing, contact: int | None = None) -> int:
        """Begin a mail, or go on with the one that is open; returns the number of its draft."""
        number = self._open_one(kind, contact)
        if number is not None:
            return number
        answer = await self._session.ask(wire.Compose(request=0, kind=kind, contact=contact))
        return self._take(answer, is_new=True)

    async def go_on(self, draft: int) -> None:
        """Open a draft, unless it is open already."""
        if draft in self.open:
            return
        answer = await self._session.ask(wire.OpenDraft(request=0, draft=draft))
        if draft not in self.open:  # else it was opened meanwhile, and is typed into
            self._take(answer)

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
        """Send these files along, one after the other; all of them can be read, or none goes."""
        sizes = await asyncio.to_thread(lambda: [_size(file) for file in files])
        for file, size in zip(files, sizes, strict=True):
            self._demand_fit(file, size)
        one = self.open.get(number)
        if one is None or one.is_closing:
            text = self.tr("Nothing was attached: this draft was closed meanwhile.")
            raise Refused(text, "gone")
        going, places = one.sending, [next(self._places) for _ in files]
        going |= {place: (file.name, 0) for place, file in zip(places, files, strict=True)}
        self.changed.emit(number)
        try:
            for place, file in zip(places, files, strict=True):
                await self._attach(number, going, place, file)
        finally:
            for place in places:
                going.pop(place, None)
            self.changed.emit(number)

    def _demand_fit(self, file: Path, size: int | None) -> None:
        if size is None:
            text = self.tr("%1 was not attached: it is no file, or cannot be read.")
            raise Refused(text.replace("%1", file.name))
        if size > wire.MOST_DRAFT_FILE:
            text = self.tr("%1 was not attached: a file may have at most 35 MB.")
            raise Refused(text.replace("%1", file.name), "too-large")

    async def detach(self, number: int, position: int) -> None:
        """Take a file out again."""
        command = wire.Detach(request=0, draft=number, position=position)
        answer = await self._session.ask(command)
        assert isinstance(answer, wire.Attached)
        self._have(number, answer)

    async def send(self, number: int) -> OutgoingMail | None:
        """Send it as it is typed; it is closed here once the server has it in its outbox.

        None: it is closed, or being closed, already.
        """
        one = self.open.get(number)
        if one is None or one.is_closing:
            return None
        if one.sending:
            raise Refused(self.tr("A file is still on its way; send when it is there."))
        try:
            async with self._closing(one):
                outgoing = await self._queue(one)
        except Refused as refusal:
            if refusal.code == GONE:
                self._lose(one)
            raise
        self._sent(number, outgoing)
        return outgoing

    async def undo(self, outgoing: OutgoingMail) -> int:
        """Take it back before anybody has heard of it; returns the number of its draft."""
        try:
            answer = await self._session.ask(wire.UndoSend(request=0, outgoing=outgoing.id))
        except Refused as refusal:
            if refusal.code == "too-late":
                self._not_undoable(outgoing)
            raise
        self._not_undoable(outgoing)
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
        """Throw it away; what the server does not have any more is closed here, too."""
        one = self.open.get(number)
        if one is None or one.is_closing:
            return
        try:
            async with self._closing(one):
                await self._session.ask(wire.DiscardDraft(request=0, draft=number))
        except Refused as refusal:
            if refusal.code != GONE:
                raise
            self._forget(one)
            if one.tried is not None:  # it may have left: that must not go unsaid
                raise
        self._close(number)

    async def put_aside(self, number: int) -> None:
        """Close it here and keep it; one that nobody wrote into goes away."""
        one = self.open.get(number)
        if one is None or one.is_closing:
            return
        if not one.is_touched:
            await self.discard(number)
            return
        async with self._closing(one):
            await self._store(one)
        self._heads[number] = head(one)
        self.open.pop(number, None)
        self.changed.emit(number)

    async def flush(self) -> None:
        """Store all that was typed, now; what is not taken keeps nothing else from it.

        Raises LinkDown, and Refused, which names the first draft that is not taken.
        """
        self._pause.stop()
        refused: Refused | None = None
        async with self._storing:
            for one in [*self.open.values()]:
                try:
                    await self._store(one)
                except Refused as refusal:
                    reason = self._not_stored(one.draft, refusal.reason)
                    refused = refused or Refused(reason, refusal.code)
        if refused is not None:
            raise refused

    def _not_stored(self, draft: wire.Draft, why: str) -> str:
        if not draft.subject.strip():
            return self.tr("A mail without a subject is not stored. %1").replace("%1", why)
        return filled(self.tr("The mail %1 is not stored. %2"), draft.subject.strip(), why)

    async def leave(self) -> None:
        """Store all that was typed, before its writer logs out; what is empty goes away."""
        await self.flush()
        for number, one in [*self.open.items()]:
            if not one.is_touched:
                await self.discard(number)

    async def stop(self) -> None:
        """End what is under way."""
        self._pause.stop()
        await self._tasks.stop()

    # What the server said

    def _open_one(self, kind: Writing, contact: int | None) -> int | None:
        """What is written of this kind about this contact; about none: what is still empty."""
        for number, one in self.open.items():
            is_such = (one.draft.kind, one.draft.contact) == (kind, contact)
            is_wanted = contact is not None or not one.is_touched
            if is_such and is_wanted and not one.is_closing:
                return number
        return None

    def _take(self, answer: wire.Event, *, is_new: bool = False) -> int:
        assert isinstance(answer, wire.Composed)
        draft = answer.draft
        self.open[draft.id] = Written(
            draft=draft,
            stored=draft,
            files=answer.files,
            senders=answer.senders,
            templates=answer.templates,
            signatures=answer.signatures,
            sending=self._sending.setdefault(draft.id, {}),
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

    def _sent(self, number: int, outgoing: OutgoingMail) -> None:
        """It is in the outbox, and can be taken back for a moment."""
        self._close(number)
        others = [one for one in self._just_sent if one.id != outgoing.id]
        self._just_sent = [*others, outgoing]
        self.listed.emit()

    def _not_undoable(self, outgoing: OutgoingMail) -> None:
        self._just_sent = [one for one in self._just_sent if one.id != outgoing.id]
        self.listed.emit()

    def _forget(self, one: Written) -> None:
        """The server does not have it any more, nor need it be here."""
        self._close(one.draft.id)
        if one.draft.contact is not None:
            self.gone.emit(one.draft.contact)

    def _lose(self, one: Written) -> None:
        """The server does not have it any more; what it never had stays to be read and copied."""
        if one.is_stored or one.draft == one.tried:
            self._forget(one)
            return
        why = self.tr(
            "This draft was sent or thrown away before; what you typed since is only here."
        )
        one.rejected, one.why_rejected, one.trouble = one.draft, why, why
        self.changed.emit(one.draft.id)

    def _follow(self, changed: Changed) -> None:
        if changed.what != "desk" or self._session.agent is None:
            return
        login = self._session.agent.login
        if login != self._whose:
            closed, self._whose = [*self.open], login
            self.open.clear()
            self._heads.clear()
            self._sending.clear()
            self._just_sent.clear()
            for number in closed:
                self.changed.emit(number)
            self.listed.emit()
        if any(not one.is_stored for one in self.open.values()):
            self._pause.start(EDIT_PAUSE_MS)
        if self.open or self._heads:
            self._tasks.start(self._compare())

    async def _compare(self) -> None:
        """The link was lost: what the server does not have any more is not written here, either."""
        before = {*self.open, *self._heads}
        answer = await self._session.ask(wire.ListDrafts(request=0))
        assert isinstance(answer, wire.DraftsListed)
        for number in before - {one.id for one in answer.drafts}:
            self._heads.pop(number, None)
            one = self.open.get(number)
            if one is not None and not one.is_closing:
                await self._find_out(one)
        self.listed.emit()

    async def _find_out(self, one: Written) -> None:
        """Where it left, although nobody heard of it, it can be taken back like any other."""
        if one.draft != one.tried:
            self._lose(one)
            return
        try:
            async with self._closing(one):
                outgoing = await self._queue(one)  # it was: it is not put there twice
        except Refused:
            self._forget(one)
        else:
            self._sent(one.draft.id, outgoing)

    def _take_news(self, news: wire.MailNews) -> None:
        self._learn_of(news.outgoing)

    def _learn_of(self, outgoing: Sequence[OutgoingMail]) -> None:
        """What is no longer queued can no longer be taken back."""
        moved = {one.id for one in outgoing if one.state != "queued"}
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
        """The lock is held: what closes the draft comes before, or after."""
        draft = one.draft
        if one.is_stored:
            return
        if draft == one.rejected:
            one.trouble = one.why_rejected
            self.changed.emit(draft.id)
            raise Refused(one.why_rejected, "rejected")
        try:
            await self._session.ask(wire.SaveDraft(request=0, draft=draft))
        except Refused as refusal:
            one.trouble = refusal.reason
            if refusal.code != "unavailable":
                one.rejected, one.why_rejected = draft, refusal.reason
            self.changed.emit(draft.id)
            raise
        one.stored, one.stored_at, one.trouble = draft, self._session.now(), ""
        self.changed.emit(draft.id)

    async def _queue(self, one: Written) -> OutgoingMail:
        before, one.tried = one.tried, one.draft
        try:
            answer = await self._session.ask(wire.SendMail(request=0, draft=one.draft))
        except Refused:
            one.tried = before
            raise
        assert isinstance(answer, wire.MailQueued)
        return answer.outgoing

    @asynccontextmanager
    async def _closing(self, one: Written) -> AsyncIterator[None]:
        """Nothing is typed meanwhile, nor stored: it could come after what closes the draft."""
        one.is_closing = True
        self.changed.emit(one.draft.id)
        try:
            async with self._storing:
                yield
        except BaseException:
            one.is_closing = False
            self.changed.emit(one.draft.id)
            raise

    async def _attach(self, number: int, going: Sending, place: int, file: Path) -> None:
        def progress(gone: int, whole: int) -> None:
            going[place] = file.name, gone * 100 // whole if whole else 100
            self.changed.emit(number)

        try:
            have = await self._session.files.attach(number, file.name, file, progress)
        except Trouble as trouble:
            text = self.tr("%1 was not attached. %2")
            raise Refused(filled(text, file.name, trouble.reason)) from trouble
        going.pop(place, None)
        self._have(number, have)


def _size(file: Path) -> int | None:
    """Bytes of a file; None where it is none, or cannot be read."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


GONE = "gone"
"""What the server says of a draft that it does not have, or not any more."""

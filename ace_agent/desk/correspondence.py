"""The desk's mail as one object: what is read, what is written below it, what is about to go.

It brings `mails` and `drafts` together with the panes that show them, and does the commands.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from ace_agent.desk import mail_words, signatures, source, times
from ace_agent.desk.attachments import AttachmentsView
from ace_agent.desk.chooser import Chooser
from ace_agent.desk.models import Choice
from ace_agent.desk.shown import one_line
from ace_agent.desk.source import SourceDialog
from ace_agent.desk.undo_bar import UndoBar
from ace_agent.desk.writing import WritingPane
from ace_agent.drafts import Drafts
from ace_agent.loop import closed
from ace_agent.mails import Mails
from ace_agent.session import Changed, Refused, Session
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets.question import Answer, Question, ask
from ace_agent.written import Written, head
from ace_server.wire import Contact, DraftHead, Writing

log = logging.getLogger(__name__)

SHOW, GO_ON = 0, 1
"""The answers to the questions before a contact goes, or the program ends, with a mail unsent."""

KEEP, DISCARD = 0, 1


class Correspondence(QObject):
    """Everything that is done with mail at this desk."""

    changed = Signal()
    """Another draft is shown, or none; or something else can be done."""

    room_wanted = Signal()
    """What is looked at instead is to go: something is written on."""

    contact_wanted = Signal(int)
    """Something about this contact at hand is to be shown."""

    begun = Signal()
    """Somebody begins to write, or goes on."""

    keyboard_free = Signal()
    """What had the keyboard is gone."""

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        commands: Mapping[str, QAction],
        attachments: AttachmentsView,
        host: QWidget,
    ) -> None:
        """`host` is what panels and questions stand on."""
        super().__init__(host)
        self._session, self._tasks, self._commands = session, tasks, commands
        self._attachments, self._host = attachments, host
        self.mails = Mails.of_session(session)
        self.drafts = Drafts.of(session)
        self.pane = WritingPane(commands)
        self.undo_bar = UndoBar(commands["undo-send"])
        self.chooser = Chooser(host)
        self._contact: int | None = None  # the one at hand that is shown
        self._front: int | None = None  # a draft that was opened while another contact is shown
        self._last: dict[int | None, int] = {  # the draft written last about each contact
            one.draft.contact: number for number, one in self.drafts.open.items()
        }
        self._is_hidden = False  # something else is looked at
        self._was_left = False  # what had the keyboard here went away under it
        self._connect()

    # What is shown

    @property
    def written(self) -> Written | None:
        """The draft that is shown."""
        return self.drafts.open.get(self.pane.draft) if self.pane.draft is not None else None

    def show_contact(self, contact: Contact | None) -> None:
        """This contact is at hand: what is written about it comes up again."""
        number = contact.id if contact is not None else None
        if number != self._contact:
            self._contact, self._front = number, None
        self._is_hidden = False
        self._show()

    def keep_in_front(self, contact: int | None) -> None:
        """This contact comes up by itself: whoever writes just now goes on with the same mail."""
        if self.has_keyboard:
            self._contact, self._front = contact, self.pane.draft

    def hide(self) -> None:
        """Something else is looked at; nothing is put aside."""
        self._is_hidden = True
        self.pane.hide()

    def tick(self) -> None:
        """Move the times on."""
        now = self._session.now()
        sent = self.drafts.undoable(now)
        had = self.undo_bar.button.hasFocus()
        self.undo_bar.say(mail_words.can_be_undone(sent, now) if sent else "")
        if self._commands["undo-send"].isEnabled() != (sent is not None):
            self.changed.emit()
        if had and sent is None:
            self.keyboard_free.emit()
        one = self.written
        if one is not None:
            self.pane.show_state(one, now, link_up=self._session.link_up)

    # Commands

    async def compose(self, kind: Writing, contact: int | None = None) -> None:
        """Begin a mail, or go on with the one of this kind, and write it."""
        self._open(await self.drafts.compose(kind, contact))

    async def go_on(self, draft: int) -> None:
        """Open a draft, with the contact that it is about where that is at hand."""
        await self.drafts.go_on(draft)
        self._open(draft)

    def go_on_soon(self, draft: int) -> None:
        """The same, beside everything else."""
        name = f"go on with draft {draft}"
        if not self._tasks.is_running(name):
            self._tasks.start(self.go_on(draft), name=name)

    @property
    def has_open(self) -> bool:
        """Whether anything is written here, seen or not."""
        return bool(self.drafts.open)

    def go_to_writing(self) -> None:
        """Move the keyboard to what is shown, else to what was opened last."""
        if self.written is None and self.has_open:
            self._bring_up([*self.drafts.open][-1])
        self.pane.focus_again()

    async def choose_draft(self) -> None:
        """Offer everything that is not sent yet."""
        heads = await self.drafts.list_all()
        now = self._session.now()
        choices = [
            Choice(each.id, mail_words.draft(each), times.moment(each.saved_at, now))
            for each in heads
        ]
        self.chooser.ask(
            self.tr("Drafts"),
            choices,
            self.tr("There is no draft. What you write and do not send is kept here."),
            self.go_on_soon,
        )

    async def send(self) -> None:
        """Send what is shown, unless something is missing."""
        one = self.written
        if one is None:
            return
        part, why = mail_words.unfit(one.draft)
        if why:
            self.pane.demand(part, why)
            return
        self._was_left = False
        try:
            outgoing = await self.drafts.send(one.draft.id)
        except Refused as refusal:
            self._demand(one, refusal)
            return
        if outgoing is None:
            return
        self.mails.note(outgoing)
        self.tick()
        if self._was_left:  # else the person is elsewhere by now
            self.undo_bar.button.setFocus(Qt.FocusReason.OtherFocusReason)

    async def undo(self) -> None:
        """Take back what was sent last, and go on writing it."""
        outgoing = self.drafts.undoable(self._session.now())
        if outgoing is not None:
            draft = await self.drafts.undo(outgoing)
            self.tick()
            self._open(draft)

    async def discard(self) -> None:
        """Throw away what is shown, after a question where somebody wrote into it."""
        one = self.written
        if one is None:
            return
        if one.is_touched and await ask(self._discard_question(one)) != DISCARD:
            return
        await self.drafts.discard(one.draft.id)

    async def put_aside(self) -> None:
        """Close what is shown, and keep it where somebody wrote into it."""
        if self.pane.draft is not None:
            await self.drafts.put_aside(self.pane.draft)

    async def attach(self) -> None:
        """Ask which files go along, and send them to the draft."""
        one = self.written
        if one is not None and (files := await self._ask_which()):
            self._attach(one.draft.id, files)

    def choose_template(self) -> None:
        """Offer the prepared texts, and put one in where one writes."""
        one = self.written
        if one is None:
            return
        templates = one.templates
        choices = [
            Choice(number, one_line(each.name), one_line(each.text[:200]), each.text[:2000])
            for number, each in enumerate(templates)
        ]
        self.chooser.ask(
            self.tr("Insert a text"),
            choices,
            self.tr("There is no prepared text. Texts are made in the configuration."),
            lambda number: self._insert(one.draft.id, templates[number].text),
        )

    def show_more_recipients(self) -> None:
        """Show Cc and Bcc, or hide them."""
        wanted = self._commands["more-recipients"].isChecked()
        self.pane.show_more(wanted)
        self._commands["more-recipients"].setChecked(self.pane.shows_more)
        if self.pane.shows_more:
            self.pane.lines["cc"].setFocus()

    async def may_leave(self, contact: int, doing: str) -> bool:
        """Ask, where something about this contact is not sent; `doing` is what would be done.

        What nobody wrote into goes away without a question.
        """
        for each in self.drafts.about(contact):
            one = self.drafts.open.get(each.id)
            if one is not None and not one.is_touched:
                await self.drafts.discard(each.id)
        unsent = self.drafts.about(contact)
        if not unsent:
            return True
        answer = await ask(self._leave_question(unsent, doing))
        if answer == SHOW:
            await self.go_on(unsent[-1].id)
        elif answer == GO_ON:
            for each in unsent:
                await self.drafts.put_aside(each.id)
        return answer == GO_ON

    async def may_close(self) -> bool:
        """Ask, where the server does not have what was typed and the program is to end."""
        lost = self.drafts.only_here
        if not lost:
            return True
        answer = await ask(self._lose_question(lost))
        if answer == SHOW:
            await self.go_on(lost[-1].draft.id)
        return answer == GO_ON

    async def did_not_arrive(self, contact: int) -> str:
        """Have the mail sent or fetched again; returns what was done, in a sentence (EM-8)."""
        return mail_words.did_not_arrive(await self.mails.did_not_arrive(contact))

    async def show_source(self, contact: int) -> None:
        """Show the mail as it came, beside the window."""
        mail = self.mails.of(contact)
        if mail is None:
            return
        dialog = SourceDialog(self._tasks, self._attachments.save_as, self._host)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_open = [True]
        dialog.finished.connect(lambda _: is_open.clear())
        dialog.show()

        def progress(come: int, whole: int) -> None:
            if is_open:
                dialog.show_progress(come, whole)

        try:
            path = await self._session.files.source(contact, mail.size, progress)
            beginning, size = await source.read(path)
        except Trouble as trouble:
            if is_open:
                dialog.say(trouble.reason)
            return
        if is_open:
            name = self.tr("mail-%1.eml").replace("%1", str(contact))
            dialog.show_source(path, name, beginning, size)

    # Parts

    def _connect(self) -> None:
        self.mails.read.connect(self.drafts.learn)
        self.drafts.changed.connect(self._follow)
        self.drafts.gone.connect(self._read_anew)
        self.drafts.listed.connect(self._follow_list)
        self._session.changed.connect(self._follow_link)
        self.pane.typed.connect(self._type)
        self.pane.detach_wanted.connect(
            lambda number, place: self._tasks.start(self.drafts.detach(number, place))
        )
        self.pane.files_dropped.connect(self._attach)
        self.pane.picture_pasted.connect(
            lambda number, picture: self._tasks.start(self._attach_picture(number, picture))
        )
        self.pane.left.connect(self._commands["put-aside"].trigger)

    def _show(self) -> None:
        """The draft in front; else what is written about the contact at hand; else about none."""
        open_ones = self.drafts.open
        wanted = (self._front, self._last.get(self._contact), self._last.get(None))
        number = next((n for n in wanted if n is not None and n in open_ones), None)
        had = self.has_keyboard
        is_other = number != self.pane.draft
        self._fill(open_ones[number] if number is not None else None)
        self.drafts.show(number)
        if had and is_other:  # what is typed next would go into another mail
            self._was_left = True
            self.keyboard_free.emit()
        self.changed.emit()

    def _fill(self, one: Written | None) -> None:
        self.pane.show_draft(one, seen=not self._is_hidden)
        if one is not None:
            self.pane.show_state(one, self._session.now(), link_up=self._session.link_up)

    def _open(self, draft: int) -> None:
        """Show a draft, with the keyboard in it; not one that was closed meanwhile."""
        if draft in self.drafts.open:
            self._bring_up(draft)
            self.pane.focus_first()
            self.begun.emit()

    def _bring_up(self, draft: int) -> None:
        about = self.drafts.open[draft].draft.contact
        self._last[about] = draft
        self.room_wanted.emit()
        if about is not None and about in self._session.contacts:
            self.contact_wanted.emit(about)
        self._front = draft
        self._show()

    def _follow(self, draft: int) -> None:
        if draft == self.pane.draft and draft in self.drafts.open:
            self._fill(self.drafts.open[draft])
        elif draft not in self.drafts.open:
            self._last = {about: n for about, n in self._last.items() if n != draft}
            self._show()

    def _follow_list(self) -> None:
        self.tick()
        self.changed.emit()

    def _follow_link(self, changed: Changed) -> None:
        if changed.what in ("link", "desk"):
            self.tick()

    @property
    def has_keyboard(self) -> bool:
        """Whether somebody is writing."""
        now = self.pane.window().focusWidget()
        return now is not None and self.pane.isVisible() and self.pane.isAncestorOf(now)

    def _read_anew(self, contact: int) -> None:
        if contact in self._session.contacts:
            self.mails.try_again(contact)

    def _type(self, number: int, part: str, text: str) -> None:
        one = self.drafts.open.get(number)
        before = one.draft.sender if one is not None else ""
        self.drafts.write(number, **{part: text})
        if part == "sender" and one is not None:
            self._sign(one, before)

    def _sign(self, one: Written, before: str) -> None:
        """The signature is the one of the address it is written from now (EM-9)."""
        draft, (unsigned, place) = one.draft, one.unsigned or ("", None)
        change = signatures.swap(
            draft.text,
            one.signature(before),
            one.signature(draft.sender),
            is_untouched=one.begun is not None and draft.text == one.begun[0].text,
            taken_from=place if draft.text == unsigned else None,
        )
        if change is not None:
            self.pane.change_text(change)
            one.unsigned = None if change.text else (one.draft.text, change.start)

    def _demand(self, one: Written, refusal: Refused) -> None:
        """Say what the server refuses where it stands; what stands nowhere is raised."""
        part = mail_words.refused_part(one.draft, refusal.code, refusal.reason)
        if not part or self.pane.draft != one.draft.id:
            raise refusal
        self.pane.demand(part, refusal.reason, go=self.has_keyboard)

    def _insert(self, draft: int, text: str) -> None:
        """Into the mail for which it was chosen, whatever is shown by now."""
        if draft in self.drafts.open:
            if draft != self.pane.draft or self.pane.isHidden():
                self._bring_up(draft)
            self.pane.insert(text)

    def _attach(self, number: int, files: Sequence[Path]) -> None:
        self._tasks.start(self.drafts.attach(number, files))

    async def _attach_picture(self, number: int, picture: QImage) -> None:
        one = self.drafts.open.get(number)
        if one is None:
            return
        place = len(one.files) + len(one.sending) + 1
        name = self.tr("picture-%1.png").replace("%1", str(place))
        try:
            with TemporaryDirectory(prefix="ace-agent-") as folder:
                file = Path(folder) / name
                kept = await asyncio.to_thread(lambda: picture.save(str(file)))
                if kept:
                    await self.drafts.attach(number, [file])
        except OSError:
            kept = False
        if not kept:
            raise Trouble(self.tr("The picture was not attached: it cannot be kept here."))

    async def _ask_which(self) -> Sequence[Path]:
        dialog = QFileDialog(self._host, self.tr("Attach files of at most 35 MB each"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        try:
            accepted = await closed(dialog) == QFileDialog.DialogCode.Accepted
            return [Path(file) for file in dialog.selectedFiles()] if accepted else []
        finally:
            dialog.deleteLater()

    def _discard_question(self, one: Written) -> Question:
        return Question(
            self._host,
            self.tr("Throw this draft away?"),
            self.tr("What you wrote is gone then, and so are the files that go along."),
            [Answer(self.tr("Keep it"), "primary"), Answer(self.tr("Throw it away"))],
            detail=mail_words.draft(head(one)),
        )

    def _lose_question(self, lost: Sequence[Written]) -> Question:
        return Question(
            self._host,
            self.tr("What you wrote is only here"),
            self.tr("The server does not have it. It is lost when the program is closed."),
            [
                Answer(self.tr("Show the mail"), "primary"),
                Answer(self.tr("Close, and lose it")),
                Answer(self.tr("Cancel")),
            ],
            detail="\n".join(mail_words.draft(head(one)) for one in lost),
        )

    def _leave_question(self, unsent: Sequence[DraftHead], doing: str) -> Question:
        return Question(
            self._host,
            self.tr("A mail about this contact is not sent"),
            self.tr("You can go on with it later: it stays among your drafts."),
            [
                Answer(self.tr("Show the mail"), "primary"),
                Answer(doing),
                Answer(self.tr("Cancel")),
            ],
            detail="\n".join(mail_words.draft(each) for each in unsent),
        )

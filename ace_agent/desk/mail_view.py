"""An e-mail to read: who wrote it to whom, its words, and what was answered.

It shows what `mails` and `drafts` know, and asks for nothing but the mail it shows.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk import inline, mail_words, models, times
from ace_agent.desk.html import Cleaner
from ace_agent.desk.html_view import HtmlView
from ace_agent.desk.inline import InlinePictures
from ace_agent.desk.links import Opener
from ace_agent.desk.mail_head import Addresses
from ace_agent.desk.remote_pictures import RemotePictures
from ace_agent.desk.sent_view import SentView
from ace_agent.desk.shown import one_line
from ace_agent.drafts import Drafts
from ace_agent.mails import Mails
from ace_agent.sent import SentMails
from ace_agent.sentences import filled, said
from ace_agent.session import Session
from ace_agent.settings import Settings
from ace_agent.tasks import Tasks
from ace_agent.widgets import tips
from ace_agent.widgets.buttons import IconAction, WordsButton
from ace_agent.widgets.folding import Folding
from ace_agent.widgets.notice import Notice
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.text import wrapped
from ace_server.wire import Attachment, Contact, DraftHead, Mail, OutgoingMail

translate = QCoreApplication.translate

PAUSE_MS = 400
"""A mail that is there by then comes without a word about its coming."""


class Lines(QWidget):
    """What was sent about this mail, and what is not sent yet: a line each."""

    send_again = Signal(object)
    """Carries the `OutgoingMail`, as it stands."""

    go_on = Signal(int)
    read = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Sent about this mail"))
        self._lines: dict[tuple[str, int], Line] = {}
        self._before: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.TIGHT)

    @property
    def words(self) -> list[str]:
        """What the lines say."""
        return [line.words for line in self._lines.values()]

    def follow_in_tab_order(self, before: QWidget) -> None:
        """Lines that come later stand behind `before`, too."""
        self._before = before

    def show_mails(
        self, sent: Sequence[OutgoingMail], drafts: Sequence[DraftHead], now: datetime
    ) -> None:
        """Show these; a line that is here already stays, with the keyboard on it."""
        wanted = [("sent", one.id) for one in sent] + [("draft", one.id) for one in drafts]
        for key in [key for key in self._lines if key not in wanted]:
            line = self._lines.pop(key)
            line.hide()
            line.deleteLater()
        for outgoing in sent:
            self._line(("sent", outgoing.id)).show_outgoing(outgoing, now)
        for draft in drafts:
            self._line(("draft", draft.id)).show_draft(draft)
        self._lines = {key: self._lines[key] for key in wanted}
        before = self._before
        for place, line in enumerate(self._lines.values()):
            if self._column.indexOf(line) != place:
                self._column.insertWidget(place, line)
            for stop in (line.button, line.reader):
                if before is not None:
                    self.setTabOrder(before, stop)
                before = stop
        self.setVisible(bool(wanted))

    def _line(self, key: tuple[str, int]) -> "Line":
        line = self._lines.get(key)
        if line is None:
            kind, number = key
            line = self._lines[key] = Line()
            if kind == "sent":
                line.button.clicked.connect(lambda: self.send_again.emit(line.outgoing))
            else:
                line.button.clicked.connect(lambda: self.go_on.emit(number))
            line.reader.clicked.connect(lambda: self.read.emit(number))
            self._column.addWidget(line)
        return line


class Line(Folding):
    """One of them: its state by shape, colour and word, and what can be done about it."""

    def __init__(self) -> None:
        super().__init__()
        self.outgoing: OutgoingMail | None = None  # as it stands, where it was sent
        self._picture = Picture("mail-queued", "secondary", theme.SMALL_ICON)
        self._text = wrapped()
        self._more = wrapped(role="secondary")
        self.button = WordsButton(kind="plain")
        self.reader = WordsButton(kind="plain")  # of what was sent
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._more)
        middle = Qt.AlignmentFlag.AlignVCenter
        told = QHBoxLayout()
        told.setSpacing(theme.SMALL)
        told.addWidget(self._picture, 0, middle)
        told.addLayout(words, 1)
        self.row.addLayout(told, 1)
        for button in (self.button, self.reader):
            self.row.addWidget(button, 0, middle | Qt.AlignmentFlag.AlignLeft)

    @property
    def words(self) -> str:
        """What it says."""
        return f"{self._text.text()} {self._more.text()}".strip()

    def show_outgoing(self, mail: OutgoingMail, now: datetime) -> None:
        """Show how this mail stands."""
        self.outgoing = mail
        look = mail_words.state(mail.state)
        self._picture.show_icon(look.icon, look.colour)
        text = filled(self.tr("%1 – %2"), look.word, mail_words.outgoing(mail, now))
        again = self.tr("Send again") if mail_words.can_be_sent_again(mail) else ""
        self._say(text, mail_words.about_outgoing(mail), again)
        read = self.tr("Read it") if mail_words.is_text_of_its_own(mail) else ""
        self._offer(self.reader, read, text)
        self.setToolTip(tips.plain(times.exact(mail.settled_at or mail.created_at)))

    def show_draft(self, head: DraftHead) -> None:
        """Show that this is not sent yet."""
        self._picture.show_icon("draft", "accent")
        text = self.tr("Not sent yet – %1").replace("%1", mail_words.draft(head))
        self._say(text, "", self.tr("Go on writing"))
        self._offer(self.reader, "", text)

    def _say(self, text: str, more: str, offer: str) -> None:
        self._text.setText(text)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self.setAccessibleName(self.words)
        self._offer(self.button, offer, text)

    def _offer(self, button: WordsButton, words: str, text: str) -> None:
        button.set_words(words, filled(self.tr("%1: %2"), words, text) if words else "")
        button.setVisible(bool(words))


class MailView(QWidget):
    """The mail of one contact."""

    draft_wanted = Signal(int)
    """Go on with this draft."""

    contact_wanted = Signal(int)
    """The contact that this mail follows."""

    send_again_wanted = Signal(object)
    """Carries the `OutgoingMail` that is to be sent once more."""

    write_again_wanted = Signal(object)
    """Carries the `OutgoingMail` that is to be written again."""

    changed = Signal()
    """Something else can be done with what is read."""

    files_changed = Signal()
    """Other pictures are shown among the words now: the rest is to be listed."""

    def __init__(
        self,
        session: Session,
        mails: Mails,
        drafts: Drafts,
        tasks: Tasks,
        cleaner: Cleaner,
        remote: RemotePictures,
        opener: Opener,
        source: QAction,
        parent: QWidget | None = None,
    ) -> None:
        """`cleaner` is closed by whoever made it; `source` shows the mail as it came."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("E-mail"))
        self._session, self._mails, self._drafts, self._tasks = session, mails, drafts, tasks
        self._contact: Contact | None = None
        self._shown: Mail | None = None
        self._told: tuple[list[OutgoingMail], list[DraftHead]] | None = None  # by the lines
        self._sent_mails = SentMails.of(session)
        self._pictures = InlinePictures(session)
        self._inline: list[Attachment] = []
        self.addresses = Addresses()
        self.remarks = Notice("info")
        self.elsewhere = Notice("forward")
        self.follows = Notice("email")
        self.trouble = Notice("warning")
        self.lines = Lines()
        self.sent = SentView(tasks, cleaner, remote, opener, closable=True)
        self.coming = wrapped(self.tr("The mail is being fetched …"), "secondary")
        self.html = HtmlView(tasks, cleaner, remote, open_outside=opener)
        self._at_hand = self.html
        self.source = IconAction("source", source, self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._lay_out()
        self._connect()
        self.hide()

    def show_contact(self, contact: Contact | None, now: datetime) -> None:
        """Show the mail of this contact, and read it where that was not done yet."""
        if contact is None or self._contact is None or contact.id != self._contact.id:
            self._clear()
        self._contact = contact
        self.setVisible(contact is not None)
        if contact is not None:
            self._mails.want(contact.id)
            self.refresh(contact, now)

    def refresh(self, contact: Contact, now: datetime) -> None:
        """Show what is known now."""
        mail, trouble = self._mails.of(contact.id), self._mails.trouble(contact.id)
        self.addresses.show_lists(contact.id, _lists(contact, mail, now))
        self.trouble.say(trouble, self.tr("Try again") if trouble else "")
        self._show_follows(contact.follows)
        self._told = None  # what is said of times may be another
        self.refresh_lines(contact, now)
        self._await(is_coming=mail is None and not trouble)
        if mail is not None:
            self._show_mail(contact, mail, now)
        elif trouble and contact.body:
            self.html.show_text(contact.body)  # what the analysis read of it is here already

    def refresh_lines(self, contact: Contact, now: datetime) -> None:
        """Say what was sent and what is not sent yet, where that is different."""
        mail = self._mails.of(contact.id)
        drafts = [d for d in self._drafts.about(contact.id) if d.id != self._drafts.shown]
        told = (mail_words.listed(mail) if mail else []), drafts
        if told != self._told:
            self._told = told
            self.lines.show_mails(*told, now)
            self.sent.follow(told[0], now)

    def last_sent(self, fits: Callable[[OutgoingMail], bool]) -> OutgoingMail | None:
        """The sent mail that is read, else the last one; of those with which that can be done."""
        sent = self._told[0] if self._told is not None else []
        read = self.sent.outgoing
        found = [one for one in sent if fits(one) and (read is None or one.id == read.id)]
        return found[-1] if found else None

    @property
    def html_at_hand(self) -> HtmlView:
        """What commands show otherwise: the mail that was sent while the keyboard is in it."""
        now = self.window().focusWidget()
        return self.sent.html if now is not None and self.sent.isAncestorOf(now) else self.html

    def restore(self, settings: Settings) -> None:
        """Show mails as it was remembered; as designed where nothing was."""
        for html in (self.html, self.sent.html):
            html.restore(settings)

    def others(self, attachments: Sequence[Attachment]) -> list[Attachment]:
        """The attachments that are not seen among the words."""
        seen = set() if self.html.shows_text else {one.position for one in self._inline}
        return [one for one in attachments if one.position not in seen]

    @property
    def stops(self) -> list[QWidget]:
        """What can have the keyboard here, in order, whether it is seen now or not."""
        notices = [each.button for each in (self.elsewhere, self.follows, self.remarks)]
        return [
            *self.addresses.stops,
            self.source,
            *notices,
            *self.sent.stops,
            self.trouble.button,
            *self.html.stops,
        ]

    # Parts

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        head = QHBoxLayout()
        head.setSpacing(theme.SMALL)
        head.addWidget(self.addresses, 1)
        head.addWidget(self.source, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        above: tuple[QWidget, ...] = (self.elsewhere, self.follows, self.remarks, self.lines)
        for part in (*above, self.sent, self.trouble, self.coming, self.html):
            column.addWidget(part)

    def _connect(self) -> None:
        self._pause.timeout.connect(self.coming.show)
        self.trouble.wanted.connect(self.try_again)
        self.lines.read.connect(lambda number: self._tasks.start(self._read_sent(number)))
        self.sent.send_again.connect(self.send_again_wanted)
        self.sent.write_again.connect(self.write_again_wanted)
        self.sent.closed.connect(self.html.focus_first)
        self.follows.wanted.connect(self._show_followed)
        self.lines.go_on.connect(self.draft_wanted)
        self.lines.send_again.connect(self.send_again_wanted)
        self.html.face_changed.connect(self.files_changed)
        for html in (self.html, self.sent.html):
            html.face_changed.connect(self.changed)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow_keyboard)
        self.lines.follow_in_tab_order(self.remarks.button)

    def _follow_keyboard(self) -> None:
        before, self._at_hand = self._at_hand, self.html_at_hand
        if self._at_hand is not before:
            self.changed.emit()

    def _clear(self) -> None:
        self._shown = None
        self._inline = []
        self._pictures = InlinePictures(self._session)
        self.html.clear()
        self.sent.clear()
        self._told = None
        self._pause.stop()
        self.coming.hide()
        for part in (self.remarks, self.elsewhere, self.follows, self.trouble):
            part.say("")

    def _await(self, *, is_coming: bool) -> None:
        if not is_coming:
            self._pause.stop()
            self.coming.hide()
        elif not self._pause.isActive() and self.coming.isHidden():
            self._pause.start()

    def _show_mail(self, contact: Contact, mail: Mail, now: datetime) -> None:
        about = [said(remark) for remark in mail.remarks]
        if mail.writes is not None:
            about.append(said(mail.writes))
        self.remarks.say("\n".join(one_line(sentence) for sentence in about if sentence))
        where = mail_words.elsewhere(mail, now)
        self.elsewhere.say(f"{where}\n{mail_words.beside_elsewhere()}" if where else "")
        if self._shown is None or (self._shown.html, self._shown.text) != (mail.html, mail.text):
            self._inline = inline.named(mail.html, contact.attachments)
            self.html.show_html(mail.html, self._picture, mail.text)
            if self._inline:
                self._tasks.start(self._fetch_pictures(contact.id, self._pictures))
        self._shown = mail

    def _picture(self, content_id: str) -> QImage | None:
        return self._pictures.of(content_id)

    async def _fetch_pictures(self, contact: int, into: InlinePictures) -> None:
        if await into.fetch(contact, self._inline) and into is self._pictures:
            self.html.pictures_came()

    def _show_follows(self, number: int | None) -> None:
        if number is None:
            self.follows.say("")
            return
        held = self._session.contacts.get(number)
        if held is None:
            text = self.tr("This mail follows up contact %1, which is not at your desk.")
            self.follows.say(text.replace("%1", str(number)))
        else:
            text = self.tr("This mail follows up another one at your desk: %1.")
            self.follows.say(text.replace("%1", models.title(held)), self.tr("Show it"))

    def _show_followed(self) -> None:
        if self._contact is not None and self._contact.follows is not None:
            self.contact_wanted.emit(self._contact.follows)

    async def _read_sent(self, number: int) -> None:
        contact = self._contact
        mail = await self._sent_mails.read(number)
        if contact is not None and self._contact is not None and contact.id == self._contact.id:
            now = self.window().focusWidget()
            waits = now is not None and self.lines.isAncestorOf(now)
            self.sent.show_mail(mail, self._session.now())
            if waits:  # else the person is elsewhere by now
                self.sent.focus_first()

    @property
    def can_try_again(self) -> bool:
        """Whether the mail could not be read."""
        return bool(self.trouble.text)

    def try_again(self) -> None:
        """Read the mail now, though it could not be read before."""
        if self._contact is not None:
            self._mails.try_again(self._contact.id)


def _lists(contact: Contact, mail: Mail | None, now: datetime) -> dict[str, Sequence[str]]:
    """What stands in the head of the mail; before it was read, what the contact says."""
    if mail is None:
        return {"from": [contact.sender] if contact.sender else []}
    senders = mail.senders or [contact.sender or translate("mail", "Unknown sender")]
    differs = mail.reply_to and set(mail.reply_to) != set(mail.senders)
    at = mail.arrived_at or mail.sent_at
    return {
        "from": senders,
        "reply-to": mail.reply_to if differs else [],
        "to": mail.to,
        "cc": mail.cc,
        "date": [times.moment(at, now)] if at else [],
    }

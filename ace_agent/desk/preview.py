"""The second column: one contact to read, as its medium is read. A work item shows no mail (AG-1).

A social contact shows its author and the way to its thread (WI-10).
"""

from collections.abc import Callable
from datetime import datetime

import msgspec
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ace_agent import actions, icons, theme
from ace_agent.desk import models, times, words
from ace_agent.desk.attachments import AttachmentsView
from ace_agent.desk.cut import Cut
from ace_agent.desk.link_view import LinkView
from ace_agent.desk.mail_view import MailView
from ace_agent.desk.shown import one_line, shown
from ace_agent.widgets.empty import Empty
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.scrolling import scrolled
from ace_agent.widgets.text import Reading, label, wrapped
from ace_server.wire import Contact

WIDEST = 760
"""Of a text, in pixels: longer lines are hard to read."""

MOST_AT_ONCE = 20_000
"""Characters of a text that are laid out before somebody asks for more."""

MOST = 100_000
"""Characters of a text that are laid out at all; more would hold the window up."""


class Preview(QStackedWidget):
    """Header line, title, note, link, text, attachments; or what to do without a contact."""

    def __init__(
        self,
        attachments: AttachmentsView,
        make_mail: Callable[[], MailView],
        activate: QAction,
        parent: QWidget | None = None,
    ) -> None:
        """`make_mail` is asked when the first e-mail is shown."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("Preview"))
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._contact: Contact | None = None
        self._icon = Picture("work-item", "accent")
        self._kind = wrapped(role="secondary")
        self._title = Reading(self.tr("Subject"))
        self._title.setProperty("role", "title")
        self._waits = wrapped()
        self._came = wrapped(role="secondary")
        self._note = _Note()
        self._author = Reading(self.tr("Author"))
        self.thread_link = LinkView(self.tr("Open the thread in %1"), self.tr("Thread"))
        self.link = LinkView()
        self._make_mail = make_mail
        self.mail: MailView | None = None
        self._place_of_mail = QVBoxLayout()
        self._body = Reading(self.tr("Text"), airy=True)
        self._more = QPushButton()
        self._more.clicked.connect(self._show_more)
        self._cut = Cut(self.tr("Text"))
        self.attachments = attachments
        self._empty = Empty(activate)
        self._page = self._make_page()
        self._scroll = scrolled(self._page)
        self.addWidget(self._empty)
        self.addWidget(self._scroll)
        attachments.appeared.connect(self._bring_up)

    def show_contact(
        self, contact: Contact | None, hint: words.Hint, now: datetime, waits: str = ""
    ) -> None:
        """Show this contact, and where it waits; without one, the hint."""
        before, self._contact = self._contact, contact
        self.setCurrentWidget(self._empty if contact is None else self._scroll)
        mail = contact if contact is not None and actions.has_mail(contact) else None
        self._show_mail(mail, now)
        self._show_files()
        if contact is None:
            self._empty.say(hint.icon, hint.title, hint.text, hint.colour, offers=hint.offers)
            return
        self._show_header(contact, now)
        self._waits.setText(waits)
        self._waits.setVisible(bool(waits))
        self._note.show_note(contact)
        self._show_social(contact)
        self.link.show_target(contact.target)
        if before is None or (before.id, before.body) != (contact.id, contact.body):
            self._show_body("" if mail is not None else contact.body)
        if before is None or before.id != contact.id:
            self._scroll.verticalScrollBar().setValue(0)

    def focus_first(self) -> None:
        """Go to the title, or to what there is to do."""
        (self._title if self._contact is not None else self._empty).setFocus()

    def bring_up_text(self) -> None:
        """Scroll to the words of the mail, which are about to be answered."""
        if self.mail is not None and not self.mail.isHidden():
            self._bring_up(self.mail.html)

    # Parts

    def _make_page(self) -> QWidget:
        page = QWidget()
        page.setProperty("role", "surface")
        column = QVBoxLayout()
        column.setSpacing(theme.MEDIUM)
        column.addLayout(self._make_header())
        for part in (self._author, self._note):
            column.addWidget(part)
        column.addLayout(self._place_of_mail)
        for text in (self.link, self.thread_link, self._body):
            column.addWidget(text)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._cut)
        column.addSpacing(theme.SMALL)
        column.addWidget(self.attachments)
        column.addStretch(1)  # all of it: the list of attachments would take its share
        inner = QWidget()
        inner.setMaximumWidth(WIDEST)
        inner.setLayout(column)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout(page)
        row.setContentsMargins(theme.WIDE, theme.LARGE, theme.WIDE, theme.WIDE)
        row.addWidget(inner, 1)
        row.addStretch(0)
        return page

    def _make_header(self) -> QVBoxLayout:
        first = QHBoxLayout()
        first.setSpacing(theme.SMALL)
        first.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(self._kind, 1)
        column = QVBoxLayout()
        column.setSpacing(theme.TIGHT)
        column.addLayout(first)
        column.addWidget(self._title)
        column.addWidget(self._waits)
        column.addWidget(self._came)
        return column

    def _show_header(self, contact: Contact, now: datetime) -> None:
        self._icon.show_icon(icons.of_contact(contact))
        named = "" if actions.has_mail(contact) else contact.external_id
        parts = (models.medium(contact), contact.task_type, named)
        self._kind.setText(words.listed(one_line(part) for part in parts))
        self._title.show_text(one_line(contact.subject) or models.title(contact))
        self._came.setText(words.came(contact, now))
        self._came.setToolTip(times.exact(contact.received_at))

    def _show_mail(self, contact: Contact | None, now: datetime) -> None:
        if self.mail is None and contact is not None:
            self.mail = self._make_mail()
            self._place_of_mail.addWidget(self.mail)
            self.mail.files_changed.connect(self._show_files)
            self._keep_tab_order(self.mail)
        if self.mail is not None:
            self.mail.show_contact(contact, now)

    def _keep_tab_order(self, mail: MailView) -> None:
        """What was made later is still read in its place, behind the title."""
        before: QWidget = self._title
        for part in mail.stops:
            self.setTabOrder(before, part)
            before = part

    def _show_social(self, contact: Contact) -> None:
        author = one_line(contact.sender) if contact.channel else ""
        self._author.show_text(self.tr("Written by %1").replace("%1", author))
        self._author.setVisible(bool(author))
        self.thread_link.show_target(contact.thread if contact.channel else "")

    def _show_files(self) -> None:
        """What is seen among the words of a mail is not listed again."""
        contact = self._contact
        if contact is not None and self.mail is not None and actions.has_mail(contact):
            left = self.mail.others(contact.attachments)
            contact = msgspec.structs.replace(contact, attachments=left)
        self.attachments.show_contact(contact)

    def _show_body(self, body: str) -> None:
        self._body.show_text(shown(body[:MOST_AT_ONCE]))
        self._body.setVisible(bool(body))
        is_whole = len(body) <= MOST
        more = self.tr("Show the whole text") if is_whole else self.tr("Show more of the text")
        self._more.setText(more)
        self._more.setAccessibleName(more)
        self._more.setVisible(len(body) > MOST_AT_ONCE)
        self._cut.follow(body, len(body) if is_whole else MOST_AT_ONCE)

    def _bring_up(self, part: QWidget) -> None:
        """Scroll to what has come up below, once it has its place; its beginning matters most."""
        QTimer.singleShot(0, part, lambda: self._scroll_to(part))

    def _scroll_to(self, part: QWidget) -> None:
        top = part.mapTo(self._page, QPoint(0, 0)).y() - theme.SMALL
        bar, room = self._scroll.verticalScrollBar(), self._scroll.viewport().height()
        end = top + part.height() + theme.LARGE - room
        bar.setValue(min(top, max(bar.value(), end)))

    def _show_more(self) -> None:
        if self._contact is not None:
            self._body.show_text(shown(self._contact.body[:MOST]))
            self._more.hide()
            self._cut.follow(self._contact.body, MOST)


class _Note(QFrame):
    """What somebody wrote who requeued the contact."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "quote")
        self._by = label(role="section")
        self._text = Reading(self.tr("Note"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        column.addWidget(self._by)
        column.addWidget(self._text)

    def show_note(self, contact: Contact) -> None:
        """Show the note; nothing where there is none."""
        self.setVisible(bool(contact.note))
        self._by.setText(self.tr("Note from %1").replace("%1", one_line(contact.note_by)))
        self._text.show_text(shown(contact.note))

"""The pane in which a mail is written, below the one that is answered.

What is typed goes to `drafts` at once; the pane shows one draft at a time, and keeps nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.commands import Command
from ace_agent.desk import mail_words, recipients
from ace_agent.desk.delegates import FileRow
from ace_agent.desk.models import ROW, SENDING, Attachments, File
from ace_agent.desk.shown import one_line
from ace_agent.desk.signatures import Swap
from ace_agent.desk.writing_fields import Body, Files, has_files, paths
from ace_agent.widgets.alert import alert
from ace_agent.widgets.buttons import ActionButton, IconAction, IconButton, Kind, WordsButton
from ace_agent.widgets.keys import keeps_enter
from ace_agent.widgets.line import OneLine
from ace_agent.widgets.pick_list import PickList
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.scrolling import scrolled
from ace_agent.widgets.text import ElidedLabel, label, wrapped
from ace_agent.written import MOST, Written

ROWS_SHOWN = 3
"""Of what goes along, before the list scrolls."""

OTHERS = ("attach", "template", "more-recipients", "discard")
"""Commands beside Send."""

BARE = ("cc", "bcc")
"""Parts that are hidden until they are wanted."""


class WritingPane(QFrame):
    """From, To, subject, text and files of one draft."""

    typed = Signal(int, str, str)
    """Draft, part, and what stands there now."""

    files_dropped = Signal(int, list)
    """Draft, and the paths of files."""

    picture_pasted = Signal(int, QImage)
    """Draft, and a picture that is to go along."""

    detach_wanted = Signal(int, int)
    """Draft, and the position of a file in it."""

    left = Signal()
    """Esc was pressed: it is put aside."""

    def __init__(self, commands: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Write a mail"))
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self._commands = commands
        self._draft: int | None = None
        self._heading = ElidedLabel(role="section")
        self._state_icon = Picture("tick", "secondary", theme.SMALL_ICON)
        self._state = ElidedLabel(role="secondary")
        self.senders = PickList()
        self.lines = {part: self._line(part) for part in ("to", "cc", "bcc", "subject")}
        self._captions: dict[str, QLabel] = {}
        self.body = Body(self.tr("Text"))
        self._wrong = wrapped(role="alarm")
        self.model = Attachments(self)
        self.files = self._make_files()
        self.remove = WordsButton(self.tr("Remove"), "quiet")
        self.remove.setToolTip(self.tr("Take the chosen file out (Del)"))
        self._lay_out()
        self._connect()
        self.hide()

    @property
    def draft(self) -> int | None:
        """The draft that is shown."""
        return self._draft

    @property
    def state(self) -> str:
        """What is said of its being stored."""
        return self._state.text()

    @property
    def wrong(self) -> str:
        """What is said to keep it from being sent; empty where nothing is."""
        return "" if self._wrong.isHidden() else self._wrong.text()

    def show_draft(self, one: Written | None, *, seen: bool = True) -> None:
        """Show this draft; the one that is shown already keeps its cursor.

        What is not `seen` now, because something else is looked at, is up to date when it is.
        """
        number = one.draft.id if one is not None else None
        is_other = number != self._draft
        self._draft = number
        if one is None:
            self.hide()
            return
        if is_other:
            self._begin(one)
        self.model.show_draft(one.files, one.sending)
        self._fit_files()
        self._hold(one.is_closing)
        self.setVisible(seen)

    def show_state(self, one: Written, now: datetime, *, link_up: bool) -> None:
        """Say whether the server has what was typed."""
        look = mail_words.stored(one, now, link_up=link_up)
        is_news = bool(one.trouble) and look.word != self._state.text()
        self._state_icon.show_icon(look.icon, look.colour)
        self._state.setText(look.word)
        if is_news:
            alert(self._state)

    def show_more(self, wanted: bool) -> None:
        """Show Cc and Bcc, or hide them where nothing stands in them."""
        for part in BARE:
            there = wanted or bool(self.lines[part].text())
            self.lines[part].setVisible(there)
            self._captions[part].setVisible(there)

    @property
    def shows_more(self) -> bool:
        """Whether Cc and Bcc are there."""
        return not self.lines["bcc"].isHidden()

    def demand(self, part: str, why: str, *, go: bool = True) -> None:
        """Say what keeps the mail from being sent, and go there."""
        self._say_wrong(part, why)
        if part in BARE:
            self.show_more(True)
        if go:
            self._fields()[part].setFocus()

    def insert(self, text: str) -> None:
        """Put a prepared text in at the cursor; Ctrl+Z takes it out again."""
        if self.body.isReadOnly():
            return
        self.body.textCursor().insertText(text.replace("\0", ""))
        self.body.setFocus()
        self.body.ensureCursorVisible()

    def focus_first(self) -> None:
        """Go to where writing begins: the text, or who it is for where that is not said."""
        to = self.lines["to"]
        (self.body if to.text().strip() else to).setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_again(self) -> None:
        """Go to where one wrote last."""
        last = self.focusWidget()
        if last in self._fields().values() and not last.isHidden():
            last.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.focus_first()

    def change_text(self, change: Swap) -> None:
        """Put this into the text; what one types goes on where it was, Ctrl+Z takes it back."""
        text, mine = self.body.toPlainText(), self.body.textCursor()
        mine.setKeepPositionOnInsert(True)
        cursor = QTextCursor(self.body.document())
        cursor.setPosition(_units(text[: change.start]))
        cursor.setPosition(_units(text[: change.end]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(change.text)
        mine.setKeepPositionOnInsert(False)
        self.body.setTextCursor(mine)

    # What a person does

    def event(self, event: QEvent) -> bool:
        """Enter is a key of writing here, and accepts no contact."""
        return keeps_enter(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if has_files(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if has_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop(paths(event.mimeData()))

    def _drop(self, files: Sequence[Path]) -> None:
        if self._draft is not None and files:
            self.files_dropped.emit(self._draft, list(files))

    def _paste(self, picture: QImage) -> None:
        if self._draft is not None:
            self.picture_pasted.emit(self._draft, picture)

    def _type(self, part: str, text: str) -> None:
        self._say_wrong("", "")
        if self._draft is not None:
            self.typed.emit(self._draft, part, text)

    def _finish(self, part: str) -> None:
        """Addresses are looked at when one goes on, and not while they are typed."""
        line = self.lines[part]
        neat = recipients.joined(line.text())
        if neat != line.text().strip():
            line.setText(neat)
            self._type(part, neat)
        bad = recipients.wrong(neat)
        if bad:
            self._say_wrong(part, mail_words.no_address(bad[0]))

    def _remove(self) -> None:
        row = self.files.currentIndex().data(ROW)
        if self._draft is not None and isinstance(row, File) and row.position < SENDING:
            self.detach_wanted.emit(self._draft, row.position)

    # Parts

    def _begin(self, one: Written) -> None:
        draft = one.draft
        self._heading.setText(mail_words.writing(draft.kind))
        self._show_senders(one)
        for part, line in self.lines.items():
            line.setText(getattr(draft, part))
            line.setCursorPosition(0)
        with QSignalBlocker(self.body):
            self.body.setPlainText(draft.text)
        self.body.moveCursor(QTextCursor.MoveOperation.Start)
        self.show_more(False)
        self._say_wrong("", "")
        self._commands["more-recipients"].setChecked(self.shows_more)

    def _show_senders(self, one: Written) -> None:
        with QSignalBlocker(self.senders):
            self.senders.clear()
            for sender in dict.fromkeys([*one.senders, *filter(None, [one.draft.sender])]):
                self.senders.addItem(one_line(sender), sender)
            self.senders.setCurrentIndex(self.senders.findData(one.draft.sender))

    def _hold(self, held: bool) -> None:
        """What is being sent is not typed into; the keyboard stays, and the cursor where it is."""
        if held == self.body.isReadOnly():
            return
        fields, now = self._fields(), self.window().focusWidget()
        goes = now is self.senders or now not in fields.values()
        if held and now is not None and self.isAncestorOf(now) and goes:
            self.body.setFocus(Qt.FocusReason.OtherFocusReason)  # it cannot be where it is now
        for line in self.lines.values():
            line.setReadOnly(held)
        self.body.setReadOnly(held)
        self.senders.setEnabled(not held)

    def _fields(self) -> dict[str, QWidget]:
        return {"from": self.senders, **self.lines, "text": self.body}

    def _say_wrong(self, part: str, why: str) -> None:
        if why == self._wrong.text() and not why:
            return
        self._wrong.setText(why)
        self._wrong.setVisible(bool(why))
        for name, field in self._fields().items():
            wrong = why if name == part else ""
            field.setAccessibleDescription(wrong)
            if field.property("wrong") != bool(wrong):
                field.setProperty("wrong", bool(wrong))
                field.style().unpolish(field)
                field.style().polish(field)
        if why:
            alert(self._wrong)

    def _fit_files(self) -> None:
        rows = len(self.model.rows)
        high = min(rows, ROWS_SHOWN) * max(self.files.sizeHintForRow(0), 0)
        self.files.setFixedHeight(max(high + 2, 1))
        self.files.setVisible(bool(rows))
        self.remove.setVisible(bool(rows))
        if rows and not self.files.currentIndex().isValid():
            self.files.setCurrentIndex(self.model.index(0))

    def _line(self, part: str) -> QLineEdit:
        names = {
            "to": self.tr("To"),
            "cc": self.tr("Cc"),
            "bcc": self.tr("Bcc"),
            "subject": self.tr("Subject"),
        }
        line = OneLine()
        line.setAccessibleName(names[part])
        line.setMaxLength(MOST[part])
        line.textEdited.connect(lambda text: self._type(part, text))
        if part != "subject":
            line.editingFinished.connect(lambda: self._finish(part))
        return line

    def _make_files(self) -> Files:
        view = Files(self)
        view.setModel(self.model)
        view.setItemDelegate(FileRow(view))
        view.setAccessibleName(self.tr("Files that go along"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setTabKeyNavigation(False)
        return view

    def _lay_out(self) -> None:
        self.senders.setAccessibleName(self.tr("From"))
        self.senders.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.senders.setMinimumContentsLength(8)
        self.senders.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.SMALL, theme.WIDE, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        column.addLayout(self._make_head())
        column.addWidget(scrolled(self._make_letter()), 1)
        column.addLayout(self._make_foot())
        self._wrong.hide()

    def _make_letter(self) -> QWidget:
        """What scrolls where there is little room: the text keeps some lines of it."""
        letter = QWidget()
        letter.setProperty("role", "surface")
        column = QVBoxLayout(letter)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addLayout(self._make_form())
        column.addWidget(self._wrong)
        column.addWidget(self.body, 1)
        along = QHBoxLayout()
        along.setSpacing(theme.SMALL)
        along.addWidget(self.files, 1)
        along.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(along)
        return letter

    def _make_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addWidget(self._heading, 1)
        row.addWidget(self._state_icon)
        row.addWidget(self._state)
        close = IconButton("close", self.tr("Put this draft aside (Esc)"))
        close.clicked.connect(self.left)
        row.addWidget(close)
        return row

    def _make_form(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SMALL)
        grid.setVerticalSpacing(theme.TIGHT)
        fields: dict[str, QWidget] = {"from": self.senders, **self.lines}
        for row, (part, widget) in enumerate(fields.items()):
            caption = label(widget.accessibleName(), "secondary")
            caption.setBuddy(widget)
            self._captions[part] = caption
            grid.addWidget(caption, row, 0)
            grid.addWidget(widget, row, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _make_foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        send = ActionButton(self._commands["send"], "primary", self)
        row.addWidget(send)
        self._in_words = [self._words_button(name) for name in OTHERS]
        self._in_icons = [self._icon_button(name) for name in OTHERS]
        for words, icon in zip(self._in_words, self._in_icons, strict=True):
            if words.command is self._commands["discard"]:
                row.addStretch(1)
            row.addWidget(words)
            row.addWidget(icon)
        self._least_in_words = sum(
            button.minimumSizeHint().width() + theme.SMALL for button in (send, *self._in_words)
        )
        return row

    def _words_button(self, name: str) -> ActionButton:
        kind: Kind = "plain" if name in ("attach", "template") else "quiet"
        return ActionButton(self._commands[name], kind, self, with_key=False)

    def _icon_button(self, name: str) -> IconAction:
        """The same where there is little room."""
        command: Command = self._commands[name].data()
        return IconAction(command.icon, self._commands[name], self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        has_room = self.width() - 2 * theme.WIDE >= self._least_in_words
        for words, icon in zip(self._in_words, self._in_icons, strict=True):
            words.offer(has_room)
            icon.offer(not has_room)

    def _connect(self) -> None:
        self.senders.activated.connect(
            lambda place: self._type("sender", str(self.senders.itemData(place)))
        )
        self.body.textChanged.connect(lambda: self._type("text", self.body.toPlainText()))
        self.body.dropped.connect(self._drop)
        self.body.pasted.connect(self._paste)
        self.files.remove_wanted.connect(self._remove)
        self.remove.clicked.connect(self._remove)


def _units(text: str) -> int:
    """How long Qt takes a text to be: it counts UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

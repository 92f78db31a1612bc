"""The third column: contact data, to read or to fill in (AG-4).

What is typed goes to the session at once and stays on the screen whatever arrives meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics, QTextCursor
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.desk.cut import MOST_OF_A_VALUE, Cut
from ace_agent.desk.shown import one_line, shown
from ace_agent.widgets.line import OneLine
from ace_agent.widgets.pick_list import PickList
from ace_agent.widgets.text import Reading, hairline, label, wrapped
from ace_server.wire import Contact, Field

Typed = Callable[[str], None]

MOST_EDITED = 20_000
"""Characters of a value that is filled in here: every key pressed looks at all of them."""

MOST_OTHERS = 100
"""Keys that are shown although they are not configured; each takes its time to lay out."""


class Choice(PickList):
    """A field whose value is one of several."""

    def __init__(self, field: Field, typed: Typed) -> None:
        super().__init__()
        self._field = field
        self.setPlaceholderText(self.tr("Choose"))
        if field.rule != "mandatory":
            self.addItem(self.tr("– none –"), "")
        for choice in field.choices:
            self.addItem(one_line(choice), choice)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.activated.connect(lambda place: typed(str(self.itemData(place))))
        self.currentIndexChanged.connect(self._mark_empty)

    def show_value(self, value: str) -> None:
        """Show it, even where it is not among the choices."""
        place = self.findData(value)
        if place < 0 and value:
            self.addItem(shown(value), value)
            place = self.count() - 1
        self.setCurrentIndex(place)
        self._mark_empty()

    def _mark_empty(self) -> None:
        """That nothing is chosen yet is seen."""
        if self.property("empty") != (self.currentIndex() < 0):
            self.setProperty("empty", self.currentIndex() < 0)
            self.style().unpolish(self)
            self.style().polish(self)


class Line(OneLine):
    """One line of text."""

    def __init__(self, field: Field, typed: Typed) -> None:
        super().__init__()
        self._longest = min(field.max_length, MOST_EDITED)
        self.setMaxLength(self._longest)
        self.textEdited.connect(typed)

    def show_value(self, value: str) -> None:
        """Show it; the cursor stays where it is."""
        if value != self.text():
            place = self.cursorPosition()
            room = max(self._longest - len(value), 0)
            self.setMaxLength(_units(value) + room)  # else it would be cut unseen
            self.setText(value)
            self.setCursorPosition(min(place, len(value)) if self.hasFocus() else 0)


class Lines(QPlainTextEdit):
    """Several lines of text; Tab goes on to the next field."""

    def __init__(self, field: Field, typed: Typed) -> None:
        super().__init__()
        self.setProperty("kind", "field")
        self._longest = min(field.max_length, MOST_EDITED)
        self._typed = typed
        self.setTabChangesFocus(True)
        height = QFontMetrics(self.font()).lineSpacing() * field.lines
        self.setFixedHeight(height + 2 * theme.SMALL + theme.TIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._changed)

    def show_value(self, value: str) -> None:
        """Show it; the cursor stays where it is."""
        if value == self.toPlainText():
            return
        with QSignalBlocker(self):
            place = self.textCursor().position()
            self.setPlainText(value)
            cursor = self.textCursor()
            cursor.setPosition(min(place, len(value)) if self.hasFocus() else 0)
            self.setTextCursor(cursor)

    def _changed(self) -> None:
        text = self.toPlainText()
        if len(text) > self._longest:
            self._cut(_units(text[: self._longest]))
        self._typed(self.toPlainText())

    def _cut(self, end: int) -> None:
        """What is too long is not taken, at the end of the text."""
        with QSignalBlocker(self):
            cursor = self.textCursor()
            place = min(cursor.position(), end)
            cursor.setPosition(end)
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            cursor.setPosition(place)
            self.setTextCursor(cursor)


def _units(text: str) -> int:
    """How long Qt takes a text to be: what lies beyond U+FFFF counts twice."""
    return sum(1 + (sign > "\uffff") for sign in text)


Editor = Choice | Line | Lines


class FieldView(QWidget):
    """One key: its display name, and its value to read or to fill in."""

    def __init__(self, field: Field, editable: bool, typed: Typed) -> None:
        super().__init__()
        self.field = field
        name = one_line(field.display or field.key)
        self._label = wrapped(role="secondary")
        self._label.setText(f"{name} *" if field.rule == "mandatory" else name)
        self._wrong = wrapped(role="alarm")
        self._wrong.hide()
        self.editor: Editor | None = None
        self.reading = Reading(name)
        self._cut = Cut(name)
        self.value: QWidget = self.reading
        self._typed = typed
        if editable and field.rule != "locked":
            self.value = self.editor = _editor(field, self._take)
            self._name_editor(self.editor, name)
        self._lay_out()

    def show_value(self, value: str) -> None:
        """Show the value; what is being typed is left alone."""
        if self.editor is not None:
            with QSignalBlocker(self.editor):
                self.editor.show_value(value)
            if value.strip():
                self.say("")
        else:
            self.reading.show_text(shown(value[:MOST_OF_A_VALUE]) or "–")
            self._cut.follow(value, MOST_OF_A_VALUE)

    def _take(self, text: str) -> None:
        """Something was typed: what was wrong may be right now."""
        self.say("")
        self._typed(text)

    def say(self, wrong: str) -> None:
        """Say what is wrong with the value; nothing where it is right."""
        if self.editor is None or wrong == self._wrong.text():
            return
        self._wrong.setText(wrong)
        self._wrong.setVisible(bool(wrong))
        self.editor.setAccessibleDescription(wrong or self._demand())
        self.editor.setProperty("wrong", bool(wrong))
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)

    def _name_editor(self, editor: Editor, name: str) -> None:
        editor.setObjectName(f"field-{self.field.key}")
        editor.setAccessibleName(name)
        editor.setAccessibleDescription(self._demand())
        self._label.setBuddy(editor)

    def _demand(self) -> str:
        return self.tr("Mandatory") if self.field.rule == "mandatory" else ""

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addWidget(self._label)
        column.addWidget(self.value)
        column.addWidget(self._cut)
        column.addWidget(self._wrong)


def _editor(field: Field, typed: Typed) -> Editor:
    if field.choices:
        return Choice(field, typed)
    return Lines(field, typed) if field.lines > 1 else Line(field, typed)


class DataPane(QScrollArea):
    """All contact data of one contact, in order; unknown keys apart."""

    edited = Signal(int, str, str)
    """Contact, key and what was typed."""

    rebuilt = Signal()
    """There are other fields now; they stand at the end of the tab order."""

    copy_wanted = Signal()
    """All contact data are to be copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Contact data"))
        self.setProperty("role", "surface")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._contact: int | None = None
        self._form: tuple[object, ...] = ()
        self._views: dict[str, FieldView] = {}
        self._rebuild([], set())

    def show_contact(
        self, contact: Contact | None, drafts: Mapping[str, str], *, editable: bool
    ) -> None:
        """Show the contact's fields; drafts stand over what the server has."""
        fields = contact.fields if contact else []
        texts = {field.key: drafts.get(field.key, field.value) for field in fields}
        long = [key for key, text in texts.items() if len(text) > MOST_EDITED]
        form = (contact.id if contact else None, editable, *long, *map(_form, fields))
        if form != self._form:
            focus = self._focused()
            self._contact = contact.id if contact else None
            self._form = form
            self._rebuild(fields, {key for key in texts if editable and key not in long})
            self._focus(focus)
        for key, view in self._views.items():
            view.show_value(texts[key])

    def demand(self, fields: Sequence[Field]) -> None:
        """Mark these mandatory fields as missing and go to the first."""
        for field in fields:
            view = self._views[field.key]
            view.say(self.tr("Needed before the contact can be ended."))
        if fields:
            self._focus(fields[0].key)

    def focus_first(self) -> None:
        """Go to the first field that can be filled in, else to the first."""
        editors = [view.value for view in self._views.values() if view.editor]
        wanted = editors or self.values()
        if wanted:
            wanted[0].setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.ensureWidgetVisible(wanted[0])

    def values(self) -> list[QWidget]:
        """What shows the values, in order."""
        return [view.value for view in self._views.values()]

    def editor(self, key: str) -> Editor | None:
        """Where this key is filled in."""
        view = self._views.get(key)
        return view.editor if view else None

    # Parts

    def _rebuild(self, fields: Sequence[Field], editable: AbstractSet[str]) -> None:
        seen = _seen(fields)
        self._views = {field.key: self._view(field, field.key in editable) for field in seen}
        page = QWidget()
        page.setProperty("role", "surface")
        column = QVBoxLayout(page)
        column.setContentsMargins(theme.LARGE, theme.LARGE + theme.TIGHT, theme.LARGE, theme.LARGE)
        column.setSpacing(theme.MEDIUM)
        column.addWidget(label(self.tr("Contact data"), "section"))
        for part in self._parts(seen, len(fields) - len(seen)):
            column.addWidget(part)
        column.addStretch()
        self.setWidget(page)
        self.rebuilt.emit()

    def _parts(self, fields: Sequence[Field], left_out: int) -> list[QWidget]:
        known = [self._views[field.key] for field in fields if field.known]
        unknown = [self._views[field.key] for field in fields if not field.known]
        parts: list[QWidget] = [*known]
        if unknown:
            parts += [hairline(), label(self.tr("Other keys"), "section"), *unknown]
        if left_out:
            parts += self._rest(left_out)
        if not parts:
            parts.append(self._nothing())
        return parts

    def _rest(self, count: int) -> list[QWidget]:
        copy = QPushButton(self.tr("Copy contact data"))
        copy.setAccessibleName(copy.text())
        copy.clicked.connect(self.copy_wanted)
        return [wrapped(self.tr("%n more keys are not shown.", "", count), "secondary"), copy]

    def _nothing(self) -> QLabel:
        return wrapped(
            self.tr("This contact carries no contact data.")
            if self._contact is not None
            else self.tr("What is known about a contact is shown here."),
            "secondary",
        )

    def _view(self, field: Field, editable: bool) -> FieldView:
        contact, key = self._contact, field.key
        return FieldView(
            field,
            editable,
            lambda text: None if contact is None else self.edited.emit(contact, key, text),
        )

    def _focused(self) -> str:
        for key, view in self._views.items():
            if view.editor is not None and view.editor.hasFocus():
                return key
        return ""

    def _focus(self, key: str) -> None:
        editor = self.editor(key)
        if editor is not None:
            editor.setFocus(Qt.FocusReason.OtherFocusReason)
            self.ensureWidgetVisible(editor)


def _seen(fields: Sequence[Field]) -> list[Field]:
    """What there is room for: of the keys that are not configured, only the first."""
    others = [field.key for field in fields if not field.known and field.rule != "mandatory"]
    left_out = set(others[MOST_OTHERS:])
    return [field for field in fields if field.key not in left_out]


def _form(field: Field) -> tuple[object, ...]:
    """What a field must keep for its editor to stay."""
    return (
        field.key,
        field.display,
        field.rule,
        tuple(field.choices),
        field.lines,
        field.max_length,
        field.known,
    )

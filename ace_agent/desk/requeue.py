"""Where to requeue a contact to: a queue, a waiting list or a colleague, with a note."""

from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.desk.delegates import TargetRow
from ace_agent.desk.models import ROW, Target, Targets
from ace_agent.loop import closed
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.text import label, wrapped

WIDTH, HEIGHT, LEAST_LIST, NOTE_LINES = 440, 544, 132, 3


@dataclass(frozen=True, slots=True)
class Requeuing:
    """What was chosen: exactly one of queue and colleague (a login)."""

    queue: str  # or a waiting list
    colleague: str
    note: str


class RequeueDialog(QDialog):
    """Type to narrow, arrows to choose, Enter to requeue."""

    def __init__(self, model: Targets, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Requeue"))
        self.setMinimumWidth(WIDTH)
        self._model = model
        self._field = self._make_field()
        self._list = self._make_list()
        self._note = self._make_note()
        self._requeue = self._make_button(self.tr("Requeue"), "primary", self.accept)
        self._lay_out()
        self.resize(WIDTH, min(HEIGHT, parent.window().height() - 2 * theme.WIDE))
        self._field.setFocus()
        self._select_first()

    @property
    def chosen(self) -> Requeuing:
        """What is chosen now."""
        row = self._list.currentIndex().data(ROW)
        target = row if isinstance(row, Target) else Target("")
        is_person = target.icon == "person"
        return Requeuing(
            "" if is_person else target.name,
            target.name if is_person else "",
            self._note.toPlainText().strip(),
        )

    # Parts

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.LARGE)
        column.setSpacing(theme.SMALL)
        column.addWidget(label(self.tr("Requeue"), "title"))
        column.addWidget(
            wrapped(self.tr("You are paused afterwards, and there is no wrap-up."), "secondary")
        )
        column.addSpacing(theme.TIGHT)
        column.addWidget(self._field)
        column.addWidget(self._list, 1)
        column.addSpacing(theme.TIGHT)
        caption = label(self.tr("Note to who gets it"), "secondary")
        caption.setBuddy(self._note)
        column.addWidget(caption)
        column.addWidget(self._note)
        column.addSpacing(theme.SMALL)
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addStretch()
        row.addWidget(self._make_button(self.tr("Cancel"), "plain", self.reject))
        row.addWidget(self._requeue)
        column.addLayout(row)

    def _make_field(self) -> SearchField:
        field = SearchField(self.tr("Find a queue, a list or a colleague"), "field", self)
        field.textChanged.connect(self._narrow)
        field.moved.connect(lambda key: self._list.keyPressEvent(key))
        return field

    def _make_list(self) -> QListView:
        view = QListView(self)
        view.setModel(self._model)
        view.setItemDelegate(TargetRow(view))
        view.setAccessibleName(self.tr("Queues, waiting lists and colleagues"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setMinimumHeight(LEAST_LIST)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.doubleClicked.connect(self.accept)
        view.selectionModel().currentChanged.connect(self._follow)
        return view

    def _make_note(self) -> QPlainTextEdit:
        note = QPlainTextEdit(self)
        note.setProperty("kind", "field")
        note.setAccessibleName(self.tr("Note to who gets it"))
        note.setTabChangesFocus(True)
        note.setFixedHeight(self.fontMetrics().lineSpacing() * NOTE_LINES + theme.LARGE)
        return note

    def _make_button(self, text: str, kind: str, pressed: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("kind", kind)
        button.setAccessibleName(text)
        button.setDefault(kind == "primary")
        button.clicked.connect(pressed)
        return button

    def _narrow(self, typed: str) -> None:
        self._model.filter(typed)
        self._select_first()

    def _select_first(self) -> None:
        for number, row in enumerate(self._model.rows):
            if row.name:
                self._list.selectionModel().setCurrentIndex(
                    self._model.index(number), QItemSelectionModel.SelectionFlag.ClearAndSelect
                )
                return
        self._follow(QModelIndex())

    def _follow(self, index: QModelIndex) -> None:
        self._requeue.setEnabled(bool(index.isValid() and index.data(ROW).name))


async def ask(dialog: RequeueDialog) -> Requeuing | None:
    """Show it and wait for the choice; None where the person thought better of it."""
    try:
        accepted = await closed(dialog) == QDialog.DialogCode.Accepted
        chosen = dialog.chosen
    finally:
        dialog.deleteLater()
    return chosen if accepted and (chosen.queue or chosen.colleague) else None

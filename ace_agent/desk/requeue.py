"""Where to requeue a contact to: a queue, a waiting list or a colleague, with a note."""

from dataclasses import dataclass

from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.desk.models import Target, Targets
from ace_agent.desk.target_picker import TargetPicker
from ace_agent.loop import closed
from ace_agent.widgets.buttons import dialog_button
from ace_agent.widgets.text import label, wrapped

WIDTH, HEIGHT, NOTE_LINES = 440, 544, 3


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
        self._picker = self._make_picker(model)
        self._note = self._make_note()
        self._requeue = dialog_button(self.tr("Requeue"), self.accept, self, primary=True)
        self._lay_out()
        self.resize(WIDTH, min(HEIGHT, parent.window().height() - 2 * theme.WIDE))
        self._picker.field.setFocus()
        self._follow()

    @property
    def chosen(self) -> Requeuing:
        """What is chosen now."""
        target = self._picker.chosen or Target("")
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
        column.addWidget(self._picker, 1)
        column.addSpacing(theme.TIGHT)
        caption = label(self.tr("Note to who gets it"), "secondary")
        caption.setBuddy(self._note)
        column.addWidget(caption)
        column.addWidget(self._note)
        column.addSpacing(theme.SMALL)
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addStretch()
        row.addWidget(dialog_button(self.tr("Cancel"), self.reject, self))
        row.addWidget(self._requeue)
        column.addLayout(row)

    def _make_picker(self, model: Targets) -> TargetPicker:
        find = self.tr("Find a queue, a list or a colleague")
        picker = TargetPicker(model, find, self.tr("Queues, waiting lists and colleagues"), self)
        picker.changed.connect(self._follow)
        picker.picked.connect(self.accept)
        return picker

    def _make_note(self) -> QPlainTextEdit:
        note = QPlainTextEdit(self)
        note.setProperty("kind", "field")
        note.setAccessibleName(self.tr("Note to who gets it"))
        note.setTabChangesFocus(True)
        note.setFixedHeight(self.fontMetrics().lineSpacing() * NOTE_LINES + theme.LARGE)
        return note

    def _follow(self) -> None:
        self._requeue.setEnabled(self._picker.chosen is not None)


async def ask(dialog: RequeueDialog) -> Requeuing | None:
    """Show it and wait for the choice; None where the person thought better of it."""
    try:
        accepted = await closed(dialog) == QDialog.DialogCode.Accepted
        chosen = dialog.chosen
    finally:
        dialog.deleteLater()
    return chosen if accepted and (chosen.queue or chosen.colleague) else None

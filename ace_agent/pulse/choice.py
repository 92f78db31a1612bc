"""A dialog in which one queue, list or person is chosen: type to narrow, arrows, Enter."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.models import Target, Targets
from ace_agent.desk.target_picker import TargetPicker
from ace_agent.loop import closed
from ace_agent.widgets.buttons import dialog_button
from ace_agent.widgets.text import wrapped

WIDTH, HEIGHT = 440, 480


class ChoiceDialog(QDialog):
    """Says what it is about, and offers the targets."""

    def __init__(self, targets: Targets, title: str, text: str, verb: str, parent: QWidget) -> None:
        """`text` says what will be done to whom; `verb` is on the button that does it."""
        super().__init__(parent)
        targets.setParent(self)
        self.setWindowTitle(title)
        self.setAccessibleDescription(text)
        self.setMinimumWidth(WIDTH)
        self._picker = self._make_picker(targets)
        self.field = self._picker.field
        self._do = dialog_button(verb, self.accept, self, primary=True)
        self._lay_out(title, text)
        self.resize(WIDTH, min(HEIGHT, parent.window().height() - 2 * theme.WIDE))
        self.field.setFocus()
        self._follow()

    @property
    def chosen(self) -> Target | None:
        """What is chosen now."""
        return self._picker.chosen

    # Parts

    def _lay_out(self, title: str, text: str) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addStretch()
        row.addWidget(dialog_button(self.tr("Cancel"), self.reject, self))
        row.addWidget(self._do)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.LARGE)
        column.setSpacing(theme.SMALL)
        column.addWidget(wrapped(title, "title"))
        column.addWidget(wrapped(text, "secondary"))
        column.addSpacing(theme.TIGHT)
        column.addWidget(self._picker, 1)
        column.addSpacing(theme.SMALL)
        column.addLayout(row)

    def _make_picker(self, targets: Targets) -> TargetPicker:
        find, name = self.tr("Type to find one"), self.tr("What can be chosen")
        picker = TargetPicker(targets, find, name, self)
        picker.changed.connect(self._follow)
        picker.picked.connect(self.accept)
        return picker

    def _follow(self) -> None:
        self._do.setEnabled(self.chosen is not None)


async def choose(dialog: ChoiceDialog) -> Target | None:
    """Show it and wait for the choice; None where the person thought better of it."""
    try:
        accepted = await closed(dialog) == QDialog.DialogCode.Accepted
        return dialog.chosen if accepted else None
    finally:
        dialog.deleteLater()

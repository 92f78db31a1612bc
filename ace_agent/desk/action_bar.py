"""The bar at the bottom: what this contact allows now, and nothing else."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ace_agent import theme
from ace_agent.actions import Action
from ace_agent.widgets.buttons import ActionButton
from ace_agent.widgets.text import ElidedLabel

NEXT = (Action.ACCEPT, Action.END, Action.RESUME)
"""What is usually done next comes first, and is the most visible."""

OTHERS = (
    Action.REPLY,
    Action.REPLY_ALL,
    Action.FORWARD,
    Action.PARK,
    Action.REQUEUE,
    Action.DECLINE,
)
QUIET = (Action.DID_NOT_ARRIVE, Action.EXPLAIN)

KEYLESS = (Action.REPLY_ALL, Action.FORWARD, Action.DID_NOT_ARRIVE)
"""Their keys are in menus and tooltips: what the bar has to say needs the room."""


class ActionBar(QWidget):
    """A button for every action the contact allows; the others are not there.

    But Pick stays while a list is looked into, and the bar says why it cannot be done.
    """

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Actions"))
        self._says = ElidedLabel(role="secondary")
        self.buttons = {
            **{action: ActionButton(actions[action], "primary", self) for action in NEXT},
            **{
                action: ActionButton(actions[action], "plain", self, with_key=action not in KEYLESS)
                for action in OTHERS
            },
            **{
                action: ActionButton(actions[action], "quiet", self, with_key=action not in KEYLESS)
                for action in QUIET
            },
        }
        self.pick = ActionButton(actions["pick"], "primary", self, stays=True)
        self.pick.offer(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.LARGE, theme.SMALL + 1, theme.SMALL, theme.SMALL)
        row.setSpacing(theme.SMALL)
        for action in (*NEXT, *OTHERS):
            row.addWidget(self.buttons[action], 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.pick, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(theme.TIGHT)
        row.addWidget(self._says, 1)
        for action in QUIET:
            row.addWidget(self.buttons[action])
        self.setMinimumHeight(theme.PRIMARY_HEIGHT + 2 * theme.SMALL + 1)

    def say(self, sentence: str, *, wrong: bool = False) -> None:
        """Say what there is to know before anything is done; `wrong`: what keeps it from being."""
        self._says.setText(sentence)
        role = "alarm" if wrong else "secondary"
        if self._says.property("role") != role:
            self._says.setProperty("role", role)
            self._says.style().unpolish(self._says)
            self._says.style().polish(self._says)

    def paintEvent(self, event: QPaintEvent) -> None:
        chosen = theme.colours(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(chosen.window))
        painter.fillRect(0, 0, self.width(), 1, QColor(chosen.hairline))

"""The bar at the bottom: what this contact allows now, and nothing else."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ace_agent import theme
from ace_agent.actions import Action
from ace_agent.commands import Command
from ace_agent.widgets.buttons import ActionButton, IconAction
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
"""Their keys are in menus and tooltips; where there is little room, each is an icon."""

NARROWEST = 480
LEAST_SAID = 96
"""Of what the bar says, in pixels, before buttons become icons."""


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
        self._icons = {
            action: IconAction(_icon(actions[action]), actions[action], self) for action in KEYLESS
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.LARGE, theme.SMALL + 1, theme.SMALL, theme.SMALL)
        row.setSpacing(theme.SMALL)
        for action in (*NEXT, *OTHERS):
            self._add(row, action)
        row.addWidget(self.pick, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(theme.TIGHT)
        row.addWidget(self._says, 1)
        for action in QUIET:
            self._add(row, action)
        self.setMinimumHeight(theme.PRIMARY_HEIGHT + 2 * theme.SMALL + 1)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Narrower than its words: then some are icons."""
        return QSize(NARROWEST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _add(self, row: QHBoxLayout, action: Action) -> None:
        row.addWidget(self.buttons[action], 0, Qt.AlignmentFlag.AlignVCenter)
        if action in self._icons:
            row.addWidget(self._icons[action], 0, Qt.AlignmentFlag.AlignVCenter)

    def _fit(self) -> None:
        """Words where there is room for them all, and for what the bar says."""
        there = [*self.buttons.values(), self.pick]
        wanted = sum(
            button.minimumSizeHint().width() + theme.SMALL
            for button in there
            if button.command.isEnabled() and button.command.isVisible()
        )
        has_room = wanted + LEAST_SAID + 2 * theme.LARGE <= self.width()
        for action, icon in self._icons.items():
            self.buttons[action].offer(has_room)
            icon.offer(not has_room)

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


def _icon(action: QAction) -> str:
    command: Command = action.data()
    return command.icon

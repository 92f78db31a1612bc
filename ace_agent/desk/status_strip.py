"""The strip at the top: the agent's state, its clock, and the one thing to do about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QPoint, QSize, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from ace_agent import icons, theme
from ace_agent.actions import Action, Page, Verb
from ace_agent.desk import times, words
from ace_agent.desk.shown import one_line
from ace_agent.widgets import tips
from ace_agent.widgets.alert import alert
from ace_agent.widgets.buttons import ActionButton, IconButton, WordsButton
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.pulse import Pulse
from ace_agent.widgets.ring import SIDE, Ring
from ace_agent.widgets.switch import Switch
from ace_agent.widgets.text import ElidedLabel, label
from ace_server.wire import Agent, AgentState

LONGEST_NAME = 200
"""Of a person's name, in pixels."""
LONGEST_LEVEL = 200
"""Of the work level."""

STRIP_IS_TAKEN = frozenset({AgentState.BOOKED, AgentState.WRAP_UP})
"""The states with a time that runs down, and more to do about it."""


class StatusStrip(QWidget):
    """State as shape, word and colour; clock; one verb; the agent's menu."""

    pause_chosen = Signal(str)
    """Pause with this activity."""

    work_level_chosen = Signal(str)
    """Serve this set of queues from now on."""

    def __init__(
        self,
        actions: Mapping[str, QAction],
        agent_menu: QMenu,
        pulse: Pulse,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Status"))
        self._pulse = pulse
        self._agent: Agent | None = None
        self._shown_activities: list[str] = []
        self._shape = Picture("state-logged-out", "logged_out", theme.ICON)
        self._word = label(role="title")
        self._clock = label()
        self._ring = Ring()
        self._extend = IconButton("extend", actions[Verb.EXTEND_WRAP_UP].toolTip())
        self._extend_command = actions[Verb.EXTEND_WRAP_UP]
        self._extend.clicked.connect(self._extend_command.trigger)
        self._state = self._make_state()
        self._beside = ElidedLabel()
        self._accept = ActionButton(actions[Action.ACCEPT], "primary")
        self._activate = ActionButton(actions[Verb.ACTIVATE], "primary")
        self._pause = ActionButton(actions[Verb.PAUSE])
        self._activities = self._make_activities()
        self._work_levels = self._make_work_levels(actions["work-level"])
        self.pages = Switch([actions[page] for page in Page], self.tr("Pages"))
        self._commands = IconButton("search", actions["commands"].toolTip())
        self._commands.clicked.connect(actions["commands"].trigger)
        self._person = self._make_person(agent_menu)
        self._lay_out()
        pulse.moved.connect(self.update)

    def show_agent(self, agent: Agent | None, activities: Sequence[str], now: datetime) -> None:
        """Show this agent's state as of now."""
        self._agent = agent
        state = agent.state if agent else AgentState.LOGGED_OUT
        is_new = self._word.text() not in ("", words.state(state))
        self._shape.show_icon(icons.of_state(state), theme.STATE_COLOURS[state])
        self._word.setText(words.state(state))
        self._show_verbs(state)
        self._show_activities(activities)
        self._show_work_level()
        name = one_line(agent.name) if agent else ""
        self._person.set_words(name, self.tr("Agent menu of %1").replace("%1", name))
        self._person.setVisible(agent is not None)
        self.tick(now)
        self.setAccessibleDescription(", ".join((self._word.text(), self._beside.text())))
        if is_new:  # a screen reader says it at once
            alert(self)

    def tick(self, now: datetime) -> None:
        """Move the clocks on."""
        agent = self._agent
        if agent is None:
            self._clock.setText("")
            self._beside.setText("")
            return
        self._clock.setText(words.clock(agent, now))
        self._clock.setToolTip(self.tr("Since %1").replace("%1", times.exact(agent.since)))
        self._beside.setText(words.beside_state(agent, now))
        self._ring.show_left(words.share_left(agent, now))

    def paintEvent(self, event: QPaintEvent) -> None:
        chosen = theme.colours(self.palette())
        painter = QPainter(self)
        booked = self._agent is not None and self._agent.state == AgentState.BOOKED
        strength = self._pulse.strength if booked else 0.0
        painter.fillRect(self.rect(), theme.mixed(chosen.window, chosen.accent_tint, strength))
        line = chosen.accent if booked else chosen.hairline
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(line))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.LanguageChange):
            self._keep_places()

    # Parts

    def _make_activities(self) -> IconButton:
        button = IconButton("chevron-down", self.tr("Pause with an activity"))
        button.clicked.connect(self._open_activities)
        self._activity_menu = QMenu(button)
        return button

    def _make_work_levels(self, command: QAction) -> WordsButton:
        button = WordsButton(kind="quiet", behind="chevron-down")
        button.set_longest(LONGEST_LEVEL)
        button.clicked.connect(command.trigger)
        self._work_level_menu = QMenu(button)
        self._choose_level = command
        command.changed.connect(self._show_work_level)
        return button

    def _make_person(self, menu: QMenu) -> WordsButton:
        button = WordsButton(kind="quiet", behind="chevron-down")
        button.set_longest(LONGEST_NAME)
        button.setToolTip(
            self.tr("Light or dark, language, how a contact is announced, password, log out")
        )
        button.clicked.connect(lambda: _drop(menu, button))
        return button

    def _make_state(self) -> "_Place":
        place = _Place()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.MEDIUM)
        row.addWidget(self._word)
        row.addWidget(self._ring)
        row.addWidget(self._clock)
        row.addWidget(self._extend)
        row.addStretch()
        return place

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.LARGE, theme.SMALL, theme.MEDIUM, theme.SMALL + 1)
        row.setSpacing(theme.SMALL)
        row.addWidget(self._shape)
        row.addWidget(self._state)
        for button in (self._accept, self._activate, self._pause):
            row.addWidget(button)
        row.addWidget(self._activities)
        row.addWidget(self._work_levels)
        row.addSpacing(theme.TIGHT)
        row.addWidget(self._beside, 1)
        row.addWidget(self.pages)
        row.addWidget(self._commands)
        row.addWidget(self._person)
        self._clock.setFont(theme.figures(self._clock.font()))
        self.setMinimumHeight(theme.PRIMARY_HEIGHT + 2 * theme.SMALL + 1)
        self._keep_places()

    def _keep_places(self) -> None:
        """The buttons stay where they are whatever the state is called."""
        title = theme.sized(self.font(), theme.TITLE, weight=QFont.Weight.DemiBold)
        widest = QFontMetrics(title).horizontalAdvance(words.state(AgentState.WRAP_UP))
        figures = theme.figures(theme.sized(self.font(), theme.TEXT))
        clock = QFontMetrics(figures).horizontalAdvance("00:00:00")
        wrap_up = SIDE + theme.CONTROL_HEIGHT + 2 * theme.MEDIUM
        self._state.keep(widest + clock + theme.MEDIUM + wrap_up)

    def _show_verbs(self, state: AgentState) -> None:
        """One verb is offered here; the others stay in the menus and on their keys."""
        booked = state == AgentState.BOOKED
        self._ring.setVisible(state == AgentState.WRAP_UP)
        self._extend.setVisible(self._extend_command.isEnabled())
        for button in (self._activate, self._pause):
            button.offer(not booked)

    def _show_activities(self, activities: Sequence[str]) -> None:
        if activities != self._shown_activities:  # else an open menu would lose its rows
            self._shown_activities = list(activities)
            self._fill_activities()
        self._activities.setVisible(bool(activities) and not self._pause.isHidden())

    def _fill_activities(self) -> None:
        self._activity_menu.clear()
        for activity in self._shown_activities:
            entry = self._activity_menu.addAction(one_line(activity).replace("&", "&&"))
            entry.triggered.connect(lambda _=False, chosen=activity: self.pause_chosen.emit(chosen))

    def open_work_levels(self) -> None:
        """Let one be chosen, below the one that is served now."""
        menu, agent = self._work_level_menu, self._agent
        menu.clear()
        for level in agent.work_levels if agent is not None else ():
            entry = menu.addAction(one_line(level).replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(agent is not None and level == agent.work_level)
            entry.triggered.connect(
                lambda _=False, chosen=level: self.work_level_chosen.emit(chosen)
            )
        _drop(menu, self._work_levels)
        checked = [entry for entry in menu.actions() if entry.isChecked()]
        menu.setActiveAction((checked or menu.actions())[0])

    def _show_work_level(self) -> None:
        """There only for who has a choice; where it cannot be made now, it says why.

        While a booking or a wrap-up has the strip, that alone is to be seen.
        """
        taken = self._agent is not None and self._agent.state in STRIP_IS_TAKEN
        level = one_line(self._agent.work_level) if self._agent is not None else ""
        button, command = self._work_levels, self._choose_level
        button.set_words(self.tr("Work level: %1").replace("%1", level))
        button.setEnabled(command.isEnabled())
        button.setToolTip(tips.plain(command.toolTip()))
        button.setAccessibleDescription(command.toolTip())
        there = command.isVisible() and not taken
        if not there or button.parentWidget() is not None:  # else it would be a window of its own
            button.setVisible(there)

    def _open_activities(self) -> None:
        _drop(self._activity_menu, self._activities)


def _drop(menu: QMenu, button: QWidget) -> None:
    """Open a menu below its button, and go on."""
    menu.popup(button.mapToGlobal(QPoint(0, button.height())))


class _Place(QWidget):
    """A place at least so wide, whatever is in it: the buttons beside it do not move."""

    def __init__(self) -> None:
        super().__init__()
        self._width = 0

    def keep(self, width: int) -> None:
        """Be at least so wide."""
        self._width = width
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(self._width, 0))

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(self._width, 0))

"""The page of Pulse: the figures that matter now, the queues, the agents, what waits in a queue.

It follows the board and decides nothing; while nobody sees it, nothing is asked for.
"""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QByteArray, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QFont, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ace_agent import actions, theme
from ace_agent.actions import Intervention
from ace_agent.pulse import models
from ace_agent.pulse.board import Board
from ace_agent.pulse.interventions import Interventions
from ace_agent.pulse.models import Headline
from ace_agent.pulse.queue_view import QueueView
from ace_agent.pulse.waiting import Waiting
from ace_agent.pulse.why import Why
from ace_agent.session import Session
from ace_agent.settings import Settings
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.table import TableView
from ace_agent.widgets.text import ElidedLabel, hairline, label
from ace_server.wire import AgentFigures, QueueFigures

QUEUE_PARTS = (26, 19, 16, 16, 23)
AGENT_PARTS = (23, 24, 19, 34)
"""How wide the columns are, in hundredths of their table."""
WIDTHS = (480, 520)
FIELD_WIDTH = 220  # at least
NARROWEST = 320
SIZES = "pulse-sizes"
"""Under which the widths of the two tables are remembered."""
BACK = "all-queues"
"""The command that leaves a queue that is looked into."""

ON_AGENT = (
    Intervention.EXPLAIN_IN_HAND,
    Intervention.LOG_IN_TO_QUEUE,
    Intervention.LOG_OUT_OF_QUEUE,
)
"""In the order of the menu."""


class PulsePage(QWidget):
    """Queues and agents as they are now, and what a supervisor does about them (PU-2)."""

    chosen_changed = Signal()
    """Something else can be done now."""

    def __init__(
        self,
        session: Session,
        board: Board,
        settings: Settings,
        say_trouble: Callable[[str], None],
        say_done: Callable[[str], None],
        commands: Mapping[str, QAction],
        parent: QWidget | None = None,
    ) -> None:
        """Why something was not done is said by `say_trouble`; what is not seen, by `say_done`."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("Pulse"))
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._board = board
        self._settings = settings
        self._commands = commands
        self._now = board.now()  # the same for all that is shown
        self.waiting = Waiting(session, board, say_trouble, self)
        self.queue_model = models.Queues(lambda: self._now, self)
        self.agent_model = models.Agents(lambda: self._now, self)
        self.headline = _Headlines()
        self.field = self._make_field()
        self.queues = TableView(self.queue_model, self.tr("Queues"), QUEUE_PARTS)
        self.agents = TableView(self.agent_model, self.tr("Agents"), AGENT_PARTS)
        self._panes = (
            _Pane(self.tr("Queues"), self.queues, self.tr("No queue has these words.")),
            _Pane(self.tr("Agents"), self.agents, self.tr("No agent has these words.")),
        )
        self._columns = self._make_columns()
        self.queue_view = QueueView(self.waiting, lambda: self._now, commands, commands[BACK])
        self._rooms = QStackedWidget()
        self.why = Why(commands[Intervention.WHY_NOT], self)
        self.interventions = Interventions(
            session,
            board,
            self.waiting,
            self.why,
            lambda: self.queue_view.chosen,
            lambda: self._agent,
            say_done,
        )
        self._lay_out()
        self._connect()
        self._say_what_is_filtered()
        self._follow()

    def panes(self) -> Sequence[QWidget]:
        """The two tables; then the queue that is looked into, and what can be done there."""
        return (*self._panes, self.queue_view.pane, self.queue_view.bar)

    def focus(self) -> None:
        """Move the keyboard into the first table."""
        if self.looks_into_queue:
            self.queue_view.focus()
        else:
            self.queues.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def filter(self) -> None:
        """Move the keyboard to where is typed what to find."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def tick(self) -> None:
        """Move the times on."""
        if self.isVisible() and self._board.is_known:
            self._now = self._board.now()
            self.queue_model.tick()
            self.agent_model.tick()
            self.queue_view.model.tick()
            self._show_headlines()

    async def stop(self) -> None:
        """End what is under way."""
        await self.waiting.stop()

    # What a supervisor does

    @property
    def looks_into_queue(self) -> bool:
        """Whether one queue is seen, and not all of them."""
        return self._rooms.currentWidget() is self.queue_view

    def possible(self) -> frozenset[Intervention]:
        """What the person can do with what is chosen."""
        agent = self._session.agent
        if agent is None:
            return frozenset()
        if self.looks_into_queue:
            return actions.on_waiting(self.queue_view.chosen, agent)
        on_agent = actions.on_agent(self._agent, agent) if self._agent else frozenset()
        on_queue = {Intervention.LOOK} if self._queue else frozenset()
        return on_agent | (on_queue & actions.granted(agent))

    def look_into_queue(self) -> None:
        """Show what waits in the chosen queue."""
        row = self._queue
        if row is None:
            return
        self.field.clear()
        self.queue_view.begin(models.queue_name(row, self._board.agents))
        self._turn_to(self.queue_view)
        self.waiting.look_into((row.queue, row.personal))

    def leave_queue(self) -> None:
        """Show all queues and agents again."""
        if self.looks_into_queue:
            self.field.clear()
            self._turn_to(self._columns)
            self.waiting.leave()

    @property
    def _queue(self) -> QueueFigures | None:
        """Of the chosen queue."""
        index = self._chosen(self.queues)
        return self.queue_model.rows[index.row()].figures if index.isValid() else None

    @property
    def _agent(self) -> AgentFigures | None:
        """Of the chosen agent."""
        index = self._chosen(self.agents)
        return self.agent_model.rows[index.row()].figures if index.isValid() else None

    def _chosen(self, view: TableView) -> QModelIndex:
        """The row that the keyboard is on, if it is chosen."""
        index = view.currentIndex()
        return index if view.selectionModel().isSelected(index) else QModelIndex()

    # What is remembered

    def restore(self) -> None:
        """As it was remembered; as designed where nothing was."""
        sizes = self._settings.view(SIZES)
        if not sizes or not self._columns.restoreState(QByteArray(sizes)):
            self._columns.setSizes(list(WIDTHS))
        for name, view, column in self._views():
            if not view.restore(self._settings.view(name)):
                view.sort_by(column)

    def remember(self) -> None:
        """Keep widths, orders and columns for the next time."""
        self._settings.keep_view(SIZES, bytes(self._columns.saveState().data()))
        for name, view, _ in self._views():
            self._settings.keep_view(name, view.save())

    def _views(self) -> tuple[tuple[str, TableView, int], ...]:
        """Each table, the name under which it is remembered, and what it is first sorted by."""
        return (
            ("pulse-queues", self.queues, 0),
            ("pulse-agents", self.agents, 1),
            ("pulse-waiting", self.queue_view.table, 0),
        )

    # Parts

    def _make_field(self) -> SearchField:
        field = SearchField(self.tr("Filter queues and agents"), parent=self)
        field.setToolTip(self.tr("Show only rows with these words (Ctrl+F)"))
        field.offer_to_clear()
        field.setMinimumWidth(FIELD_WIDTH)
        field.textChanged.connect(self._filter)
        field.moved.connect(lambda _: self.focus())
        return field

    def _filter(self, typed: str) -> None:
        if self.looks_into_queue:
            self.queue_view.filter(typed)
            return
        self.queue_model.filter(typed)
        self.agent_model.filter(typed)
        self._say_what_is_not_found()

    def _say_what_is_not_found(self) -> None:
        typed = bool(self.field.text())
        queues, agents = self._panes
        queues.say_nothing(typed and not self.queue_model.rows)
        agents.say_nothing(typed and not self.agent_model.rows)

    def _make_columns(self) -> QSplitter:
        columns = QSplitter(Qt.Orientation.Horizontal)
        columns.setHandleWidth(1)
        columns.setChildrenCollapsible(False)
        for pane in self._panes:
            pane.setMinimumWidth(NARROWEST)
            columns.addWidget(pane)
        return columns

    def _turn_to(self, room: QWidget) -> None:
        self.why.leave(focus_back=False)
        self._rooms.setCurrentWidget(room)
        self._say_what_is_filtered()
        self.focus()
        self.chosen_changed.emit()

    def _say_what_is_filtered(self) -> None:
        name = self.tr("Filter queues and agents")
        if self.looks_into_queue:
            name = self.tr("Filter waiting contacts")
        self.field.setPlaceholderText(name)
        self.field.setAccessibleName(name)
        words = self.field.fontMetrics().horizontalAdvance(name)
        self.field.setMinimumWidth(max(FIELD_WIDTH, words + theme.CONTROL_HEIGHT))

    def _connect(self) -> None:
        self._board.changed.connect(self._follow)
        self.queue_view.chosen_changed.connect(self.chosen_changed)
        look, explain = Intervention.LOOK, Intervention.EXPLAIN_IN_HAND
        self.queues.offer([self._commands[look]])
        self.agents.offer([self._commands[name] for name in ON_AGENT])
        for view, command in ((self.queues, look), (self.agents, explain)):
            view.selectionModel().selectionChanged.connect(lambda: self.chosen_changed.emit())
            view.activated.connect(self._commands[command].trigger)

    def _lay_out(self) -> None:
        self._rooms.addWidget(self._columns)
        self._rooms.addWidget(self.queue_view)
        top = QHBoxLayout()
        top.setContentsMargins(theme.LARGE, theme.LARGE, theme.LARGE, theme.LARGE)
        top.setSpacing(theme.WIDE)
        top.addWidget(self.headline, 1)
        top.addWidget(self.field, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(hairline())
        column.addWidget(self._rooms, 1)

    def _show_headlines(self) -> None:
        self.headline.show_figures(models.headlines(self._board, self._now))
        self.headline.setEnabled(self._board.is_known)

    def _follow(self) -> None:
        if self._board.is_known:
            self._now = self._board.now()
        self.queue_model.follow(self._board)
        self.agent_model.follow(self._board)
        self._say_what_is_not_found()
        self._show_headlines()
        if self._session.agent is None:
            self.leave_queue()
        self.chosen_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.looks_into_queue:
            self._commands[BACK].trigger()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._board.want(True)
        self.waiting.again()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._board.want(False)


class _Pane(QWidget):
    """A table, and what is said where it is empty."""

    def __init__(self, title: str, view: TableView, nothing: str) -> None:
        """`nothing` is said where no row has the words that were typed."""
        super().__init__()
        self._nothing = label(nothing, "secondary")
        self._nothing.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.SMALL)
        self._nothing.hide()
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        inner = QHBoxLayout()
        inner.setContentsMargins(theme.SMALL, theme.TIGHT, theme.SMALL, theme.TIGHT)
        inner.addWidget(view)
        column.addLayout(inner, 1)
        column.addWidget(self._nothing)

    def say_nothing(self, nothing: bool) -> None:
        """Say that no row has these words, or that some have."""
        self._nothing.setVisible(nothing)


class _Headlines(QWidget):
    """The figures above, each under what it is called."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2 * theme.WIDE)
        self._shown: list[_Figure] = []
        self._row.addStretch(1)

    @property
    def words(self) -> list[str]:
        """What they say."""
        return [figure.accessibleName() for figure in self._shown]

    def show_figures(self, figures: Sequence[Headline]) -> None:
        """Show these."""
        while len(self._shown) < len(figures):
            self._shown.append(_Figure())
            self._row.insertWidget(len(self._shown) - 1, self._shown[-1])
        for shown, figure in zip(self._shown, figures, strict=True):
            shown.say(figure)


class _Figure(QWidget):
    """One figure, large enough to be read from the next desk."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ElidedLabel(role="secondary")
        self._value = label()
        font = theme.sized(self.font(), theme.FIGURE, weight=QFont.Weight.DemiBold)
        self._value.setFont(theme.figures(font))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._value)

    def say(self, figure: Headline) -> None:
        """Say it."""
        self._title.setText(figure.title)
        self._value.setText(figure.value)
        self.setAccessibleName(f"{figure.title}: {figure.value}")
        self.setToolTip(figure.hint)

"""The page of Pulse: the figures that matter now, the queues, the agents, what waits in a queue.

It follows the board and decides nothing; while nobody sees it, nothing is asked for.
"""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QByteArray, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QFont, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QSpacerItem,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ace_agent import actions, theme
from ace_agent.actions import Intervention
from ace_agent.desk.shown import one_line
from ace_agent.pulse import models
from ace_agent.pulse.board import Board
from ace_agent.pulse.interventions import Interventions
from ace_agent.pulse.mail_interventions import MailInterventions
from ace_agent.pulse.mail_models import MailAccounts, what_to_do
from ace_agent.pulse.models import Headline
from ace_agent.pulse.quarantine import Quarantine
from ace_agent.pulse.quarantine_view import QuarantineView
from ace_agent.pulse.queue_view import QueueView
from ace_agent.pulse.waiting import Waiting
from ace_agent.pulse.why import Why
from ace_agent.sentences import filled
from ace_agent.session import Session
from ace_agent.settings import Settings
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.table import TableView
from ace_agent.widgets.text import ElidedLabel, hairline, label, wrapped
from ace_server.wire import AgentFigures, QueueFigures

QUEUE_PARTS = (26, 19, 16, 16, 23)
AGENT_PARTS = (23, 24, 19, 34)
"""How wide the columns are, in hundredths of their table."""
ACCOUNT_PARTS = (22, 13, 10, 10, 11, 12, 22)
WIDTHS = (480, 520)
HEIGHTS = (380, 220)
FIELD_WIDTH = 220  # at least
NARROWEST = 320
SIZES = "pulse-sizes"
ROWS = "pulse-rows"
"""Under which the widths of the upper tables, and the heights of all, are remembered."""
BACK = "all-queues"
"""The command that leaves what is looked into."""

ON_AGENT = (
    Intervention.EXPLAIN_IN_HAND,
    Intervention.LOG_IN_TO_QUEUE,
    Intervention.LOG_OUT_OF_QUEUE,
)
"""In the order of the menu."""


class PulsePage(QWidget):
    """Queues, agents and mail as they are now, and what a supervisor does about them (PU-2)."""

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
        self.account_model = MailAccounts(lambda: self._now, self)
        self.quarantine = Quarantine(session, board, say_trouble, self)
        self.headline = _Headlines()
        self.field = self._make_field()
        self.queues = TableView(self.queue_model, self.tr("Queues"), QUEUE_PARTS)
        self.agents = TableView(self.agent_model, self.tr("Agents"), AGENT_PARTS)
        self.accounts = TableView(self.account_model, self.tr("Mail accounts"), ACCOUNT_PARTS)
        self._panes = (
            _Pane(self.tr("Queues"), self.queues, self.tr("No queue has these words.")),
            _Pane(self.tr("Agents"), self.agents, self.tr("No agent has these words.")),
        )
        self._mail = _Pane(
            self.tr("Mail accounts"), self.accounts, self.tr("No mail account has these words.")
        )
        self._columns = self._make_columns()
        self._overview = self._make_overview()
        self.queue_view = QueueView(self.waiting, lambda: self._now, commands, commands[BACK])
        self.quarantine_view = QuarantineView(
            self.quarantine, lambda: self._now, commands, commands[BACK]
        )
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
        self.mail_interventions = MailInterventions(
            session, self.quarantine, self.quarantine_view, say_done
        )
        self._lay_out()
        self._connect()
        self._say_what_is_filtered()
        self._follow()

    def panes(self) -> Sequence[QWidget]:
        """The tables; then what is looked into, and what can be done there."""
        inside = (self.queue_view.pane, self.queue_view.bar, *self.quarantine_view.panes())
        return (*self._panes, self._mail, *inside)

    def focus(self) -> None:
        """Move the keyboard into the first table."""
        if self.looks_into_queue:
            self.queue_view.focus()
        elif self.looks_into_quarantine:
            self.quarantine_view.focus()
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
            self.account_model.tick()
            self.queue_view.model.tick()
            self.quarantine_view.tick()
            self._show_headlines()

    async def stop(self) -> None:
        """End what is under way."""
        await self.waiting.stop()
        await self.quarantine.stop()

    # What a supervisor does

    @property
    def looks_into_queue(self) -> bool:
        """Whether one queue is seen, and not all of them."""
        return self._rooms.currentWidget() is self.queue_view

    @property
    def looks_into_quarantine(self) -> bool:
        """Whether the mails are seen that went no further."""
        return self._rooms.currentWidget() is self.quarantine_view

    @property
    def is_inside(self) -> bool:
        """Whether something is looked into: there is a way back then."""
        return self._rooms.currentWidget() is not self._overview

    def possible(self) -> frozenset[Intervention]:
        """What the person can do with what is chosen."""
        agent = self._session.agent
        if agent is None:
            return frozenset()
        if self.looks_into_queue:
            return actions.on_waiting(self.queue_view.chosen, agent)
        if self.looks_into_quarantine:
            mails, outgoing = self.quarantine_view.chosen, self.quarantine_view.chosen_outgoing
            return actions.on_quarantined(mails, agent) | actions.on_undelivered(outgoing, agent)
        on_agent = actions.on_agent(self._agent, agent) if self._agent else frozenset()
        on_queue = {Intervention.LOOK} if self._queue else frozenset()
        on_all = {*on_queue, Intervention.QUARANTINE}
        return on_agent | (on_all & actions.granted(agent))

    def look_into_queue(self) -> None:
        """Show what waits in the chosen queue."""
        row = self._queue
        if row is None:
            return
        self.field.clear()
        self.queue_view.begin(models.queue_name(row, self._board.agents))
        self._turn_to(self.queue_view)
        self.waiting.look_into((row.queue, row.personal))

    def look_into_quarantine(self) -> None:
        """Show the mails that went no further, of the chosen account first."""
        index = self._chosen(self.accounts)
        account = self.account_model.rows[index.row()].figures.account if index.isValid() else ""
        self.field.clear()
        self.quarantine_view.begin(account)
        self._turn_to(self.quarantine_view)
        self.quarantine.look()

    def leave(self) -> None:
        """Show all queues, agents and mail accounts again."""
        if self.is_inside:
            came_from = self.accounts if self.looks_into_quarantine else self.queues
            self.field.clear()
            self._turn_to(self._overview)
            self.waiting.leave()
            self.quarantine.leave()
            if came_from.isVisible():
                came_from.setFocus(Qt.FocusReason.ShortcutFocusReason)

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
        for name, splitter, sizes in self._splitters():
            kept = self._settings.view(name)
            if not kept or not splitter.restoreState(QByteArray(kept)):
                splitter.setSizes(list(sizes))
        for name, view, column in self._views():
            if not view.restore(self._settings.view(name)):
                view.sort_by(column)

    def remember(self) -> None:
        """Keep widths, orders and columns for the next time."""
        for name, splitter, _ in self._splitters():
            self._settings.keep_view(name, bytes(splitter.saveState().data()))
        for name, view, _ in self._views():
            self._settings.keep_view(name, view.save())

    def _splitters(self) -> tuple[tuple[str, QSplitter, tuple[int, int]], ...]:
        """Under which name the parts of each are remembered, and how they are first."""
        return (
            (SIZES, self._columns, WIDTHS),
            (ROWS, self._overview, HEIGHTS),
        )

    def _views(self) -> tuple[tuple[str, TableView, int], ...]:
        """Each table, the name under which it is remembered, and what it is first sorted by."""
        return (
            ("pulse-queues", self.queues, 0),
            ("pulse-agents", self.agents, 1),
            ("pulse-mail-accounts", self.accounts, 1),
            ("pulse-waiting", self.queue_view.table, 0),
            ("pulse-quarantine", self.quarantine_view.mails, 0),
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
        if self.looks_into_quarantine:
            self.quarantine_view.filter(typed)
            return
        self.queue_model.filter(typed)
        self.agent_model.filter(typed)
        self.account_model.filter(typed)
        self._say_what_is_not_found()

    def _say_what_is_not_found(self) -> None:
        typed = bool(self.field.text())
        queues, agents = self._panes
        queues.say_nothing(typed and not self.queue_model.rows)
        agents.say_nothing(typed and not self.agent_model.rows)
        self._mail.say_nothing(typed and not self.account_model.rows)

    def _make_columns(self) -> QSplitter:
        columns = QSplitter(Qt.Orientation.Horizontal)
        columns.setHandleWidth(1)
        columns.setChildrenCollapsible(False)
        for pane in self._panes:
            pane.setMinimumWidth(NARROWEST)
            columns.addWidget(pane)
        return columns

    def _make_overview(self) -> QSplitter:
        """Queues and agents; below them the mail accounts, where there are any."""
        overview = QSplitter(Qt.Orientation.Vertical)
        overview.setHandleWidth(1)
        overview.setChildrenCollapsible(False)
        overview.addWidget(self._columns)
        overview.addWidget(self._mail)
        overview.setStretchFactor(0, 1)
        self._mail.hide()
        return overview

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
        elif self.looks_into_quarantine:
            name = self.tr("Filter mails")
        self.field.setPlaceholderText(name)
        self.field.setAccessibleName(name)
        words = self.field.fontMetrics().horizontalAdvance(name)
        self.field.setMinimumWidth(max(FIELD_WIDTH, words + theme.CONTROL_HEIGHT))

    def _connect(self) -> None:
        self._board.changed.connect(self._follow)
        self.queue_view.chosen_changed.connect(self.chosen_changed)
        self.quarantine_view.chosen_changed.connect(self.chosen_changed)
        look, explain = Intervention.LOOK, Intervention.EXPLAIN_IN_HAND
        quarantine = Intervention.QUARANTINE
        self.accounts.offer([self._commands[quarantine]])
        self.accounts.selectionModel().selectionChanged.connect(lambda: self._say_what_to_do())
        self.queues.offer([self._commands[look]])
        self.agents.offer([self._commands[name] for name in ON_AGENT])
        all_of_them = ((self.queues, look), (self.agents, explain), (self.accounts, quarantine))
        for view, command in all_of_them:
            view.selectionModel().selectionChanged.connect(lambda: self.chosen_changed.emit())
            view.activated.connect(self._commands[command].trigger)

    def _lay_out(self) -> None:
        for room in (self._overview, self.queue_view, self.quarantine_view):
            self._rooms.addWidget(room)
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
        self.account_model.follow(self._board)
        self._mail.setVisible(bool(self._board.mail_accounts))
        self._say_what_to_do()
        self._say_what_is_not_found()
        self._show_headlines()
        if self._session.agent is None:
            self.leave()
        self.chosen_changed.emit()

    def _say_what_to_do(self) -> None:
        """About the chosen mail account; else about the first that is in trouble, or that a budget
        keeps from answering (EM-5)."""
        index = self._chosen(self.accounts)
        rows = self.account_model.rows
        asking = [row for row in rows if row.is_in_trouble]
        asking += [row for row in rows if row.figures.withheld]
        row = rows[index.row()] if index.isValid() else next(iter(asking), None)
        said = what_to_do(row.figures) if row is not None else ""
        self._mail.say(
            filled(self.tr("%1: %2"), one_line(row.figures.account), said) if row and said else ""
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_inside:
            self._commands[BACK].trigger()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._board.want(True)
        self.waiting.again()
        self.quarantine.again()

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
        self._said = wrapped()
        self._said.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.MEDIUM)
        self._said.hide()
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        inner = QHBoxLayout()
        inner.setContentsMargins(theme.SMALL, theme.TIGHT, theme.SMALL, theme.TIGHT)
        inner.addWidget(view)
        column.addLayout(inner, 1)
        column.addWidget(self._nothing)
        column.addWidget(self._said)

    def say_nothing(self, nothing: bool) -> None:
        """Say that no row has these words, or that some have."""
        self._nothing.setVisible(nothing)

    @property
    def words(self) -> str:
        """What is said below the table."""
        return self._said.text()

    def say(self, sentence: str) -> None:
        """Say something about a row; nothing where there is nothing to say."""
        if sentence != self._said.text():
            self._said.setText(sentence)
            self._said.setVisible(bool(sentence))


class _Headlines(QWidget):
    """The figures above, each under what it is called."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.WIDE)  # and as much again where there is room
        self._shown: list[_Figure] = []
        self._row.addStretch(1)

    @property
    def words(self) -> list[str]:
        """What they say."""
        return [figure.accessibleName() for figure in self._shown if not figure.isHidden()]

    def show_figures(self, figures: Sequence[Headline]) -> None:
        """Show these."""
        while len(self._shown) < len(figures):
            self._shown.append(_Figure())
            self._row.insertWidget(self._row.count() - 1, self._shown[-1])
            room = QSpacerItem(theme.WIDE, 0, QSizePolicy.Policy.Maximum)
            self._row.insertSpacerItem(self._row.count() - 1, room)
        for number, shown in enumerate(self._shown):
            shown.setVisible(number < len(figures))
        for shown, figure in zip(self._shown, figures, strict=False):  # the others are hidden
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

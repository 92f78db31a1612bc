"""The page of Pulse: the figures that matter now, the queues, the agents.

It follows the board and decides nothing; while nobody sees it, nothing is asked for.
"""

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.pulse import models
from ace_agent.pulse.board import Board
from ace_agent.pulse.models import Headline
from ace_agent.settings import Settings
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.table import TableView
from ace_agent.widgets.text import ElidedLabel, hairline, label

QUEUE_PARTS = (26, 19, 16, 16, 23)
AGENT_PARTS = (23, 24, 19, 34)
"""How wide the columns are, in hundredths of their table."""
WIDTHS = (480, 520)
FIELD_WIDTH = 220
NARROWEST = 320
SIZES = "pulse-sizes"
"""Under which the widths of the two tables are remembered."""


class PulsePage(QWidget):
    """Queues and agents as they are now."""

    def __init__(self, board: Board, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Pulse"))
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._board = board
        self._settings = settings
        self._now = board.now()  # the same for all that is shown
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
        self._lay_out()
        board.changed.connect(self._follow)
        self._follow()

    def panes(self) -> Sequence[QWidget]:
        """The two tables, in order."""
        return self._panes

    def focus(self) -> None:
        """Move the keyboard into the first table."""
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
            self._show_headlines()

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
        return ("pulse-queues", self.queues, 0), ("pulse-agents", self.agents, 1)

    # Parts

    def _make_field(self) -> SearchField:
        field = SearchField(self.tr("Filter queues and agents"), parent=self)
        field.setToolTip(self.tr("Show only rows with these words (Ctrl+F)"))
        field.setClearButtonEnabled(True)
        field.setMinimumWidth(FIELD_WIDTH)
        field.textChanged.connect(self._filter)
        field.moved.connect(lambda _: self.focus())
        return field

    def _filter(self, typed: str) -> None:
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

    def _lay_out(self) -> None:
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
        column.addWidget(self._columns, 1)

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

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._board.want(True)

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

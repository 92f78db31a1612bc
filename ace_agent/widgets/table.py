"""A table to read and to steer by keyboard; how its rows and its header look.

It decides nothing: what a row says is in its model (`tables`).
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from ace_agent import theme
from ace_agent.tables import ALIGNMENT, DISPLAY, MARK, RIGHT, SHARE, Index, Mark, Table
from ace_agent.widgets import painting

BAR_HEIGHT = 6
BAR_ROOM = 48
"""How wide the longest bar beside a figure may be, in pixels, with what is around it."""
LEFT, MIDDLE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter


class Cell(QStyledItemDelegate):
    """One cell: a mark, its words, a bar; its part of the row's ground."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as what it says, as high as a line and a little air."""
        words = QFontMetrics(option.font).horizontalAdvance(str(index.data(DISPLAY)))
        mark = theme.SMALL_ICON + theme.SMALL if index.data(MARK) is not None else 0
        bar = BAR_ROOM if index.data(SHARE) is not None else 0
        height = max(painting.line_height(option.font) + theme.MEDIUM, theme.CONTROL_HEIGHT)
        return QSize(words + mark + bar + 2 * theme.SMALL, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint it."""
        painter.save()
        self._ground(painter, option)
        room = option.rect.adjusted(theme.SMALL, 0, -theme.SMALL, 0)
        chosen = theme.colours(option.palette)
        ink, font = QColor(chosen.text), theme.figures(option.font)
        mark = index.data(MARK)
        if isinstance(mark, Mark):
            ink = QColor(getattr(chosen, mark.colour))
            side = theme.SMALL_ICON
            middle = room.center().y() - side // 2 + 1
            painting.icon(painter, QRect(room.left(), middle, side, side), mark.icon, ink)
            room = room.adjusted(side + theme.SMALL, 0, 0, 0)
        share = index.data(SHARE)
        if share is not None:
            self._bar(painter, room.adjusted(0, 0, theme.SMALL - BAR_ROOM, 0), share, chosen)
        at_right = index.data(ALIGNMENT) == RIGHT
        align = Qt.AlignmentFlag.AlignRight if at_right else LEFT
        painting.text(painter, room, str(index.data(DISPLAY)), ink, font, align)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """The cell's part of one shape over the whole row."""
        view = option.widget
        if not isinstance(view, QTreeView):
            return
        whole = QStyleOptionViewItem(option)
        whole.rect = QRect(0, option.rect.top(), view.viewport().width(), option.rect.height())
        if view.hasFocus():
            whole.state |= QStyle.StateFlag.State_HasFocus
        painter.setClipRect(option.rect)
        painting.ground(painter, whole, margin=0)

    def _bar(self, painter: QPainter, room: QRect, share: float, chosen: theme.Colours) -> None:
        if share <= 0 or room.width() <= BAR_HEIGHT:
            return
        width = max(round(room.width() * share), BAR_HEIGHT)
        top = room.center().y() - BAR_HEIGHT // 2 + 1
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(chosen.accent))
        radius = BAR_HEIGHT / 2
        painter.drawRoundedRect(room.left(), top, width, BAR_HEIGHT, radius, radius)


class Header(QHeaderView):
    """The titles; the one that the rows are sorted by says in which direction."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setSortIndicatorShown(True)
        self.setHighlightSections(False)
        self.setStretchLastSection(False)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.CONTROL_HEIGHT)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if not rect.isValid():
            return
        chosen = theme.colours(self.palette())
        painter.save()
        painter.fillRect(rect, QColor(chosen.surface))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(chosen.hairline))
        sorted_by = self.sortIndicatorSection() == section
        ink = QColor(chosen.text if sorted_by else chosen.secondary)
        font = theme.sized(self.font(), theme.SECONDARY, weight=QFont.Weight.DemiBold)
        room = rect.adjusted(theme.SMALL, 0, -theme.SMALL, -1)
        model = self.model()
        words = str(model.headerData(section, Qt.Orientation.Horizontal, DISPLAY))
        at_right = model.headerData(section, Qt.Orientation.Horizontal, ALIGNMENT) == RIGHT
        if sorted_by:
            self._arrow(painter, room, QFontMetrics(font).horizontalAdvance(words), ink, at_right)
        align = Qt.AlignmentFlag.AlignRight if at_right else LEFT
        painting.text(painter, room, words, ink, font, align)
        painter.restore()

    def _arrow(
        self, painter: QPainter, room: QRect, words: int, ink: QColor, at_right: bool
    ) -> None:
        """On the inner side of the title."""
        rising = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        side = theme.MEDIUM
        left = room.right() - words - side - 2 if at_right else room.left() + words + theme.TIGHT
        place = QRect(left, room.center().y() - side // 2 + 1, side, side)
        if place.left() >= room.left() - side and place.right() <= room.right() + side:
            painting.icon(painter, place, "chevron-up" if rising else "chevron-down", ink)


class TableView(QTreeView):
    """Rows to move in with the arrows, sort by a title, narrow by columns and copy as text."""

    def __init__(
        self,
        model: Table[Any],
        name: str,
        parts: Sequence[int],
        parent: QWidget | None = None,
    ) -> None:
        """`name` is what a screen reader calls it; `parts` say how wide each column is."""
        super().__init__(parent)
        self._model = model
        self._parts = list(parts)
        self._sharing = False
        self._offered: Sequence[QAction] = ()
        self.setHeader(Header(self))
        self.setModel(model)
        self.setItemDelegate(Cell(self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        header = self.header()
        header.setMinimumSectionSize(theme.WIDE)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.sectionResized.connect(self._resized)

    def sort_by(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Show it sorted by this column, as long as the person asks for nothing else."""
        self.sortByColumn(column, order)

    def offer(self, actions: Sequence[QAction]) -> None:
        """Put these first in its menu, each while it can be done."""
        self._offered = actions

    def save(self) -> bytes:
        """Widths, order and what is hidden, to be remembered."""
        return bytes(self.header().saveState().data())

    def restore(self, state: bytes) -> bool:
        """As it was remembered; whether anything was."""
        if not state or not self.header().restoreState(QByteArray(state)):
            return False
        self._resized()
        return True

    def copy(self) -> None:
        """Put the chosen rows on the clipboard, as text."""
        numbers = sorted({index.row() for index in self.selectionModel().selectedRows()})
        if numbers:
            QGuiApplication.clipboard().setText(self._model.as_text(numbers))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Sort and columns without a mouse: the menu key opens this too."""
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            row = self.visualRect(self.currentIndex())
            at = self.viewport().mapToGlobal(QPoint(theme.LARGE, row.bottom()))
        menu.popup(at)

    def menu(self) -> QMenu:
        """What can be done with the chosen rows, and with the table as a whole."""
        menu = QMenu(self)
        menu.addActions([action for action in self._offered if action.isEnabled()])
        menu.addSeparator()  # none is seen at the top
        copy = menu.addAction(self.tr("Copy as text"))
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setEnabled(self.selectionModel().hasSelection())
        copy.triggered.connect(self.copy)
        by = menu.addMenu(self.tr("Sort by"))
        shown = menu.addMenu(self.tr("Columns"))
        for number, column in enumerate(self._model.columns):
            by.addAction(self._sorting(menu, number, column.title))
            if number:  # the first one names the rows
                shown.addAction(self._showing(menu, number, column.title))
        return menu

    def _sorting(self, menu: QMenu, number: int, title: str) -> QAction:
        header = self.header()
        action = QAction(title, menu, checkable=True)
        action.setChecked(header.sortIndicatorSection() == number)
        action.triggered.connect(lambda: self._sort_or_turn(number))
        return action

    def _sort_or_turn(self, number: int) -> None:
        """Sort by a column; by the same one again: the other way round."""
        header, order = self.header(), Qt.SortOrder.AscendingOrder
        rising = header.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        if header.sortIndicatorSection() == number and rising:
            order = Qt.SortOrder.DescendingOrder
        self.sortByColumn(number, order)

    def _showing(self, menu: QMenu, number: int, title: str) -> QAction:
        action = QAction(title, menu, checkable=True)
        action.setChecked(not self.isColumnHidden(number))
        action.toggled.connect(lambda shown: self._show_column(number, shown))
        return action

    def _show_column(self, number: int, shown: bool) -> None:
        self._sharing = True  # what is hidden has no width to remember
        self.setColumnHidden(number, not shown)
        self._share_out()

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """A table has none."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The columns keep their proportion."""
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        """Divide the width among the columns that are shown, in the proportion they have."""
        header = self.header()
        shown = [n for n in range(header.count()) if not header.isSectionHidden(n)]
        left, parts = self.viewport().width(), sum(self._parts[n] for n in shown)
        self._sharing = True
        for number in shown:
            width = round(left * self._parts[number] / parts)
            header.resizeSection(number, width)
            left, parts = left - width, parts - self._parts[number]
        self._sharing = False

    def _resized(self) -> None:
        """The person has made a column wider or narrower: that is the proportion from now on."""
        if not self._sharing:
            header = self.header()
            for number in range(header.count()):
                if not header.isSectionHidden(number):
                    self._parts[number] = max(header.sectionSize(number), 1)

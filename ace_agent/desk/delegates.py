"""How the rows of the desk's lists look. Nothing is decided here."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ace_agent import icons, theme
from ace_agent.desk.models import ROW, Card, Choice, CommandRow, File, Section, Target
from ace_agent.desk.places import Heading, Place
from ace_agent.widgets import painting
from ace_agent.widgets.painting import Index
from ace_agent.widgets.pulse import Pulse

BOLD = QFont.Weight.DemiBold
RIGHT = Qt.AlignmentFlag.AlignRight


class Row(QStyledItemDelegate):
    """What all rows share: an icon, words, and something at the right."""

    lines = 1
    margin = painting.MARGIN
    air = theme.SMALL

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as its lines, and a little air."""
        text = painting.line_height(option.font)
        small = painting.line_height(theme.sized(option.font, theme.SECONDARY))
        if self.is_heading(index.data(ROW)):
            return QSize(0, small + theme.LARGE)
        height = text if self.lines == 1 else text + small + theme.TIGHT
        return QSize(0, max(height + 2 * self.air + 2, theme.CONTROL_HEIGHT))

    def is_heading(self, row: object) -> bool:
        """Whether the row only heads others."""
        return False

    def heading(self, painter: QPainter, option: QStyleOptionViewItem, words: str) -> None:
        """Paint a heading at the bottom of its place."""
        side = self.margin + theme.SMALL
        room = option.rect.adjusted(side, theme.SMALL, -side, -2)
        font = theme.sized(option.font, theme.SECONDARY, weight=BOLD)
        painting.text(painter, room, words, theme.colours(option.palette).secondary, font)

    def inside(self, option: QStyleOptionViewItem) -> QRect:
        """Where words and icons are."""
        shape = painting.shape(option, self.margin)
        return shape.adjusted(theme.SMALL, self.air, -theme.SMALL, -self.air)


class CardRow(Row):
    """A contact: its icon, its task type and its age; a booked one carries the accent."""

    lines = 2

    def __init__(self, pulse: Pulse) -> None:
        super().__init__(pulse)
        self._pulse = pulse

    def is_heading(self, row: object) -> bool:
        return isinstance(row, Section)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        painter.save()
        if isinstance(row, Section):
            self.heading(painter, option, row.text)
        elif isinstance(row, Card):
            has_keyboard = bool(option.state & QStyle.StateFlag.State_HasFocus)
            framed = row.booked or has_keyboard
            painting.ground(painter, option, self._ground(option, row), framed=framed)
            self._card(painter, option, row)
        painter.restore()

    def _ground(self, option: QStyleOptionViewItem, row: Card) -> QColor | None:
        if not row.booked:
            return None
        chosen = theme.colours(option.palette)
        return theme.mixed(chosen.surface, chosen.accent_tint, self._pulse.strength)

    def _card(self, painter: QPainter, option: QStyleOptionViewItem, row: Card) -> None:
        chosen = theme.colours(option.palette)
        room = self.inside(option)
        side = theme.ICON
        ink = chosen.accent if row.booked else chosen.text
        painting.icon(painter, QRect(room.left(), room.top() - 1, side, side), row.icon, ink)
        words = room.adjusted(side + theme.SMALL, 0, 0, 0)
        title = theme.sized(option.font, theme.TEXT, weight=BOLD)
        small = theme.figures(theme.sized(option.font, theme.SECONDARY))
        if row.booked:
            small.setWeight(BOLD)
        width = QFontMetrics(small).horizontalAdvance(row.time)
        first = QRect(words.left(), words.top(), words.width(), painting.line_height(title))
        painting.text(
            painter, first, row.time, chosen.text if row.booked else chosen.secondary, small, RIGHT
        )
        painting.text(
            painter, first.adjusted(0, 0, -width - theme.SMALL, 0), row.title, chosen.text, title
        )
        below = QRect(first.left(), first.bottom() + theme.TIGHT, first.width(), 0)
        below.setHeight(painting.line_height(small))
        small.setWeight(QFont.Weight.Normal)
        painting.text(painter, below, row.detail, chosen.secondary, small)


class PlaceLine(Row):
    """A queue or a waiting list: its name, how many wait, the oldest, who is at work."""

    lines = 2
    air = theme.TIGHT

    def is_heading(self, row: object) -> bool:
        return isinstance(row, Heading)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        painter.save()
        if isinstance(row, Heading | Place):
            has_keyboard = bool(option.state & QStyle.StateFlag.State_HasFocus)
            if not has_keyboard and not (isinstance(row, Place) and row.is_open):
                option.state &= ~QStyle.StateFlag.State_Selected  # the keyboard is elsewhere
        if isinstance(row, Heading):
            self._heading(painter, option, row)
        elif isinstance(row, Place):
            painting.ground(painter, option)
            self._place(painter, option, row)
        painter.restore()

    def _heading(self, painter: QPainter, option: QStyleOptionViewItem, row: Heading) -> None:
        """Where it is folded, it says how many wait in all."""
        if painting.is_selected(option):
            low = QStyleOptionViewItem(option)  # its words stand at the bottom of its place
            low.rect = option.rect.adjusted(0, theme.TIGHT, 0, theme.TIGHT)
            painting.ground(painter, low)
        self.heading(painter, option, row.title)
        chosen = theme.colours(option.palette)
        side = theme.SMALL_ICON
        end = option.rect.right() + 1 - self.margin - theme.TIGHT
        place = QRect(end - side, option.rect.center().y() - side // 2 + 2, side, side)
        name = "chevron-right" if row.is_folded else "chevron-down"
        painting.icon(painter, place, name, chosen.secondary)
        if row.is_folded:
            font = theme.figures(theme.sized(option.font, theme.SECONDARY, weight=BOLD))
            room = option.rect.adjusted(0, theme.SMALL, place.left() - end - theme.LARGE, -2)
            painting.text(painter, room, str(row.waiting), chosen.secondary, font, RIGHT)

    def _place(self, painter: QPainter, option: QStyleOptionViewItem, row: Place) -> None:
        chosen = theme.colours(option.palette)
        room = self.inside(option)
        side = theme.ICON
        ink = chosen.text if row.logged_in else chosen.secondary
        icon = QRect(room.left(), room.top() - 1, side, side)
        painting.icon(painter, icon, row.icon, chosen.secondary)
        words = room.adjusted(side + theme.SMALL, 0, 0, 0)
        font = theme.sized(option.font, theme.TEXT)
        strong = theme.figures(
            theme.sized(option.font, theme.TEXT, weight=BOLD if row.waiting else font.weight())
        )
        count = str(row.waiting)
        width = QFontMetrics(strong).horizontalAdvance(count)
        first = QRect(words.left(), words.top(), words.width(), painting.line_height(strong))
        figure = ink if row.waiting else chosen.secondary
        painting.text(painter, first, count, figure, strong, RIGHT)
        name = first.adjusted(0, 0, -width - theme.SMALL, 0)
        painting.text(painter, name, row.title, ink, font)
        small = theme.figures(theme.sized(option.font, theme.SECONDARY))
        below = QRect(first.left(), first.bottom() + theme.TIGHT, first.width(), 0)
        below.setHeight(painting.line_height(small))
        painting.text(painter, below, row.detail, chosen.secondary, small)


class FileRow(Row):
    """An attachment: the icon of its kind, its name, its size."""

    lines = 2
    margin = 0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        if not isinstance(row, File):
            return
        painter.save()
        painting.ground(painter, option, margin=self.margin)
        chosen = theme.colours(option.palette)
        room = self.inside(option)
        side = theme.ICON
        middle = room.center().y() - side // 2 + 1
        name = icons.of_media_type(row.media_type)
        painting.icon(painter, QRect(room.left(), middle, side, side), name, chosen.secondary)
        words = room.adjusted(side + theme.MEDIUM, 0, 0, 0)
        small = theme.figures(theme.sized(option.font, theme.SECONDARY))
        first = QRect(words.left(), words.top(), words.width(), painting.line_height(option.font))
        painting.text(painter, first, row.name, chosen.text, option.font)
        below = QRect(first.left(), first.bottom() + theme.TIGHT, first.width(), 0)
        below.setHeight(painting.line_height(small))
        moves = row.fetching is not None or row.sending is not None
        ink = chosen.accent if moves else chosen.secondary
        painting.text(painter, below, row.detail, ink, small)
        painter.restore()


class ChoiceRow(Row):
    """One of several to choose: its name, and below it what more there is to say."""

    lines = 2

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        if not isinstance(row, Choice):
            return
        painter.save()
        painting.ground(painter, option)
        chosen = theme.colours(option.palette)
        room = self.inside(option).adjusted(theme.TIGHT, 0, -theme.TIGHT, 0)
        small = theme.figures(theme.sized(option.font, theme.SECONDARY))
        first = QRect(room.left(), room.top(), room.width(), painting.line_height(option.font))
        painting.text(painter, first, row.name, chosen.text, option.font)
        below = QRect(first.left(), first.bottom() + theme.TIGHT, first.width(), 0)
        below.setHeight(painting.line_height(small))
        painting.text(painter, below, row.detail, chosen.secondary, small)
        painter.restore()


class TargetRow(Row):
    """A queue, a waiting list or a colleague, or the heading above them."""

    margin = 0

    def is_heading(self, row: object) -> bool:
        return isinstance(row, Target) and not row.name

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        if not isinstance(row, Target):
            return
        painter.save()
        if not row.name:
            self.heading(painter, option, row.text)
        else:
            painting.ground(painter, option, margin=self.margin)
            chosen = theme.colours(option.palette)
            room = self.inside(option)
            side = theme.SMALL_ICON
            middle = room.center().y() - side // 2 + 1
            painting.icon(
                painter, QRect(room.left(), middle, side, side), row.icon, chosen.secondary
            )
            words = room.adjusted(side + theme.MEDIUM, 0, 0, 0)
            painting.text(painter, words, row.text, chosen.text, option.font)
        painter.restore()


class EntryRow(Row):
    """A command: its words, and at the right its key; faint where it cannot be done now."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        if not isinstance(row, CommandRow):
            return
        painter.save()
        painting.ground(painter, option)
        chosen = theme.colours(option.palette)
        room = self.inside(option).adjusted(theme.TIGHT, 0, -theme.TIGHT, 0)
        small = theme.sized(option.font, theme.SECONDARY)
        faint = not row.entry.enabled
        right = "    ".join(part for part in (row.entry.state, row.entry.key) if part)
        painting.text(
            painter, room, right, chosen.disabled if faint else chosen.secondary, small, RIGHT
        )
        width = QFontMetrics(small).horizontalAdvance(right) + theme.LARGE
        side = theme.SMALL_ICON
        if row.entry.icon:
            middle = room.center().y() - side // 2 + 1
            place = QRect(room.left(), middle, side, side)
            painting.icon(
                painter, place, row.entry.icon, chosen.disabled if faint else chosen.secondary
            )
        words = room.adjusted(side + theme.MEDIUM, 0, -width, 0)
        ink = chosen.disabled if faint else chosen.text
        painting.text(painter, words, row.entry.text, ink, option.font)
        painter.restore()

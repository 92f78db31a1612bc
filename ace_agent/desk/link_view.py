"""Where the work item leads: a button with the true host, or text that can be copied (E-9)."""

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk import addresses
from ace_agent.desk.addresses import Address
from ace_agent.desk.cut import MOST_OF_A_VALUE, Cut
from ace_agent.desk.shown import shown
from ace_agent.widgets import tips
from ace_agent.widgets.buttons import PADDING, IconButton, WordsButton
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.question import Answer, Question
from ace_agent.widgets.text import Reading, label, wrapped

translate = QCoreApplication.translate


LONGEST = 400
"""Of the words on the button, in pixels; the end of the host's name, which says whose, is kept."""

LEAST = 60
AROUND = PADDING + theme.SMALL_ICON + theme.SMALL
"""Of the button, beside its words."""

OPEN, COPY = 0, 1


class LinkView(QWidget):
    """The value of the workItem key, or the way to a thread."""

    wanted = Signal()
    """The person wants the address opened."""

    def __init__(self, words: str = "", name: str = "", parent: QWidget | None = None) -> None:
        """`words` stand on the button, with the host at `%1`; `name` is what it is called."""
        super().__init__(parent)
        self._words = words or self.tr("Open in %1")
        self._name = name or self.tr("Reference")
        self.address: Address | None = None
        self._button = self._make_button()
        self._warning_text = wrapped(role="secondary")
        self._warning = self._make_warning()
        self._text = Reading(self._name)
        self._target = ""
        self._cut = Cut(self._name)
        self._reference = self._make_reference()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        row = QHBoxLayout()
        row.addWidget(self._button)
        row.addStretch()
        column.addLayout(row)
        column.addWidget(self._warning)
        column.addWidget(self._reference)

    def show_target(self, target: str) -> None:
        """Show this link or reference; nothing where there is none."""
        self.address = addresses.read(target)
        self._button.setVisible(self.address is not None)
        self._reference.setVisible(self.address is None)
        self._warning.setVisible(False)
        if self.address is not None:
            self._show_address(self.address)
        else:
            self._target = target
            self._text.show_text(shown(target[:MOST_OF_A_VALUE]))
            self._cut.follow(target, MOST_OF_A_VALUE)
        self.setVisible(bool(target.strip()))

    def minimumSizeHint(self) -> QSize:
        """Narrower than the words on the button, which are shortened then."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._button.set_longest(max(LEAST, min(LONGEST, self.width() - AROUND)))

    @property
    def button(self) -> WordsButton:
        """What opens the address."""
        return self._button

    # Parts

    def _make_button(self) -> WordsButton:
        button = WordsButton(behind="open")
        button.set_longest(LONGEST)
        button.clicked.connect(self.wanted)
        return button

    def _make_warning(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SMALL)
        row.addWidget(Picture("warning", "paused", theme.SMALL_ICON), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._warning_text, 1)
        return box

    def _make_reference(self) -> QWidget:
        box = QWidget()
        copy = IconButton("copy", self.tr("Copy the reference"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(shown(self._target)))
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addWidget(self._text, 1)
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addWidget(label(self._name, "secondary"))
        column.addLayout(row)
        column.addWidget(self._cut)
        return box

    def _show_address(self, address: Address) -> None:
        self._button.set_words(self._words.replace("%1", address.host))
        self._button.setToolTip(tips.plain(address.full))
        found = warnings(address)
        self._warning_text.setText("\n".join(found))
        self._warning.setVisible(bool(found))


def warnings(address: Address) -> list[str]:
    """What the person should know of an address before it is opened, in sentences."""
    found = []
    if address.mixed:
        found.append(
            translate(
                "link",
                "The name of the host mixes letters of several scripts: it may imitate another.",
            )
        )
    if address.letters:
        text = translate("link", "In its own letters the host is written %1.")
        found.append(text.replace("%1", shown(address.letters)))
    if address.signed_in:
        found.append(
            translate(
                "link", "What stands before the @ is not the host; the address leads to %1."
            ).replace("%1", address.host)
        )
    if address.plain:
        found.append(translate("link", "The connection is not encrypted."))
    return found


def question(address: Address, parent: QWidget) -> Question:
    """Asks before the address is opened; answers are OPEN, COPY, and one that does nothing."""
    return Question(
        parent,
        translate("link", "Open in %1?").replace("%1", address.host),
        translate("link", "Your browser opens this address:"),
        [
            Answer(translate("link", "Open"), "primary"),
            Answer(translate("link", "Copy address")),
            Answer(translate("link", "Cancel")),
        ],
        detail=address.full,
        warnings=warnings(address),
    )

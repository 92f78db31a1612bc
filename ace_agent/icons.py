"""The program's own icons, drawn in the colour they are asked for.

A work item's icon is used for work items and for nothing else (AG-1). The drawings are SVG files
of 20 by 20 in which `currentColor` stands for the colour.
"""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ace_agent import theme
from ace_server.wire import AgentState, Contact, Medium, WaitingContact
from resources import path

RATIOS = (1.0, 2.0)  # Qt scales the nearer one for a screen in between
SIZES = (theme.SMALL_ICON, theme.ICON)


def application() -> QIcon:
    """The icon of the program itself."""
    return QIcon(str(path("icons/ace-agent.svg")))


def icon(name: str, palette: QPalette) -> QIcon:
    """An icon that shows well beside text of this palette."""
    chosen = theme.colours(palette)
    return _icon(name, chosen.text, chosen.disabled)


@lru_cache(maxsize=512)
def pixmap(name: str, size: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """One picture of an icon: `size` in pixels at 100 %, for a screen of this ratio."""
    image = QImage(
        round(size * ratio), round(size * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    _drawing(name, colour).render(painter, QRectF(0, 0, image.width(), image.height()))
    painter.end()
    picture = QPixmap.fromImage(image)
    picture.setDevicePixelRatio(ratio)
    return picture


def of_contact(contact: Contact | WaitingContact) -> str:
    """The icon's name: a work item's own, its channel's, or an email's."""
    if contact.channel:
        return f"channel-{contact.channel}"
    return "work-item" if contact.medium == Medium.WORK_ITEM else "email"


def of_state(state: AgentState) -> str:
    """The shape of an agent's state; its colour and word stand beside it."""
    return f"state-{state.value.replace(' ', '-')}"


def of_media_type(media_type: str) -> str:
    """The icon's name for an attachment."""
    kind, _, subtype = media_type.partition("/")
    if kind == "image":
        return "picture"
    if kind == "audio":
        return "audio"
    return "document" if kind == "text" or subtype == "pdf" else "file"


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    made = QIcon()
    for size in SIZES:
        for ratio in RATIOS:
            made.addPixmap(pixmap(name, size, colour, ratio), QIcon.Mode.Normal)
            made.addPixmap(pixmap(name, size, disabled, ratio), QIcon.Mode.Disabled)
    return made


@lru_cache(maxsize=128)
def _drawing(name: str, colour: str) -> QSvgRenderer:
    source = path(f"icons/{name}.svg").read_text("utf-8").replace("currentColor", colour)
    return QSvgRenderer(QByteArray(source.encode()))

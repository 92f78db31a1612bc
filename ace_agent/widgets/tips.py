"""Tooltips for foreign text: what looks like HTML would be read as HTML, with pictures (E-3)."""

import html

from PySide6.QtGui import Qt


def plain(text: str) -> str:
    """The text as a tooltip that shows it letter by letter."""
    return f"<qt>{html.escape(text)}</qt>" if Qt.mightBeRichText(text) else text

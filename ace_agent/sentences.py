"""What the server says to a person, in the person's language."""

from PySide6.QtCore import QCoreApplication, QLocale

from ace_server import wire

CONTEXT = "server"
"""Of the server's templates among the translations."""


def said(sentence: wire.Sentence | None) -> str:
    """The sentence as it is read here; nothing where there is none."""
    return "" if sentence is None else sentence.said(_translated, QLocale().toString)


def _translated(template: str) -> str:
    return QCoreApplication.translate(CONTEXT, template)

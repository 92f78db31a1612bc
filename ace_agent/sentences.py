"""What is said with values in it; and what the server says to a person, in their language."""

from PySide6.QtCore import QCoreApplication, QLocale

from ace_server import wire

CONTEXT = "server"
"""Of the server's templates among the translations."""


def said(sentence: wire.Sentence | None) -> str:
    """The sentence as it is read here; nothing where there is none."""
    return "" if sentence is None else sentence.said(_translated, QLocale().toString)


def filled(text: str, *values: str) -> str:
    """A text of the window with its values: `%1` is the first. A `%2` in a value stays as it is."""
    return wire.Sentence(text, values).said()


def _translated(template: str) -> str:
    return QCoreApplication.translate(CONTEXT, template)

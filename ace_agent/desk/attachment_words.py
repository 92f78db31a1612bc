"""What is said of an attachment: the question before it is opened, and why it is not shown here."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ace_agent.desk import files
from ace_agent.desk.audio import Unheard
from ace_agent.desk.showable import Why
from ace_agent.sentences import filled
from ace_agent.widgets.question import Answer, Question

translate = QCoreApplication.translate

SAVE, OPEN = 0, 1
"""The answers to the question before it is opened."""


def question(name: str, kind: files.Kind, parent: QWidget) -> Question:
    """Says what the file is by its name and by its content; answers are SAVE and OPEN."""
    if kind.is_dangerous:
        title = translate("attachments", "This file can do harm")
    else:
        title = translate("attachments", "This file is not what its name says")
    return Question(
        parent,
        title,
        both_kinds(kind),
        [
            Answer(translate("attachments", "Save instead"), "primary"),
            Answer(translate("attachments", "Open anyway")),
        ],
        detail=name,
        warnings=[translate("attachments", "Open it only if you know who sent it, and why.")],
    )


def both_kinds(kind: files.Kind) -> str:
    """What it is by its name and by its content, as far as either tells (F-4)."""
    if kind.by_name and kind.by_content:
        if kind.differs:
            text = translate("attachments", "By its name it is %1; by its content it is %2.")
        else:
            text = translate("attachments", "By its name and by its content it is %1.")
    elif kind.by_name:
        text = translate("attachments", "By its name it is %1; its content does not tell.")
    elif kind.by_content:
        text = translate("attachments", "Its name does not tell; by its content it is %2.")
    else:
        text = translate("attachments", "Neither its name nor its content tells what it is.")
    return filled(text, files.word(kind.by_name), files.word(kind.by_content))


def not_here(name: str, kind: files.Kind) -> str:
    """Why a file is neither played nor shown: its content is something else."""
    if not kind.by_content:
        text = translate("attachments", "%1 is not shown here: its content does not tell its kind.")
        return text.replace("%1", name)
    text = translate("attachments", "%1 is not shown here: by its content it is %2.")
    return filled(text, name, files.word(kind.by_content))


def unheard(name: str, why: Unheard) -> str:
    """Why an audio file is not played."""
    match why:
        case Unheard.NO_DEVICE:
            text = translate(
                "attachments", "%1 cannot be played here: there is nothing to hear it with."
            )
        case Unheard.NOT_AUDIO:
            text = translate(
                "attachments",
                "%1 cannot be played here: it is damaged, or in a form that is not known here.",
            )
    return text.replace("%1", name)


def unreadable(name: str, why: Why) -> str:
    """Why a picture or a PDF is not shown."""
    match why:
        case Why.LOCKED:
            text = translate(
                "attachments", "%1 is locked with a password; only the desktop's program asks."
            )
        case Why.BROKEN:
            text = translate(
                "attachments",
                "%1 cannot be shown here: it is damaged, or in a form that is not known here.",
            )
        case Why.TOO_LARGE:
            text = translate("attachments", "%1 is too large to be shown here.")
        case Why.SLOW:
            text = translate("attachments", "%1 takes too long to be shown here.")
    return text.replace("%1", name)

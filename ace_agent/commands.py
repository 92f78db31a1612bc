"""Every command of the window with its words, its key and its icon, and how one is found.

What a command does, and whether it can be done now, is said elsewhere (`main_window`, `actions`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from ace_agent.actions import Action, Verb

Menu = Literal["agent", "contact", "view", "help"]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the person can ask for."""

    name: str
    menu: Menu
    text: str
    hint: str  # what it does, in a sentence without its full stop
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A command as the command list shows it."""

    name: str
    text: str
    hint: str
    key: str = ""
    enabled: bool = True


def catalogue() -> tuple[Command, ...]:
    """All commands, in the order of their menus."""
    return (*_agent(), *_contact(), *_view(), *_help())


def find(entries: Iterable[Entry], typed: str) -> list[Entry]:
    """The entries that fit what was typed: the best first, of equals what can be done now.

    Every word typed must be found.
    """
    words = typed.lower().split()
    ranked = [(rank, entry) for entry in entries if (rank := _rank(entry, words)) is not None]
    return [entry for _, entry in sorted(ranked, key=_order)]


def _order(ranked: tuple[int, Entry]) -> tuple[int, bool]:
    rank, entry = ranked
    return rank, not entry.enabled


def _rank(entry: Entry, words: Sequence[str]) -> int | None:
    """0 where every word begins one of the command's; more where it was found less well."""
    text, hint = entry.text.lower(), entry.hint.lower()
    total = 0
    for word in words:
        if any(part.startswith(word) for part in text.split()):
            continue
        if word in text:
            total += 1
        elif word in hint or word == entry.key.lower():
            total += 2
        else:
            return None
    return total


def _agent() -> tuple[Command, ...]:
    return (
        Command(
            Verb.ACTIVATE,
            "agent",
            _tr("Activate"),
            _tr("Be ready to receive contacts"),
            ("F9",),
            "activate",
        ),
        Command(
            Verb.PAUSE,
            "agent",
            _tr("Pause"),
            _tr("Receive no more contacts; during a contact, from its end on"),
            ("F9", "Shift+F9"),
            "pause",
        ),
        Command(
            Verb.EXTEND_WRAP_UP,
            "agent",
            _tr("Extend wrap-up"),
            _tr("Make this wrap-up last longer"),
            ("Ctrl+E",),
            "extend",
        ),
        Command(
            Verb.LOG_OUT,
            "agent",
            _tr("Log out"),
            _tr("Store what you typed and leave; parked contacts stay yours"),
            ("Ctrl+Shift+L",),
            "log-out",
        ),
    )


def _contact() -> tuple[Command, ...]:
    return (
        Command(
            Action.ACCEPT,
            "contact",
            _tr("Accept"),
            _tr("Take the booked contact in hand"),
            ("F10", "Return", "Enter"),
            "accept",
        ),
        Command(
            Action.DECLINE,
            "contact",
            _tr("Decline"),
            _tr("Let the booked contact go back to its place"),
            ("Ctrl+F10",),
            "decline",
        ),
        Command(
            Action.END,
            "contact",
            _tr("End"),
            _tr("End this contact; wrap-up follows"),
            ("Ctrl+Return", "Ctrl+Enter"),
            "end",
        ),
        Command(
            Action.PARK,
            "contact",
            _tr("Park"),
            _tr("Lay this contact aside; it stays yours"),
            ("F8",),
            "park",
        ),
        Command(
            Action.RESUME,
            "contact",
            _tr("Resume"),
            _tr("Take this parked contact in hand again"),
            ("F8",),
            "resume",
        ),
        Command(
            Action.REQUEUE,
            "contact",
            _tr("Requeue…"),
            _tr("Give this contact to a queue or a colleague"),
            ("F7",),
            "requeue",
        ),
        Command(
            Action.EXPLAIN,
            "contact",
            _tr("Why is this mine?"),
            _tr("Say why this contact came to you"),
            ("Ctrl+I",),
            "explain",
        ),
        Command(
            "open-link",
            "contact",
            _tr("Open the link…"),
            _tr("Open the address this contact leads to, after a question"),
            ("Ctrl+O",),
            "open",
        ),
        Command(
            "copy-data",
            "contact",
            _tr("Copy contact data"),
            _tr("Copy all contact data as text"),
            ("Ctrl+Shift+C",),
            "copy",
        ),
    )


def _view() -> tuple[Command, ...]:
    return (
        Command(
            "commands",
            "view",
            _tr("All commands…"),
            _tr("Find a command by its words"),
            ("Ctrl+K",),
            "commands",
        ),
        Command(
            "filter",
            "view",
            _tr("Filter contacts"),
            _tr("Type to find one of your contacts"),
            ("Ctrl+F",),
            "search",
        ),
        Command(
            "next-pane",
            "view",
            _tr("Next part of the window"),
            _tr("Move the keyboard to the next part of the window"),
            ("F6",),
        ),
        Command(
            "column-1",
            "view",
            _tr("Contacts"),
            _tr("Show or hide your contacts"),
            ("Ctrl+1",),
            "column-left",
            checkable=True,
        ),
        Command(
            "column-2",
            "view",
            _tr("Preview"),
            _tr("Show or hide the preview"),
            ("Ctrl+2",),
            "column-centre",
            checkable=True,
        ),
        Command(
            "column-3",
            "view",
            _tr("Contact data"),
            _tr("Show or hide the contact data"),
            ("Ctrl+3",),
            "column-right",
            checkable=True,
        ),
        Command(
            "theme-system",
            "view",
            _tr("Light or dark as the system"),
            _tr("Follow the system's light or dark"),
            icon="theme",
            checkable=True,
        ),
        Command("theme-light", "view", _tr("Light"), _tr("Always light"), checkable=True),
        Command("theme-dark", "view", _tr("Dark"), _tr("Always dark"), checkable=True),
        Command(
            "reduced-motion",
            "view",
            _tr("Reduced motion"),
            _tr("Nothing pulses"),
            checkable=True,
        ),
    )


def _help() -> tuple[Command, ...]:
    return (
        Command("about", "help", _tr("About ACE Agent"), _tr("What this program is"), icon="info"),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("commands", text)

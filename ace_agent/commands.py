"""Every command of the window with its words, its key and its icon, and how one is found.

What a command does, and whether it can be done now, is said elsewhere (`main_window`, `actions`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from ace_agent.actions import Action, Intervention, Page, Verb

translate = QCoreApplication.translate


Menu = Literal["agent", "contact", "mail", "pulse", "view", "help"]


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
    icon: str = ""
    state: str = ""  # of what can be switched: that it is on, or off


def catalogue() -> tuple[Command, ...]:
    """All commands, in the order of their menus."""
    return (*_agent(), *_contact(), *_mail(), *_pulse(), *_view(), *_help())


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
            translate("commands", "Activate"),
            translate("commands", "Be ready to receive contacts"),
            ("F9",),
            "activate",
        ),
        Command(
            Verb.PAUSE,
            "agent",
            translate("commands", "Pause"),
            translate("commands", "Receive no more contacts; during a contact, from its end on"),
            ("F9", "Shift+F9"),
            "pause",
        ),
        Command(
            "work-level",
            "agent",
            translate("commands", "Work level…"),
            translate("commands", "Choose which of your queues and waiting lists you serve"),
            ("Ctrl+F9",),
            "work-level",
        ),
        Command(
            "queue-log-in",
            "agent",
            translate("commands", "Log in to the queue"),
            translate("commands", "Serve the chosen queue or waiting list"),
            ("Shift+F4",),
            "queue-log-in",
        ),
        Command(
            "queue-log-out",
            "agent",
            translate("commands", "Log out of the queue"),
            translate("commands", "Serve the chosen queue or waiting list no longer"),
            ("Shift+F4",),
            "queue-log-out",
        ),
        Command(
            Verb.EXTEND_WRAP_UP,
            "agent",
            translate("commands", "Extend wrap-up"),
            translate("commands", "Make this wrap-up last longer"),
            ("Ctrl+E",),
            "extend",
        ),
        Command(
            "sound",
            "agent",
            translate("commands", "Sound for a booked contact"),
            translate("commands", "Hear when a contact is booked for you"),
            icon="audio",
            checkable=True,
        ),
        Command(
            "notification",
            "agent",
            translate("commands", "Desktop message for a booked contact"),
            translate("commands", "Be told of it by the desktop while you work elsewhere"),
            icon="info",
            checkable=True,
        ),
        Command(
            "alert",
            "agent",
            translate("commands", "Taskbar alert for a booked contact"),
            translate("commands", "Let the taskbar ask for your attention"),
            icon="accept",
            checkable=True,
        ),
        Command(
            "change-password",
            "agent",
            translate("commands", "Change password…"),
            translate("commands", "Choose another password, with the one you have"),
            icon="password",
        ),
        Command(
            Verb.LOG_OUT,
            "agent",
            translate("commands", "Log out"),
            translate("commands", "Store what you typed and leave; parked contacts stay yours"),
            ("Ctrl+Shift+L",),
            "log-out",
        ),
    )


def _contact() -> tuple[Command, ...]:
    return (
        Command(
            Action.ACCEPT,
            "contact",
            translate("commands", "Accept"),
            translate("commands", "Take the booked contact in hand"),
            ("F10", "Return", "Enter"),
            "accept",
        ),
        Command(
            "pick",
            "contact",
            translate("commands", "Pick"),
            translate("commands", "Take the contact chosen in a waiting list in hand"),
            ("F10",),
            "accept",
        ),
        Command(
            Action.DECLINE,
            "contact",
            translate("commands", "Decline"),
            translate("commands", "Let the booked contact go back to its place"),
            ("Ctrl+F10",),
            "decline",
        ),
        Command(
            Action.END,
            "contact",
            translate("commands", "End"),
            translate("commands", "End this contact; wrap-up follows"),
            ("Ctrl+Return", "Ctrl+Enter"),
            "end",
        ),
        Command(
            Action.PARK,
            "contact",
            translate("commands", "Park"),
            translate("commands", "Lay this contact aside; it stays yours"),
            ("F8",),
            "park",
        ),
        Command(
            Action.RESUME,
            "contact",
            translate("commands", "Resume"),
            translate("commands", "Take this parked contact in hand again"),
            ("F8",),
            "resume",
        ),
        Command(
            Action.REQUEUE,
            "contact",
            translate("commands", "Requeue…"),
            translate("commands", "Give this contact to a queue, a waiting list or a colleague"),
            ("F7",),
            "requeue",
        ),
        Command(
            Action.REPLY,
            "contact",
            translate("commands", "Reply"),
            translate("commands", "Write to who sent this mail"),
            ("Ctrl+R",),
            "reply",
        ),
        Command(
            Action.REPLY_ALL,
            "contact",
            translate("commands", "Reply all"),
            translate("commands", "Write to who sent this mail, and to all who got it"),
            ("Ctrl+Shift+R",),
            "reply-all",
        ),
        Command(
            Action.FORWARD,
            "contact",
            translate("commands", "Forward"),
            translate("commands", "Send this mail on to somebody else"),
            ("Ctrl+Shift+F",),
            "forward",
        ),
        Command(
            Action.DID_NOT_ARRIVE,
            "contact",
            translate("commands", "Did not arrive"),
            translate(
                "commands", "Have this mail sent or read again; the second time, answer it here"
            ),
            ("Ctrl+Shift+D",),
            "did-not-arrive",
        ),
        Command(
            Action.EXPLAIN,
            "contact",
            translate("commands", "Why is this mine?"),
            translate("commands", "Say why this contact came to you"),
            ("Ctrl+I",),
            "explain",
        ),
        Command(
            "open-link",
            "contact",
            translate("commands", "Open the link…"),
            translate("commands", "Open the address this contact leads to, after a question"),
            ("Ctrl+O",),
            "open",
        ),
        Command(
            "open-thread",
            "contact",
            translate("commands", "Open the thread…"),
            translate("commands", "Open what was said before, on the channel's own pages"),
            ("Ctrl+Shift+O",),
            "open",
        ),
        Command(
            "source",
            "contact",
            translate("commands", "Original source"),
            translate("commands", "Show this mail as it came, letter by letter"),
            ("Ctrl+U",),
            "source",
        ),
        Command(
            "play",
            "contact",
            translate("commands", "Play or pause"),
            translate("commands", "Hear the audio that came with this contact; pause, go on"),
            ("Ctrl+Shift+Space",),
            "audio",
        ),
        Command(
            "copy-data",
            "contact",
            translate("commands", "Copy contact data"),
            translate("commands", "Copy all contact data as text"),
            ("Ctrl+Shift+C",),
            "copy",
        ),
    )


def _mail() -> tuple[Command, ...]:
    return (
        Command(
            "new-mail",
            "mail",
            translate("commands", "New mail"),
            translate("commands", "Write a mail that belongs to no contact"),
            ("Ctrl+M",),
            "new-mail",
        ),
        Command(
            "drafts",
            "mail",
            translate("commands", "Drafts…"),
            translate("commands", "Go on with something that is not sent yet"),
            ("Ctrl+Shift+M",),
            "draft",
        ),
        Command(
            "go-to-writing",
            "mail",
            translate("commands", "Go to what you write"),
            translate("commands", "Move the keyboard to the mail you are writing"),
            ("Ctrl+F6",),
            "draft",
        ),
        Command(
            "sent",
            "mail",
            translate("commands", "Sent…"),
            translate("commands", "See what became of the mails that you wrote"),
            ("Ctrl+Shift+H",),
            "mail-handed-over",
        ),
        Command(
            "send",
            "mail",
            translate("commands", "Send"),
            translate("commands", "Send what you wrote; for a moment it can be undone"),
            ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
            "send",
        ),
        Command(
            "undo-send",
            "mail",
            translate("commands", "Undo"),
            translate("commands", "Take back what is about to be sent, and go on writing"),
            ("Alt+Z", "Ctrl+Z"),
            "undo",
        ),
        Command(
            "template",
            "mail",
            translate("commands", "Insert a text…"),
            translate("commands", "Put a prepared text in where you write"),
            ("F2",),
            "template",
        ),
        Command(
            "attach",
            "mail",
            translate("commands", "Attach…"),
            translate("commands", "Send files along, of at most 35 MB each"),
            ("Ctrl+Shift+A",),
            "attach",
        ),
        Command(
            "more-recipients",
            "mail",
            translate("commands", "Cc and Bcc"),
            translate("commands", "Write to more people, seen or unseen by the others"),
            ("Ctrl+Shift+B",),
            "person",
            checkable=True,
        ),
        Command(
            "discard",
            "mail",
            translate("commands", "Discard draft"),
            translate("commands", "Throw this draft away"),
            ("Ctrl+Shift+Del",),
            "discard",
        ),
        Command(
            "put-aside",
            "mail",
            translate("commands", "Put aside"),
            translate("commands", "Go on with this draft later; Esc does it, too"),
            icon="close",
        ),
        *_reading(),
    )


def _reading() -> tuple[Command, ...]:
    return (
        Command(
            "as-text",
            "mail",
            translate("commands", "Mail as text"),
            translate("commands", "Show the words of this mail alone, or formatted again"),
            ("Ctrl+Shift+E",),
            "document",
            checkable=True,
        ),
        Command(
            "load-pictures",
            "mail",
            translate("commands", "Load remote pictures"),
            translate("commands", "Load them for this mail; its sender learns that you read it"),
            ("Ctrl+Shift+P",),
            "picture",
        ),
        Command(
            "whole-mail",
            "mail",
            translate("commands", "Show the whole mail"),
            translate("commands", "Show also what lies behind the beginning of this mail"),
            icon="email",
        ),
        Command(
            "try-again",
            "mail",
            translate("commands", "Try again to read the mail"),
            translate("commands", "Read the mail that could not be read"),
            icon="resume",
        ),
        Command(
            "send-again",
            "mail",
            translate("commands", "Send again"),
            translate("commands", "Send once more what did not arrive"),
            icon="send",
        ),
        Command(
            "write-again",
            "mail",
            translate("commands", "Write again"),
            translate("commands", "Begin a draft with what did not arrive, or was taken back"),
            icon="draft",
        ),
        Command(
            "zoom-in",
            "mail",
            translate("commands", "Larger"),
            translate("commands", "Show the mail larger; Ctrl and the wheel do it, too"),
            ("Ctrl++", "Ctrl+="),
            "zoom-in",
        ),
        Command(
            "zoom-out",
            "mail",
            translate("commands", "Smaller"),
            translate("commands", "Show the mail smaller"),
            ("Ctrl+-",),
            "zoom-out",
        ),
        Command(
            "zoom-reset",
            "mail",
            translate("commands", "As large as other texts"),
            translate("commands", "Show the mail neither larger nor smaller"),
            ("Ctrl+0",),
            "fit",
        ),
    )


def _pulse() -> tuple[Command, ...]:
    return (
        Command(
            Intervention.LOOK,
            "pulse",
            translate("commands", "Look into queue"),
            translate("commands", "Show what waits in the chosen queue; Enter does it, too"),
            ("Alt+Down",),
            "search",
        ),
        Command(
            "all-queues",
            "pulse",
            translate("commands", "All queues"),
            translate("commands", "Show all queues and agents again; Esc does it, too"),
            ("Alt+Up",),
            "chevron-left",
        ),
        Command(
            Intervention.EXPLAIN_WAITING,
            "pulse",
            translate("commands", "Why does it wait?"),
            translate("commands", "Say where this contact is, why, and what would change it"),
            ("Ctrl+I",),
            "explain",
        ),
        Command(
            Intervention.WHY_NOT,
            "pulse",
            translate("commands", "Why not …?"),
            translate("commands", "Say why a certain agent has not been given this contact"),
            ("Ctrl+Shift+I",),
            "why-not",
        ),
        Command(
            Intervention.PRIORITISE,
            "pulse",
            translate("commands", "Prioritise"),
            translate("commands", "Let it go before all others where it waits"),
            ("Ctrl+Up",),
            "prioritise",
        ),
        Command(
            Intervention.UNPRIORITISE,
            "pulse",
            translate("commands", "Back in order"),
            translate("commands", "Prioritise it no longer"),
            ("Ctrl+Down",),
            "unprioritise",
        ),
        Command(
            Intervention.MOVE,
            "pulse",
            translate("commands", "Move…"),
            translate("commands", "Let it wait in another queue or list, or for one person"),
            ("F7",),
            "requeue",
        ),
        Command(
            Intervention.PULL,
            "pulse",
            translate("commands", "Pull to me"),
            translate("commands", "Take this waiting contact in hand yourself"),
            ("F10",),
            "accept",
        ),
        Command(
            Intervention.CLOSE,
            "pulse",
            translate("commands", "Close…"),
            translate("commands", "End this contact with a reason, though nobody handled it"),
            ("Del",),
            "close",
        ),
        Command(
            Intervention.EXPLAIN_IN_HAND,
            "pulse",
            translate("commands", "What is in hand?"),
            translate("commands", "Say why the chosen agent has this contact; Enter does it, too"),
            ("Ctrl+I",),
            "explain",
        ),
        Command(
            Intervention.LOG_IN_TO_QUEUE,
            "pulse",
            translate("commands", "Log in to queue…"),
            translate("commands", "Let the chosen agent serve a queue or waiting list"),
            ("Ins",),
            "log-in",
        ),
        Command(
            Intervention.LOG_OUT_OF_QUEUE,
            "pulse",
            translate("commands", "Log out of queue…"),
            translate("commands", "Let the chosen agent serve a queue or waiting list no longer"),
            ("Del",),
            "log-out",
        ),
        *_quarantine(),
    )


def _quarantine() -> tuple[Command, ...]:
    return (
        Command(
            Intervention.QUARANTINE,
            "pulse",
            translate("commands", "Look into quarantine"),
            translate("commands", "Show mails that went no further or were not delivered"),
            ("Ctrl+F8",),
            "warning",
        ),
        Command(
            Intervention.SHOW_SOURCE,
            "pulse",
            translate("commands", "Show source"),
            translate("commands", "Show this mail as it was fetched; Enter does it, too"),
            ("Ctrl+U",),
            "document",
        ),
        Command(
            Intervention.RETRY,
            "pulse",
            translate("commands", "Retry"),
            translate("commands", "Analyse these mails again"),
            ("F8",),
            "resume",
        ),
        Command(
            Intervention.EXPORT,
            "pulse",
            translate("commands", "Export…"),
            translate("commands", "Save this mail as it was fetched"),
            ("Ctrl+Shift+S",),
            "file",
        ),
        Command(
            Intervention.DISCARD,
            "pulse",
            translate("commands", "Discard mails…"),
            translate("commands", "Take these mails out of quarantine without making contacts"),
            ("Del",),
            "close",
        ),
        Command(
            Intervention.SEND_AGAIN,
            "pulse",
            translate("commands", "Send these again"),
            translate("commands", "Send these mails once more to whom they did not reach"),
            ("F7",),
            "requeue",
        ),
    )


def _view() -> tuple[Command, ...]:
    return (
        Command(
            "commands",
            "view",
            translate("commands", "All commands…"),
            translate("commands", "Find a command by its words"),
            ("Ctrl+K",),
            "commands",
        ),
        Command(
            Page.DESK,
            "view",
            translate("commands", "Desk"),
            translate("commands", "Show the contacts in your hands"),
            ("Alt+1",),
            "page-desk",
            checkable=True,
        ),
        Command(
            Page.PULSE,
            "view",
            translate("commands", "Pulse"),
            translate("commands", "Show queues and agents as they are now"),
            ("Alt+2",),
            "page-pulse",
            checkable=True,
        ),
        Command(
            "filter",
            "view",
            translate("commands", "Filter"),
            translate("commands", "Type to find one of your contacts, a queue or an agent"),
            ("Ctrl+F",),
            "search",
        ),
        Command(
            "places",
            "view",
            translate("commands", "Waiting lists and queues"),
            translate("commands", "Move the keyboard to your waiting lists and queues"),
            ("F4",),
            "waiting-list",
        ),
        Command(
            "next-pane",
            "view",
            translate("commands", "Next part of the window"),
            translate("commands", "Move the keyboard to the next part of the window"),
            ("F6",),
        ),
        Command(
            "column-1",
            "view",
            translate("commands", "Contacts"),
            translate("commands", "Show or hide your contacts"),
            ("Ctrl+1",),
            "column-left",
            checkable=True,
        ),
        Command(
            "column-2",
            "view",
            translate("commands", "Preview"),
            translate("commands", "Show or hide the preview"),
            ("Ctrl+2",),
            "column-centre",
            checkable=True,
        ),
        Command(
            "column-3",
            "view",
            translate("commands", "Contact data"),
            translate("commands", "Show or hide the contact data"),
            ("Ctrl+3",),
            "column-right",
            checkable=True,
        ),
        Command(
            "theme-system",
            "view",
            translate("commands", "Light or dark as the system"),
            translate("commands", "Follow the system's light or dark"),
            icon="theme",
            checkable=True,
        ),
        Command(
            "theme-light",
            "view",
            translate("commands", "Light"),
            translate("commands", "Always light"),
            checkable=True,
        ),
        Command(
            "theme-dark",
            "view",
            translate("commands", "Dark"),
            translate("commands", "Always dark"),
            checkable=True,
        ),
        Command(
            "language-system",
            "view",
            translate("commands", "Language as the system"),
            translate("commands", "Follow the system's language"),
            icon="language",
            checkable=True,
        ),
        Command(  # a language is found by its own name, whatever is spoken now
            "language-en",
            "view",
            "English",
            translate("commands", "Always English"),
            checkable=True,
        ),
        Command(
            "language-sv",
            "view",
            "Svenska",
            translate("commands", "Always Swedish"),
            checkable=True,
        ),
        Command(
            "reduced-motion",
            "view",
            translate("commands", "Reduced motion"),
            translate("commands", "Show a booked contact without a pulse"),
            checkable=True,
        ),
    )


def _help() -> tuple[Command, ...]:
    return (
        Command(
            "about",
            "help",
            translate("commands", "About ACE Agent"),
            translate("commands", "What this program is"),
            icon="info",
        ),
    )

"""What this program remembers between runs, for this person on this machine.

The window and its habits, and the numbers of mails that were told of: nothing of a contact and no
secret is kept here.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar, overload
from urllib.parse import quote

from PySide6.QtCore import QByteArray, QSettings

from ace_agent.language import Choice as Language
from ace_agent.theme import Choice

T = TypeVar("T")


class Stored(Generic[T]):
    """One remembered value; what cannot be read is the default."""

    def __init__(self, default: T, read: Callable[[object], T | None]) -> None:
        self._default = default
        self._read = read
        self._key = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = name.replace("_", "-")

    @overload
    def __get__(self, settings: None, owner: type) -> "Stored[T]": ...
    @overload
    def __get__(self, settings: "Settings", owner: type) -> T: ...
    def __get__(self, settings: "Settings | None", owner: type) -> "Stored[T] | T":
        if settings is None:
            return self
        value = self._read(settings.values.value(self._key))
        return self._default if value is None else value

    def __set__(self, settings: "Settings", value: T) -> None:
        settings.values.setValue(self._key, _kept(value))


def _kept(value: object) -> object:
    return QByteArray(value) if isinstance(value, bytes) else value


def _flag(kept: object) -> bool | None:
    if isinstance(kept, bool):
        return kept
    return {"true": True, "false": False}.get(kept) if isinstance(kept, str) else None


def _text(kept: object) -> str | None:
    return kept if isinstance(kept, str) else None


def _choice(kept: object) -> Choice | None:
    match kept:
        case "system" | "light" | "dark" as chosen:
            return chosen
        case _:
            return None


def _language(kept: object) -> Language | None:
    match kept:
        case "en" | "sv" as chosen:
            return chosen
        case _:
            return None


def _state(kept: object) -> bytes | None:
    return bytes(kept.data()) if isinstance(kept, QByteArray) else None


class Settings:
    """Kept where the platform keeps such things, or in `file` (demo, tests)."""

    theme: Stored[Choice] = Stored("system", _choice)
    language: Stored[Language] = Stored("", _language)
    """Empty for the system's."""
    sound = Stored(True, _flag)
    """Whether a booked contact is heard."""
    notification = Stored(True, _flag)
    """Whether a booked contact is announced on the desktop."""
    alert = Stored(True, _flag)
    """Whether a booked contact makes the taskbar ask for attention."""
    reduced_motion = Stored(False, _flag)
    """Whether nothing moves that need not."""
    last_login = Stored("", _text)
    authority = Stored("", _text)
    """File with the certificates (PEM) that a server's must descend from; empty: the system's."""
    geometry = Stored(b"", _state)
    columns = Stored(b"", _state)
    """The main window's `QSplitter.saveState`."""

    def __init__(self, file: Path | None = None) -> None:
        self.values = (
            QSettings(str(file), QSettings.Format.IniFormat)
            if file is not None
            else QSettings("ACE", "ACE Agent")
        )

    def view(self, name: str) -> bytes:
        """The remembered state of a list's header or another part of a window; maybe empty."""
        return _state(self.values.value(f"view/{name}")) or b""

    def keep_view(self, name: str, state: bytes) -> None:
        """Remember it for `view`."""
        self.values.setValue(f"view/{name}", _kept(state))

    def told_of(self, site: str, login: str) -> set[tuple[int, str]]:
        """The mails, by number and state, that this person knows were not delivered."""
        kept = _text(self.values.value(_told(site, login))) or ""
        pairs = (one.partition(":") for one in kept.split(","))
        return {(int(number), state) for number, _, state in pairs if number.isdecimal()}

    def keep_told_of(self, site: str, login: str, mails: Iterable[tuple[int, str]]) -> None:
        """Remember them for `told_of`."""
        kept = ",".join(f"{number}:{state}" for number, state in sorted(mails))
        self.values.setValue(_told(site, login), kept)

    def sync(self) -> None:
        """Write to disk what is remembered."""
        self.values.sync()


def _told(site: str, login: str) -> str:
    """Logins and numbers of one site say nothing at another."""
    return f"told-of/{quote(site, safe='')}/{quote(login, safe='')}"

"""Tokens that were given out, known by their digests only (G-4)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from ace_server.store.models import LogIn


class LogInRow(msgspec.Struct, frozen=True):
    """One log-in: whose, since when, and when it was last in use."""

    login: str
    at: datetime
    seen_at: datetime


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def add(token: str, login: str, at: datetime) -> None:
    """Remember a new token."""
    LogIn.insert(token=digest(token), login=login, at=at, seen_at=at).execute()


def find(token: str) -> LogInRow | None:
    """Whose token this is."""
    row = LogIn.get_or_none(LogIn.token == digest(token))
    return None if row is None else LogInRow(row.login, row.at, row.seen_at)


def seen(tokens: Sequence[str], at: datetime) -> None:
    """These tokens are in use."""
    digests = [digest(token) for token in tokens]
    LogIn.update(seen_at=at).where(LogIn.token.in_(digests)).execute()


def remove(token: str) -> None:
    """The token opens nothing any more."""
    LogIn.delete().where(LogIn.token == digest(token)).execute()


def remove_all(login: str) -> None:
    """None of this user's tokens opens anything any more."""
    LogIn.delete().where(LogIn.login == login).execute()


def remove_older(at: datetime) -> None:
    """Tokens given out before `at` open nothing any more."""
    LogIn.delete().where(LogIn.at < at).execute()

"""Who may log in: passwords, one-time codes, tokens, pauses after wrong guesses (G-2, G-4)."""

import asyncio
import hmac
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar, TypeVarTuple

import msgspec

from ace_server.clock import Clock
from ace_server.concepts import User
from ace_server.contact import Role
from ace_server.current import Current
from ace_server.errors import Refused
from ace_server.passwords import LONGEST, Passwords, StoredSecret, weakness
from ace_server.sentences import sentence
from ace_server.store import Store, audit, directory, log_ins

A = TypeVarTuple("A")
T = TypeVar("T")

FREE_GUESSES = 5
MOST_GUESSED = 10_000
"""Names remembered with wrong guesses before those whose pause is over are forgotten."""

LONGEST_PAUSE = 300.0
"""Seconds; the pause doubles from one second with every further wrong guess."""


class LoggedIn(msgspec.Struct, frozen=True):
    """A log-in that was granted."""

    user: User
    token: str


@dataclass(slots=True)
class _Guesses:
    wrong: int = 0
    free_at: float = 0.0  # monotonic


class LogIns:
    """Grants log-ins and remembers them."""

    def __init__(self, store: Store, current: Current, passwords: Passwords, clock: Clock) -> None:
        self._store = store
        self._current = current
        self._passwords = passwords
        self._clock = clock
        self._guesses: dict[tuple[str, str], _Guesses] = {}
        self._hashing = ThreadPoolExecutor(1, thread_name_prefix="log-in")

    def close(self) -> None:
        """End the hashing thread."""
        self._hashing.shutdown()

    async def log_in(self, login: str, password: str, new_password: str, peer: str) -> LoggedIn:
        """Check a password, or a one-time code with the new password that replaces it.

        Raises Refused: `unauthorised`, `slow-down` (with the seconds to wait), `new-password`.
        """
        if len(login) > LONGEST or len(password) > LONGEST:
            raise Refused("unauthorised", "Login or password is wrong.")
        self._guess(login, peer)
        user = self._current.site().users.get(login)
        stored = self._current.secrets().get(("user", login))
        if not await self._verify(stored, password) or user is None or user.locked:
            await self._note_wrong(login)
            raise Refused("unauthorised", "Login or password is wrong.")
        self._guesses.pop((login, peer), None)  # it was right, also where the store is away
        if stored is not None and stored.form == "code":
            await self._choose(login, new_password)
        elif stored is not None and stored.form == "hash":
            await self._upgrade(login, stored, password)
        return await self._grant(user)

    async def by_token(self, token: str) -> User:
        """Whose log-in this token is. Raises Refused("unauthorised")."""
        row = await self._store.run(log_ins.find, token)
        user = self._current.site().users.get(row.login) if row else None
        if row is None or user is None or user.locked:
            raise Refused("unauthorised", "This log-in has ended. Log in again.")
        system, now = self._current.site().system, self._clock.now()
        if now - row.at > timedelta(hours=system.sessionHours):
            await self.end(token)
            hours = f"{system.sessionHours:g}"
            reason = sentence("A log-in lasts %1 hours. Log in again.", hours)
            raise Refused("unauthorised", reason)
        if now - row.seen_at > timedelta(minutes=system.sessionIdleMinutes):
            await self.end(token)
            raise Refused("unauthorised", "This log-in was not used for a while. Log in again.")
        await self.seen([token])
        return user

    async def seen(self, tokens: list[str]) -> None:
        """These log-ins are in use."""
        await self._store.run(log_ins.seen, tokens, self._clock.now())

    async def end(self, token: str) -> None:
        """The token opens nothing any more."""
        await self._store.run(log_ins.remove, token)

    async def change_password(self, login: str, old: str, new: str) -> None:
        """Set a new password; the old one is asked for (ASVS V6.2). Ends all the user's log-ins."""
        self._guess(login, "")
        if not await self._verify(self._current.secrets().get(("user", login)), old):
            raise Refused("unauthorised", "The old password is wrong.")
        self._guesses.pop((login, ""), None)
        await self._choose(login, new)

    async def create_administrator(self, login: str, name: str, password: str) -> None:
        """The first user of all; refused once there is one (G-2)."""
        if reason := weakness(password):
            raise Refused("weak-password", reason)
        hashed = await self._in_executor(self._passwords.hash, password)
        try:
            user = msgspec.convert({"login": login, "name": name, "role": "administrator"}, User)
        except msgspec.ValidationError as error:
            raise Refused("bad-value", "A login has letters, digits and . _ @ - only.") from error
        await self._store.run(self._add_first, user, StoredSecret("hash", hashed))
        await self._current.reload()

    def make_first_administrator(self) -> str:
        """On a server's first start: make the user `admin`; its one-time code."""
        code = secrets.token_urlsafe(12)
        user = User(login="admin", name="Administrator", role=Role.ADMINISTRATOR)
        hashed = self._passwords.hash(code)
        self._store.perform(self._add_first, user, StoredSecret("code", hashed))
        return code

    def _add_first(self, user: User, secret: StoredSecret) -> None:
        if directory.load().users:
            raise Refused("forbidden", "There is an administrator already. Log in.")
        directory.replace("user", [user])
        directory.set_secret("user", user.login, secret)
        audit.record(self._clock.now(), user.login, "first administrator", user.login)

    async def _grant(self, user: User) -> LoggedIn:
        token = secrets.token_urlsafe(32)
        now = self._clock.now()

        def job() -> None:
            log_ins.remove_older(now - timedelta(hours=self._current.site().system.sessionHours))
            log_ins.add(token, user.login, now)
            audit.record(now, user.login, "log in")

        await self._store.run(job)
        return LoggedIn(user, token)

    def _guess(self, login: str, peer: str) -> None:
        """Count a guess before it is looked at, or raise Refused("slow-down")."""
        self._forget_old_guesses()
        guesses = self._guesses.setdefault((login, peer), _Guesses())
        left = guesses.free_at - self._clock.monotonic()
        if left > 0:
            reason = sentence("Too many wrong passwords. Try again in %1 s.", round(left))
            raise Refused("slow-down", reason)
        guesses.wrong += 1
        if guesses.wrong >= FREE_GUESSES:
            pause = min(2.0 ** (guesses.wrong - FREE_GUESSES), LONGEST_PAUSE)
            guesses.free_at = self._clock.monotonic() + pause

    def _forget_old_guesses(self) -> None:
        """Somebody who tries a million names must not fill the memory."""
        if len(self._guesses) > MOST_GUESSED:
            now = self._clock.monotonic()
            self._guesses = {who: one for who, one in self._guesses.items() if one.free_at > now}

    async def _note_wrong(self, login: str) -> None:
        known = login if login in self._current.site().users else "unknown user"
        await self._store.run(audit.record, self._clock.now(), known, "log in", result="refused")

    async def _verify(self, stored: StoredSecret | None, password: str) -> bool:
        if stored is None or stored.form == "ask":
            return await self._in_executor(self._passwords.verify_nobody, password)
        if stored.form in ("hash", "code"):
            return await self._in_executor(self._passwords.verify, stored.value, password)
        await self._in_executor(self._passwords.verify_nobody, password)  # as slow as the others
        expected = await self._in_executor(read_reference, stored)
        return bool(expected) and hmac.compare_digest(expected.encode(), password.encode())

    async def _choose(self, login: str, password: str) -> None:
        if not password:
            raise Refused("new-password", "Choose a password of your own.")
        if reason := weakness(password):
            raise Refused("weak-password", reason)
        await self._set(login, password, "password changed")

    async def _upgrade(self, login: str, stored: StoredSecret, password: str) -> None:
        if self._passwords.needs_rehash(stored.value):
            await self._set(login, password, "password hashed anew")

    async def _set(self, login: str, password: str, action: str) -> None:
        hashed = await self._in_executor(self._passwords.hash, password)

        def job() -> None:
            directory.set_secret("user", login, StoredSecret("hash", hashed))
            if action == "password changed":
                log_ins.remove_all(login)
            audit.record(self._clock.now(), login, action, login)

        await self._store.run(job)
        await self._current.reload()

    async def _in_executor(self, function: Callable[[*A], T], *arguments: *A) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._hashing, partial(function, *arguments))


def read_reference(stored: StoredSecret) -> str:
    """The secret that an `env:` or `file:` reference stands for, empty where there is none."""
    if stored.form == "env":
        return os.environ.get(stored.value, "")
    if stored.form == "file":
        with suppress(OSError, ValueError):
            return Path(stored.value).read_text("utf-8").strip()
    return ""

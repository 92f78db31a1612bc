"""Passwords and shared secrets: hashed with Argon2id, compared, and judged before they are taken.

Hashing is slow on purpose: call it in an executor, never on a loop.
"""

import base64
import secrets
from functools import cache
from typing import Literal

import msgspec
from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

import resources
from ace_server.sentences import Sentence, sentence

SHORTEST = 8
LONGEST = 256

COMMONEST = resources.path("passwords/commonest.txt")


@cache
def _commonest() -> frozenset[str]:
    lines = COMMONEST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


class StoredSecret(msgspec.Struct, frozen=True):
    """A secret as the store keeps it.

    `hash`: an Argon2 hash; `code`: the same, of a one-time code; `env`, `file`: the name of where
    it is read when it is needed; `ask`: still to be entered.
    """

    form: Literal["hash", "code", "env", "file", "ask"]
    value: str = ""


class Passwords:
    """Argon2id with the library's recommended cost, unless told otherwise."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = _made_up(self._hasher)

    def hash(self, secret: str) -> str:
        """The hash to store; salt and cost stand in it."""
        return self._hasher.hash(secret)

    def verify(self, hashed: str, secret: str) -> bool:
        """Whether `secret` is what was hashed."""
        try:
            return self._hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False

    def verify_nobody(self, secret: str) -> bool:
        """Take as long as a verification and say no: an unknown name must not be told apart."""
        self.verify(self._nobody, secret)
        return False

    def needs_rehash(self, hashed: str) -> bool:
        """Whether the hash was made with another cost than today's."""
        return self._hasher.check_needs_rehash(hashed)


def _made_up(hasher: PasswordHasher) -> str:
    """What a hash looks like; of no secret, but as slow to verify, and made in no time."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


def cheap() -> Passwords:
    """The lowest cost: for tests and throw-away demonstrations only."""
    return Passwords(PasswordHasher.from_parameters(profiles.CHEAPEST))


def weakness(password: str) -> Sentence | None:
    """What is wrong with a new password, as a sentence; None if it will do (ASVS V6.2)."""
    if len(password) < SHORTEST:
        return sentence("A password has at least %1 characters.", SHORTEST)
    if len(password) > LONGEST:
        return sentence("A password has at most %1 characters.", LONGEST)
    if password.lower() in _commonest() or len(set(password)) < 3:
        return sentence("This is one of the commonest passwords. Choose another.")
    return None


def one_time_code() -> str:
    """A code that is shown once and opens one log-in: 80 bits, in groups that can be read aloud."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))

"""Who hands work items in: credentials, failed log-ins, and how many messages an account may send.

Basic shows the secret with every message, so a verified one is remembered, as a keyed digest, until
the secret changes (G-3). Nothing here knows HTTP beyond the header's text.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from secrets import token_bytes

from ace_server.clock import Clock
from ace_server.concepts import Site, WorkItemAccount
from ace_server.errors import Refused
from ace_server.passwords import Passwords, StoredSecret
from ace_server.references import referred
from ace_server.tls import is_loopback

KIND = WorkItemAccount.kind

FAILURES = 10
"""Failed log-ins within `FAILURES_SECONDS` before the next is answered `too-many` (B-17)."""

FAILURES_SECONDS = 60.0

MOST_PEERS = 10_000
"""How many peers' failures are remembered; the oldest go first."""

Secrets = Mapping[tuple[str, str], StoredSecret]

_RATE = re.compile(r"(\d+)/(\d*)([smh])")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600}


class TooMany(Refused):
    """Refused for now: try again after so many seconds."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__("too-many", reason)
        self.retry_after = max(1, int(seconds + 0.999))


class Window:
    """Counts what happened within the last so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=most)

    @property
    def most(self) -> int:
        return self._times.maxlen or 0

    def wait(self, now: float) -> float:
        """Seconds until one more is within bounds; 0: it is."""
        if not self.most:
            return self._seconds
        if len(self._times) < self.most:
            return 0.0
        return max(0.0, self._times[0] + self._seconds - now)

    def add(self, now: float) -> None:
        """It happened; the oldest is forgotten where there are too many."""
        self._times.append(now)


class Rates:
    """How many messages each account may send (`rate` of its entry)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[str, Window]] = {}

    def check(self, account: WorkItemAccount) -> None:
        """Count a message, or raise TooMany."""
        if not account.rate:
            return
        rate, window = self._windows.get(account.name, ("", Window(0, 0)))
        if rate != account.rate:
            window = window_of(account.rate)
            self._windows[account.name] = account.rate, window
        now = self._clock.monotonic()
        if wait := window.wait(now):
            raise TooMany("this account may send no more messages for the moment", wait)
        window.add(now)


def window_of(rate: str) -> Window:
    """`100/1m`, `100/m`: the most messages in a time."""
    found = _RATE.fullmatch(rate)
    if found is None:
        raise ValueError(f"not a rate: {rate}")
    return Window(int(found[1]), int(found[2] or 1) * _UNIT_SECONDS[found[3]])


class Failures:
    """Failed log-ins: of a peer, or on loopback, where all senders are one peer, of an account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def add(self, peer: str, account: str) -> float:
        """Count one; seconds to wait where there were too many before it, else 0."""
        who = account[:128] if is_loopback(peer) else peer
        window = self._windows.pop(who, None) or Window(FAILURES, FAILURES_SECONDS)
        self._windows[who] = window
        if len(self._windows) > MOST_PEERS:
            self._windows.popitem(last=False)
        now = self._clock.monotonic()
        too_many = window.wait(now) > 0
        window.add(now)
        return window.wait(now) if too_many else 0.0


class Accounts:
    """Says whose message it is."""

    def __init__(self, stored: Callable[[], Secrets], passwords: Passwords, clock: Clock) -> None:
        self._stored = stored
        self._passwords = passwords
        self._failures = Failures(clock)
        self._key = token_bytes(32)
        self._remembered: dict[str, tuple[bytes, StoredSecret]] = {}
        self._verifying: dict[tuple[bytes, StoredSecret | None], asyncio.Future[bool]] = {}
        self._executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="work-item-log-in")

    async def account(self, header: str | None, peer: str, site: Site) -> WorkItemAccount:
        """The account that an Authorization header proves.

        Raises Refused(`unauthorised`), or TooMany after too many failures; what is right passes.
        """
        if header is None:
            raise Refused("unauthorised", "the name and secret of an account are needed")
        name, secret = credentials(header) or ("", "")
        account = site.work_item_accounts.get(name)
        stored = self._stored().get((KIND, name)) if account else None
        if not await self._is_right(name, secret, stored) or account is None:
            if wait := self._failures.add(peer, name):
                raise TooMany("too many failed log-ins", wait)
            raise Refused("unauthorised", "the account or its secret is not right")
        return account

    def stop(self) -> None:
        """End the threads."""
        self._executor.shutdown()

    async def _is_right(self, name: str, secret: str, stored: StoredSecret | None) -> bool:
        seen = hashlib.blake2b(
            f"{name}\n{secret}".encode(errors="surrogatepass"), key=self._key
        ).digest()
        known = self._remembered.get(name)
        if known and known[1] == stored and hmac.compare_digest(known[0], seen):
            return True
        right = await self._verification(seen, secret, stored)
        if right and stored is not None and stored.form == "hash":
            self._remembered[name] = seen, stored
        return right

    async def _verification(self, seen: bytes, secret: str, stored: StoredSecret | None) -> bool:
        """Verify in a thread; one who asks while the very same is under way shares the result."""
        which = seen, stored
        under_way = self._verifying.get(which)
        if under_way is None:
            loop = asyncio.get_running_loop()
            under_way = loop.run_in_executor(
                self._executor, verify, self._passwords, secret, stored
            )
            self._verifying[which] = under_way
            under_way.add_done_callback(lambda _: self._verifying.pop(which))
        return await asyncio.shield(under_way)


def credentials(header: str) -> tuple[str, str] | None:
    """Name and secret of HTTP Basic, or None."""
    scheme, _, packed = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = (
            base64.b64decode(packed.strip(), validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        return None
    return (name, secret) if colon else None


def verify(passwords: Passwords, secret: str, stored: StoredSecret | None) -> bool:
    """Whether `secret` is what is stored. A wrong one takes as long as a hash, whatever is stored.

    Slow: call it in a thread.
    """
    if stored is not None and stored.form == "hash":
        return passwords.verify(stored.value, secret)
    expected = referred(stored)
    if expected and hmac.compare_digest(expected.encode(), secret.encode()):
        return True
    return passwords.verify_nobody(secret)

"""The two lanes of the store: what its thread does next, and when (WI-5).

What waits in the lane behind lets all that is before it go first. While the others flow – work
items come in, many agents work – it goes one by one, and leaves the processor and the disk to them
for several times as long as each took: so mail costs them next to nothing, and is taken in all the
same. Else few share a transaction, so that whoever comes meanwhile waits for no more than those.
Nothing here knows what a job is.
"""

from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final, Generic, TypeVar

J = TypeVar("J")

GROUP = 200
"""The most jobs that share a commit: bounds how long one waits for the others."""

GROUP_BEHIND = 8
"""The same of those behind, while the others do not flow."""

FLOW = 8
LATELY = 0.25
"""So many transactions of those before in so many seconds are a flow: more of them are expected."""

REST = 10
LONGEST_REST = 0.1
"""How many times as long as a transaction of one behind took the next one waits meanwhile, and
the most seconds: a slow disk or a far database is no reason to take in next to none."""

PATIENCE = 4
"""Transactions for those before, after which one behind gets its own although more are waiting."""


class _Look:
    """Something waits behind, or none will come any more."""


_LOOK: Final = _Look()


class Lanes(Generic[J]):
    """What waits; filled by one thread, emptied by another."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """`now` gives seconds that only grow."""
        self._now = now
        self._before: SimpleQueue[J | _Look] = SimpleQueue()
        self._behind: deque[J] = deque()
        self._given = 0
        self._taken = 0
        self._is_closed = False
        self._passed_by = 0  # transactions since those behind had one, while some wait
        self._is_theirs = False  # what was taken last came from behind
        self._taken_at = 0.0
        self._came: deque[float] = deque(maxlen=FLOW)  # when something before was taken last
        self._rests_until = 0.0

    def put(self, jobs: Sequence[J]) -> None:
        """Let these wait before."""
        self._given += len(jobs)
        for job in jobs:
            self._before.put(job)

    def put_behind(self, job: J) -> None:
        """Let this wait behind."""
        self._given += 1
        self._behind.append(job)
        self._before.put(_LOOK)

    def open(self) -> None:
        """More will come; so it begins, and once it was closed it begins anew."""
        self._is_closed = False

    def close(self) -> None:
        """None will come any more: what waits is taken without a rest."""
        self._is_closed = True
        self._before.put(_LOOK)

    def waiting(self) -> int:
        """How many wait."""
        return self._given - self._taken

    def take(self) -> list[J]:
        """What shares the next transaction, once there is something; empty: closed, and all done.

        Whoever takes has done what it took before.
        """
        self._rest()
        taken = self._take()
        self._taken += len(taken)
        return taken

    def _take(self) -> list[J]:
        while True:
            if self._is_turn_behind() and self._passed_by >= PATIENCE:
                return self._take_behind()
            if before := self._take_before():
                return before
            if self._is_turn_behind():
                return self._take_behind()
            if self._is_closed and not self._behind and self._before.empty():
                return []

    def _rest(self) -> None:
        """Let those behind rest after a transaction of theirs, while others flow."""
        if self._is_theirs and self._flows(self._taken_at):
            now = self._now()
            self._rests_until = now + min(REST * (now - self._taken_at), LONGEST_REST)
        self._is_theirs = False

    def _flows(self, now: float) -> bool:
        return len(self._came) == FLOW and now - self._came[0] < LATELY

    def _is_turn_behind(self) -> bool:
        return bool(self._behind) and (self._is_closed or self._now() >= self._rests_until)

    def _take_before(self) -> list[J]:
        """Those before that wait now. Where nothing is to be done, wait for something first."""
        taken: list[J] = []
        pause = self._pause()
        while len(taken) < GROUP:
            try:
                job = self._before.get(timeout=0.0 if taken else pause)
            except Empty:
                break
            if isinstance(job, _Look):
                pause = self._pause()
            else:
                taken.append(job)
        if taken:
            self._came.append(self._now())
            self._passed_by += bool(self._behind)
        return taken

    def _pause(self) -> float | None:
        """Seconds until those behind have their turn; None: nothing waits there."""
        if self._behind:
            return 0.0 if self._is_closed else max(0.0, self._rests_until - self._now())
        return 0.0 if self._is_closed else None

    def _take_behind(self) -> list[J]:
        self._passed_by = 0
        self._is_theirs = True
        self._taken_at = self._now()
        some = 1 if self._flows(self._taken_at) else min(GROUP_BEHIND, len(self._behind))
        return [self._behind.popleft() for _ in range(some)]

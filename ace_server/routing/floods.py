"""Which entrances are floods, so that none starves another (RO-6).

An entrance of which more contacts wait than the site's flood mark is a flood. An agent whose last
contact came from a flood gets one of another entrance next, where one waits in a queue of the same
priority; whoever had another one last takes in turn. So of each agent's contacts a flood gets at
most every second while others wait: no entrance waits for the end of another's flood, and no flood
for the end of what comes in elsewhere.

What waits is counted, and whose contact an agent had last is stored: a restart changes nothing.
"""


class Floods:
    """How many contacts of each entrance of an area wait, and which of these are floods."""

    def __init__(self, mark: int) -> None:
        self.mark = mark  # 0: no number is a flood
        self._waiting: dict[str, int] = {}  # only entrances of which something waits

    def wait(self, entrance: str) -> None:
        """One more contact of this entrance waits."""
        self._waiting[entrance] = self._waiting.get(entrance, 0) + 1

    def wait_no_more(self, entrance: str) -> None:
        """One contact fewer of this entrance waits."""
        count = self._waiting[entrance] = self._waiting[entrance] - 1
        if not count:
            del self._waiting[entrance]

    def waiting(self, entrance: str) -> int:
        """How many contacts of this entrance wait."""
        return self._waiting.get(entrance, 0)

    def is_flood(self, entrance: str) -> bool:
        """Whether so many contacts of this entrance wait that it counts as a flood."""
        return 0 < self.mark < self._waiting.get(entrance, 0)

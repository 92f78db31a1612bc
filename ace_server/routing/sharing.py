"""Fair share between entrances: a flood in one starves no other (RO-6).

An entrance with more contacts waiting than the site's flood mark is a flood. It steps back: the
contacts of entrances that are none go first, however many of its own wait and whatever their
priority digit. So in a queue that is sorted by waiting, a contact of an entrance that is no flood
is booked after no more bookings from there than contacts of its own entrance wait before it, and
the flood mark for each other entrance. Of several floods, the one of which agents have more than
its share in hand steps back further; the share is the same for every flood.

Everything it knows is counted from what waits and what is in hand, so a restart changes nothing.
"""

from collections.abc import Iterable


class Shares:
    """How many contacts of each entrance of an area wait, and how many agents have in hand."""

    def __init__(self, mark: int) -> None:
        self.mark = mark  # 0: no number is a flood
        self.change = 0  # grows when some entrance steps back otherwise than before
        self._waiting: dict[str, int] = {}  # only entrances of which something waits
        self._in_hand: dict[str, int] = {}
        self._all_in_hand = 0
        self._steps: dict[str, int] = {}  # floods, and how far they step back

    def configure(self, mark: int) -> None:
        """Another number of waiting contacts is a flood from now on."""
        self.mark = mark
        self._weigh(name for name, count in self._waiting.items() if 0 < mark < count)

    def wait(self, entrance: str) -> None:
        """One more contact of this entrance waits."""
        count = self._waiting[entrance] = self._waiting.get(entrance, 0) + 1
        if count - 1 == self.mark > 0:
            self._weigh([*self._steps, entrance])

    def wait_no_more(self, entrance: str) -> None:
        """One contact fewer of this entrance waits."""
        count = self._waiting[entrance] = self._waiting[entrance] - 1
        if count == self.mark > 0:
            self._weigh(name for name in self._steps if name != entrance)
        if not count:
            del self._waiting[entrance]

    def take(self, entrance: str) -> None:
        """An agent has one more contact of this entrance in hand."""
        self._in_hand[entrance] = self._in_hand.get(entrance, 0) + 1
        self._all_in_hand += 1
        if entrance in self._steps:
            self._weigh(self._steps)

    def give_back(self, entrance: str) -> None:
        """Agents have one contact fewer of this entrance in hand."""
        self._in_hand[entrance] -= 1
        self._all_in_hand -= 1
        if entrance in self._steps:
            self._weigh(self._steps)

    def _weigh(self, floods: Iterable[str]) -> None:
        """These entrances are floods; how far does each step back?"""
        held = {name: self._in_hand.get(name, 0) for name in floods}
        every = sum(held.values())
        steps = {name: 2 if own * len(held) > every else 1 for name, own in held.items()}
        if steps != self._steps:
            self._steps = steps
            self.change += 1

    def in_hand(self, entrance: str) -> int:
        """How many contacts of this entrance agents have in hand."""
        return self._in_hand.get(entrance, 0)

    @property
    def all_in_hand(self) -> int:
        """How many contacts of the area agents have in hand."""
        return self._all_in_hand

    def waiting(self, entrance: str) -> int:
        """How many contacts of this entrance wait."""
        return self._waiting.get(entrance, 0)

    def is_flood(self, entrance: str) -> bool:
        """Whether so many contacts of this entrance wait that it counts as a flood."""
        return entrance in self._steps

    def steps_back(self, entrance: str) -> int:
        """How far it steps back: 0: its contacts go in turn; 1: after those of others; 2: further.

        Two steps are those of a flood that has more than its share of what floods have in hand.
        """
        return self._steps.get(entrance, 0)

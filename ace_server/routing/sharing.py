"""Fair share between entrances: a flood in one starves no other (RO-6).

An entrance with more contacts waiting than the site's flood mark steps back while agents have more
than its share of them in hand: the contacts of the others go first. The share is the same for every
entrance of which something waits. Everything it knows is counted from what waits and what is in
hand, so a restart changes nothing.
"""


class Shares:
    """How many contacts of each entrance of an area wait, and how many agents have in hand."""

    def __init__(self, mark: int) -> None:
        self.mark = mark  # 0: no number is a flood
        self._waiting: dict[str, int] = {}  # only entrances of which something waits
        self._in_hand: dict[str, int] = {}
        self._all_in_hand = 0
        self._floods: set[str] = set()

    def configure(self, mark: int) -> None:
        """Another number of waiting contacts is a flood from now on."""
        self.mark = mark
        self._floods = {name for name, count in self._waiting.items() if 0 < mark < count}

    def wait(self, entrance: str) -> None:
        """One more contact of this entrance waits."""
        count = self._waiting[entrance] = self._waiting.get(entrance, 0) + 1
        if count - 1 == self.mark > 0:
            self._floods.add(entrance)

    def wait_no_more(self, entrance: str) -> None:
        """One contact fewer of this entrance waits."""
        count = self._waiting[entrance] = self._waiting[entrance] - 1
        if count == self.mark:
            self._floods.discard(entrance)
        if not count:
            del self._waiting[entrance]

    def take(self, entrance: str) -> None:
        """An agent has one more contact of this entrance in hand."""
        self._in_hand[entrance] = self._in_hand.get(entrance, 0) + 1
        self._all_in_hand += 1

    def give_back(self, entrance: str) -> None:
        """Agents have one contact fewer of this entrance in hand."""
        self._in_hand[entrance] = self._in_hand.get(entrance, 0) - 1
        self._all_in_hand -= 1

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
        return entrance in self._floods

    def steps_back(self, entrance: str) -> bool:
        """Whether the contacts of other entrances go first now."""
        if entrance not in self._floods:
            return False
        return self._in_hand.get(entrance, 0) * len(self._waiting) > self._all_in_hand

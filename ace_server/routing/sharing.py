"""Fair share between entrances: a flood in one starves no other (RO-6).

An entrance with more contacts waiting than the site's flood mark is a flood, and steps back: once,
twice with more than twice the mark, and once more each time that doubles. The contacts of entrances
that step back less go first, however many the others have and whatever their priority digit. So in
a queue that is sorted by waiting, a contact is booked after no more bookings from there than there
are older ones of its own entrance, and for each other entrance the mark, or twice as many as wait
of its own: nobody waits for the flood of another, and between two floods the shorter goes first
until they are alike.

Everything that decides is counted from what waits, so a restart changes nothing.
"""


class Shares:
    """How many contacts of each entrance of an area wait, and how many agents have in hand."""

    def __init__(self, mark: int) -> None:
        self.mark = mark  # 0: no number is a flood
        self.change = 0  # grows when some entrance steps back further or less
        self._waiting: dict[str, int] = {}  # only entrances of which something waits
        self._in_hand: dict[str, int] = {}
        self._all_in_hand = 0
        self._steps: dict[str, int] = {}  # of floods

    def configure(self, mark: int) -> None:
        """Another number of waiting contacts is a flood from now on."""
        self.mark = mark
        for entrance, count in self._waiting.items():
            self._weigh(entrance, count)

    def wait(self, entrance: str) -> None:
        """One more contact of this entrance waits."""
        count = self._waiting[entrance] = self._waiting.get(entrance, 0) + 1
        if count > self.mark:
            self._weigh(entrance, count)

    def wait_no_more(self, entrance: str) -> None:
        """One contact fewer of this entrance waits."""
        count = self._waiting[entrance] = self._waiting[entrance] - 1
        if count >= self.mark:
            self._weigh(entrance, count)
        if not count:
            del self._waiting[entrance]

    def _weigh(self, entrance: str, count: int) -> None:
        """How far does it step back, with so many waiting?"""
        steps = ((count - 1) // self.mark).bit_length() if count > self.mark > 0 else 0
        if steps != self._steps.get(entrance, 0):
            self.change += 1
            if steps:
                self._steps[entrance] = steps
            else:
                del self._steps[entrance]

    def take(self, entrance: str) -> None:
        """An agent has one more contact of this entrance in hand."""
        self._in_hand[entrance] = self._in_hand.get(entrance, 0) + 1
        self._all_in_hand += 1

    def give_back(self, entrance: str) -> None:
        """Agents have one contact fewer of this entrance in hand."""
        self._in_hand[entrance] -= 1
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
        return entrance in self._steps

    def steps_back(self, entrance: str) -> int:
        """How far it steps back: 0: its contacts go in turn; else, after those with fewer steps."""
        return self._steps.get(entrance, 0)

"""What keywords and patterns find in a work item: both methods run on work items, too (EM-3)."""

from collections.abc import Callable, Mapping

from ace_server.concepts import Site
from ace_server.email.analysis import Rules, categorise, prepare

MOST_SEARCHED = 50_000
"""Characters that are searched: what takes longer would make other senders wait (WI-5)."""


class Categories:
    """The rules of the configuration in force, made ready once for each area."""

    def __init__(self, site: Callable[[], Site]) -> None:
        self._site = site
        self._prepared_for: Site | None = None
        self._rules: dict[str, Rules] = {}

    def added(
        self, data: Mapping[str, str], entrance: str, subject: str, body: str
    ) -> dict[str, str]:
        """The contact data with what is found; what the sender gave stays (WI-3)."""
        rules = self._of(self._site().area_of(entrance))
        if not rules.categories and not rules.forms:
            return dict(data)
        return {**categorise(f"{subject}\n{body}"[:MOST_SEARCHED], rules), **data}

    def _of(self, area: str) -> Rules:
        site = self._site()
        if site is not self._prepared_for:
            self._prepared_for = site
            self._rules.clear()
        if area not in self._rules:
            self._rules[area] = prepare(site, area)
        return self._rules[area]

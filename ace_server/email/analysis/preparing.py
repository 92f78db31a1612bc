"""Rules made from the configuration: once for each area, whenever it changes."""

from collections.abc import Iterable

from ace_server.concepts import SERVER_KEYS, Pattern, Site
from ace_server.contact import WORK_ITEM_KEY
from ace_server.email.analysis import keyword, pattern
from ace_server.email.analysis.addresses import normalised
from ace_server.email.analysis.rules import Form, Rules
from ace_server.email.analysis.subjects import beginning

NEVER_SAVED = frozenset({WORK_ITEM_KEY, *SERVER_KEYS})
"""Keys that no pattern sets (WI-2)."""


def prepare(
    site: Site, area: str, *, subjects: Iterable[str] = (), trace_key: bytes = b""
) -> Rules:
    """The rules for mail and work items of an organisation area.

    `subjects` are the beginnings that come with the program (`subjects.read_subjects`); the site's
    own are added, or take some away. `trace_key` is the installation's (`trace`).
    """
    return Rules(
        categories=tuple(
            keyword.category(entry)
            for entry in site.keyword_categories.values()
            if entry.active and entry.area == area
        ),
        forms=tuple(
            _form(entry, site)
            for entry in site.patterns.values()
            if entry.active and entry.area == area and entry.save_to not in NEVER_SAVED
        ),
        own_addresses=own_addresses(site),
        subjects=_subjects(site, subjects),
        trace_key=trace_key,
    )


def own_addresses(site: Site) -> frozenset[str]:
    """The addresses of all mail accounts, as `normalised` makes them."""
    given = {
        address
        for account in site.mail_accounts.values()
        for address in (account.name, account.return_address, *account.alternative_addresses)
    }
    return frozenset(normalised(address) for address in given if "@" in address)


def _form(entry: Pattern, site: Site) -> Form:
    key = site.contact_data_keys.get(entry.save_to)
    value_set = site.value_sets.get(key.value_set) if key is not None else None
    return Form(
        keys=tuple(entry.keys),
        separators=tuple(entry.separators),
        parts=tuple(pattern.part(one) for one in entry.parts),
        save_to=entry.save_to,
        longest=key.max_length if key is not None else 0,
        values=frozenset(value_set.values) if value_set is not None else None,
        name=entry.name,
    )


def _subjects(site: Site, shipped: Iterable[str]) -> tuple[str, ...]:
    own = {beginning(entry.name): entry.active for entry in site.machine_subjects.values()}
    known = {beginning(one) for one in shipped} - own.keys()
    return tuple(sorted(known | {one for one, is_active in own.items() if is_active}))

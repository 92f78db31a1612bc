"""What `main.py simulate` and `main.py replay` do: routing, before it is the one in force."""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from ace_server.administration import commands
from ace_server.clock import SystemClock
from ace_server.concepts import Site, SiteFacts, User
from ace_server.errors import Refused
from ace_server.settings import SystemParameters
from ace_server.simulation import comparison, day, figures, sample, tables
from ace_server.simulation.figures import Figures
from ace_server.simulation.recorded import Log, has_ended
from ace_server.store import decisions, directory
from ace_server.store.reading import reading

BARE = directory.site({}, SiteFacts(), SystemParameters())
"""What there is before anything is configured."""

LOOK_BACK = timedelta(hours=1)
"""How far before a replay begins it is looked at what agents had last."""


class Simulated(msgspec.Struct, frozen=True):
    """What was simulated, and what it came to."""

    site: str
    day: date
    seed: int
    figures: Figures


def simulate(
    data: Path | None,
    url: str,
    file: str,
    *,
    contacts: int,
    agents: int | None,
    seed: int,
    on: date | None,
    as_json: bool,
) -> int:
    """Simulate a day of a site: that of a data folder, that of a file, or one that is built in."""
    before, site = _sites(data, url, file, agents)
    if not site.entrances:
        raise Refused("nothing", "the site has no entrance: no account is configured")
    staff = _staff(site, agents)
    on = on or SystemClock().now().date()
    world = day.simulate(
        site,
        on,
        Random(seed),
        contacts=contacts,
        staff=staff,
        like=before,
        tell=commands.Progress().tell,
    )
    found = figures.count(world.record, world.contacts, site, world.now)
    done = Simulated(site.facts.name, on, seed, found)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(done) + b"\n")
        return 0
    sys.stdout.write(
        f"{site.facts.name or 'a site'}, {on} ({site.facts.time_zone}), seed {seed}: "
        f"{contacts:,} contacts, {len(staff):,} agents\n\n"
    )
    sys.stdout.write("".join(f"{line}\n" for line in tables.lines(found)))
    return 0


def _sites(data: Path | None, url: str, file: str, agents: int | None) -> tuple[Site, Site]:
    """The site whose contacts come in, and the one that has them."""
    if data is not None:
        before = stored(data, url)
        after = commands.laid_over(file, before)
        return before if before.entrances == after.entrances else after, after
    made = commands.laid_over(file, BARE) if file else sample.site(agents or sample.AGENTS)
    return made, made


def stored(data: Path, url: str) -> Site:
    """The configuration in force of a data folder."""
    with reading(data, url):
        return directory.load()


def _staff(site: Site, most: int | None) -> list[User]:
    found = day.agents(site)
    if most is not None and most > len(found):
        raise Refused("too-few", f"the site has {len(found)} agents, not {most}")
    return found[:most]


def replay(data: Path, url: str, *, start: str, end: str, file: str, as_json: bool) -> int:
    """Play again what a data folder has recorded, under its rules or those of a file."""
    with reading(data, url):
        site = directory.load()
        zone = ZoneInfo(site.facts.time_zone)
        until = _moment(end, zone) if end else SystemClock().now()
        since = _moment(start, zone) if start else until - timedelta(days=1)
        if since >= until:
            raise Refused("bad-value", "--from must lie before --to")
        contacts = tuple(decisions.contacts_between(since - LOOK_BACK, until))
        log = Log(
            since,
            until,
            tuple(taken for taken in contacts if not has_ended(taken, since)),
            tuple(decisions.agents_between(since, until)),
            tuple(taken for taken in contacts if has_ended(taken, since)),
        )
    found = comparison.compare(log, site, commands.laid_over(file, site))
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        return 0
    between = " to ".join(f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (since, until))
    sys.stdout.write(f"{between} ({site.facts.time_zone}): {len(log.contacts):,} contacts\n")
    sys.stdout.write("".join(f"{line}\n" for line in tables.comparison(found, zone)))
    return 0


def _moment(written: str, zone: ZoneInfo) -> datetime:
    """A time as written: of the site's clock, unless it says its own."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        reason = f"{written!r} is no time such as 2026-11-20T08:00 or 2026-11-20"
        raise Refused("bad-value", reason) from None
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)

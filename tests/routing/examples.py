"""Examples of routing as files: read, played through a world, and listed for reading.

An example is a configuration, as `main.py configure` takes it, and a course: what happens at what
time, and what is true then. `python -m tests.routing.examples` writes docs/routing-examples.md.
"""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import tomli_w

from ace_server.administration import configuration
from ace_server.concepts import Site, SiteFacts
from ace_server.contact import AgentState, State
from ace_server.errors import Refused
from ace_server.routing import explain, flow, why_not
from ace_server.routing.facts import AgentFacts, Case, Flood
from ace_server.settings import SystemParameters
from ace_server.simulation.world import World
from ace_server.store import directory

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "tests" / "data" / "routing"
DOCUMENT = ROOT / "docs" / "routing-examples.md"

OWN = ("title", "rows", "why", "change", "course")
"""The keys of an example; all others are of its configuration."""


class Wrong(Exception):
    """What is wrong with a file, or not as the file says."""


class Step(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One line of a course: something that happens, or something that is true then."""

    at: str = ""  # a time of the site's clock, or with Z of UTC; empty: that of the line before
    # who
    contact: str = ""
    contacts: list[str] = []
    agent: str = ""
    supervisor: str = ""
    # what happens
    arrives: str = ""  # at an entrance
    data: dict[str, str] = {}
    does: str = ""
    to: str = ""  # a queue or waiting list
    to_agent: str = ""
    level: str = ""
    configure: str = ""  # a change of the file
    refused: str = ""  # what happens is refused with this code
    # what is true
    state: str = ""
    with_: str = msgspec.field(default="", name="with")
    in_: str = msgspec.field(default="", name="in")
    area: str | None = None
    place: str = ""
    waiting_for: str = ""
    waits: list[str] | None = None
    entrance: str = ""
    buffered: list[str] | None = None
    beside: str = ""  # why this agent has the contact, or has it not
    says: list[str] = []

    @property
    def expects(self) -> bool:
        """Whether the line says what is true, and not what happens."""
        found = (self.state, self.in_, self.with_, self.says)
        return any(found) or self.area is not None or self.is_list

    @property
    def is_list(self) -> bool:
        return self.waits is not None or self.buffered is not None


class Course(msgspec.Struct, forbid_unknown_fields=True):
    """What happens and what is true, in order."""

    steps: list[Step]
    day: date = date(2026, 11, 20)  # unless a time names another


class Example(msgspec.Struct, forbid_unknown_fields=True):
    """One file."""

    title: str
    rows: list[str]
    why: str
    course: Course
    change: dict[str, dict] = {}  # tables of another configuration, by the name of the change


class Read(msgspec.Struct):
    """An example and the site it is about."""

    file: Path
    example: Example
    site: Site


def files() -> list[Path]:
    return sorted(FOLDER.glob("*.toml"))


def read(file: Path) -> Read:
    """Read an example. Raises Wrong with the file and the key."""
    tables = tomllib.loads(file.read_text("utf-8"))
    own = {key: tables.pop(key) for key in OWN if key in tables}
    try:
        example = msgspec.convert(own, Example)
        site = assembled(tables, directory.site({}, SiteFacts(), SystemParameters()))
    except (msgspec.ValidationError, configuration.Problems) as error:
        raise Wrong(f"{file.name}: {error}") from error
    if not any(step.expects for step in example.course.steps):
        raise Wrong(f"{file.name}: nothing is expected")
    return Read(file, example, site)


def assembled(tables: dict, current: Site) -> Site:
    """The site that these tables make; refused where `configure` would refuse it."""
    site = configuration.assemble(configuration.read(tomli_w.dumps(tables)), current)
    if problems := configuration.check(site):
        raise configuration.Problems(problems)
    return site


# Playing one


def play(one: Read) -> None:
    """Let everything happen, and compare. Raises Wrong with every line that is not so."""
    running = Play(one)
    wrong = []
    for step in one.example.course.steps:
        wrong += [f"{one.file.name}, {words(step)} But {fault}" for fault in running.take(step)]
    if wrong:
        raise Wrong("\n".join(wrong))


class Play:
    """One example while it is played."""

    def __init__(self, one: Read) -> None:
        self.one = one
        self.zone = ZoneInfo(one.site.facts.time_zone)
        self.at = self._time("00:00")
        self.world = World(one.site, self.at)
        self.numbers: dict[str, int] = {}

    def take(self, step: Step) -> list[str]:
        """What is not as the line says."""
        if step.at:
            self.at = self._time(step.at)
        self.world.advance(self.at)
        if step.expects:
            return self._compare(step)
        try:
            self._happen(step)
        except Refused as refused:
            same = refused.code == step.refused
            return [] if same else [f"it is refused ({refused.code}): {refused.reason}"]
        return ["it is not refused."] if step.refused else []

    def _time(self, written: str) -> datetime:
        day, _, clock = written.rpartition(" ")
        on = date.fromisoformat(day) if day else self.one.example.course.day
        if clock.endswith("Z"):
            return datetime.fromisoformat(f"{on}T{clock[:-1]}+00:00")
        return datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=self.zone).astimezone(UTC)

    # What happens

    def _happen(self, step: Step) -> None:
        if step.arrives:
            for name in [step.contact] if step.contact else step.contacts:
                if name in self.numbers:
                    raise Wrong(f"{self.one.file.name}: contact {name} arrives twice")
                self.numbers[name] = self.world.arrive(self.at, step.arrives, step.data)
        elif step.configure:
            tables = self.one.example.change[step.configure]
            self.world.configure(self.at, assembled(tables, self.world.site))
        elif step.supervisor and not step.agent:
            self._supervise(step)
        elif step.does in SIMPLE:
            for verb in SIMPLE[step.does]:
                getattr(self.world, verb)(self.at, step.agent)
        else:
            self._work(step)

    def _supervise(self, step: Step) -> None:
        number, world = self.numbers[step.contact], self.world
        match step.does:
            case "prioritise" | "prioritise no more":
                world.prioritise(self.at, number, first=step.does == "prioritise")
            case "move":
                world.move(self.at, number, queue=step.to, colleague=step.to_agent)
            case "close":
                world.close(self.at, number)
            case "pick":
                world.pick(self.at, step.supervisor, number)
            case _:
                raise Wrong(f"{self.one.file.name}: supervisors do not {step.does!r}")

    def _work(self, step: Step) -> None:
        world, login = self.world, step.agent
        match step.does:
            case "pick":
                world.pick(self.at, login, self.numbers[step.contact])
            case "resume":
                world.resume(self.at, login, self.numbers[step.contact])
            case "requeue":
                world.requeue(self.at, login, queue=step.to, colleague=step.to_agent)
            case "choose work level":
                world.choose_work_level(self.at, login, step.level)
            case "log in to":
                world.log_in_to(self.at, login, step.to, by=step.supervisor)
            case "log out of":
                world.log_out_of(self.at, login, step.to)
            case _:
                raise Wrong(f"{self.one.file.name}: agents do not {step.does!r}")

    # What is true

    def _compare(self, step: Step) -> list[str]:
        if step.agent:
            found = self.world.agents[step.agent].state
            return [] if found == AgentState(step.state) else [f"the agent is {found}."]
        if step.is_list:
            wanted = step.buffered if step.waits is None else step.waits
            names = {number: name for name, number in self.numbers.items()}
            found = [names[number] for number in self._list(step)]
            return [] if found == wanted else [f"it is {', '.join(found) or 'none'}."]
        return list(self._faults(step))

    def _list(self, step: Step) -> list[int]:
        if step.buffered is not None:
            return self.world.buffered(step.entrance)
        return self.world.waiting(step.place, step.waiting_for)

    def _faults(self, step: Step):
        contact = self.world.contacts[self.numbers[step.contact]]
        if step.state and contact.state is not State(step.state):
            yield f"it is {contact.state}{f' ({contact.agent})' if contact.agent else ''}."
        if step.with_ and contact.agent != step.with_:
            yield f"{contact.agent or 'nobody'} has it."
        if step.in_ and step.in_ not in (contact.queue, contact.personal):
            yield f"it is in {contact.queue or contact.personal}."
        if step.area is not None and contact.area != step.area:
            yield f"it is in area {contact.area!r}."
        if step.says:
            said = explanation(self.world, contact.id, step.beside)
            if missing := [one for one in step.says if one not in said]:
                yield f"nobody says {missing}, but {said}"


SIMPLE = {
    "start work": ("log_in", "activate"),
    "log in": ("log_in",),
    "be ready": ("activate",),
    "pause": ("pause",),
    "accept": ("accept",),
    "decline": ("decline",),
    "park": ("park",),
    "end": ("end",),
    "log out": ("log_out",),
}
"""What agents do with what is before them."""


# Why


def explanation(world: World, contact_id: int, beside: str) -> list[str]:
    """The sentences about a contact, or about one agent beside it."""
    case, index = facts(world, contact_id), world.router(world.contacts[contact_id].area).index
    if not beside:
        return [str(one) for one in explain.explain(case).sentences()]
    (agent,) = [one for one in case.agents if one.login == beside]
    return [str(one) for one in why_not.explain(index, case, agent).sentences()]


def facts(world: World, contact_id: int) -> Case:
    """What a server knows around a contact."""
    contact, site = world.contacts[contact_id], world.site
    router = world.router(contact.area)
    index, floods = router.index, router.index.floods
    waiting = index.waiting(contact_id)
    entrance = contact.entrance
    flood = Flood(floods.waiting(entrance), floods.mark)
    of_entrance = [one for one in world.contacts.values() if one.entrance == entrance]
    total = [one for one in of_entrance if one.state not in (State.BUFFERED, State.ENDED)]
    buffered = world.buffered(entrance)
    active = sum(one.state is State.QUEUED for one in total)
    return Case(
        now=world.now,
        site=site,
        state=contact.state,
        entrance=entrance,
        data=contact.routing_data(),
        contact=contact_id,
        area=contact.area,
        queue=contact.queue,
        destination=contact.stop,
        personal=contact.personal,
        agent=contact.agent,
        received_at=contact.arrived_at,
        first_queued_at=contact.first_queued_at,
        moves_on_at=contact.moves_on_at,
        until=contact.until,
        load=None if waiting is None else router.load(waiting),
        prioritised=contact.prioritised,
        flood=flood if floods.is_flood(entrance) else None,
        position=index.position(contact_id),
        waiting={name: index.count(name) for name in [*site.queues, *site.waiting_lists]},
        buffered_before=buffered.index(contact_id) if contact_id in buffered else 0,
        total=len(total),
        active=active,
        held_back=bool(buffered) and not flow.limits(site, entrance).full(len(total), active),
        agents=[
            AgentFacts(
                profile=index.profile(agent.login),
                name=site.users[agent.login].name,
                state=agent.state,
                since=agent.since,
            )
            for agent in world.agents.values()
            if index.profile(agent.login) is not None
        ],
    )


# Reading


def words(step: Step) -> str:
    """A line of a course as a sentence."""
    said = _expected(step) if step.expects else _happening(step)
    return f"{step.at} {said}".strip() + ("" if said.endswith(".") else ".")


def _happening(step: Step) -> str:
    refused = f" – refused, {step.refused}" if step.refused else ""
    if step.arrives:
        data = ", ".join(f"{key} = {value}" for key, value in step.data.items())
        who = step.contact or ", ".join(step.contacts)
        verb = "arrives" if step.contact else "arrive"
        return f"{who} {verb} at {step.arrives}{f' with {data}' if data else ''}"
    if step.configure:
        return f"the configuration changes: {step.configure}"
    about = f" {step.contact}" if step.contact else ""
    to = step.to or step.level or step.to_agent
    way = f" {to}" if step.does.endswith(("to", "of", "level")) else f" to {to}" if to else ""
    by = f" (by {step.supervisor})" if step.supervisor and step.agent else ""
    return f"{step.agent or step.supervisor}: {step.does}{about}{way}{by}{refused}"


def _expected(step: Step) -> str:
    if step.agent:
        return f"**{step.agent} is {step.state}**"
    if step.waits is not None:
        where = f"in {step.place}" if step.place else f"for {step.waiting_for} alone"
        return f"**waiting {where}: {', '.join(step.waits) or 'nothing'}**"
    if step.buffered is not None:
        return f"**buffered at {step.entrance}: {', '.join(step.buffered) or 'nothing'}**"
    parts = [f"is {step.state}"] if step.state else []
    parts += [f"with {step.with_}"] if step.with_ else []
    parts += [f"in {step.in_}"] if step.in_ else []
    parts += [f"in organisation area {step.area or '-'}"] if step.area is not None else []
    said = " ".join(f"“{one}”" for one in step.says)
    about = f"of {step.contact}" + (f" and {step.beside}" if step.beside else "")
    if said:
        return f"**ACE says {about}:** {said}"
    return f"**{step.contact} {', '.join(parts)}**"


def document() -> str:
    """Every example, for reading."""
    found = [read(file) for file in files()]
    by_row = sorted({row for one in found for row in one.example.rows}, key=_row_key)
    lines = [HEADER, "| row of the requirements | examples |", "|---|---|"]
    for row in by_row:
        titles = [one.example.title for one in found if row in one.example.rows]
        links = " · ".join(f"[{title}](#{_anchor(title)})" for title in titles)
        lines.append(f"| {row} | {links} |")
    for one in found:
        example = one.example
        lines += ["", f"## {example.title}", "", f"{example.why} ({', '.join(example.rows)}; "]
        lines[-1] += f"[{one.file.stem}](../tests/data/routing/{one.file.name}))"
        lines += ["", *(f"- {words(step)}" for step in example.course.steps)]
    return "\n".join(lines) + "\n"


HEADER = """\
# Examples of routing

Each example is a file: a configuration as `main.py configure` takes it, what happens at what \
time, and what is then true (in bold). All of them are played in every test run, by the code that \
routes in the server. This page is made from the files.
"""


def _row_key(row: str) -> tuple[str, int, str]:
    letters, _, number = row.partition("-")
    digits = "".join(one for one in number if one.isdigit())
    return letters, int(digits or 0), number


def _anchor(title: str) -> str:
    kept = "".join(one for one in title.lower() if one.isalnum() or one in " -_")
    return kept.replace(" ", "-")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")

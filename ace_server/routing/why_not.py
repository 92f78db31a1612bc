"""Why a waiting contact is not booked for a certain agent, and what would change that (RO-11).

What the agent would get instead is asked of the selection that decides.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ace_server.contact import AgentState, State
from ace_server.routing import explain_waiting, facts, selection
from ace_server.routing.facts import AgentFacts, Case, Explanation
from ace_server.routing.queues import Index
from ace_server.routing.selection import Rank
from ace_server.routing.serving import Hindrance
from ace_server.sentences import Sentence, sentence


class Verdict(NamedTuple):
    """Whether an agent gets a waiting contact now, and if not, everything that is in the way."""

    hindrances: tuple[Hindrance, ...]  # the agent does not serve where it waits
    is_picked: bool  # nobody is given it: it waits to be picked or moved
    is_ready: bool
    first: int | None  # the contact that the agent gets, or would, being ready; None: nothing
    ahead: str  # login of the ready agent who gets this contact before this one; empty: nobody

    def gets(self, contact: int) -> bool:
        """Whether this contact is the next that is booked for the agent."""
        return (
            not self.hindrances
            and not self.is_picked
            and self.is_ready
            and self.first == contact
            and not self.ahead
        )


def verdict(index: Index, case: Case, agent: AgentFacts, now: datetime) -> Verdict:
    """Judge one agent and one waiting contact by what the index holds."""
    login = agent.login
    first = selection.for_agent(index, login, now)
    chosen = selection.for_contact(index, case.contact)
    return Verdict(
        tuple(explain_waiting.hindrances(case, agent)),
        not explain_waiting.is_booked_from(case, agent),
        index.is_ready(login),
        None if first is None else first.contact,
        "" if chosen is None or chosen == login else chosen,
    )


def explain(index: Index, case: Case, agent: AgentFacts) -> Explanation:
    """Say why this agent has the contact or has it not, and what would change that."""
    from_there = explain_waiting.where(case) if case.state is State.QUEUED else None
    if from_there is None:
        return _elsewhere(case, agent)
    judged = verdict(index, case, agent, case.now)
    return Explanation(
        from_there,
        tuple(_why(index, case, agent, judged)),
        tuple(_changes(case, agent, judged)),
    )


def _elsewhere(case: Case, agent: AgentFacts) -> Explanation:
    """It does not wait, so nobody can be given it."""
    if case.agent == agent.login:
        return Explanation(sentence("%1 has this contact.", agent.name), (), ())
    if case.agent:
        has = sentence("%1 has this contact.", facts.name(case, case.agent))
        return Explanation(has, (sentence("It does not wait, so nobody else gets it."),), ())
    return Explanation(sentence("It does not wait, so nobody gets it."), (), ())


def _why(index: Index, case: Case, agent: AgentFacts, judged: Verdict) -> Iterator[Sentence]:
    name = agent.name
    if index.waiting(case.contact) is None:
        yield sentence("It is being booked, picked or moved just now.")
        return
    kinds = {one.kind for one in judged.hindrances}
    if "another" in kinds:
        yield sentence("It waits for %1 alone.", facts.name(case, case.personal))
    elif "gone" in kinds:
        yield explain_waiting.not_there(case)
    elif judged.hindrances:
        yield explain_waiting.lacking(name, judged.hindrances)
    elif explain_waiting.is_picked(case, agent):
        yield sentence("Nobody is given it there: it waits until %1 picks it.", name)
    elif judged.is_picked:
        yield sentence("It is not distributed there: nobody is given it.")
    if not agent.has_been_here:
        yield sentence("%1 has never logged in.", name)
    elif not judged.is_ready and agent.state is not AgentState.READY:
        since = facts.time(case, agent.since)
        yield sentence("%1 is %2 since %3.", name, facts.IS[agent.state], since)
    if judged.hindrances or judged.is_picked:
        return
    if judged.first is not None and judged.first != case.contact:
        yield from _goes_first(index, case, agent, judged.first)
    elif judged.ahead:
        yield sentence("%1 gets it first.", facts.name(case, judged.ahead))
    elif judged.is_ready:
        yield sentence("It is about to be booked for %1.", name)


def _goes_first(index: Index, case: Case, agent: AgentFacts, first: int) -> Iterator[Sentence]:
    """Another contact is the next one for this agent, and by what."""
    other, own = index.waiting(first), index.waiting(case.contact)
    assert other is not None and own is not None  # both wait
    number, name = str(first), agent.name
    if other.personal:
        yield sentence(
            "Contact %1, which waits for %2 alone, is the next one for %2.", number, name
        )
    else:
        yield sentence(
            "Contact %1, which waits in %2, is the next one for %3.", number, other.queue, name
        )
    flood = index.passes_by(agent.login)
    if flood == own.entrance != other.entrance and other.prioritised == own.prioritised:
        yield sentence(
            "The last contact of %1 came from entrance %2, which is a flood: another goes first.",
            name,
            flood,
        )
        return
    if (other.queue, other.personal) == (own.queue, own.personal):
        yield sentence("It stands before this one there.")
        return
    line, own_line = index.line(other.queue, other.personal), index.line(own.queue, own.personal)
    if line.rank[0] != own_line.rank[0]:
        yield sentence(
            "It has priority %1 where it waits, this one %2.", line.rank[0], own_line.rank[0]
        )
        return
    if line.rank != own_line.rank:
        yield sentence("Of one priority, what waits for an agent alone goes first.")
        return
    rank = selection.rank_of(index, agent.login, line, case.now)
    own_rank = selection.rank_of(index, agent.login, own_line, case.now)
    if own_rank.contact != own.contact:
        yield sentence(
            "Only the first of each queue is compared, and here that is contact %1.",
            str(own_rank.contact),
        )
    yield _by_rank(rank, own_rank)


def _by_rank(other_rank: Rank, own_rank: Rank) -> Sentence:
    """The first of the things that tops are compared by in which the two differ (RO-5)."""
    if other_rank.in_turn != own_rank.in_turn:
        return sentence("A supervisor has prioritised it.")
    if other_rank.prio != own_rank.prio:
        return sentence("It has priority digit %1, this one %2.", other_rank.prio, own_rank.prio)
    if other_rank.aged != own_rank.aged:
        return sentence(
            "Waiting time times weight is %1 seconds for it, %2 for this one.",
            f"{-other_rank.aged / 1_000_000:.0f}",
            f"{-own_rank.aged / 1_000_000:.0f}",
        )
    return sentence("It is the older one.")


def _changes(case: Case, agent: AgentFacts, judged: Verdict) -> Iterator[Sentence]:
    name = agent.name
    for one in judged.hindrances:
        match one.kind:
            case "skill":
                yield sentence("Skill %1 %2 would help.", one.name, one.least)
            case "group":
                yield sentence("Being in group %1 would help.", one.name)
            case "logged out":
                yield sentence("%1 may log in to %2.", name, case.queue)
            case "work level" if case.personal:
                yield sentence("%1 may choose a work level that has what is for %1 alone.", name)
            case "work level":
                yield sentence("%1 may choose a work level with %2.", name, case.queue)
            case "service":
                yield sentence("The service %1 would help.", one.name)
    if judged.hindrances or judged.is_picked:
        kinds = {one.kind for one in judged.hindrances}
        if kinds and not case.personal and kinds <= {"skill", "group", "work level"}:
            yield sentence("A supervisor may log %1 in to %2.", name, case.queue)
        return
    if not judged.is_ready:
        yield sentence("It can be booked when %1 becomes ready.", name)
    if judged.first is not None and judged.first != case.contact:
        yield sentence("A supervisor may prioritise it, or move it.")

"""Which controls there are: AG-1 and the states of contact and agent."""

import msgspec
import pytest

from ace_agent import actions
from ace_agent.actions import Action, Hindrance, Intervention, Verb
from ace_server.wire import (
    AgentFigures,
    AgentState,
    Field,
    Mail,
    Medium,
    Role,
    Sentence,
    State,
)
from tests.agent.scripted import ANNA, contact
from tests.agent.standing import waits

ALL_RIGHTS = ["park", "requeue", "decline", "extend-wrap-up"]


def agent(state=AgentState.BUSY, rights=ALL_RIGHTS, **other):
    return msgspec.structs.replace(ANNA, state=state, rights=rights, **other)


def test_work_item_has_no_reply_and_no_did_not_arrive():
    hidden = actions.visible(work_item=False) - actions.visible(work_item=True)
    assert hidden == {Action.REPLY, Action.REPLY_ALL, Action.FORWARD, Action.DID_NOT_ARRIVE}


def test_email_has_every_control():
    assert actions.visible(work_item=False) == set(Action)


@pytest.mark.parametrize("state", State)
def test_no_state_gives_a_work_item_what_sends_mail(state):
    assert not actions.enabled(contact(state=state), agent()) & actions.MAIL_ONLY


EMAIL = contact(medium=Medium.EMAIL)


def test_email_in_hand_can_be_answered_once_it_was_read():
    assert actions.enabled(EMAIL, agent(), Mail(contact=1)) >= actions.MAIL_ONLY
    assert actions.enabled(EMAIL, agent()) & actions.MAIL_ONLY == {Action.DID_NOT_ARRIVE}


@pytest.mark.parametrize(
    "mail",
    [
        Mail(contact=1, external="anna@bank.example"),
        Mail(contact=1, writes=Sentence("The account has no return address.")),
    ],
)
def test_mail_that_is_not_answered_here_did_perhaps_not_arrive(mail):
    assert actions.enabled(EMAIL, agent(), mail) & actions.MAIL_ONLY == {Action.DID_NOT_ARRIVE}


@pytest.mark.parametrize("state", [State.BOOKED, State.ACCEPTED, State.PARKED, State.ENDED])
def test_email_perhaps_did_not_arrive_as_long_as_it_is_at_a_desk(state):
    assert Action.DID_NOT_ARRIVE in actions.enabled(
        msgspec.structs.replace(EMAIL, state=state), agent()
    )


@pytest.mark.parametrize("role", Role)
def test_a_wall_alone_has_no_mail_of_its_own(role):
    assert actions.may_write(agent(role=role)) == (role is not Role.WALL)


def test_social_contact_has_no_mail_whatever_it_came_as():
    for medium in Medium:
        social = contact(medium=medium, channel="facebook")
        assert not actions.enabled(social, agent(), Mail(contact=1)) & actions.MAIL_ONLY


@pytest.mark.parametrize("state", State)
def test_all_other_controls_of_a_work_item_are_those_of_an_email(state):
    work_item, email = contact(state=state), contact(state=state, medium=Medium.EMAIL)
    mail = Mail(contact=1)
    assert actions.enabled(work_item, agent(), mail) == (
        actions.enabled(email, agent(), mail) - actions.MAIL_ONLY
    )


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (State.BUFFERED, set()),
        (State.QUEUED, {Action.EXPLAIN}),
        (State.BOOKED, {Action.ACCEPT, Action.DECLINE, Action.EXPLAIN}),
        (State.ACCEPTED, {Action.END, Action.PARK, Action.REQUEUE, Action.EXPLAIN}),
        (State.PARKED, {Action.EXPLAIN}),
        (State.ENDED, set()),
    ],
)
def test_state_of_a_contact_decides(state, wanted):
    assert actions.enabled(contact(state=state), agent()) == wanted


@pytest.mark.parametrize(
    ("action", "right", "state"),
    [
        (Action.PARK, "park", State.ACCEPTED),
        (Action.REQUEUE, "requeue", State.ACCEPTED),
        (Action.DECLINE, "decline", State.BOOKED),
    ],
)
def test_action_that_needs_a_right_is_there_only_with_it(action, right, state):
    without = [each for each in ALL_RIGHTS if each != right]
    assert action in actions.enabled(contact(state=state), agent())
    assert action not in actions.enabled(contact(state=state), agent(rights=without))


def test_social_contact_is_never_declined():
    booked = contact(state=State.BOOKED, channel="facebook")
    assert actions.enabled(booked, agent()) == {Action.ACCEPT, Action.EXPLAIN}


@pytest.mark.parametrize("state", AgentState)
def test_parked_contact_is_resumed_with_free_hands(state):
    free = state in (AgentState.PAUSED, AgentState.READY, AgentState.WRAP_UP)
    assert (
        Action.RESUME in actions.enabled(contact(state=State.PARKED), agent(state=state))
    ) is free


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        (agent(AgentState.LOGGED_OUT), set()),
        (agent(AgentState.PAUSED), {Verb.ACTIVATE, Verb.LOG_OUT}),
        (agent(AgentState.READY), {Verb.PAUSE, Verb.LOG_OUT}),
        (agent(AgentState.BOOKED), {Verb.PAUSE, Verb.LOG_OUT}),
        (agent(AgentState.BUSY), {Verb.PAUSE, Verb.LOG_OUT}),
        (agent(AgentState.BUSY, pause_wanted=True), {Verb.ACTIVATE, Verb.LOG_OUT}),
        (agent(AgentState.BOOKED, pause_wanted=True), {Verb.LOG_OUT}),
        (agent(AgentState.WRAP_UP), {Verb.ACTIVATE, Verb.PAUSE, Verb.LOG_OUT}),
        (
            agent(AgentState.WRAP_UP, until=ANNA.since),
            {Verb.ACTIVATE, Verb.PAUSE, Verb.LOG_OUT, Verb.EXTEND_WRAP_UP},
        ),
        (
            agent(AgentState.WRAP_UP, rights=[], until=ANNA.since),
            {Verb.ACTIVATE, Verb.PAUSE, Verb.LOG_OUT},
        ),
    ],
)
def test_state_of_the_agent_decides(who, wanted):
    assert actions.verbs(who) == wanted


def test_contact_data_can_be_written_in_hand_and_until_wrap_up_is_over():
    ended = contact(1, state=State.ENDED)
    assert actions.editable(contact(state=State.ACCEPTED), agent())
    assert actions.editable(ended, agent(AgentState.WRAP_UP, wrap_up_contact=1))
    assert not actions.editable(ended, agent(AgentState.READY))
    assert not actions.editable(contact(state=State.BOOKED), agent())
    assert not actions.editable(contact(state=State.PARKED), agent())


def test_mandatory_fields_without_a_value_are_missing_in_order():
    held = contact(
        fields=[
            Field(key="a", display="A", rule="mandatory"),
            Field(key="b", display="B", rule="optional"),
            Field(key="c", display="C", rule="mandatory", value="x"),
            Field(key="d", display="D", rule="mandatory", value="  "),
        ]
    )
    assert [field.key for field in actions.missing(held, {})] == ["a", "d"]
    assert [field.key for field in actions.missing(held, {"a": "1", "c": ""})] == ["c", "d"]


# In Pulse


def supervisor(state=AgentState.READY, rights=("close-waiting",), **other):
    return agent(state, rights=list(rights), **({"role": Role.SUPERVISOR} | other))


def test_only_who_sees_pulse_may_intervene():
    may = {role for role in Role if actions.granted(supervisor(role=role))}
    assert may == {Role.SUPERVISOR, Role.ADMINISTRATOR}
    assert actions.granted(supervisor()) == set(Intervention)
    assert not actions.on_waiting([waits(1)], agent(rights=["close-waiting"]))


def test_closing_is_not_seen_without_its_right():
    assert set(Intervention) - actions.granted(supervisor(rights=[])) == {Intervention.CLOSE}
    assert Intervention.CLOSE not in actions.on_waiting([waits(1)], supervisor(rights=[]))


ALWAYS = {Intervention.MOVE, Intervention.CLOSE}
ALONE = {Intervention.EXPLAIN_WAITING, Intervention.WHY_NOT, Intervention.PULL}


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ([], set()),
        ([waits(1)], ALWAYS | ALONE | {Intervention.PRIORITISE}),
        ([waits(1, prioritised=True)], ALWAYS | ALONE | {Intervention.UNPRIORITISE}),
        ([waits(1), waits(2)], ALWAYS | {Intervention.PRIORITISE}),
        (
            [waits(1), waits(2, prioritised=True)],
            ALWAYS | {Intervention.PRIORITISE, Intervention.UNPRIORITISE},
        ),
    ],
)
def test_what_is_chosen_decides(chosen, wanted):
    assert actions.on_waiting(chosen, supervisor()) == wanted


@pytest.mark.parametrize(
    ("state", "can"),
    [
        (AgentState.READY, True),
        (AgentState.PAUSED, True),
        (AgentState.WRAP_UP, True),
        (AgentState.BUSY, False),
        (AgentState.BOOKED, False),
    ],
)
def test_contact_is_pulled_with_free_hands(state, can):
    possible = actions.on_waiting([waits(1)], supervisor(state, []))
    assert (Intervention.PULL in possible) == can


QUEUES = {Intervention.LOG_IN_TO_QUEUE, Intervention.LOG_OUT_OF_QUEUE}


@pytest.mark.parametrize(
    ("state", "held", "wanted"),
    [
        (AgentState.READY, None, QUEUES),
        (AgentState.BUSY, 7, QUEUES | {Intervention.EXPLAIN_IN_HAND}),
        (AgentState.LOGGED_OUT, None, set()),
    ],
)
def test_agent_is_logged_in_to_queues_while_logged_in(state, held, wanted):
    row = AgentFigures(login="bo", name="Bo Ek", state=state, contact=held)
    assert actions.on_agent(row, supervisor()) == wanted
    assert not actions.on_agent(row, agent())


# Picking, and the work level


@pytest.mark.parametrize(
    ("state", "hindrance"),
    [
        (AgentState.LOGGED_OUT, Hindrance.PAUSED),
        (AgentState.PAUSED, Hindrance.PAUSED),
        (AgentState.READY, None),
        (AgentState.BOOKED, Hindrance.BOOKED),
        (AgentState.BUSY, Hindrance.IN_HAND),
        (AgentState.WRAP_UP, Hindrance.WRAP_UP),
    ],
)
def test_only_who_is_ready_picks(state, hindrance):
    assert actions.hindrance_to_pick(agent(state), serves=True) == hindrance


@pytest.mark.parametrize("state", [AgentState.PAUSED, AgentState.WRAP_UP])
def test_right_lets_pick_while_not_ready(state):
    assert actions.hindrance_to_pick(agent(state, ["pick-not-ready"]), serves=True) is None


@pytest.mark.parametrize("state", [AgentState.BOOKED, AgentState.BUSY])
def test_no_right_lets_pick_a_second_contact(state):
    assert actions.hindrance_to_pick(agent(state, ["pick-not-ready"]), serves=True)


def test_nobody_picks_from_a_list_that_one_is_logged_out_of():
    ready = agent(AgentState.READY)
    assert actions.hindrance_to_pick(ready, serves=False) is Hindrance.LOGGED_OUT_OF_LIST


@pytest.mark.parametrize(
    ("state", "hindrance"),
    [
        (AgentState.PAUSED, None),
        (AgentState.READY, None),
        (AgentState.BOOKED, Hindrance.BOOKED),
        (AgentState.BUSY, Hindrance.IN_HAND),
        (AgentState.WRAP_UP, Hindrance.WRAP_UP),
    ],
)
def test_work_level_is_changed_while_paused_or_ready(state, hindrance):
    assert actions.hindrance_to_choose_work_level(agent(state), []) == hindrance


def test_work_level_is_not_changed_while_something_is_parked():
    parked = [contact(state=State.PARKED)]
    for state in (AgentState.PAUSED, AgentState.READY):
        found = actions.hindrance_to_choose_work_level(agent(state), parked)
        assert found is Hindrance.PARKED

"""Which command is open to whom (trust.md G-5, T10)."""

from typing import get_args

import pytest

from ace_server import wire
from ace_server.concepts import User
from ace_server.contact import Role
from ace_server.desk import rights
from ace_server.errors import Refused

BEFORE_LOG_IN = {wire.LogIn, wire.Return, wire.CreateAdministrator}
COMMANDS = [command for command in get_args(wire.Command) if command not in BEFORE_LOG_IN]
FOR_EVERYBODY = {wire.LogOut, wire.Resync, wire.ChangePassword}
WATCHING = {
    wire.Watch,
    wire.Unwatch,
    wire.Move,
    wire.Prioritise,
    wire.LookIntoQuarantine,
    wire.RetryMails,
    wire.DiscardMails,
}
BY_RIGHT = {
    wire.Park: "park",
    wire.Requeue: "requeue",
    wire.Decline: "decline",
    wire.ExtendWrapUp: "extend-wrap-up",
    wire.Close: "close-waiting",
}


def user(role, *rights):
    return User(login="x", name="X", role=role, rights=rights)


def may(command, somebody):
    try:
        rights.demand(command, somebody)
    except Refused:
        return False
    return True


def test_every_command_after_log_in_has_its_line_in_the_table():
    assert set(rights.DEMANDS) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_wall_may_only_look(command):
    everything = user(Role.WALL, *BY_RIGHT.values())
    assert may(command, everything) == (command in FOR_EVERYBODY)


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_at_a_desk_what_needs_a_right_needs_that_right(role, command):
    right = BY_RIGHT.get(command)
    is_open = command not in WATCHING or role is not Role.AGENT
    assert may(command, user(role)) == (is_open and right is None)
    assert may(command, user(role, *filter(None, [right]))) == is_open


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("command", sorted(WATCHING, key=str), ids=lambda command: command.__name__)
def test_figures_are_for_supervisors_and_administrators(command, role):
    everything = user(role, *BY_RIGHT.values())
    assert may(command, everything) == (role in {Role.SUPERVISOR, Role.ADMINISTRATOR})


@pytest.mark.parametrize("command", sorted(BEFORE_LOG_IN, key=str))
def test_what_is_not_in_the_table_is_open_to_nobody(command):
    assert not may(command, user(Role.ADMINISTRATOR))

"""Which command is open to whom: one table, looked up for every command (trust.md G-5)."""

from collections.abc import Mapping

import msgspec

from ace_server import wire
from ace_server.concepts import User
from ace_server.contact import Role
from ace_server.errors import Refused

_AT_A_DESK = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR})
WATCHING = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Who watches and steers (PU-2)."""

_ANYONE = frozenset(Role)


class Demand(msgspec.Struct, frozen=True):
    """What a user must be, and have, to give a command."""

    roles: frozenset[Role]
    right: wire.Right | None = None


DEMANDS: Mapping[type, Demand] = {
    wire.LogOut: Demand(_ANYONE),
    wire.Resync: Demand(_ANYONE),
    wire.ChangePassword: Demand(_ANYONE),
    wire.Activate: Demand(_AT_A_DESK),
    wire.Pause: Demand(_AT_A_DESK),
    wire.Accept: Demand(_AT_A_DESK),
    wire.Edit: Demand(_AT_A_DESK),
    wire.End: Demand(_AT_A_DESK),
    wire.Resume: Demand(_AT_A_DESK),
    wire.Explain: Demand(_AT_A_DESK),
    wire.Park: Demand(_AT_A_DESK, "park"),
    wire.Requeue: Demand(_AT_A_DESK, "requeue"),
    wire.Decline: Demand(_AT_A_DESK, "decline"),
    wire.ExtendWrapUp: Demand(_AT_A_DESK, "extend-wrap-up"),
    wire.ChooseWorkLevel: Demand(_AT_A_DESK),
    wire.LogInToQueue: Demand(_AT_A_DESK),
    wire.Look: Demand(_AT_A_DESK),
    wire.Preview: Demand(_AT_A_DESK),
    wire.Pick: Demand(_AT_A_DESK),
    wire.Move: Demand(WATCHING),
    wire.Prioritise: Demand(WATCHING),
    wire.Close: Demand(_AT_A_DESK, "close-waiting"),
    wire.ReadMail: Demand(_AT_A_DESK),
    wire.ReadOutgoing: Demand(_AT_A_DESK),
    wire.DidNotArrive: Demand(_AT_A_DESK),
    wire.Compose: Demand(_AT_A_DESK),
    wire.OpenDraft: Demand(_AT_A_DESK),
    wire.SaveDraft: Demand(_AT_A_DESK),
    wire.DiscardDraft: Demand(_AT_A_DESK),
    wire.Detach: Demand(_AT_A_DESK),
    wire.SendMail: Demand(_AT_A_DESK),
    wire.UndoSend: Demand(_AT_A_DESK),
    wire.SendAgain: Demand(_AT_A_DESK),
    wire.ListSent: Demand(_AT_A_DESK),
    wire.WriteAgain: Demand(_AT_A_DESK),
    wire.ListDrafts: Demand(_AT_A_DESK),
    wire.LookIntoQuarantine: Demand(WATCHING),
    wire.RetryMails: Demand(WATCHING),
    wire.DiscardMails: Demand(WATCHING),
    wire.Watch: Demand(WATCHING),
    wire.Unwatch: Demand(WATCHING),
}
"""Commands of a user who is logged in. What is not listed is open to nobody."""


def demand(command: type, user: User) -> None:
    """Raise Refused("forbidden") unless this user may give this command."""
    needed = DEMANDS.get(command)
    if needed is None or user.role not in needed.roles:
        raise Refused("forbidden", "Your role does not include this.")
    if needed.right is not None and needed.right not in user.rights:
        raise Refused("forbidden", "You do not have the right to do this.")

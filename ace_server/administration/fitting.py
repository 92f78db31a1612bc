"""Which users and mail accounts do not fit together (EM-7).

It is no fault, since either may still be on its way: `configure` notes it. A line names those that
have the same need, so that a site of a thousand users gets no flood of them.
"""

from collections.abc import Iterator, Sequence

from ace_server.concepts import MailAccount, Site, User
from ace_server.contact import Role

MOST = 5
"""Names in a line; of more it says how many."""


def notes(site: Site) -> Iterator[str]:
    """What keeps mail from being answered here or sent on, for each area and need a line."""
    for area in site.areas:
        accounts = [one for one in site.mail_accounts.values() if one.area == area]
        people = [user for user in site.users.values() if user.area == area and _serves(user)]
        yield from _built_in(accounts, [user for user in people if not user.email])
        yield from _external(accounts, [user for user in people if user.email])


def _serves(user: User) -> bool:
    return bool(user.services) and user.role is not Role.WALL and not user.locked


def _built_in(accounts: Sequence[MailAccount], users: Sequence[User]) -> Iterator[str]:
    """They answer in ACE Agent: from the return address, by the server of the account."""
    lacking = [account for account in accounts if not account.return_address]
    for what, those in (
        ("return_address is", [one for one in lacking if one.smtp]),
        ("return_address and smtp are", [one for one in lacking if not one.smtp]),
    ):
        reason = "these users have no e-mail address, and so answer mail in ACE Agent"
        yield from _line(those, users, f"{what} missing; {reason}")


def _external(accounts: Sequence[MailAccount], users: Sequence[User]) -> Iterator[str]:
    """A mail is sent on to their own program, by the server of the account."""
    those = [account for account in accounts if not account.smtp]
    reason = "these users handle mail in their own program, and none can be sent on to them"
    yield from _line(those, users, f"smtp is missing; {reason}")


def _line(accounts: Sequence[MailAccount], users: Sequence[User], reason: str) -> Iterator[str]:
    if accounts and users:
        named = _names([account.name for account in accounts])
        yield f"mail_account {named}: {reason}: {_names([user.login for user in users])}"


def _names(names: Sequence[str]) -> str:
    shown, more = ", ".join(names[:MOST]), len(names) - MOST
    return f"{shown} and {more} more" if more > 0 else shown

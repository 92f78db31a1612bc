"""Which account goes to which Email Server, and when one counts as gone (EM-11)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ace_server.clock import ManualClock
from ace_server.concepts import MailAccount, Site
from ace_server.email.account_server import AccountServer, assignment
from ace_server.events import AccountsAssigned, Events
from ace_server.settings import SystemParameters
from ace_server.store import Store, mail_accounts, outgoing
from ace_server.store.outgoing import Sent
from tests.core import NOON
from tests.store.mailing import put_out, sent

LEASE = 10.0


def mailbox(name: str, server: str = "") -> MailAccount:
    return MailAccount(name=name, fetch="imaps://u@mail.bank.example", server=server)


def test_new_accounts_go_where_there_are_the_fewest() -> None:
    accounts = [mailbox(name) for name in "abcd"]
    assert assignment(accounts, {"a": "north"}, ["north", "south"]) == {
        "a": "north",
        "b": "south",
        "c": "north",
        "d": "south",
    }


def test_an_account_stays_while_its_server_is_at_work_and_else_goes_to_another() -> None:
    accounts = [mailbox(name) for name in "abc"]
    held = {"a": "south", "b": "south", "c": "north"}
    assert assignment(accounts, held, ["north", "south"]) == held
    assert set(assignment(accounts, held, ["south"]).values()) == {"south"}
    assert set(assignment(accounts, held, []).values()) == {""}


def test_a_server_that_comes_gets_its_share_and_no_account_moves_without_need() -> None:
    accounts = [mailbox(name) for name in "abcde"]
    held = dict.fromkeys("abcde", "north")
    shared = assignment(accounts, held, ["north", "south"])
    assert shared == {"a": "north", "b": "north", "c": "north", "d": "south", "e": "south"}
    assert assignment(accounts, shared, ["north", "south"]) == shared
    assert assignment(accounts[1:], shared, ["north", "south"]) == {
        name: server for name, server in shared.items() if name != "a"
    }


def test_an_account_that_names_its_server_waits_for_that_one() -> None:
    accounts = [mailbox("a", "east"), mailbox("b")]
    assert assignment(accounts, {"a": "north"}, ["north"]) == {"a": "", "b": "north"}
    assert assignment(accounts, {"b": "north"}, ["east", "north"]) == {"a": "east", "b": "north"}


class Office:
    """The Account Server, on a clock of its own, and the Email Servers that give signs of life."""

    def __init__(self, store: Store, clock: ManualClock, beside: str = "") -> None:
        self.store = store
        self.clock = clock
        self.is_away = False
        self.site = Site(
            mail_accounts={name: mailbox(name) for name in ("loans@bank.example", "cards")},
            system=SystemParameters(coreLease=LEASE),
        )
        events = Events()
        self.assigned: list[AccountsAssigned] = []
        events.subscribe(AccountsAssigned, self.assigned.append)
        self.server = AccountServer(store, lambda: self.site, events, clock, beside=beside)

    async def pass_by(self, seconds: float, *beating: str) -> None:
        """Time passes, look by look; these servers give their signs of life."""
        for _ in range(int(seconds / (LEASE / 4))):
            self.clock.advance(LEASE / 4)
            for name in beating:
                await self.store.run(mail_accounts.beat, name)
            await self.server.look()

    async def held(self) -> dict[str, str]:
        states = await self.store.run(mail_accounts.states)
        return {name: state.server for name, state in states.items()}


@pytest.fixture
async def running(tmp_path: Path, database_url: str) -> Iterator[Store]:
    store = Store(tmp_path, url=database_url)
    store.open()
    store.start()
    yield store
    await store.stop()
    store.close()


@pytest.fixture
def office(running: Store) -> Office:
    return Office(running, ManualClock(NOON))


async def test_the_accounts_of_a_server_that_gives_no_sign_of_life_go_to_others(
    office: Office, expect_log
) -> None:
    expect_log(r"WARNING .*account_server: the Email Server north gives no sign of life")
    await office.pass_by(5, "north", "south")
    both = await office.held()
    assert set(both.values()) == {"north", "south"}
    number = put_out(office.store)
    await office.store.run(outgoing.claim, list(both), "north", office.clock.now(), 9)
    await office.pass_by(9, "south")
    assert await office.held() == both
    await office.pass_by(3, "south")
    assert set((await office.held()).values()) == {"south"}
    assert sent(office.store, number).state is Sent.UNKNOWN
    await office.pass_by(5, "south", "north")
    assert sorted((await office.held()).values()) == ["north", "south"]


async def test_what_was_undone_is_not_told(office: Office, monkeypatch) -> None:
    await office.pass_by(5, "north", "south")

    def lost(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(mail_accounts, "forget", lost)  # behind all else
    with pytest.raises(ZeroDivisionError):  # and nobody says that north is gone
        await office.pass_by(12, "south")
    monkeypatch.undo()
    assert set((await office.held()).values()) == {"north", "south"}


async def test_the_server_of_its_own_process_is_at_work_as_long_as_this_is(
    running: Store, expect_log
) -> None:
    expect_log(r"WARNING .*account_server: the Email Server south gives no sign of life")
    office = Office(running, ManualClock(NOON), beside="north")
    await office.pass_by(5, "north", "south")
    await office.pass_by(12)
    assert set((await office.held()).values()) == {"north"}


async def test_a_server_that_leaves_loses_its_accounts_at_once(office: Office) -> None:
    await office.pass_by(5, "north", "south")
    assert sorted((await office.held()).values()) == ["north", "south"]
    await office.store.run(mail_accounts.leave, "north")
    await office.server.look()
    assert set((await office.held()).values()) == {"south"}


async def test_while_nobody_could_look_nobody_counts_as_gone(office: Office) -> None:
    await office.pass_by(5, "north")
    office.clock.advance(3600)  # the store was away
    await office.server.look()
    assert set((await office.held()).values()) == {"north"}
    await office.pass_by(30, "north")
    assert set((await office.held()).values()) == {"north"}


async def test_an_account_that_is_configured_no_more_is_forgotten(office: Office) -> None:
    await office.pass_by(5, "north")
    office.site = Site(mail_accounts={"cards": mailbox("cards")}, system=office.site.system)
    await office.server.look()
    assert await office.held() == {"cards": "north"}
    told = len(office.assigned)
    await office.pass_by(30, "north")
    assert len(office.assigned) == told, "nothing has changed, and all are told"

"""Credentials, failed log-ins, and rates."""

import asyncio
import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ace_server.clock import ManualClock
from ace_server.concepts import WorkItemAccount
from ace_server.errors import Refused
from ace_server.passwords import Passwords, StoredSecret
from ace_server.workitem import accounts
from ace_server.workitem.accounts import Accounts, Failures, Rates, TooMany, credentials
from tests.workitem.bench import HASH, PASSWORDS, SECRET, bank, basic

SITE = bank()
KIND = "work_item_account"


class Counting(Passwords):
    """Counts what it is asked to verify."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def verify(self, hashed: str, secret: str) -> bool:
        self.asked.append("account")
        return PASSWORDS.verify(hashed, secret)

    def verify_nobody(self, secret: str) -> bool:
        self.asked.append("nobody")
        return PASSWORDS.verify_nobody(secret)


class Gate:
    """Accounts with a clock to turn."""

    def __init__(self) -> None:
        self.secrets = {(KIND, "loans"): StoredSecret(form="hash", value=HASH)}
        self.passwords = Counting()
        self.clock = ManualClock(datetime(2026, 11, 20, tzinfo=UTC))
        self.accounts = Accounts(lambda: self.secrets, self.passwords, self.clock)

    async def ask(self, header: str | None, peer: str = "192.0.2.7") -> str:
        """The account's name, or the code it is refused with."""
        try:
            return (await self.accounts.account(header, peer, SITE)).name
        except Refused as refused:
            return refused.code


@pytest.fixture
async def gate():
    made = Gate()
    yield made
    made.accounts.stop()


def test_basic_credentials_are_read():
    assert credentials(basic("loans", "a:b")) == ("loans", "a:b")
    assert credentials("basic  " + basic("å", "ö")[6:]) == ("å", "ö")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !",
        "Bearer " + basic()[6:],
        "Basic bm9jb2xvbg==",
        "Basic /w==",
        "Basic QQ",
    ],
)
def test_header_that_is_no_basic(header):
    assert credentials(header) is None


async def test_right_secret_opens(gate):
    assert await gate.ask(basic("loans", SECRET)) == "loans"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic nonsense",
        basic("loans", "wrong"),
        basic("loans", ""),
        basic("Loans", SECRET),
        basic("nobody", SECRET),
        basic("quiet", SECRET),  # it has no secret
        "Basic " + base64.b64encode(b"loans:\xff").decode(),
    ],
)
async def test_anything_else_does_not(gate, header):
    assert await gate.ask(header) == "unauthorised"


async def test_unknown_account_takes_as_long_as_a_wrong_secret(gate):
    for header in (basic("loans", "wrong"), basic("nobody", "wrong"), basic("quiet", "wrong")):
        await gate.ask(header)
    assert gate.passwords.asked == ["account", "nobody", "nobody"]


async def test_right_secret_is_verified_once(gate):
    for _ in range(3):
        assert await gate.ask(basic("loans", SECRET)) == "loans"
    assert gate.passwords.asked == ["account"]


async def test_who_asks_at_once_is_verified_once(gate):
    found = await asyncio.gather(*(gate.ask(basic("loans", SECRET)) for _ in range(20)))
    assert found == ["loans"] * 20
    assert gate.passwords.asked == ["account"]


async def test_remembered_secret_is_forgotten_when_it_changes(gate):
    assert await gate.ask(basic("loans", SECRET)) == "loans"
    changed = PASSWORDS.hash("another secret")
    gate.secrets = {(KIND, "loans"): StoredSecret(form="hash", value=changed)}
    assert await gate.ask(basic("loans", SECRET)) == "unauthorised"
    assert await gate.ask(basic("loans", "another secret")) == "loans"
    gate.secrets = {}
    assert await gate.ask(basic("loans", "another secret")) == "unauthorised"


async def test_memory_holds_no_secret(gate):
    await gate.ask(basic("loans", SECRET))
    held = repr(vars(gate.accounts))
    assert SECRET not in held
    assert basic("loans", SECRET) not in held


async def test_secret_in_the_environment(gate, monkeypatch):
    gate.secrets = {(KIND, "loans"): StoredSecret(form="env", value="ACE_TEST_SECRET")}
    monkeypatch.setenv("ACE_TEST_SECRET", SECRET)
    assert await gate.ask(basic("loans", SECRET)) == "loans"
    assert await gate.ask(basic("loans", "wrong")) == "unauthorised"
    assert gate.passwords.asked == ["nobody"]
    monkeypatch.setenv("ACE_TEST_SECRET", "changed")
    assert await gate.ask(basic("loans", SECRET)) == "unauthorised"


async def test_secret_in_a_file(gate, tmp_path: Path):
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    gate.secrets = {(KIND, "loans"): StoredSecret(form="file", value=str(file))}
    assert await gate.ask(basic("loans", SECRET)) == "loans"
    file.write_text("changed")
    assert await gate.ask(basic("loans", SECRET)) == "unauthorised"
    assert await gate.ask(basic("loans", "changed")) == "loans"


@pytest.mark.parametrize(
    "stored",
    [
        StoredSecret(form="env", value="ACE_TEST_NOT_SET"),
        StoredSecret(form="file", value="/nowhere/secret"),
    ],
)
async def test_secret_that_cannot_be_read_opens_nothing(gate, stored, expect_log):
    expect_log(rf"WARNING .*{stored.form}:.* cannot be read")
    gate.secrets = {(KIND, "loans"): stored}
    assert await gate.ask(basic("loans", "")) == "unauthorised"


@pytest.mark.parametrize("form", ["ask", "code"])
async def test_secret_of_another_form_opens_nothing(gate, form):
    gate.secrets = {(KIND, "loans"): StoredSecret(form=form, value=HASH)}
    assert await gate.ask(basic("loans", SECRET)) == "unauthorised"


async def test_more_than_ten_failures_a_minute_are_too_many(gate):
    wrong = basic("loans", "wrong")
    assert [await gate.ask(wrong) for _ in range(12)] == ["unauthorised"] * 10 + ["too-many"] * 2
    assert await gate.ask(basic("loans", SECRET)) == "loans"
    assert await gate.ask(wrong, peer="192.0.2.8") == "unauthorised"
    gate.clock.advance(61)
    assert await gate.ask(wrong) == "unauthorised"


async def test_no_header_is_no_failure(gate):
    for _ in range(20):
        assert await gate.ask(None) == "unauthorised"


async def test_failures_on_loopback_are_the_accounts(gate):
    for _ in range(11):
        found = await gate.ask(basic("loans", "wrong"), "127.0.0.1")
    assert found == "too-many"
    assert await gate.ask(basic("night", "wrong"), "127.0.0.1") == "unauthorised"
    assert await gate.ask(basic("loans", "wrong"), "::1") == "too-many"


async def test_too_many_says_when_to_come_again(gate):
    for _ in range(10):
        await gate.ask(basic("loans", "wrong"))
    gate.clock.advance(20)
    with pytest.raises(TooMany) as refused:
        await gate.accounts.account(basic("loans", "wrong"), "192.0.2.7", SITE)
    assert refused.value.retry_after == 40
    gate.clock.advance(40)
    assert await gate.ask(basic("loans", "wrong")) == "unauthorised"


def test_only_so_many_peers_are_remembered():
    failures = Failures(ManualClock(datetime(2026, 11, 20, tzinfo=UTC)))
    for number in range(accounts.MOST_PEERS + 100):
        failures.add(f"192.0.2.{number}", "loans")
    assert len(failures._windows) == accounts.MOST_PEERS


# Rates


@pytest.fixture
def clock():
    return ManualClock(datetime(2026, 11, 20, tzinfo=UTC))


def test_rate_counts_the_last_so_many_seconds(clock):
    rates, loans = Rates(clock), WorkItemAccount(name="loans", rate="3/2m")
    for _ in range(3):
        rates.check(loans)
        clock.advance(10)
    with pytest.raises(TooMany) as refused:
        rates.check(loans)
    assert refused.value.retry_after == 90
    rates.check(WorkItemAccount(name="other", rate="3/2m"))
    clock.advance(90)
    rates.check(loans)
    with pytest.raises(TooMany):
        rates.check(loans)


def test_no_rate_is_no_bound(clock):
    rates = Rates(clock)
    for _ in range(1000):
        rates.check(WorkItemAccount(name="loans"))


def test_rate_of_nothing_lets_nothing_in(clock):
    with pytest.raises(TooMany):
        Rates(clock).check(WorkItemAccount(name="loans", rate="0/1h"))


def test_changed_rate_counts_anew(clock):
    rates = Rates(clock)
    rates.check(WorkItemAccount(name="loans", rate="1/h"))
    with pytest.raises(TooMany):
        rates.check(WorkItemAccount(name="loans", rate="1/h"))
    rates.check(WorkItemAccount(name="loans", rate="1/30s"))


def test_what_is_no_rate():
    with pytest.raises(ValueError, match="not a rate"):
        accounts.window_of("often")

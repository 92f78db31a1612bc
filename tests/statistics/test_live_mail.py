"""What who watches is told of mail accounts, when, and at what cost (PU-1)."""

from datetime import timedelta

import pytest

from ace_server import wire
from ace_server.concepts import MailAccount
from ace_server.errors import Unavailable
from ace_server.events import MailChanged
from ace_server.sentences import sentence
from ace_server.statistics import mail
from ace_server.statistics.live import EVERY, SLOW_POLL
from ace_server.store import ledger, mail_accounts
from ace_server.store.mail_accounts import Fetching
from tests.core import NOON
from tests.mails import NINE, SUPPORT, keep, quarantine, refuse, stop

CARDS = "cards@bank.example"


@pytest.fixture
async def bank(supervised, configure):
    """A bank with two mailboxes."""
    accounts = [MailAccount(name=name, fetch=f"imaps://{name}") for name in (SUPPORT, CARDS)]
    await configure("mail_account", *accounts)
    supervised.digest = keep(supervised.store)
    await supervised.attachments.share([supervised.digest])
    return supervised


@pytest.fixture
def reads(monkeypatch):
    """Grows by one whenever the store is asked about mail."""
    found, read = [], mail.read

    def counted():
        found.append(1)
        return read()

    monkeypatch.setattr(mail, "read", counted)
    return found


def told(screen):
    return [e for e in screen.events if isinstance(e, wire.Figures | wire.FiguresChange)]


def accounts(event):
    return {row.account: row for row in event.mail_accounts}


async def happens(core, job, *arguments, account=SUPPORT, **named):
    """Something about mail changes in this process."""
    await core.store.run(job, *arguments, **named)
    core.events.publish(MailChanged(account))


async def next_second(core):
    core.clock.advance(EVERY)
    await core.live.push()


async def test_every_account_is_told_with_what_a_person_has_to_see_to(bank, watch):
    await bank.store.run(quarantine, bank.digest, on_server=12)
    await bank.store.run(refuse, bank.digest)
    await bank.store.run(stop)
    (figures,) = told(await watch())
    assert accounts(figures) == {
        SUPPORT: wire.MailAccountFigures(
            account=SUPPORT,
            state="stopped",
            since=NINE,
            trouble=sentence("The mail server %1 refuses the password.", "mail.example"),
            on_server=12,
            quarantined=1,
            undelivered=1,
        ),
        CARDS: wire.MailAccountFigures(account=CARDS),
    }


async def test_what_a_person_has_to_see_to_is_summed_up_while_it_is_known(bank, engine):
    for uid in ("1", "2"):
        await bank.store.run(quarantine, bank.digest, uid=uid)
    await bank.store.run(refuse, bank.digest, account=CARDS)
    await bank.store.run(stop)
    assert bank.live.mail_asking() is None, "nobody has looked"
    await bank.live.read_mail()
    assert bank.live.mail_asking() == mail.Asking(1, 2, 1)
    bank.clock.advance(SLOW_POLL)
    assert bank.live.mail_asking() is None


async def test_answers_that_a_budget_kept_back_are_told_for_a_day(bank, watch):
    said = sentence("No automatic answer to %1: %2", "robot@x.example", "it got enough")
    await bank.store.run(mail_accounts.tell, SUPPORT, Fetching.IDLE, NINE)
    for hours in (0, 2):
        at = NOON - mail.LATELY + timedelta(hours=hours)
        await bank.store.run(mail_accounts.withhold, SUPPORT, said, at)
    (figures,) = told(await watch())
    assert accounts(figures)[SUPPORT].withheld == [wire.WithheldAnswer(at=at, said=said)]


async def test_only_the_account_that_is_different_is_told(bank, watch):
    screen = await watch()
    await happens(bank, mail_accounts.tell, SUPPORT, Fetching.IDLE, NOON, fetched=True)
    await next_second(bank)
    (_, change) = told(screen)
    assert isinstance(change, wire.FiguresChange)
    assert accounts(change) == {
        SUPPORT: wire.MailAccountFigures(account=SUPPORT, state="idle", since=NOON, fetched_at=NOON)
    }
    assert (change.queues, change.agents) == ([], [])


async def test_account_that_is_no_longer_configured_is_told_until_its_mail_is_seen_to(
    bank, watch, configure
):
    one = await bank.store.run(quarantine, bank.digest, account=CARDS)
    await configure("mail_account", MailAccount(name=SUPPORT, fetch="imaps://x"))
    screen = await watch()
    assert accounts(told(screen)[-1]).keys() == {SUPPORT, CARDS}
    await happens(bank, ledger.discard, [one], NOON, "dagny", account=CARDS)
    await next_second(bank)
    assert isinstance(told(screen)[-1], wire.Figures), "a row is gone: everything is told"
    assert accounts(told(screen)[-1]).keys() == {SUPPORT}


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_mail_is_asked_about_only_where_it_may_be_different(bank, watch, reads, engine):
    await watch()
    assert len(reads) == 1
    for _ in range(5):
        await bank.take_in()
        await next_second(bank)
    assert len(reads) == 1, "work items are no mail"
    bank.events.publish(MailChanged(SUPPORT))
    for _ in range(2):
        await next_second(bank)
    assert len(reads) == 2


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_while_nobody_watches_nobody_asks_about_mail(bank, reads, engine):
    for _ in range(3):
        bank.events.publish(MailChanged(SUPPORT))
        await next_second(bank)
    assert reads == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_other_processes_did_is_seen_by_the_slow_look(bank, watch, engine):
    screen = await watch()
    await bank.store.run(quarantine, bank.digest)
    await next_second(bank)
    assert len(told(screen)) == 1
    bank.clock.advance(SLOW_POLL)
    await bank.live.push()
    assert accounts(told(screen)[-1])[SUPPORT].quarantined == 1


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_could_not_be_read_is_read_the_next_time(bank, watch, monkeypatch, engine):
    screen = await watch()
    await happens(bank, quarantine, bank.digest)
    run = bank.store.run

    async def fails(*_, **__):
        raise Unavailable("not now")

    monkeypatch.setattr(bank.store, "run", fails)
    with pytest.raises(Unavailable):
        await next_second(bank)
    monkeypatch.setattr(bank.store, "run", run)
    await next_second(bank)
    assert accounts(told(screen)[-1])[SUPPORT].quarantined == 1

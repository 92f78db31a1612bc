"""Mails that went no further are looked at, tried again, exported and discarded (EM-2, P4, P10)."""

import asyncio

import aiohttp
import msgspec
import pytest
from filelock import FileLock
from prometheus_client import CollectorRegistry, generate_latest

from ace_server import figures, wire
from ace_server.administration import mail, running
from ace_server.concepts import User
from ace_server.contact import Role
from ace_server.desk.link import Link
from ace_server.desk.log_in import LogIns
from ace_server.desk.quarantine import PAGE
from ace_server.errors import Refused
from ace_server.events import MailChanged, MailDue, MailPending
from ace_server.passwords import StoredSecret, cheap
from ace_server.statistics.live import SLOW_POLL
from ace_server.store import audit, directory, ledger, outgoing
from ace_server.store.ledger import Outcome
from ace_server.store.outgoing import Sent
from tests.mails import NINE, NO_MAILBOX, RAW, SUPPORT, TOO_DEEP, keep, quarantine, refuse

SECRET = "the secret of the data folder"
PASSWORD = "correct horse battery"
LOANS = "loans@bank.example"
ON_ONE = pytest.mark.parametrize("engine", ["sqlite"])
"""What the engine has no part in."""


@pytest.fixture
async def kept(core, configure):
    """A core with a supervisor, that keeps two mails of one account and one of another."""
    sara = User(login="sara", name="Sara Lind", role=Role.SUPERVISOR)
    await configure("user", *core.current.site().users.values(), sara)
    digest = keep(core.store)
    await core.attachments.share([digest])
    core.mails = [
        await core.store.run(quarantine, digest, uid=uid, account=account)
        for uid, account in (("1", SUPPORT), ("2", LOANS), ("3", SUPPORT))
    ]
    core.undelivered = await core.store.run(refuse, digest, by="anna")
    core.told = []
    for kind in (MailPending, MailDue, MailChanged):
        core.events.subscribe(kind, core.told.append)
    return core


async def look(core, after=0, by="sara"):
    return await core.quarantine.look(wire.LookIntoQuarantine(request=1, after=after), by)


async def outcomes(core):
    return [(await core.store.run(ledger.get, mail)).outcome for mail in core.mails]


async def audited(core):
    """Who did what to what, of these tests."""
    rows = await core.store.run(audit.rows)
    return [(row.actor, row.action, row.object) for row in rows if "mail" in row.action]


async def test_what_is_kept_is_listed_with_its_reason(kept):
    seen = await look(kept)
    assert [mail.id for mail in seen.mails] == kept.mails
    assert seen.mails[0] == wire.QuarantinedMail(
        id=kept.mails[0],
        account=SUPPORT,
        folder="INBOX",
        uid="1",
        size=len(RAW),
        arrived_at=NINE,
        fetched_at=NINE,
        reason=TOO_DEEP,
        attempts=1,
    )


async def test_what_was_not_delivered_says_whom_it_missed_and_why(kept):
    (mail,) = (await look(kept, by="anna")).undelivered
    assert (mail.id, mail.state, mail.by) == (kept.undelivered, "refused", "anna")
    assert (mail.to, mail.said) == (["gone@home.example"], NO_MAILBOX)


@ON_ONE
async def test_look_goes_on_behind_the_last_mail(kept, engine):
    rest = await look(kept, after=kept.mails[0])
    assert [mail.id for mail in rest.mails] == kept.mails[1:]
    assert rest.undelivered == []
    assert PAGE < 500, "one answer stays short"


async def test_retried_mail_is_analysed_again_and_its_email_server_told(kept):
    done = await kept.quarantine.retry(kept.mails, "sara")
    assert done == kept.mails
    assert await outcomes(kept) == [Outcome.PENDING] * 3
    assert kept.told == [
        MailPending(LOANS),
        MailChanged(LOANS),
        MailPending(SUPPORT),
        MailChanged(SUPPORT),
    ]
    assert await audited(kept) == [("sara", "retried a mail", f"mail {n}") for n in kept.mails]


async def test_discarded_mail_says_who_did_it(kept):
    first, *others = kept.mails
    assert await kept.quarantine.discard([first], "sara") == [first]
    row = await kept.store.run(ledger.get, first)
    assert (row.outcome, str(row.why())) == (Outcome.DISCARDED, "Discarded by sara.")
    assert [mail.id for mail in (await look(kept)).mails] == others
    assert kept.told == [MailChanged(SUPPORT)]
    assert await audited(kept) == [("sara", "discarded a mail", f"mail {first}")]


@ON_ONE
async def test_what_is_no_longer_there_is_refused_and_told_to_nobody(kept, engine):
    await kept.quarantine.discard(kept.mails[:1], "sara")
    del kept.told[:]
    for do in (kept.quarantine.retry, kept.quarantine.discard):
        with pytest.raises(Refused, match="no longer in quarantine"):
            await do(kept.mails[:1], "sara")
    assert kept.told == []
    assert await kept.quarantine.retry(kept.mails, "sara") == kept.mails[1:]


async def test_source_is_what_was_fetched_and_the_audit_tells_who_saw_it(kept):
    path = await kept.quarantine.source(kept.mails[0], "sara")
    assert path.read_bytes() == RAW
    await kept.quarantine.source(kept.mails[0], "sara", exported=True)
    one = f"mail {kept.mails[0]}"
    assert await audited(kept) == [("sara", "saw a mail", one), ("sara", "exported a mail", one)]


@ON_ONE
async def test_source_of_a_mail_that_is_settled_is_not_for_supervisors(kept, engine):
    await kept.quarantine.discard(kept.mails[:1], "sara")
    for number in (kept.mails[0], 10**17):
        with pytest.raises(Refused, match="no longer in quarantine"):
            await kept.quarantine.source(number, "sara")
    path = await kept.quarantine.source(kept.mails[0], "main.py", settled_too=True)
    assert path.read_bytes() == RAW


@ON_ONE
async def test_source_that_is_gone_is_told_so(kept, engine):
    (await kept.quarantine.source(kept.mails[0], "sara")).unlink()
    with pytest.raises(Refused) as refused:
        await kept.quarantine.source(kept.mails[0], "sara")
    assert refused.value.code == "gone"


@pytest.mark.parametrize("login", ["sara", "anna"])
async def test_mail_is_sent_again_by_a_supervisor_and_by_its_writer(kept, login):
    await kept.quarantine.send_again(login, kept.undelivered)
    row = await kept.store.run(outgoing.get, kept.undelivered)
    assert row.state is Sent.QUEUED
    assert [one.state for one in row.recipients] == [Sent.HANDED_OVER, Sent.QUEUED]
    assert kept.told == [MailDue(SUPPORT), MailChanged(SUPPORT, None, "anna")]
    assert await audited(kept) == [
        (login, "sent a mail again", f"outgoing mail {kept.undelivered}")
    ]


@ON_ONE
async def test_mail_is_sent_again_once(kept, engine):
    await kept.quarantine.send_again("sara", kept.undelivered)
    with pytest.raises(Refused, match="on its way again"):
        await kept.quarantine.send_again("sara", kept.undelivered)
    assert len(await audited(kept)) == 1


@ON_ONE
async def test_others_mail_is_sent_again_only_with_its_contact_in_hand(kept, engine):
    for number in (kept.undelivered, 10**17):
        with pytest.raises(Refused, match="no such mail"):
            await kept.quarantine.send_again("bo", number)
    contact = (await kept.take_in()).contact_id
    await kept.log_in("anna")
    await kept.settle()
    digest = (await kept.store.run(ledger.get, kept.mails[0])).digest
    about = await kept.store.run(refuse, digest, contact=contact)
    with pytest.raises(Refused, match="no such mail"):
        await kept.quarantine.send_again("bo", about)
    await kept.quarantine.send_again("anna", about)


# Over HTTP


@pytest.fixture
async def port(kept, engine):
    """The agents' port of this core, in its data folder's file like a server's."""
    passwords = cheap()
    for login in ("sara", "anna"):
        hashed = StoredSecret("hash", passwords.hash(PASSWORD))
        await kept.store.run(directory.set_secret, "user", login, hashed)
    await kept.current.reload()
    log_ins = kept.log_ins = LogIns(kept.store, kept.current, passwords, kept.clock)
    link = Link(
        kept.current,
        kept.agents,
        log_ins,
        kept.live,
        kept.attachments,
        control_secret=SECRET,
        configure=_never,
        note_backup=_never,
        waiting=kept.waiting,
        explaining=kept.explaining,
        health=lambda: (True, {}),
        metrics=lambda: generate_latest(registry),
        quarantine=kept.quarantine,
    )
    registry = CollectorRegistry()
    registry.register(figures.Mails(kept.live.mail_counts, lambda: [SUPPORT]))
    number = await link.start("127.0.0.1", 0)
    facts = {"pid": 1, "secret": SECRET, "agents": number}
    (kept.data / running.FACTS).write_bytes(msgspec.json.encode(facts))
    with FileLock(kept.data / running.LOCK):
        yield number
    await link.stop()
    log_ins.close()


async def _never(_):
    raise AssertionError


@pytest.fixture
async def http(port):
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session


async def bearer(core, login):
    granted = await core.log_ins.log_in(login, PASSWORD, "", "127.0.0.1")
    return {"Authorization": f"Bearer {granted.token}"}


@ON_ONE
async def test_supervisor_fetches_the_beginning_of_a_source_and_exports_the_whole(
    kept, http, engine
):
    path, one = f"/quarantine/{kept.mails[0]}/source", f"mail {kept.mails[0]}"
    headers = await bearer(kept, "sara")
    async with http.get(path, headers={**headers, "Range": "bytes=0-6"}) as answer:
        assert (answer.status, await answer.read()) == (206, RAW[:7])
        assert answer.content_type == "application/octet-stream"
    async with http.get(f"{path}?export", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, RAW)
    assert await audited(kept) == [("sara", "saw a mail", one), ("sara", "exported a mail", one)]


@ON_ONE
async def test_source_is_for_nobody_else(kept, http, engine):
    path = f"/quarantine/{kept.mails[0]}/source"
    for headers, status in ((await bearer(kept, "anna"), 404), ({}, 401)):
        async with http.get(path, headers=headers) as answer:
            assert answer.status == status
    assert await audited(kept) == []


@ON_ONE
async def test_commands_of_the_link_are_answered(kept, http, engine):
    async def ask(kind, **fields):
        await socket.send_str(wire.encode(kind(request=9, **fields)))
        while getattr(event := wire.decode_event(await socket.receive_str()), "request", 0) != 9:
            pass
        return event

    async with http.ws_connect("/link") as socket:
        login = await ask(wire.LogIn, login="sara", password=PASSWORD)
        assert isinstance(login, wire.LoggedIn)
        seen = await ask(wire.LookIntoQuarantine)
        assert [mail.id for mail in seen.mails] == kept.mails
        first, second, third = kept.mails
        assert await ask(wire.RetryMails, mails=[first, second]) == wire.Done(request=9)
        assert await ask(wire.DiscardMails, mails=[third]) == wire.Done(request=9)
        assert await ask(wire.SendAgain, outgoing=kept.undelivered) == wire.Done(request=9)
        refusal = await ask(wire.DiscardMails, mails=[third])
        assert refusal.code == "not-found"
    assert await outcomes(kept) == [Outcome.PENDING, Outcome.PENDING, Outcome.DISCARDED]


@ON_ONE
async def test_command_line_goes_through_the_server_that_runs(kept, port, engine):
    first, second, third = kept.mails
    done = await asyncio.to_thread(mail.retry, kept.data, "", [first, 99])
    assert done == [first]
    assert kept.told == [MailPending(SUPPORT), MailChanged(SUPPORT)]
    assert await asyncio.to_thread(mail.discard, kept.data, "", [second]) == [second]
    assert await asyncio.to_thread(mail.source, kept.data, "", second) == RAW
    with pytest.raises(Refused, match="no longer in quarantine"):
        await asyncio.to_thread(mail.discard, kept.data, "", [second])
    assert await outcomes(kept) == [Outcome.PENDING, Outcome.DISCARDED, Outcome.QUARANTINED]
    assert await audited(kept) == [
        ("main.py", "retried a mail", f"mail {first}"),
        ("main.py", "discarded a mail", f"mail {second}"),
        ("main.py", "exported a mail", f"mail {second}"),
    ]


@ON_ONE
@pytest.mark.parametrize(("secret", "sent", "status"), [("wrong", "[1]", 401), (SECRET, "[]", 400)])
async def test_command_line_without_the_secret_or_a_mail_does_nothing(
    kept, http, engine, secret, sent, status
):
    headers = {"Authorization": f"Bearer {secret}"}
    for path in ("retry", "discard", "export"):
        async with http.post(f"/control/mail/{path}", headers=headers, data=sent) as answer:
            assert answer.status == status
    assert await audited(kept) == []


@ON_ONE
async def test_metrics_say_what_is_not_settled(kept, http, engine):
    async with http.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    assert f'ace_mails{{account="{SUPPORT}",outcome="quarantined"}} 2.0' in lines
    assert f'ace_mails{{account="{SUPPORT}",outcome="pending"}} 0.0' in lines
    assert 'ace_mails{account="",outcome="quarantined"} 1.0' in lines  # configured no more
    assert f'ace_outgoing_mails{{account="{SUPPORT}",state="refused"}} 1.0' in lines
    assert LOANS not in "".join(lines)
    kept.clock.advance(SLOW_POLL)
    assert kept.live.mail_counts() is None, "what is old is not said"

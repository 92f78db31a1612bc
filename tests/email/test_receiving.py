"""From the ledger to contacts: one bad mail delays no other, and none is settled twice."""

import asyncio
import hashlib
import os
from datetime import UTC, datetime
from itertools import pairwise

import pytest
import pytest_asyncio
from msgspec.structs import replace

from ace_server.concepts import DiscardRule, Match
from ace_server.contact import State
from ace_server.email import answering
from ace_server.email import receiving as receiving_module
from ace_server.email.analysis import flags, own, telling
from ace_server.errors import Unavailable
from ace_server.store import audit, contacts, ledger, outgoing
from ace_server.store.ledger import NewMail, Outcome, Seen
from tests.email.serving import ALWAYS, account, outbox_of, plain, reply, rows_of, with_path
from tests.store.making import AT, WAY_TO, changes, new

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOUNCE = b"""\
From: Mail Delivery System <MAILER-DAEMON@customer.example>
Subject: Undelivered

Nobody is there. What you sent:

Message-ID: <ours@bank>
"""


async def note(post, name, *mails, kept=True, folder="Elsewhere", **facts):
    """Put mails into the ledger as fetching does, with these facts; their rows' ids."""
    digests = []
    for mail in mails:
        draft = post.server.store.files.draft()
        draft.write(mail)
        digests.append(draft.keep() if kept else hashlib.sha256(mail).hexdigest())
        draft.discard()
    known = len(await post.server.store.run(rows_of, name))
    facts = {"arrived_at": None} | facts
    found = [
        NewMail(str(known + 1000 + number), len(mail), digest=digest, **facts)
        for number, (mail, digest) in enumerate(zip(mails, digests, strict=True))
    ]
    seen = Seen(name, folder, 1)
    return await post.server.store.run(ledger.note, seen, found, post.server._clock.now())


@pytest_asyncio.fixture(loop_scope="module")
async def by_hand(post):
    """Receives when it is told to, and not by itself."""
    receiving = post.server.email.receiving
    await receiving.stop()
    yield receiving
    await receiving.start()


@pytest_asyncio.fixture(loop_scope="module")
async def name(post, dovecot, user):
    """An account that fetches from an empty mailbox."""
    await post.add(account(user, dovecot.url("imap")))
    await post.state(user, lambda one: one.fetched_at is not None)
    return user


async def test_a_mail_whose_bytes_are_gone_is_quarantined_and_the_others_are_not(post, name):
    await note(post, name, plain(1))
    await note(post, name, plain(2), kept=False)
    await note(post, name, plain(3))
    post.server.email.receiving._rounds.wake()
    rows = await post.settled(name, 3)
    assert [row.outcome for row in rows] == ["contact", "quarantined", "contact"]
    assert str(rows[1].why()) == "Its bytes are not kept any more."


async def test_a_mail_is_discarded_by_a_rule_that_somebody_configured_and_by_no_other(post, name):
    rules = [
        DiscardRule(name="off", when={"Entrance": name}, active=False),
        DiscardRule(name="elsewhere", when={"Entrance": "another"}),
        DiscardRule(name="Reports", when={"EmailSubject": Match(has="2")}, flags=["automatic"]),
        DiscardRule(name="People too", when={"EmailSubject": "Question 3"}),
    ]
    answer = replace(ALWAYS, entrance=name)
    await post.configure(discard_rule=rules, automatic_answer=[answer])
    automatic = {"Auto_Submitted": "auto-generated"}
    mails = [plain(1, **automatic), plain(2), plain(2, **automatic), with_path(plain(3))]
    try:
        await note(post, name, *mails)
        post.server.email.receiving._rounds.wake()
        rows = await post.settled(name, 4)
    finally:
        await post.configure(discard_rule=[], automatic_answer=[])
    assert [row.outcome for row in rows] == ["contact", "contact", "discarded", "discarded"]
    assert [str(row.why()) for row in rows[2:]] == [
        "Discarded by the rule Reports.",
        "Discarded by the rule People too.",
    ]
    assert rows[2].contact is None and rows[2].message_id == "<2@customer.example>"
    assert await post.subjects(name) == ["Question 1", "Question 2"]
    assert await post.server.store.run(outbox_of, name) == []
    told = await post.server.store.run(audit.rows)
    assert [(one.actor, one.action, one.object) for one in told if "discard" in one.action] == [
        ("discard_rule Reports", "discarded a mail", f"mail {rows[2].id}"),
        ("discard_rule People too", "discarded a mail", f"mail {rows[3].id}"),
    ]


async def test_what_a_mail_is_recognised_as_is_in_the_history_of_its_contact(post, name):
    bounce = {"From": "MAILER-DAEMON@mail.example", "X_Failed_Recipients": "anna@x.example"}
    await note(post, name, plain(1), plain(2, sender=name), plain(3, **bounce))
    post.server.email.receiving._rounds.wake()
    rows = await post.settled(name, 3)
    person, ours, machine = [await post.history(row.contact) for row in rows]
    verbs = {telling.RECOGNISED, telling.OWN_MAIL, telling.FLAGGED}
    assert not verbs & {verb for verb, _ in person}
    assert (telling.OWN_MAIL, own.OWN_ADDRESS.text) in ours
    assert (telling.FLAGGED, flags.BOUNCE) in machine
    assert telling.RECOGNISED in dict(machine)


async def test_a_mail_that_cannot_be_read_now_waits_alone(post, name, monkeypatch):
    receiving = post.server.email.receiving
    run = receiving._workers.run

    async def failing(function, *arguments):
        if arguments[1] == hashlib.sha256(plain(1)).hexdigest():
            raise Unavailable("its part of the disk cannot be read")
        return await run(function, *arguments, first=first)

    first, second = await note(post, name, plain(1), plain(2))
    with monkeypatch.context() as patch:
        patch.setattr(receiving._workers, "run", failing)
        with pytest.raises(Unavailable):
            await receiving.receive()
        row = await post.server.store.run(ledger.get, second)
        assert row.outcome is Outcome.CONTACT
    receiving._rounds.wake()
    rows = await post.settled(name, 2)
    assert [row.outcome for row in rows] == ["contact", "contact"]
    assert rows[0].attempts == 1


async def test_what_cannot_become_a_contact_by_our_fault_is_quarantined_alone(
    post, name, monkeypatch, expect_log
):
    expect_log(r"ERROR .*receiving: mail \d+ could not become a contact \[ZeroDivisionError")
    receiving = post.server.email.receiving
    prepare = receiving._answering.prepare

    async def failing(row, mail, findings, data):
        if mail.subject == "Question 2":
            raise ZeroDivisionError
        return await prepare(row, mail, findings, data)

    monkeypatch.setattr(receiving._answering, "prepare", failing)
    await note(post, name, *(plain(number) for number in range(1, 5)))
    receiving._rounds.wake()
    rows = await post.settled(name, 4)
    assert [row.outcome for row in rows] == ["contact", "quarantined", "contact", "contact"]
    assert await post.subjects(name) == ["Question 1", "Question 3", "Question 4"]


async def test_what_waits_for_the_disk_is_no_attempt(post, name, monkeypatch, by_hand):
    receiving = by_hand
    path = receiving._attachments.path
    is_away = True

    async def away(digest):
        if is_away:
            raise Unavailable("away")
        return await path(digest)

    monkeypatch.setattr(receiving._attachments, "path", away)
    (mail,) = await note(post, name, plain(1))
    for _ in range(5):
        with pytest.raises(Unavailable):
            await receiving.receive()
    row = await post.server.store.run(ledger.get, mail)
    assert (row.outcome, row.attempts) == (Outcome.PENDING, 0)
    is_away = False
    await receiving.receive()
    assert (await post.settled(name, 1))[0].attempts == 1


@pytest.mark.parametrize("batch", [1, 64])  # with one, the next is being read already
async def test_what_the_store_did_not_take_was_no_attempt(post, name, monkeypatch, batch, by_hand):
    monkeypatch.setattr(receiving_module, "BATCH", batch)
    receiving = by_hand

    async def away(*arrival, behind):
        raise Unavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(receiving._intake, "take_in", away)
        await note(post, name, *(plain(number) for number in range(3)))
        for _ in range(2):
            with pytest.raises(Unavailable):
                await receiving.receive()
        rows = await post.server.store.run(rows_of, name)
        assert [(row.outcome, row.attempts) for row in rows] == [(Outcome.PENDING, 0)] * 3
    await receiving.receive()
    assert [row.attempts for row in await post.settled(name, 3)] == [1] * 3


async def test_what_was_broken_off_was_no_attempt(post, name, monkeypatch, by_hand):
    receiving = by_hand
    has_begun = asyncio.Event()

    async def endless(*arrival, behind):
        has_begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(receiving._intake, "take_in", endless)
    (mail,) = await note(post, name, plain(1))
    under_way = asyncio.create_task(receiving.receive())
    await has_begun.wait()
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    row = await post.server.store.run(ledger.get, mail)
    assert (row.outcome, row.attempts) == (Outcome.PENDING, 0)


@pytest.mark.parametrize("batch", [1, 64])
async def test_a_copy_has_the_outcome_of_what_it_is_like_in_the_same_round(
    post, name, monkeypatch, batch
):
    monkeypatch.setattr(receiving_module, "BATCH", batch)
    await note(post, name, plain(1))
    await note(post, name, plain(1), plain(2), folder="A copy")
    await post.server.email.receiving.receive()
    rows = await post.server.store.run(rows_of, name)
    assert [row.outcome for row in rows] == [Outcome.CONTACT] * 3
    assert rows[0].contact == rows[1].contact != rows[2].contact


async def test_as_many_are_begun_together_as_are_not_too_long_together(post, name):
    await note(post, name, plain(1))
    (row,) = await post.server.store.run(rows_of, name)

    def sizes(*given):
        return [one.size for one in receiving_module.few([row._replace(size=n) for n in given])]

    most = receiving_module.BATCH_BYTES
    assert sizes(1, 2, 3) == [1, 2, 3]
    assert sizes(1, most - 1, 1) == [1, most - 1]
    assert sizes(most + 1, 1) == [most + 1]


async def test_a_mail_whose_file_cannot_be_read_is_quarantined_and_the_disk_is_not_blamed(
    post, name, expect_log
):
    expect_log(r"WARNING .*receiving: mail \d+: unreadable, attempt 3")
    expect_log(r"WARNING .*receiving: mail \d+: unreadable, attempt [12]")
    await note(post, name, plain(1), plain(2))
    file = post.server.store.files.path(hashlib.sha256(plain(1)).hexdigest())
    file.unlink()
    file.symlink_to("/proc/self/mem")  # as from a bad sector
    await post.server.email.receiving.receive()
    await post.server.email.receiving.receive()
    bad, good = await post.settled(name, 2)
    assert (bad.outcome, good.outcome) == (Outcome.QUARANTINED, Outcome.CONTACT)
    assert str(bad.why()) == "Its file cannot be read: Input/output error."


async def test_a_mail_whose_answer_cannot_be_written_is_a_contact_all_the_same(
    post, name, monkeypatch, expect_log
):
    expect_log(r"WARNING .*workers: a worker has ended in the middle of a job")
    expect_log(r"WARNING .*answering: mail \d+: its answer is not written: crashed")
    receiving = post.server.email.receiving
    run = receiving._workers.run

    async def killing(function, *arguments, first=False):
        is_answer = function is answering.write
        return await (run(os._exit, 3) if is_answer else run(function, *arguments, first=first))

    monkeypatch.setattr(receiving._workers, "run", killing)
    await post.configure(automatic_answer=[ALWAYS])
    await note(post, name, with_path(plain(1)))
    receiving._rounds.wake()
    (row,) = await post.settled(name, 1)
    await post.configure(automatic_answer=[])
    assert row.outcome is Outcome.CONTACT
    told = dict(await post.history(row.contact))
    assert "could not be written" in told["answer withheld"]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"arrived_at": datetime(2020, 1, 1, tzinfo=UTC)}, "It arrived too long ago"),
        ({"is_oversized": True}, "Only its header was fetched"),
    ],
)
async def test_who_is_answered_late_or_unread_is_not_answered(post, name, facts, reason):
    await post.configure(automatic_answer=[ALWAYS])
    await note(post, name, with_path(plain(1)), **facts)
    post.server.email.receiving._rounds.wake()
    (row,) = await post.settled(name, 1)
    await post.configure(automatic_answer=[])
    assert reason in dict(await post.history(row.contact))["answer withheld"]


async def test_a_follow_up_and_a_bounce_lead_to_what_they_are_about_and_who_has_it(post, name):
    """EM-6: both name what we sent."""

    def in_hand():
        made = contacts.add(new("in hand")).contact_id
        for before, to in pairwise(WAY_TO[State.ACCEPTED]):
            contacts.move(made, before, to, "moved", AT, **changes(before, to, "anna"))
        sent = reply(b"", "0" * 64, name, "m@x.example", contact=made, message_id="<ours@bank>")
        outgoing.add(sent, AT)
        return made

    about = await post.server.store.run(in_hand)
    await note(post, name, plain(1, In_Reply_To="<ours@bank>"), BOUNCE)
    post.server.email.receiving._rounds.wake()
    await post.settled(name, 2)
    for row in await post.contacts(name):
        assert (row.follows, row.data["AgentName"]) == (about, "anna")


async def test_a_follow_up_that_is_read_together_with_what_it_follows_leads_to_it(post, name):
    """EM-6: of a thread that was fetched at once, each mail leads to the one before."""
    second = plain(2, In_Reply_To="<1@customer.example>")
    third = plain(3, In_Reply_To="<2@customer.example>")
    await note(post, name, plain(1), plain(4), second, third)
    await post.server.email.receiving.receive()
    rows = await post.settled(name, 4)
    follows = {one.id: one.follows for one in await post.contacts(name)}
    first, other, second, third = (row.contact for row in rows)
    assert [follows[one] for one in (first, other, second, third)] == [None, None, first, second]


async def test_a_mail_that_ends_its_process_is_quarantined_at_the_third_time_and_can_be_tried_again(
    post, name, monkeypatch, expect_log
):
    expect_log(r"WARNING .*workers: a worker has ended in the middle of a job")
    expect_log(r"WARNING .*receiving: mail \d+: crashed, attempt 3")
    expect_log(r"WARNING .*receiving: mail \d+: crashed, attempt [12]")
    receiving = post.server.email.receiving
    run = receiving._workers.run

    async def killing(function, *arguments, first=False):
        if arguments[1] == hashlib.sha256(plain(1)).hexdigest():
            return await run(os._exit, 3)
        return await run(function, *arguments, first=first)

    with monkeypatch.context() as patch:
        patch.setattr(receiving._workers, "run", killing)
        first, _ = await note(post, name, plain(1), plain(2))
        receiving._rounds.wake()
        rows = await post.settled(name, 2)
    assert [row.outcome for row in rows] == ["quarantined", "contact"]
    assert "ended its process several times" in str(rows[0].why())
    await post.server.store.run(ledger.retry, [first], post.server._clock.now(), "anna")
    receiving._rounds.wake()
    assert [row.outcome for row in await post.settled(name, 2)] == ["contact"] * 2


async def test_what_another_email_server_settled_meanwhile_is_left_as_it_is(
    post, name, monkeypatch
):
    receiving = post.server.email.receiving
    run = receiving._workers.run
    now = post.server._clock.now()

    async def late(function, *arguments):
        understood = await run(function, *arguments)
        (row,) = await post.server.store.run(rows_of, name)
        await post.server.store.run(ledger.settle, row.id, Outcome.QUARANTINED, now)
        return understood

    monkeypatch.setattr(receiving._workers, "run", late)
    await note(post, name, with_path(plain(1)))
    receiving._rounds.wake()
    (row,) = await post.settled(name, 1)
    assert row.outcome is Outcome.QUARANTINED
    await receiving.receive()
    assert await post.contacts(name) == []

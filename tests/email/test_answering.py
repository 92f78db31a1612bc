"""Automatic answers against robots that answer back: every exchange ends by itself (EM-5, T6)."""

import asyncio
import email
from contextlib import asynccontextmanager, suppress

import pytest
from msgspec.structs import replace

from tests.email.making import DATA, labelled
from tests.email.serving import ALWAYS, account, plain, with_path
from tests.email.test_analysis_automatic import LEFT
from tests.email.test_fixtures import FOLDERS
from tests.proofs.faults import IS_LONG

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOST = 5
"""Answers an hour to one address, and to one unknown domain."""

HELD_BACK = r"WARNING .*answering: automatic answers to the address with digest \w+ are held back"


def bounce(got, number):
    """Their mail server's report that nobody is there."""
    return "", (
        b"From: Mail Delivery System <MAILER-DAEMON@robots.example>\r\nSubject: Undelivered\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\n\r\nNobody is there.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Action: failed\r\n\r\n--b--\r\n"
    )


def absence(got, number):
    """An absence note that says what it is."""
    return got.recipients[0], plain(number, sender=got.recipients[0], Auto_Submitted="auto-replied")


def help_desk(got, number):
    """Another help desk: a new subject each time, and nothing that says that it is one."""
    return got.recipients[0], plain(f"[Case {number}] received", sender=got.recipients[0])


def new_address(got, number):
    """The same, from an address that changes each time."""
    sender = f"case-{number}@{got.recipients[0].partition('@')[2]}"
    return sender, plain(number, sender=sender)


def mailing_list(got, number):
    """What a list makes of it."""
    sender = got.recipients[0]
    return sender, plain(number, sender=sender, List_Id="<talk.lists.example>")


def echo(got, number):
    """The very mail comes back, with all its headers."""
    return got.recipients[0], got.content


ROBOTS = {
    # how it answers: the answers that it gets in all, the first mail's included
    bounce: 1,
    absence: 1,
    help_desk: MOST,
    new_address: MOST,
    mailing_list: 1,
    echo: 1,
}


@asynccontextmanager
async def answering_back(sink, dovecot, by_address):
    """Whoever gets a mail at one of these addresses answers it to the account."""

    async def live():
        number = len(sink.received)
        while True:
            got = await sink.arrived(number + 1)
            number += 1
            robot, user = by_address.get(got.recipients[0].partition("@")[2], (None, ""))
            if robot is not None:
                sender, mail = robot(got, number)
                await asyncio.to_thread(dovecot.deliver_by_lmtp, user, mail, sender=sender)

    task = asyncio.create_task(live())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_whatever_a_robot_answers_the_exchange_ends_and_every_mail_is_a_contact(
    post, dovecot, sink, expect_log
):
    expect_log(HELD_BACK)
    users = {robot: dovecot.new_user() for robot in ROBOTS}
    domains = {f"{robot.__name__.replace('_', '-')}.example": robot for robot in ROBOTS}
    await post.configure(automatic_answer=[ALWAYS])
    await post.add(*(account(user, dovecot.url("imap"), smtp="relay") for user in users.values()))
    by_address = {domain: (robot, users[robot]) for domain, robot in domains.items()}
    before = len(sink.received)
    async with answering_back(sink, dovecot, by_address):
        for domain, robot in domains.items():
            sender = f"someone@{domain}"
            first = plain("of the beginning", sender=sender)
            dovecot.deliver_by_lmtp(users[robot], first, sender=sender)
        for robot, answers in ROBOTS.items():
            rows = await post.settled(users[robot], answers + 1)
            assert [row.outcome for row in rows] == ["contact"] * (answers + 1), robot
            assert len(await post.contacts(users[robot])) == answers + 1
            told = dict(await post.history(rows[-1].contact))
            assert "answer withheld" in told, robot
            if answers == MOST:
                state = await post.state(users[robot], lambda one: one.withheld)
                said = str(state.withheld[0].said)
                assert said.startswith("No automatic answer to ") and "got 5 automatic" in said
                assert robot.__name__.replace("_", "-") in said
    assert len(sink.received) - before == sum(ROBOTS.values())
    for got in sink.received[before:]:
        header = email.message_from_bytes(got.content)
        assert got.sender == "" and header["Auto-Submitted"] == "auto-replied"


async def test_two_of_our_accounts_that_write_to_each_other_are_not_answered(post, dovecot):
    one, other = dovecot.new_user(), dovecot.new_user()
    await post.configure(automatic_answer=[ALWAYS])
    await post.add(*(account(user, dovecot.url("imap"), smtp="relay") for user in (one, other)))
    for here, there in ((one, other), (other, one)):
        dovecot.deliver(here, with_path(plain(1, sender=there), there))
        (row,) = await post.settled(here, 1)
        told = dict(await post.history(row.contact))
        assert "Our own mail is not answered" in told["answer withheld"]


@pytest.mark.parametrize("together", [True, False], ids=["all at once", "one by one"])
async def test_every_mail_of_other_projects_gets_its_outcome_and_no_machine_an_answer(
    post, dovecot, user, together, expect_log
):
    if together:
        expect_log(
            r"WARNING .*answering: automatic answers to the address with digest \w+ are held"
        )
    files = [file for folder in FOLDERS for file in sorted((DATA / folder).glob("*.eml"))]
    files = files if IS_LONG else files[:: 5 if together else 40]
    await post.configure(automatic_answer=[ALWAYS])
    entry = account(user, dovecot.url("imap"), smtp="relay", omits_return_path=True)
    if not together:
        entry = replace(entry, return_address="")
    mails = [file.read_bytes() for file in files]
    if together:
        dovecot.deliver(user, *mails)
        await post.add(entry)
    else:
        await post.add(entry)
        for number, mail in enumerate(mails, start=1):
            dovecot.deliver(user, mail)
            post.server.email._fetching.wake()
            await post.settled(user, number)
    rows = await post.settled(user, len(files))
    assert [row.uid for row in rows] == [str(number) for number in range(1, len(files) + 1)]
    assert [row.outcome for row in rows] == ["contact"] * len(files)
    with dovecot.client(user, "INBOX") as client:
        on_server = client.fetch([row.uid for row in rows], ["BODY.PEEK[]"])
    for row in rows:
        kept = post.server.store.files.path(row.digest).read_bytes()
        assert kept == on_server[int(row.uid)][b"BODY[]"], "not the bytes that lie there"
    if not together:
        return
    both = zip(rows, files, strict=True)
    by_contact = {row.contact: str(file.relative_to(DATA)) for row, file in both}
    labels = labelled()
    answered = {
        by_contact[one.contact] for one in await post.sent(user, lambda sent: _all_over(sent))
    }
    wrong = {file for file in answered if labels.get(file) == "never"} - LEFT
    assert not wrong and answered, wrong


def _all_over(sent):
    return all(one.state not in ("queued", "sending") for one in sent)

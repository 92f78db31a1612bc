"""The Email Server against a real mail server: every mail once, whatever is done to mailboxes."""

import asyncio

import pytest
from aiohttp import web

from ace_server.concepts import AutomaticAnswer, MailAccount, OauthClient
from ace_server.store.ledger import SAME_AS_BEFORE, Outcome
from ace_server.store.mail_accounts import Fetching
from tests.email.proxy import Cut, Fault, Proxy
from tests.email.serving import account, plain, rows_of, set_password, with_path

pytestmark = pytest.mark.asyncio(loop_scope="module")


def questions(*numbers: object) -> list[str]:
    return [f"Question {number}" for number in numbers]


async def test_mails_become_contacts_in_their_order_and_nothing_is_done_to_them(
    post, dovecot, user
):
    uids = dovecot.deliver(user, *(plain(number) for number in range(20)))
    await post.add(account(user, dovecot.url("imap")))
    rows = await post.settled(user, 20)
    assert [row.uid for row in rows] == uids
    assert [row.outcome for row in rows] == [Outcome.CONTACT] * 20
    assert [row.contact for row in rows] == sorted(row.contact for row in rows)
    assert await post.subjects(user) == questions(*range(20))
    assert dovecot.flags(user) == {uid: set() for uid in uids}
    dovecot.deliver(user, plain(20), flags=[b"\\Seen"])  # read by a person first
    await post.settled(user, 21)
    assert await post.subjects(user) == questions(*range(21))


@pytest.mark.parametrize("scheme", ["pop3", "maildir"])
async def test_a_mailbox_without_growing_uids_is_fetched_once_too(post, dovecot, user, scheme):
    dovecot.deliver(user, *(plain(number) for number in range(5)))
    if scheme == "maildir":
        entry = MailAccount(name=user, fetch=f"maildir:{dovecot.maildir(user)}", poll_seconds=1)
    else:
        entry = account(user, dovecot.url(scheme))
    await post.add(entry)
    await post.settled(user, 5)
    dovecot.deliver(user, plain(5))
    rows = await post.settled(user, 6)
    assert len({row.uid for row in rows}) == 6
    assert sorted(await post.subjects(user)) == questions(*range(6))


async def test_several_folders_and_mails_without_a_message_id_or_with_one_twice(
    post, dovecot, user
):
    nameless = plain(1).replace(b"Message-ID: <1@customer.example>\r\n", b"")
    doubled = plain(2, Message_ID="<3@customer.example>")
    dovecot.deliver(user, nameless, doubled)
    dovecot.deliver(user, plain(3), nameless, folder="Loans")
    await post.add(account(user, dovecot.url("imap"), folders=("INBOX", "Loans")))
    rows = await post.settled(user, 4)
    assert sorted(await post.subjects(user)) == questions(1, 2, 3)
    (copy,) = [row for row in rows if row.reason]
    assert copy.folder == "Loans" and copy.why() == SAME_AS_BEFORE
    assert [row.contact for row in rows].count(copy.contact) == 2


async def test_a_folder_that_is_made_anew_gives_no_mail_twice_and_loses_none(post, dovecot, user):
    old = [plain(number) for number in range(3)]
    dovecot.deliver(user, *old, folder="Loans")
    await post.add(account(user, dovecot.url("imap"), folders=("INBOX", "Loans")))
    first = await post.settled(user, 3)
    with dovecot.client(user) as client:
        client.delete_folder("Loans")
    await post.state(user, lambda one: one.state is Fetching.STOPPED)
    dovecot.deliver(user, *old, plain(3), folder="Loans")
    await post.add(account(user, dovecot.url("imap"), folders=("INBOX", "Loans"), poll_seconds=2))
    rows = await post.settled(user, 7)
    assert len({row.uidvalidity for row in rows}) == 2
    assert [row.contact for row in rows[3:6]] == [row.contact for row in first]
    assert sorted(await post.subjects(user)) == questions(*range(4))


async def test_mails_that_others_expunge_move_and_flag_meanwhile_are_missed_by_nobody(
    post, dovecot, user
):
    with Proxy(dovecot.ports["imap"]) as proxy:
        dovecot.deliver(user, *(plain(number) for number in range(70)))
        proxy.fault = Meddling(dovecot, user)
        await post.add(account(user, proxy.url("imap")))
        await post.until(_noted, user, holds=lambda uids: "70" in uids)
        assert proxy.fault.fired.is_set()
        dovecot.deliver(user, plain(70))
        await post.until(_noted, user, holds=lambda uids: "71" in uids)
        found = [row.uid for row in await post.until(rows_of, user, holds=_all_settled)]
        gone = {"5", "66"}
        assert set(map(str, range(1, 72))) - gone <= set(found)
        assert len(found) == len(set(found))
        assert len(await post.contacts(user)) == len(found)
        await post.remove(user)


class Meddling(Fault):
    """Before the first FETCH of a body somebody expunges one mail, moves another, flags a third."""

    def __init__(self, dovecot, user) -> None:
        super().__init__()
        self._dovecot, self._user = dovecot, user

    def from_client(self, line: bytes) -> bytes:
        if b"BODY.PEEK[]" in line and not self.fired.is_set():
            self.fired.set()
            with self._dovecot.client(self._user, "INBOX") as client:
                client.add_flags([5], [b"\\Deleted"])
                client.expunge()
                client.create_folder("Elsewhere")
                client.move([66], "Elsewhere")
                client.add_flags([7], [b"\\Seen", b"\\Flagged"])
        return line


class CutOnce(Fault):
    """A connection ends with the client's line number `number`, and all that follow are well.

    `late`: the server got that line, and the client no answer.
    """

    def __init__(self, number: int, *, late: bool) -> None:
        super().__init__()
        self._left = number
        self._late = late
        self._is_due = False

    def from_client(self, line: bytes) -> bytes:
        self._left -= 1
        if self._left == 0:
            self.fired.set()
            self._is_due = True
            if not self._late:
                self._is_due = False
                raise Cut
        return line

    def from_server(self, chunk: bytes) -> bytes:
        if self._is_due:
            self._is_due = False
            raise Cut
        return chunk


def _noted(name):
    return {row.uid for row in rows_of(name)}


def _all_settled(rows):
    return all(row.outcome is not Outcome.PENDING for row in rows)


async def test_wherever_the_connection_is_cut_every_mail_is_a_contact_once(post, dovecot):
    """Each account loses its first connection at another command, unheard or unanswered."""
    faults = {
        dovecot.new_user(): CutOnce(number, late=late)
        for number in range(1, 13)
        for late in (False, True)
    }
    proxies = [Proxy(dovecot.ports["imap"], fault) for fault in faults.values()]
    for proxy in proxies:
        proxy.__enter__()
    try:
        for user in faults:
            dovecot.deliver(user, *(plain(number) for number in range(3)))
        await post.add(
            *(
                account(user, proxy.url("imap"), afterwards="seen")
                for user, proxy in zip(faults, proxies, strict=True)
            )
        )
        for user, fault in faults.items():
            await post.settled(user, 3)
            assert fault.fired.is_set()
            assert await post.subjects(user) == questions(0, 1, 2)
        await post.remove(*faults)
    finally:
        for proxy in proxies:
            proxy.__exit__(None, None, None)


async def test_the_trouble_of_one_account_is_its_own_and_over_when_its_password_is_right(
    post, dovecot, user
):
    well = dovecot.new_user()
    for one in (user, well):
        dovecot.deliver(one, plain(1))
    post.accounts[user] = account(user, dovecot.url("imap"))
    file = await post.server.store.run(set_password, post.data, user, "wrong")
    await post.add(account(well, dovecot.url("imap")))
    await post.settled(well, 1)
    state = await post.state(user, lambda one: one.state is Fetching.STOPPED)
    assert "check user and password" in str(state.trouble)
    file.write_text("secret of the mailbox")
    await post.configure()  # whatever changed: it is tried again at once
    await post.settled(user, 1)
    await post.state(user, lambda one: one.state is Fetching.IDLE and one.trouble is None)


async def test_an_account_whose_address_is_none_stops_nothing_but_itself(post, dovecot, user):
    dovecot.deliver(user, plain(1))
    nowhere = account("broken", "imaps://localhost", ca_file="/nowhere.pem")
    await post.add(nowhere, account(user, dovecot.url("imap")))
    await post.settled(user, 1)
    state = await post.state("broken", lambda one: one.state is Fetching.STOPPED)
    assert "/nowhere.pem" in str(state.trouble)
    await post.remove("broken")


async def test_what_is_settled_is_moved_on_its_server_and_what_is_quarantined_stays(
    post, dovecot, user
):
    deep = b"Subject: deep\r\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth)
        for depth in range(2000)
    )
    dovecot.deliver(user, plain(1), deep + b"\r\n\r\n", plain(2))
    with dovecot.client(user) as client:
        client.create_folder("Done")
    await post.add(
        account(user, dovecot.url("imap"), folders=("INBOX",), afterwards="move", moved_to="Done")
    )
    rows = await post.settled(user, 3)
    assert [row.outcome for row in rows] == ["contact", "quarantined", "contact"]
    assert "more parts inside each other" in str(rows[1].why())
    post.server.email._fetching.wake()
    await _until_left(post, dovecot, user, {"2"})
    with dovecot.client(user, "Done") as client:
        assert len(client.search()) == 2


async def _until_left(post, dovecot, user, uids):
    """Until only these lie in the inbox; what the server does to mails it tells nobody."""
    async with asyncio.timeout(30):
        while set(dovecot.flags(user)) != uids:
            post.server.email._fetching.wake()
            await asyncio.sleep(0.05)


async def test_people_are_answered_in_the_form_of_rfc_3834_and_machines_are_not(
    post, dovecot, sink, user
):
    machine = plain(2, sender="robot@machine.example", Auto_Submitted="auto-generated")
    dovecot.deliver(
        user,
        with_path(plain(1, sender="eva@people.example"), "eva@people.example"),
        with_path(machine, "robot@machine.example"),
        with_path(plain(3), ""),
        with_path(plain(4, List_Id="<talk.example>"), "talk-bounces@list.example"),
    )
    await answer_all(post, user)
    before = len(sink.received)
    await post.add(account(user, dovecot.url("imap"), smtp="relay"))
    rows = await post.settled(user, 4)
    (sent,) = await post.sent(user, lambda sent: [one.state for one in sent] == ["handed over"])
    assert len(await post.contacts(user)) == 4
    (got,) = sink.received[before:]
    assert (got.sender, got.recipients) == ("", ("eva@people.example",))
    header, text = got.content.split(b"\r\n\r\n", 1)
    lines = dict(line.split(b": ", 1) for line in header.split(b"\r\n"))
    assert lines[b"From"] == user.encode()
    assert lines[b"Auto-Submitted"] == b"auto-replied"
    assert lines[b"X-Auto-Response-Suppress"] == b"All"
    assert lines[b"In-Reply-To"] == lines[b"References"] == b"<1@customer.example>"
    assert lines[b"Subject"] == b"Auto: Question 1"
    assert lines[b"Message-ID"].decode() == sent.message_id
    assert lines[b"X-ACE-Trace"] and lines[b"Content-Type"].startswith(b"text/plain")
    assert len(text) < 4096 and got.content.isascii()
    verbs = [[verb for verb, _ in await post.history(row.contact)] for row in rows]
    assert verbs[0] == ["taken in", "answered", "answered"]
    assert all("answer withheld" in one for one in verbs[1:])


async def answer_all(post, *names):
    """Answer every mail to these accounts at once."""
    answers = [
        AutomaticAnswer(name=f"at {name}", entrance=name, mode="always", text="received")
        for name in names
    ]
    known = post.server.site.automatic_answers.values()
    await post.configure(automatic_answer=[*known, *answers])


async def test_a_token_that_has_expired_is_renewed_and_the_exchanged_one_is_written_back(
    post, dovecot, user
):
    asked = []

    async def give(request):
        asked.append((await request.post())["refresh_token"])
        is_good = len(asked) > 1
        token = dovecot.token(user, expires_in=600 if is_good else -60)
        answer = {"access_token": token, "expires_in": 600, "refresh_token": f"next {len(asked)}"}
        return web.json_response(answer)

    application = web.Application()
    application.router.add_post("/token", give)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/token"
        client = OauthClient(name="tokens", token_url=url, client_id="ace")
        await post.configure(oauth_client=[client])
        dovecot.deliver(user, plain(1))
        post.accounts[user] = account(user, dovecot.url("imap"), oauth="tokens")
        file = await post.server.store.run(set_password, post.data, user, "the first")
        await post.configure(mail_account=list(post.accounts.values()))
        await post.settled(user, 1)
        assert asked[:2] == ["the first", "next 1"]
        assert file.read_text() == f"next {len(asked)}"
        await post.remove(user)
    finally:
        await runner.cleanup()


async def test_a_mailbox_that_goes_away_is_fetched_again_when_it_is_back(post, tmp_path, user):
    box = tmp_path / "box"
    for name in ("cur", "new", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "new" / "1").write_bytes(plain(1))
    entry = MailAccount(name=user, fetch=f"maildir:{box}", poll_seconds=1)
    await post.add(entry)
    await post.settled(user, 1)
    box.rename(tmp_path / "away")
    post.server.email._fetching.wake()
    await post.state(user, lambda one: one.state in (Fetching.TROUBLE, Fetching.STOPPED))
    (tmp_path / "away" / "new" / "2").write_bytes(plain(2))
    (tmp_path / "away").rename(box)
    post.server.email._fetching.wake()
    await post.settled(user, 2)
    assert await post.subjects(user) == questions(1, 2)

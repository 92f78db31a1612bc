"""The outbox through the whole service: what it says was sent was sent, and once (EM-10)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ace_server.concepts import Destination, OauthClient, RoutingRule, SmtpServer
from ace_server.contact import State
from ace_server.email import outbox, smtp
from ace_server.email.smtp_server import Tls
from ace_server.events import MailDue
from ace_server.passwords import StoredSecret
from ace_server.store import directory, outgoing
from ace_server.store.outgoing import Sent
from tests.email.serving import ALWAYS, account, plain, reply, with_path
from tests.email.test_oauth import service
from tests.smtp_sink import DROP, STALL, certificate
from tests.smtp_sink import sink as a_sink

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def mailbox(dovecot):
    """The name and address of a new account."""
    user = dovecot.new_user()
    return account(user, dovecot.url("imap"), smtp="relay")


async def put_out(post, name, *recipients, **given):
    """An agent writes a mail; its number."""
    draft = post.server.store.files.draft()
    raw = plain("written", sender=name, Message_ID=f"<{recipients[0]}>")
    draft.write(raw)
    new = reply(raw, draft.keep(), name, *recipients, **given)
    number = await post.server.store.run(outgoing.add, new, post.server._clock.now())
    post.server.events.publish(MailDue(name))
    return number


def over(*states):
    return lambda sent: [str(one.state) for one in sent] == list(states)


def to(sink, recipient):
    return [one for one in sink.received if recipient in one.recipients]


async def test_what_is_refused_is_said_to_be_and_what_is_put_off_comes_later(
    post, sink, mailbox, monkeypatch
):
    monkeypatch.setattr(smtp, "_PAUSES", (0.01,))
    await post.add(mailbox)
    sink.refused["nobody@a.example"] = "550 5.1.1 No such mailbox"
    sink.greylisted["later@a.example"] = 2
    await put_out(post, mailbox.name, "nobody@a.example", "well@a.example", "later@a.example")
    (sent,) = await post.sent(mailbox.name, over("refused"))
    assert {one.address: one.state for one in sent.recipients} == {
        "nobody@a.example": Sent.REFUSED,
        "well@a.example": Sent.HANDED_OVER,
        "later@a.example": Sent.HANDED_OVER,
    }
    assert "No such mailbox" in str(sent.recipients[0].said)
    assert sent.attempts == 3
    assert len(to(sink, "well@a.example")) == len(to(sink, "later@a.example")) == 1


@pytest.mark.parametrize("kept", [True, False], ids=["taken", "not taken"])
async def test_a_connection_lost_after_the_final_dot_leaves_it_unknown_and_never_sent_again(
    post, sink, mailbox, kept, monkeypatch
):
    monkeypatch.setattr(smtp, "_PAUSES", (0.01,))
    await post.add(mailbox)
    who = f"after-{kept}@b.example"
    sink.say("END", DROP, kept=kept)
    number = await put_out(post, mailbox.name, who)
    await post.sent(mailbox.name, over("unknown"))
    await put_out(post, mailbox.name, "well@b.example")
    await post.sent(mailbox.name, over("unknown", "handed over"))
    await post.server.email.outbox.look()
    assert len(to(sink, who)) == kept
    await post.server.store.run(outgoing.send_again, number, post.server._clock.now(), "anna")
    post.server.events.publish(MailDue(mailbox.name))
    await post.sent(mailbox.name, over("handed over", "handed over"))
    assert len(to(sink, who)) == kept + 1


async def test_a_connection_lost_before_the_mail_was_given_is_tried_again_and_sent_once(
    post, sink, mailbox, monkeypatch, expect_log
):
    expect_log(r"WARNING .*outbox: nothing can be sent by the SMTP server relay now")
    monkeypatch.setattr(smtp, "_PAUSES", (0.01,))
    await post.add(mailbox)
    for step in ("MAIL", "RCPT", "DATA"):
        sink.say(step, DROP)
    await put_out(post, mailbox.name, "steps@c.example")
    (sent,) = await post.sent(mailbox.name, over("handed over"))
    assert sent.attempts == 4
    assert len(to(sink, "steps@c.example")) == 1


async def test_a_server_that_stalls_delays_no_mail_of_another(post, dovecot, sink, mailbox):
    stalled = account(dovecot.new_user(), dovecot.url("imap"), smtp="slow")
    async with a_sink() as slow:
        servers = [*post.server.site.smtp_servers.values()]
        await post.configure(smtp_server=[*servers, SmtpServer(name="slow", url=slow.url())])
        await post.add(stalled, mailbox)
        slow.say("MAIL", STALL, times=outbox.AT_ONCE)
        for number in range(outbox.AT_ONCE + 1):
            last = await put_out(post, stalled.name, f"{number}@d.example")
        waiting = ["sending"] * outbox.AT_ONCE + ["queued"]
        await post.sent(stalled.name, over(*waiting))
        await put_out(post, mailbox.name, "quick@d.example")
        await post.sent(mailbox.name, over("handed over"))
        await post.sent(stalled.name, over(*waiting))
        assert slow.received == []
        await post.server.store.run(outgoing.withdraw, last, "", post.server._clock.now())
        for task in post.server.email.outbox._sending:
            task.cancel()


async def test_what_is_due_later_is_sent_then_and_what_is_withdrawn_never(post, sink, mailbox):
    await post.add(mailbox)
    now = post.server._clock.now()
    first = await put_out(
        post, mailbox.name, "undone@e.example", due_at=now + timedelta(hours=1), by="anna"
    )
    soon = now + timedelta(seconds=0.3)
    await put_out(post, mailbox.name, "soon@e.example", due_at=soon, by="anna")
    await post.server.store.run(outgoing.withdraw, first, "anna", now)
    await post.sent(mailbox.name, over("withdrawn", "handed over"))
    assert to(sink, "undone@e.example") == []
    assert len(to(sink, "soon@e.example")) == 1


async def test_what_cannot_be_sent_for_lack_of_a_server_or_its_bytes_says_so(
    post, sink, dovecot, mailbox
):
    none = account(dovecot.new_user(), dovecot.url("imap"))
    await post.add(none, mailbox)
    await put_out(post, none.name, "one@f.example")
    (sent,) = await post.sent(none.name, over("refused"))
    assert "names no SMTP server" in str(sent.recipients[0].said)
    new = reply(b"", "0" * 64, mailbox.name, "two@f.example")
    await post.server.store.run(outgoing.add, new, post.server._clock.now())
    post.server.events.publish(MailDue(mailbox.name))
    (sent,) = await post.sent(mailbox.name, over("refused"))
    assert "not kept any more" in str(sent.recipients[0].said)


async def test_a_mail_that_was_routed_out_and_is_forwarded_back_stays_here(
    post, sink, mailbox, dovecot
):
    """Without an end it would go round for ever (C-14)."""
    await post.add(mailbox)
    away = [Destination(external="away@partner.example"), Destination(queue="Everyone")]
    rule = RoutingRule(when={"Entrance": mailbox.name}, to=away)
    await post.configure(routing_rule=[rule, RoutingRule(to=[Destination(queue="Everyone")])])
    dovecot.deliver(mailbox.name, with_path(plain("round")))
    await post.sent(mailbox.name, over("handed over"))
    (out,) = to(sink, "away@partner.example")
    dovecot.deliver(mailbox.name, b"Received: by partner.example\r\n" + out.content)
    first, second = await post.settled(mailbox.name, 2)
    await post.server.dispatch.move_on()
    (back,) = [one for one in await post.contacts(mailbox.name) if one.id == second.contact]
    assert back.state is State.QUEUED
    assert str(second.why()) == "it was sent on from here, and has come back"
    assert len(to(sink, "away@partner.example")) == 1
    await post.configure(routing_rule=[])


async def test_a_token_for_smtp_is_kept_over_passing_trouble_and_what_it_was_exchanged_for_too(
    post, mailbox, tmp_path, monkeypatch, expect_log
):
    expect_log(r"WARNING .*outbox: nothing can be sent by the SMTP server other now")
    monkeypatch.setattr(smtp, "_PAUSES", (0.01,))
    file = tmp_path / "token"
    file.write_text("refresh 1")

    def answer(form):
        return 200, {"access_token": "token", "expires_in": 3600, "refresh_token": "refresh 2"}

    async with a_sink(users={"anna": "token"}) as there:
        with service(answer) as tokens:
            client = OauthClient(name="tokens", token_url=tokens.url, client_id="ace")
            secret = StoredSecret("file", str(file))
            await post.server.store.run(directory.set_secret, "smtp_server", "other", secret)
            other = SmtpServer(name="other", url=there.url("anna"), oauth="tokens")
            servers = [*post.server.site.smtp_servers.values(), other]
            await post.configure(oauth_client=[client], smtp_server=servers)
            await post.add(account(mailbox.name, "imap://localhost:1", smtp="other"))
            there.say("MAIL", DROP)
            await put_out(post, mailbox.name, "one@g.example")
            await post.sent(mailbox.name, over("handed over"))
            assert [form["refresh_token"] for form in tokens.forms] == ["refresh 1"]
    assert file.read_text() == "refresh 2"
    assert [one.user for one in there.received] == ["anna"]
    await post.remove(mailbox.name)


class ForWorkItems(ThreadPoolExecutor):
    """Threads in which nothing of mail may be done."""

    def submit(self, function, /, *args, **kwargs):
        raise AssertionError(f"mail uses the loop's own threads: {function}")


async def test_no_mail_uses_the_threads_of_the_loop(post, mailbox, dovecot, tmp_path):
    """WI-5: work items would wait for its files, and for the names of its servers."""
    pem = certificate(tmp_path)
    loop = asyncio.get_running_loop()
    before = loop._default_executor
    async with a_sink(tls=Tls.STARTTLS, certificate=pem) as there:
        other = SmtpServer(name="by TLS", url=there.url(), ca_file=str(pem))
        servers = [*post.server.site.smtp_servers.values(), other]
        await post.configure(smtp_server=servers, automatic_answer=[ALWAYS])
        await post.add(account(mailbox.name, dovecot.url("imap"), smtp="by TLS"))
        loop.set_default_executor(ForWorkItems(1))
        try:
            dovecot.deliver(mailbox.name, with_path(plain("of a person")))
            await post.sent(mailbox.name, over("handed over"))
            digest = await post.server._mail_files.keep(b"a file that an agent attaches")
            assert await post.server._mail_files.whole(digest)
        finally:
            loop.set_default_executor(before)
    assert there.received[0].is_secret
    await post.configure(automatic_answer=[])

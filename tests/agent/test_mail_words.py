"""What is said about mail, and which addresses are none."""

from datetime import timedelta
from typing import get_args

import msgspec
import pytest

from ace_agent import icons, theme
from ace_agent.desk import mail_words, recipients
from ace_server.wire import Draft, Sentence, SentState
from resources import path
from tests.agent.post import MAIL, outgoing
from tests.agent.scripted import NOW


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", []),
        (" , ;", []),
        ("a@b.se, c@d.se", ["a@b.se", "c@d.se"]),
        ("a@b.se; c@d.se", ["a@b.se", "c@d.se"]),
        ('"Berg, Anna" <a@b.se>, c@d.se', ['"Berg, Anna" <a@b.se>', "c@d.se"]),
        ('"half, <a@b.se', ['"half', "<a@b.se"]),
    ],
)
def test_recipients_stand_between_commas(typed, wanted):
    assert recipients.split(typed) == wanted
    assert recipients.joined(typed) == ", ".join(wanted)


@pytest.mark.parametrize(
    "typed", ["a@b.se", "Anna <a@b.se>", '"B, A" <a@b.se>', "a+b@b-c.se", "å@räksmörgås.se", "a@b"]
)
def test_what_may_be_an_address_is_let_by(typed):
    assert not recipients.wrong(typed)


@pytest.mark.parametrize("typed", ["a", "a@", "@b.se", "a@b..se", "a b@c.se", "a@@b.se"])
def test_what_is_no_address_is_named(typed):
    assert recipients.wrong(f"x@y.se, {typed}") == [typed]


def test_recipient_is_called_by_name_where_there_is_one():
    assert recipients.name('"Berg, Anna" <a@b.se>') == "Berg, Anna"
    assert recipients.name("a@b.se") == "a@b.se"


DRAFT = Draft(id=1, kind="reply", to="a@b.se")


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({}, ""),
        ({"to": ""}, "to"),
        ({"to": "", "bcc": "a@b.se"}, ""),
        ({"cc": "nobody"}, "cc"),
        ({"text": "x" * 1_000_000}, "text"),
    ],
)
def test_what_keeps_a_mail_from_being_sent_is_said(changes, part):
    found, why = mail_words.unfit(msgspec.structs.replace(DRAFT, **changes))
    assert found == part and bool(why) == bool(part)


def test_each_state_has_a_shape_a_colour_and_a_word():
    looks = [mail_words.state(each) for each in get_args(SentState)]
    assert len({look.icon for look in looks}) == len({look.word for look in looks}) == len(looks)
    for look in looks:
        assert path(f"icons/{look.icon}.svg").is_file() and hasattr(theme.LIGHT, look.colour)


@pytest.mark.parametrize("state", get_args(SentState))
def test_only_what_failed_can_be_sent_again(state):
    mail = outgoing(state=state)
    assert mail_words.can_be_sent_again(mail) == (state in ("refused", "unknown"))


def test_mail_handled_elsewhere_says_how_it_got_there(qapp):
    delivery = outgoing(kind="delivery", to=["anna@bank.example"])
    mail = msgspec.structs.replace(MAIL, external="anna@bank.example", outgoing=[delivery])
    said = mail_words.elsewhere(mail, NOW)
    assert said.startswith("Sent to anna@bank.example ") and said.endswith(" – handed over.")
    assert mail_words.listed(mail) == []  # it is told once
    lost = msgspec.structs.replace(mail, outgoing=[outgoing(kind="delivery", state="refused")])
    assert mail_words.listed(lost) == lost.outgoing  # it can be sent again
    assert not mail_words.elsewhere(MAIL, NOW)


def test_words_of_the_next_server_are_shown_on_one_line():
    mail = outgoing(state="refused", said=Sentence("%1", ("550 no\r\nsuch user\u202e",)))
    assert mail_words.about_outgoing(mail) == "550 no such user[U+202E]"


def test_of_several_mails_no_more_is_said_than_is_known():
    told = mail_words.not_delivered([outgoing(state="refused"), outgoing(state="unknown")], "F1")
    assert told.endswith("of your mails were refused, or may not have been sent. F1 shows them.")


def test_of_many_recipients_the_first_are_named():
    assert mail_words.people(["a@b.se"] * 5) == "a@b.se, a@b.se, a@b.se and 2 more"


def test_seconds_run_down_until_it_is_sent():
    mail = outgoing(due_at=NOW + timedelta(seconds=10))
    said = [mail_words.can_be_undone(mail, NOW + timedelta(seconds=s)) for s in (1, 9.9)]
    assert ["in 10 s" in said[0], "in 1 s" in said[1]] == [True, True]


def test_icons_of_mail_are_drawn(qapp):
    assert not icons.pixmap("did-not-arrive", 16, theme.LIGHT.text).isNull()

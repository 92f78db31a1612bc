"""What the rows of Pulse say of mail, and what of it is possible."""

from typing import get_args, get_type_hints

import msgspec
import pytest

from ace_agent import actions, icons, theme
from ace_agent.actions import Intervention
from ace_agent.pulse import mail_models, models
from ace_agent.pulse.mail_models import MARKS, STATES, MailAccounts, QuarantinedMails, Undelivered
from ace_agent.tables import MARK, TOOL_TIP
from ace_server import wire
from resources import path
from tests.agent import scenes
from tests.agent.mails import ACCOUNTS, CARDS, LOANS, SUPPORT, account, kept, unsent
from tests.agent.scripted import ANNA, NOW


class Told:
    """A board of which the figures are known."""

    buffered = 0

    def __init__(self, *accounts):
        self.queues, self.agents = {}, {}
        self.mail_accounts = {row.account: row for row in accounts}


def table(*accounts):
    made = MailAccounts(lambda: NOW)
    made.follow(Told(*accounts))
    made.sort(1)
    return made


def cells(model, name, role=0):
    (number,) = [n for n, column in enumerate(model.columns) if column.name == name]
    return [model.index(row, number).data(role) for row in range(model.rowCount())]


def test_accounts_in_trouble_come_first_then_those_that_ask_for_a_person(qapp):
    last = account("x@bank.example", "trouble")
    assert cells(table(*ACCOUNTS, last), "account") == [CARDS, "x@bank.example", SUPPORT, LOANS]


def test_every_state_of_an_account_is_shape_word_and_colour(qapp):
    states = get_type_hints(wire.MailAccountFigures)["state"]
    assert set(STATES) == set(MARKS) == set(get_args(states))
    rows = table(*(account(state, state) for state in STATES))
    assert len(set(cells(rows, "state"))) == len(STATES)
    marks = cells(rows, "state", MARK)
    assert len({(mark.icon, mark.colour) for mark in marks}) == len(STATES)
    assert len({mark.icon for mark in marks}) == len(STATES)
    for mark in marks:
        assert path(f"icons/{mark.icon}.svg").exists()
        assert getattr(theme.LIGHT, mark.colour)
        assert not icons.pixmap(mark.icon, 16, theme.LIGHT.text).isNull()


def test_account_that_only_a_person_can_mend_says_what_to_do(qapp):
    (row,) = [row for row in ACCOUNTS if row.account == CARDS]
    assert cells(table(row), "trouble") == ["The mail server mail.example refuses the password."]
    said = mail_models.what_to_do(row)
    assert said.startswith("The mail server mail.example refuses the password. Only a person")
    assert "password" in said and "token" in said and "certificate" in said
    assert "by itself" in mail_models.what_to_do(account("x", "trouble"))
    assert "room" in mail_models.what_to_do(account("x", "held back"))
    assert mail_models.what_to_do(account("x")) == ""


def test_account_whose_mails_went_no_further_says_so(qapp):
    row = account(SUPPORT, undelivered=1)
    assert cells(table(row), "trouble") == ["Mails went no further."]
    assert "quarantine" in mail_models.what_to_do(row)


def test_answers_that_a_budget_keeps_back_are_named_whatever_else_is_wrong(qapp):
    kept_back = [withheld("robot@x.example", NOW), withheld("list@y.example", NOW)]
    (trouble,) = [row for row in ACCOUNTS if row.account == CARDS]
    row = msgspec.structs.replace(trouble, quarantined=1, withheld=kept_back)
    assert cells(table(row), "trouble") == [
        "The mail server mail.example refuses the password. Mails went no further. No automatic"
        " answer to robot@x.example: it got enough."
    ]
    said = mail_models.what_to_do(row)
    for part in ("Only a person", "Look into quarantine", "robot@x", "list@y", "others go on."):
        assert part in said


def test_an_account_whose_budget_is_spent_asks_for_a_person(qapp):
    rows = table(account(LOANS), account(SUPPORT, withheld=[withheld("robot@x.example", NOW)]))
    assert cells(rows, "account") == [SUPPORT, LOANS]
    assert [mark is not None for mark in cells(rows, "trouble", MARK)] == [True, False]


def withheld(address, at):
    said = wire.Sentence("No automatic answer to %1: %2", (address, "it got enough."))
    return wire.WithheldAnswer(at=at, said=said)


def test_account_that_never_was_fetched_from_has_no_time(qapp):
    rows = table(wire.MailAccountFigures(account=SUPPORT))
    assert cells(rows, "fetched") == [models.NOTHING]
    assert cells(rows, "state", TOOL_TIP) == ["Not begun"]


def test_mails_to_see_to_are_a_figure_until_there_are_none(qapp):
    titles = [one.title for one in models.headlines(Told(*ACCOUNTS), NOW)]
    assert titles[-1] == "Mails to see to"
    assert models.headlines(Told(*ACCOUNTS), NOW)[-1].value == "5"
    assert len(models.headlines(Told(account(LOANS)), NOW)) == len(titles) - 1


def test_quarantined_mails_say_when_where_why_and_how_large(qapp):
    rows = QuarantinedMails(lambda: NOW)
    rows.show_mails([kept(1), kept(2, reason=None, arrived_at=None)])
    assert cells(rows, "reason") == [
        "It has more than 100 parts within each other.",
        "No reason is known.",
    ]
    assert cells(rows, "account") == [SUPPORT, SUPPORT]
    assert cells(rows, "size") == ["4.2 kB", "8.4 kB"]


def test_undelivered_mails_say_how_they_truly_stand(qapp):
    rows = Undelivered(lambda: NOW)
    rows.show_mails([unsent(1, to=["a@x", "b\u202e@x"]), unsent(2, state="unknown")])
    assert sorted(cells(rows, "state")) == ["May have been sent", "Refused"]
    assert "a@x, b[U+202E]@x" in cells(rows, "to")
    assert cells(rows, "state", TOOL_TIP) == ["The other server said: 550 no such mailbox"] * 2


def test_undelivered_mail_about_no_contact_says_only_who_wrote_it(qapp):
    rows = Undelivered(lambda: NOW)
    rows.show_mails([unsent(by="anna", contact=None, is_private=True, to=[], subject="")])
    assert cells(rows, "to") == ["Only anna sees the recipients"]
    assert cells(rows, "subject") == [""]


@pytest.mark.parametrize(
    "one", ["answer", "delivery", "external", "reply", "reply-all", "forward", "new"]
)
def test_every_kind_of_outgoing_mail_has_its_words(qapp, one):
    assert mail_models.kind(unsent(kind=one))


def test_one_mail_is_read_or_exported_and_many_are_retried():
    agent = scenes.SUPERVISOR
    many = {Intervention.RETRY, Intervention.DISCARD}
    one = many | {Intervention.SHOW_SOURCE, Intervention.EXPORT}
    assert actions.on_quarantined([], agent) == frozenset()
    assert actions.on_quarantined([kept()], agent) == one
    assert actions.on_quarantined([kept(1), kept(2)], agent) == many
    assert actions.on_undelivered([], agent) == frozenset()
    assert actions.on_undelivered([unsent()], agent) == {Intervention.SEND_AGAIN}
    for nobody in (ANNA, msgspec.structs.replace(agent, role=wire.Role.WALL)):
        assert actions.on_quarantined([kept()], nobody) == frozenset()
        assert actions.on_undelivered([unsent()], nobody) == frozenset()

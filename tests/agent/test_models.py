"""Rows for the views: they change in the fewest steps and never lie to a view."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from ace_agent.commands import Entry
from ace_agent.desk import models
from ace_agent.desk.models import ACCESSIBLE, DISPLAY, ROW, TOOL_TIP
from ace_agent.session import Changed, Session
from ace_server.wire import AgentState, Attachment, Change, Colleague, Field, Medium, State
from tests.agent.scripted import ANNA, NOW, contact, desk

WARN = QAbstractItemModelTester.FailureReportingMode.Warning  # a Qt warning fails the test
IN_HAND = "In hand"


@pytest.fixture
def session(qapp):
    session = Session(monotonic=lambda: 0.0)
    session.receive(desk())
    return session


@pytest.fixture
def contacts(session):
    model = models.Contacts(session)
    QAbstractItemModelTester(model, WARN, model)
    return model


def holding(session, *held):
    session.receive(desk(*held))


def texts(model):
    return [row.title if isinstance(row, models.Card) else row.text for row in model.rows]


class Letter(msgspec.Struct, frozen=True):
    """A row with a key and something that can differ."""

    key: str
    text: str = ""


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("12")), unique_by=lambda r: r[0]
    ),
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("12")), unique_by=lambda r: r[0]
    ),
)
def test_rows_become_any_other_rows(qapp, before, after):
    model = models.Rows()
    QAbstractItemModelTester(model, WARN, model)
    model.show([Letter(*row) for row in before])
    model.show([Letter(*row) for row in after])
    assert [model.data(model.index(n), DISPLAY) for n in range(model.rowCount())] == [
        text for _, text in after
    ]


def test_row_that_stays_is_neither_taken_away_nor_put_in(qapp, qtbot):
    model = models.Rows()
    model.show([Letter("a"), Letter("b"), Letter("c")])
    with qtbot.assertNotEmitted(model.rowsInserted), qtbot.waitSignal(model.rowsRemoved):
        model.show([Letter("a"), Letter("c")])


def test_row_that_differs_says_so_and_keeps_its_place(qapp, qtbot):
    model = models.Rows()
    model.show([Letter("a"), Letter("b", "1")])
    with qtbot.assertNotEmitted(model.rowsRemoved), qtbot.waitSignal(model.dataChanged) as told:
        model.show([Letter("a"), Letter("b", "2")])
    assert told.args[0].row() == 1


def test_contacts_stand_under_their_headings(session, contacts):
    holding(
        session,
        contact(1, state=State.PARKED, task_type="Dispute"),
        contact(2, state=State.ACCEPTED, task_type="Loan"),
        contact(3, state=State.ENDED, task_type="Card"),
    )
    contacts.update()
    assert texts(contacts) == [IN_HAND, "Loan", "Wrap-up", "Card", "Parked", "Dispute"]


def test_booked_contact_comes_first(session, contacts):
    holding(
        session,
        contact(1, received_at=NOW - timedelta(hours=1)),
        contact(2, state=State.BOOKED, booked_until=NOW + timedelta(seconds=24)),
    )
    contacts.update()
    card = contacts.rows[1]
    assert (card.contact, card.booked, card.time) == (2, True, "0:24 left")


def test_card_says_task_type_id_and_age(session, contacts):
    first = NOW - timedelta(seconds=80)
    holding(session, contact(1, task_type="Loan application", first_queued_at=first))
    contacts.update()
    index = contacts.index(1)
    assert contacts.data(index, DISPLAY) == "Loan application, LOAN-1, 1 min"
    assert contacts.data(index, ACCESSIBLE) == contacts.data(index, DISPLAY)
    assert contacts.data(index, TOOL_TIP) == contacts.data(index, DISPLAY)
    assert contacts.data(index, ROW).icon == "work-item"


def test_contact_without_task_type_is_called_by_its_medium(session, contacts):
    holding(
        session,
        contact(1),
        contact(2, medium=Medium.EMAIL),
        contact(3, channel="facebook"),
        contact(4, channel="x"),
    )
    contacts.update()
    assert sorted(texts(contacts)[1:]) == ["Email", "Facebook message", "Message on X", "Work item"]


def test_heading_is_passed_over_by_the_keyboard(session, contacts):
    holding(session, contact())
    contacts.update()
    assert contacts.flags(contacts.index(0)) == Qt.ItemFlag.NoItemFlags
    assert contacts.flags(contacts.index(1)) & Qt.ItemFlag.ItemIsSelectable
    assert contacts.contact_at(contacts.index(0)) is None
    assert contacts.contact_at(contacts.index(1)) == 1
    assert contacts.contact_at(contacts.index(9)) is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", [1, 2]),
        ("loan-2", [2]),
        ("245 KR", [1, 2]),
        ("dispute", [1]),
        ("dispute loan-2", []),
    ],
)
def test_filter_finds_words_in_everything_shown_of_a_contact(session, contacts, typed, found):
    holding(session, contact(1, task_type="Dispute"), contact(2))
    contacts.filter(typed)
    assert [row.contact for row in contacts.rows if isinstance(row, models.Card)] == found


def test_what_changes_in_quick_succession_is_shown_at_once(session, contacts, qtbot):
    session.changed.connect(contacts.follow)
    holding(session)
    with qtbot.waitSignal(contacts.updated):
        for number in range(2, 7):
            session.receive(
                Change(number=number, now=NOW, why="resumed", agent=ANNA, contact=contact(number))
            )
        assert contacts.rowCount() == 0
    assert contacts.rowCount() == 6


def test_whole_desk_is_shown_at_once(session, contacts):
    session.changed.connect(contacts.follow)
    holding(session, contact(1))
    assert contacts.rowCount() == 2


def test_lost_link_changes_no_row(session, contacts, qtbot):
    with qtbot.assertNotEmitted(contacts.updated, wait=2 * models.BATCH_MS):
        contacts.follow(Changed("link"))


def test_age_goes_on_without_rows_coming_or_going(qapp, qtbot):
    passed = [0.0]
    session = Session(monotonic=lambda: passed[0])
    holding(session, contact(1, task_type="Loan", first_queued_at=NOW))
    contacts = models.Contacts(session)
    contacts.update()
    passed[0] = 61.0
    with qtbot.assertNotEmitted(contacts.rowsInserted), qtbot.waitSignal(contacts.dataChanged):
        contacts.tick()
    assert contacts.rows[1].time == "1 min"


@pytest.mark.parametrize(
    ("held", "chosen", "wanted"),
    [
        ((), 1, None),
        ((contact(1, state=State.PARKED),), None, 1),
        ((contact(1, state=State.PARKED), contact(2)), None, 2),
        ((contact(1, state=State.PARKED), contact(2)), 1, 1),
        ((contact(1, state=State.PARKED), contact(2, state=State.BOOKED)), 1, 2),
        ((contact(1, state=State.PARKED),), 7, 1),
    ],
)
def test_the_nearest_contact_is_shown_unless_another_was_chosen(held, chosen, wanted):
    assert models.to_choose(held, chosen) == wanted


def test_all_contact_data_is_copied_with_what_was_typed():
    held = contact(
        fields=[
            Field(key="cid", display="Customer no.", value="1970"),
            Field(key="x", display="", value="old"),
        ]
    )
    assert models.as_text(held, {"x": "new"}) == "Customer no.: 1970\nx: new"


def test_booked_contact_is_known():
    assert models.booked([contact(1), contact(2, state=State.BOOKED)]) == 2
    assert models.booked([contact(1)]) is None


def test_attachment_is_shown_with_a_clean_name_its_kind_and_its_size(qapp):
    model = models.Attachments()
    QAbstractItemModelTester(model, WARN, model)
    model.show_attachments(
        [Attachment(position=0, name="../a\u202egnp.exe", media_type="audio/wav", size=672_044)]
    )
    assert model.data(model.index(0), DISPLAY) == "agnp.exe, audio/wav · 672.0 kB"
    assert model.data(model.index(0), TOOL_TIP) == model.data(model.index(0), DISPLAY)


def test_fetching_is_shown_and_survives_other_news(qapp):
    model = models.Attachments()
    one = Attachment(position=0, name="a.wav", media_type="audio/wav", size=10)
    model.show_attachments([one])
    model.show_progress(0, 40)
    model.show_attachments([one])
    assert model.rows[0].detail == "Fetching, 40 %"
    model.show_progress(0, None)
    assert model.rows[0].detail == "audio/wav · 10 bytes"


def test_queues_lists_and_colleagues_are_found_by_typing(qapp):
    model = models.Targets(
        ["Loan decisions", "Everyone"], ["Old loans"], [Colleague(login="bo", name="Bo Ek Loan")]
    )
    QAbstractItemModelTester(model, WARN, model)
    assert [row.text for row in model.rows] == [
        "Queues",
        "Everyone",
        "Loan decisions",
        "Waiting lists",
        "Old loans",
        "Colleagues",
        "Bo Ek Loan",
    ]
    model.filter("LOAN")
    assert [(row.text, row.name) for row in model.rows] == [
        ("Queues", ""),
        ("Loan decisions", "Loan decisions"),
        ("Waiting lists", ""),
        ("Old loans", "Old loans"),
        ("Colleagues", ""),
        ("Bo Ek Loan", "bo"),
    ]
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable


def test_command_that_cannot_be_done_is_seen_but_not_chosen(qapp):
    entries = [Entry("a", "Accept", "Take it", "F10"), Entry("p", "Park", "Aside", enabled=False)]
    model = models.Commands(lambda typed: entries)
    QAbstractItemModelTester(model, WARN, model)
    model.filter("")
    assert model.data(model.index(0), DISPLAY) == "Accept, F10"
    assert model.data(model.index(0), TOOL_TIP) == "Take it"
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable
    assert not model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable


def test_nothing_is_said_of_a_place_without_a_row(qapp):
    model = models.Rows()
    assert model.data(model.index(3), DISPLAY) is None
    assert model.rowCount(model.index(0)) == 0


def test_agent_of_the_session_is_not_asked_for_rows(session, contacts):
    session.agent = msgspec.structs.replace(ANNA, state=AgentState.READY)
    contacts.update()
    assert contacts.rowCount() == 0


@pytest.mark.parametrize(
    ("other", "detail"),
    [
        ({}, "LOAN-1"),
        ({"medium": Medium.EMAIL}, "When do you open?"),
        ({"channel": "facebook"}, "When do you open?"),
    ],
)
def test_what_a_person_wrote_is_known_by_its_subject(other, detail):
    shown = contact(1, subject="When do you open?", **other)
    assert models._card(shown, NOW).detail == detail

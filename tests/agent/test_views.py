"""The parts of the desk, each with a real session behind it."""

import asyncio

import msgspec
import pytest
from PySide6.QtCore import QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QTextEdit,
    QToolButton,
)

from ace_agent import theme
from ace_agent.desk import words
from ace_agent.desk.data_pane import Choice, Line, Lines
from ace_agent.desk.pictures import PictureView
from ace_agent.widgets import tips
from ace_agent.widgets.bar import Bar
from ace_agent.widgets.pulse import RESTING, Pulse
from ace_agent.widgets.question import CANCELLED, Answer, Question, ask
from ace_agent.widgets.ring import Ring
from ace_agent.widgets.text import ElidedLabel, Reading
from ace_server.wire import AgentState, Attachment, Field, State
from tests.agent.scripted import ANNA, NOW, contact, desk
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

BUSY = msgspec.structs.replace(ANNA, state=AgentState.BUSY)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "

FIELDS = [
    Field(key="cid", display="Customer no.", value="19701122-4499"),
    Field(key="remark", display="Remark", rule="optional", value="", max_length=20),
    Field(
        key="Outcome",
        display="Outcome",
        rule="mandatory",
        choices=["Granted", "Declined"],
        value="",
    ),
    Field(key="story", display="Story", rule="optional", lines=3, max_length=10),
    Field(key="batch", display="batch", value="7", known=False),
]


def in_hand(**other):
    return desk(contact(1, **({"fields": FIELDS} | other)), agent=BUSY)


def click(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def button(within, text):
    return next(b for b in within.findChildren(QPushButton) if b.text() == text)


def named(within, name):
    return next(b for b in within.findChildren(QPushButton) if b.accessibleName() == name)


# Contact data


def test_locked_field_is_read_and_the_others_are_filled_in(bench, run):
    async def flow():
        await bench.say(in_hand())
        editors = {field.key: bench.desk.data.editor(field.key) for field in FIELDS}
        assert editors["cid"] is None and editors["batch"] is None
        assert isinstance(editors["remark"], Line)
        assert isinstance(editors["Outcome"], Choice)
        assert isinstance(editors["story"], Lines)

    run(flow())


def test_mandatory_field_is_marked_and_told_to_a_screen_reader(bench, run):
    async def flow():
        await bench.say(in_hand())
        outcome = bench.desk.data.editor("Outcome")
        assert outcome.accessibleName() == "Outcome"
        assert outcome.accessibleDescription() == "Mandatory"
        assert "Outcome *" in _labels(bench.desk.data)

    run(flow())


def test_keys_nobody_configured_stand_apart(bench, run):
    async def flow():
        await bench.say(in_hand())
        labels = _labels(bench.desk.data)
        assert labels.index("Other keys") < labels.index("batch")

    run(flow())


def _labels(pane):
    return [label.text() for label in pane.findChildren(QLabel) if label.text()]


def test_typing_goes_to_the_session(bench, run):
    async def flow():
        await bench.say(in_hand())
        QTest.keyClicks(bench.desk.data.editor("remark"), "abc")
        assert bench.session.typed == {1: {"remark": "abc"}}
        bench.desk.data.editor("story").setPlainText("two\nlines")
        assert bench.session.typed[1]["story"] == "two\nlines"

    run(flow())


def test_choice_goes_to_the_session(bench, run):
    async def flow():
        await bench.say(in_hand())
        outcome = bench.desk.data.editor("Outcome")
        assert outcome.currentIndex() == -1
        bench.press(Qt.Key.Key_Down, on=outcome)
        assert bench.session.typed == {1: {"Outcome": "Granted"}}

    run(flow())


def test_typed_text_and_focus_stay_when_news_arrive(bench, run):
    async def flow():
        await bench.say(in_hand())
        remark = bench.desk.data.editor("remark")
        remark.setFocus()
        QTest.keyClicks(remark, "half a")
        changed = [msgspec.structs.replace(FIELDS[0], value="changed"), *FIELDS[1:]]
        await bench.change("edited", BUSY, contact(1, fields=changed))
        assert bench.desk.data.editor("remark") is remark
        assert (remark.text(), remark.cursorPosition()) == ("half a", 6)
        assert bench.window.focusWidget() is remark

    run(flow())


def test_cursor_stays_inside_a_text_that_is_typed(bench, run):
    async def flow():
        await bench.say(in_hand())
        story = bench.desk.data.editor("story")
        story.setFocus()
        QTest.keyClicks(story, "abc")
        bench.press(Qt.Key.Key_Left, on=story)
        await bench.change("edited", BUSY, contact(1, fields=FIELDS))
        assert (story.toPlainText(), story.textCursor().position()) == ("abc", 2)

    run(flow())


def test_focus_stays_in_its_field_when_the_form_changes(bench, run):
    async def flow():
        await bench.say(in_hand())
        bench.desk.data.editor("remark").setFocus()
        more = [*FIELDS, Field(key="new", display="New", rule="optional")]
        await bench.change("configured", BUSY, contact(1, fields=more))
        assert bench.window.focusWidget() is bench.desk.data.editor("remark")

    run(flow())


def test_what_is_too_long_is_not_taken(bench, run):
    async def flow():
        await bench.say(in_hand())
        bench.desk.data.editor("story").setPlainText("0123456789abc")
        assert bench.desk.data.editor("story").toPlainText() == "0123456789"
        assert bench.session.typed[1]["story"] == "0123456789"
        assert bench.desk.data.editor("remark").maxLength() == 20

    run(flow())


def test_length_is_counted_in_characters_whatever_they_are(bench, run):
    emoji = [msgspec.structs.replace(FIELDS[1], value="😀" * 19), FIELDS[3]]

    async def flow():
        await bench.say(in_hand(fields=emoji))
        QTest.keyClicks(bench.desk.data.editor("remark"), "ab")  # there is room for one
        assert sorted(bench.session.typed[1]["remark"]) == ["a"] + ["😀"] * 19
        bench.desk.data.editor("story").setPlainText("😀" * 12)
        assert bench.session.typed[1]["story"] == "😀" * 10

    run(flow())


def test_value_that_is_no_choice_is_shown_all_the_same(bench, run):
    async def flow():
        odd = [msgspec.structs.replace(FIELDS[2], value="Withdrawn")]
        await bench.say(in_hand(fields=odd))
        assert bench.desk.data.editor("Outcome").currentText() == "Withdrawn"

    run(flow())


def test_optional_choice_can_be_emptied_again(bench, run):
    async def flow():
        optional = [msgspec.structs.replace(FIELDS[2], rule="optional", value="Granted")]
        await bench.say(in_hand(fields=optional))
        outcome = bench.desk.data.editor("Outcome")
        bench.press(Qt.Key.Key_Home, on=outcome)
        assert bench.session.typed == {1: {"Outcome": ""}}

    run(flow())


def test_passing_wheel_changes_no_choice(bench, run):
    async def flow():
        await bench.say(in_hand())
        outcome = bench.desk.data.editor("Outcome")
        turn = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(0, 0),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(outcome, turn)
        assert outcome.currentIndex() == -1

    run(flow())


@pytest.mark.parametrize("state", [State.BOOKED, State.PARKED])
def test_contact_that_is_not_in_hand_is_only_read(bench, run, state):
    async def flow():
        await bench.say(in_hand(state=state))
        assert all(bench.desk.data.editor(field.key) is None for field in FIELDS)

    run(flow())


def test_ended_contact_is_readable_and_its_data_written_until_wrap_up_is_over(bench, run):
    async def flow():
        wrapping = msgspec.structs.replace(ANNA, state=AgentState.WRAP_UP, wrap_up_contact=1)
        await bench.say(desk(contact(1, state=State.ENDED, fields=FIELDS), agent=wrapping))
        assert bench.desk.data.editor("remark") is not None
        ready = msgspec.structs.replace(ANNA, state=AgentState.READY)
        await bench.change("wrap-up over", ready, gone=[1])
        assert bench.desk.data.editor("remark") is None
        assert bench.desk.chosen is None

    run(flow())


# Preview


def readings(bench):
    return {r.accessibleName(): r.toPlainText() for r in bench.desk.preview.findChildren(Reading)}


def test_preview_shows_a_work_item_without_a_mail_header(bench, run):
    async def flow():
        await bench.say(in_hand(task_type="Loan application", subject="A car", body="Decide."))
        texts = "\n".join([*readings(bench).values(), *_labels(bench.desk.preview)])
        assert "A car" in texts and "Decide." in texts
        assert "Work item" in texts and "Loan application" in texts and "LOAN-1" in texts
        assert not {"From", "To", "Cc", "Reply-To"} & set(texts.replace(":", " ").split())

    run(flow())


def test_text_is_plain_and_its_hidden_signs_are_seen(bench, run):
    async def flow():
        await bench.say(in_hand(body="<b>bold</b><img src='http://x.example/'> a\u202egnp"))
        body = readings(bench)["Text"]
        assert body == "<b>bold</b><img src='http://x.example/'> a[U+202E]gnp"

    run(flow())


def test_every_text_shown_is_plain(bench, run):
    async def flow():
        await bench.say(in_hand(body="text", note="<i>note</i>", note_by="Bo"))
        assert all(not edit.acceptRichText() for edit in bench.window.findChildren(QTextEdit))
        for label in bench.window.findChildren(QLabel):
            assert label.textFormat() == Qt.TextFormat.PlainText, label.text()

    run(flow())


def test_note_of_who_requeued_it_is_shown(bench, run):
    async def flow():
        await bench.say(in_hand(note="Call her", note_by="Bo Ek"))
        assert readings(bench)["Note"] == "Call her"
        assert "Note from Bo Ek" in _labels(bench.desk.preview)

    run(flow())


def test_long_text_is_shown_whole_when_asked(bench, run):
    async def flow():
        await bench.say(in_hand(body="word " * 10_000))
        assert len(readings(bench)["Text"]) == 20_000
        click(button(bench.desk.preview, "Show the whole text"))
        assert len(readings(bench)["Text"]) == 50_000

    run(flow())


LONGEST = "😀" * 1_000_000
"""As long as a text that comes in can be."""


def test_text_too_long_to_be_laid_out_is_cut_and_copied_whole(bench, run):
    async def flow():
        await bench.say(in_hand(body=LONGEST))
        assert len(readings(bench)["Text"]) == 20_000
        assert _first(20_000) in _labels(bench.desk.preview)
        click(button(bench.desk.preview, "Show more of the text"))
        assert len(readings(bench)["Text"]) == 100_000
        assert _first(100_000) in _labels(bench.desk.preview)
        click(named(bench.desk.preview, "Copy all: Text"))
        assert QGuiApplication.clipboard().text() == LONGEST
        await bench.say(in_hand(body="short"))
        assert not named(bench.desk.preview, "Copy all: Text").isVisible()

    run(flow())


def _first(count):
    many, all_of_them = QLocale().toString(count), QLocale().toString(len(LONGEST))
    return f"The first {many} of {all_of_them} characters are shown."


def test_reference_too_long_to_be_laid_out_is_cut_and_copied_whole(bench, run):
    async def flow():
        await bench.say(in_hand(target="https://bank.example/" + LONGEST))
        assert bench.desk.preview.link.address is None
        assert len(readings(bench)["Reference"]) == 4000
        click(named(bench.desk.preview, "Copy all: Reference"))
        assert QGuiApplication.clipboard().text() == "https://bank.example/" + LONGEST

    run(flow())


def test_value_too_long_to_be_filled_in_is_cut_and_copied_whole(bench, run):
    field = Field(key="remark", display="Remark", rule="optional", max_length=len(LONGEST))

    async def flow():
        await bench.say(in_hand(fields=[field]))
        assert bench.desk.data.editor("remark").maxLength() == 20_000
        await bench.say(in_hand(fields=[msgspec.structs.replace(field, value=LONGEST)]))
        assert bench.desk.data.editor("remark") is None
        (value,) = bench.desk.data.values()
        assert len(value.toPlainText()) == 4000
        click(named(bench.desk.data, "Copy all: Remark"))
        assert QGuiApplication.clipboard().text() == LONGEST

    run(flow())


def test_of_very_many_other_keys_the_first_are_shown_and_all_are_copied(bench, run):
    others = [
        Field(key=f"key-{n}", display=f"key-{n}", value=str(n), known=False) for n in range(10_000)
    ]

    async def flow():
        await bench.say(in_hand(fields=[*FIELDS[:2], *others]))
        assert len(bench.desk.data.values()) == 102
        assert "9900 more keys are not shown." in _labels(bench.desk.data)
        click(button(bench.desk.data, "Copy contact data"))
        assert "key-9999: 9999" in QGuiApplication.clipboard().text()

    run(flow())


def test_reading_is_as_high_as_its_text(qtbot):
    reading = Reading("Text")
    qtbot.addWidget(reading)
    reading.resize(200, 10)
    reading.show_text("one")
    one = reading.height()
    reading.show_text("one\ntwo\nthree")
    assert reading.height() > 2 * one


# The link


def test_link_shows_its_host_and_opens_after_the_question(bench, run):
    async def flow():
        await bench.say(in_hand(target="https://bank.example/loans/1"))
        link = bench.desk.preview.link
        assert link.button.text() == "Open in bank.example"
        click(link.button)
        question = await bench.dialog()
        assert not bench.opened
        assert "https://bank.example/loans/1" in [
            r.toPlainText() for r in question.findChildren(Reading)
        ]
        click(button(question, "Open"))
        await until(lambda: bench.opened == ["https://bank.example/loans/1"])

    run(flow())


def test_link_is_not_opened_when_the_person_thinks_better_of_it(bench, run):
    async def flow():
        await bench.say(in_hand(target="https://bank.example/loans/1"))
        click(bench.desk.preview.link.button)
        question = await bench.dialog()
        bench.press(Qt.Key.Key_Escape, on=question)
        await until(lambda: not question.isVisible())
        assert not bench.opened

    run(flow())


def test_address_can_be_copied_instead(bench, run):
    async def flow():
        await bench.say(in_hand(target="https://bank.example/loans/1"))
        click(bench.desk.preview.link.button)
        click(button(await bench.dialog(), "Copy address"))
        await until(lambda: QGuiApplication.clipboard().text() == "https://bank.example/loans/1")
        assert not bench.opened

    run(flow())


def test_host_that_may_imitate_another_is_warned_of_before_and_in_the_question(bench, run):
    async def flow():
        await bench.say(in_hand(target="http://me@b\u0430nk.example/"))
        preview = bench.desk.preview
        assert preview.link.button.text() == "Open in xn--bnk-6cd.example"
        assert "several scripts" in "\n".join(_labels(preview))
        click(preview.link.button)
        said = (await bench.dialog()).accessibleDescription()
        assert "several scripts" in said
        assert "not encrypted" in said
        assert "before the @" in said

    run(flow())


def test_browser_that_does_not_open_is_told(bench, run):
    async def flow():
        bench.opens = False
        await bench.say(in_hand(target="https://bank.example/"))
        click(bench.desk.preview.link.button)
        click(button(await bench.dialog(), "Open"))
        await until(lambda: "No browser opened" in bench.window.trouble_bar.text)

    run(flow())


def test_reference_is_text_that_can_be_copied(bench, run):
    async def flow():
        await bench.say(in_hand(target="javascript:alert(1)"))
        link = bench.desk.preview.link
        assert link.address is None and not link.button.isVisible()
        assert readings(bench)["Reference"] == "javascript:alert(1)"
        assert not bench.window.commands["open-link"].isEnabled()

    run(flow())


# Attachments


def attached(bench, tmp_path, name, media_type, content):
    file = tmp_path / "0123abcd"
    file.write_bytes(content)
    bench.server.files[0] = file
    return in_hand(
        attachments=[Attachment(position=0, name=name, media_type=media_type, size=len(content))]
    )


def test_attachment_opens_as_a_copy_under_its_shown_name(bench, run, tmp_path):
    async def flow():
        await bench.say(attached(bench, tmp_path, "../call.wav", "audio/wav", WAV))
        bench.desk.attachments.open_action.trigger()
        await until(lambda: bench.opened)
        assert bench.opened[0].startswith("file:///")
        assert bench.opened[0].endswith("/1-0/call.wav")
        assert bench.desk.attachments.model.rows[0].fetching is None

    run(flow())


def test_program_named_as_a_document_asks_and_says_both_kinds(bench, run, tmp_path):
    async def flow():
        await bench.say(attached(bench, tmp_path, "invoice.pdf", "application/pdf", b"MZ\x90"))
        bench.desk.attachments.open_action.trigger()
        question = await bench.dialog()
        said = question.accessibleDescription()
        assert "a PDF document" in said and "a program" in said
        assert not bench.opened
        bench.press(Qt.Key.Key_Escape, on=question)
        await until(lambda: not question.isVisible())
        assert not bench.opened

    run(flow())


def test_what_can_do_harm_opens_only_after_the_second_question(bench, run, tmp_path):
    async def flow():
        await bench.say(attached(bench, tmp_path, "page.html", "text/html", b"<html>"))
        bench.desk.attachments.open_action.trigger()
        question = await bench.dialog()
        assert question.focusWidget().text() == "Save instead"
        click(button(question, "Open anyway"))
        await until(lambda: bench.opened and bench.opened[0].endswith("/page.html"))

    run(flow())


async def save_at(bench, target):
    """Save the chosen attachment; the person types where to."""
    bench.desk.attachments.save_action.trigger()
    dialog = await bench.dialog()
    dialog.findChild(QLineEdit, "fileNameEdit").setText(str(target))
    dialog.accept()


def test_attachment_is_saved_where_the_person_says(bench, run, tmp_path):
    async def flow():
        await bench.say(attached(bench, tmp_path, "call.wav", "audio/wav", WAV))
        await save_at(bench, tmp_path / "saved.wav")
        await until((tmp_path / "saved.wav").exists)
        await until(lambda: (tmp_path / "saved.wav").read_bytes() == WAV)

    run(flow())


@pytest.mark.parametrize(("answer", "kept"), [("Keep it", b"old"), ("Replace", WAV)])
def test_file_that_is_there_is_replaced_only_after_a_question(bench, run, tmp_path, answer, kept):
    (tmp_path / "saved.wav").write_bytes(b"old")

    async def flow():
        await bench.say(attached(bench, tmp_path, "call.wav", "audio/wav", WAV))
        await save_at(bench, tmp_path / "saved.wav")
        await until(lambda: any(isinstance(d, Question) for d in bench.dialogs()))
        question = next(d for d in bench.dialogs() if isinstance(d, Question))
        click(button(question, answer))
        await until(lambda: (tmp_path / "saved.wav").read_bytes() == kept)

    run(flow())


def test_saving_where_one_cannot_is_told(bench, run, tmp_path):
    async def flow():
        await bench.say(attached(bench, tmp_path, "call.wav", "audio/wav", WAV))
        view = bench.desk.attachments
        bench.window.tasks.start(view._copy(bench.server.files[0], tmp_path / "no" / "where.wav"))
        await until(lambda: "where.wav was not saved" in bench.window.trouble_bar.text)

    run(flow())


def test_program_that_does_not_open_it_is_told(bench, run, tmp_path):
    async def flow():
        bench.opens = False
        await bench.say(attached(bench, tmp_path, "call.wav", "audio/wav", WAV))
        bench.desk.attachments.open_action.trigger()
        await until(lambda: "No program opens call.wav" in bench.window.trouble_bar.text)

    run(flow())


def test_attachment_that_cannot_be_fetched_is_told(bench, run, tmp_path):
    async def flow():
        await bench.say(attached(bench, tmp_path, "call.wav", "audio/wav", WAV))
        bench.server.files.clear()
        bench.desk.attachments.open_action.trigger()
        await until(lambda: "no link" in bench.window.trouble_bar.text)
        assert bench.desk.attachments.model.rows[0].fetching is None

    run(flow())


def test_picture_is_shown_among_the_attachments(bench, run, tmp_path):
    async def flow():
        file = tmp_path / "card.png"
        picture = QImage(40, 20, QImage.Format.Format_RGB32)
        picture.fill(0)
        picture.save(str(file))
        await bench.say(attached(bench, tmp_path, "card.png", "image/png", file.read_bytes()))
        shown = bench.desk.attachments
        await until(lambda: shown.findChildren(PictureView))
        assert shown.findChildren(PictureView)[0].accessibleName() == "card.png"
        await bench.say(desk(number=2))
        await until(lambda: not shown.findChildren(PictureView))

    run(flow())


def test_picture_that_is_none_says_so(bench, run, tmp_path):
    async def flow():
        await bench.say(attached(bench, tmp_path, "card.png", "image/png", b"no picture"))
        await until(lambda: any("cannot be shown" in t for t in _labels(bench.desk.attachments)))

    run(flow())


# Small parts


def test_ring_runs_down_and_is_open_without_an_end():
    agent = msgspec.structs.replace(ANNA, state=AgentState.WRAP_UP)
    assert words.share_left(agent, NOW) is None
    half = msgspec.structs.replace(agent, until=NOW.replace(minute=NOW.minute + 2))
    assert words.share_left(half, NOW.replace(minute=NOW.minute + 1)) == pytest.approx(0.5)
    assert words.share_left(half, NOW.replace(minute=NOW.minute + 9)) == 0
    never = msgspec.structs.replace(agent, until=agent.since)
    assert words.share_left(never, NOW) == 0


def test_ring_is_painted_in_every_state(qtbot):
    ring = Ring()
    qtbot.addWidget(ring)
    for left in (None, 1.0, 0.3, 0.0):
        ring.show_left(left)
        assert not ring.grab().isNull()
        assert ring.left == left


def test_pulse_stands_still_where_motion_is_not_wanted(qapp):
    pulse = Pulse(still=True)
    pulse.beat(True)
    assert (pulse.is_moving, pulse.strength) == (False, RESTING)
    pulse.set_still(False)
    assert pulse.is_moving
    pulse.beat(False)
    assert (pulse.is_moving, pulse.strength) == (False, 0.0)


def test_bar_is_there_only_while_it_has_something_to_say(qtbot):
    bar = Bar("alarm", "warning", closable=True)
    qtbot.addWidget(bar)
    assert bar.text == ""
    bar.say("It was not stored.")
    assert (bar.text, bar.isHidden()) == ("It was not stored.", False)
    with qtbot.waitSignal(bar.closed):
        click(bar.findChild(QToolButton))
    assert bar.isHidden()


def test_label_without_room_is_told_on_hover(qtbot):
    label = ElidedLabel("a rather long activity")
    qtbot.addWidget(label)
    label.resize(40, 20)
    label.grab()
    assert label.toolTip() == "a rather long activity"
    label.resize(400, 20)
    label.grab()
    assert label.toolTip() == ""


@pytest.mark.parametrize("text", ["a < b", "plain", "5 > 3"])
def test_tooltip_of_plain_text_stays_as_it_is(text):
    assert tips.plain(text) == text


def test_tooltip_never_reads_foreign_text_as_html():
    shown = tips.plain("<img src='file://host/x'>")
    assert shown == "<qt>&lt;img src=&#x27;file://host/x&#x27;&gt;</qt>"


def test_list_says_foreign_text_letter_by_letter(bench, run):
    async def flow():
        await bench.say(in_hand(task_type="<b>x</b>"))
        index = bench.desk.model.place(1)
        assert "&lt;b&gt;x&lt;/b&gt;" in index.data(Qt.ItemDataRole.ToolTipRole)

    run(flow())


def test_question_is_answered_without_stopping_the_loop(qtbot, run, qapp):
    theme.apply(qapp, "light")

    async def flow():
        window = QPushButton("window")
        qtbot.addWidget(window)
        window.show()
        question = Question(window, "Sure?", "It is final.", [Answer("Yes"), Answer("No")])
        answering = asyncio.ensure_future(ask(question))
        await until(question.isVisible)
        click(button(question, "No"))
        assert await answering == 1

    run(flow())


def test_question_left_open_answers_nothing(qtbot, run):
    async def flow():
        window = QPushButton("window")
        qtbot.addWidget(window)
        window.show()
        question = Question(window, "Sure?", "", [Answer("Yes")])
        answering = asyncio.ensure_future(ask(question))
        await until(question.isVisible)
        question.reject()
        assert await answering == CANCELLED

    run(flow())


@pytest.mark.parametrize("state", AgentState)
def test_every_state_has_a_word_and_says_what_to_do(state):
    agent = msgspec.structs.replace(ANNA, state=state)
    assert words.state(state)
    hint = words.nothing_here(agent, 0, "F9")
    assert hint.title and hint.text


def test_paused_desk_says_how_to_go_on():
    assert words.nothing_here(ANNA, 0, "F9").text == "Activate to receive contacts – F9."


def test_logged_out_desk_says_so():
    assert words.nothing_here(None, 0, "F9").title == "You are logged out"


def test_pause_that_follows_is_announced():
    busy = msgspec.structs.replace(BUSY, pause_wanted=True)
    assert words.beside_state(busy, NOW) == "Pause follows"
    lunch = msgspec.structs.replace(busy, wanted_activity="Lunch")
    assert words.beside_state(lunch, NOW) == "Pause follows: Lunch"
    paused = msgspec.structs.replace(ANNA, activity="Lunch")
    assert words.beside_state(paused, NOW) == "Activity: Lunch"


def test_lost_link_says_since_when_and_what_is_kept():
    said = words.link_down(NOW, NOW)
    assert said.startswith("The link is down since ") and "kept" in said
    assert "since" not in words.link_down(None, NOW)

"""What a screen reader finds: every control by its name, every state in words, on every page."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from ace_agent.demo import SupportSystem, SupportWindow
from ace_agent.embedded import Embedded
from ace_agent.language import LANGUAGES
from ace_agent.password_dialog import PasswordDialog
from ace_agent.session import Session
from ace_server import wire
from tests.agent import scenes
from tests.agent.standing import waits
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)", extend=True)

CTRL = Qt.KeyboardModifier.ControlModifier
BY_HAND = {
    QAccessible.Role.Button,
    QAccessible.Role.ButtonMenu,
    QAccessible.Role.CheckBox,
    QAccessible.Role.ComboBox,
    QAccessible.Role.EditableText,
    QAccessible.Role.Graphic,
    QAccessible.Role.Link,
    QAccessible.Role.List,
    QAccessible.Role.ListItem,
    QAccessible.Role.MenuItem,
    QAccessible.Role.PageTab,
    QAccessible.Role.RadioButton,
    QAccessible.Role.Slider,
    QAccessible.Role.SpinBox,
    QAccessible.Role.Table,
    QAccessible.Role.Tree,
}
"""What a person presses, chooses, reads or fills in."""

SHOWN_LATER = {QAccessible.Role.MenuItem}
"""Looked at in menus that are not open, too."""


def parts(widget):
    """Everything of a window, as a screen reader goes through it."""
    pending = [QAccessible.queryAccessibleInterface(widget)]
    while pending:
        part = pending.pop()
        if part is not None and part.isValid():
            yield part
            pending += [part.child(number) for number in range(part.childCount())]


def is_control(part):
    """A text that is there to be copied is none, though it can have the keyboard."""
    role = part.role()
    return role in BY_HAND or (part.state().focusable and role != QAccessible.Role.StaticText)


def shown(part):
    return not part.state().invisible or part.role() in SHOWN_LATER


def name(part):
    return part.text(QAccessible.Text.Name)


def nameless(widget):
    """The controls without a name, with what they stand in."""
    return [
        f"{part.role()} {part.object()} in {part.parent().object() if part.parent() else None}"
        for part in parts(widget)
        if is_control(part) and shown(part) and not name(part)
    ]


WORDS = ("Busy", "Ready", "Booked", "Wrap-up", "Paused", "Ready")
"""For the state of the agent at each."""


@pytest.mark.parametrize("said", scenes.DESKS.values(), ids=scenes.DESKS)
def test_every_control_of_the_desk_has_a_name(bench, run, said):
    async def flow():
        await bench.say(said)
        assert any(name(part) == "Log out" for part in parts(bench.window))  # it sees them
        assert not nameless(bench.window)

    run(flow())


@pytest.mark.parametrize("scene", scenes.WAITING.values(), ids=scenes.WAITING)
def test_every_control_of_what_waits_has_a_name(bench, run, scene):
    async def flow():
        await scene(bench)
        names = {name(part) for part in parts(bench.window)}
        assert "Disputes, 3 waiting, oldest 3 min\u00a0\u00a0·\u00a0 1 at work" in names
        assert "Cards, 0 waiting, You are logged out" in names
        assert not nameless(bench.window)

    run(flow())


@pytest.mark.parametrize("scene", scenes.MAIL_SCENES.values(), ids=scenes.MAIL_SCENES)
def test_every_control_of_mail_has_a_name(bench, run, scene):
    async def flow():
        await scene(bench)
        assert not nameless(bench.window)

    run(flow())


def test_how_a_mail_was_sent_is_told_in_words(bench, run):
    async def flow():
        await scenes.mail_of(bench)
        names = {name(part) for part in parts(bench.desk.preview)}
        told = [one for one in names if one.startswith("Refused – Reply to karin@home.example")]
        assert told and any(one.startswith("Send again: Refused") for one in names)
        assert {"From", "To", "Cc", "Answers to", "Date"} <= names

    run(flow())


def test_what_is_wrong_with_an_address_is_told_where_it_stands(bench, run):
    async def flow():
        await scenes.writing_of(bench)
        line = bench.desk.mail.pane.lines["bcc"]
        described = QAccessible.queryAccessibleInterface(line)
        assert described.text(QAccessible.Text.Description).startswith("nobody is no e-mail")

    run(flow())


@pytest.mark.parametrize("command", scenes.PANELS)
def test_every_control_of_a_panel_has_a_name(bench, run, command):
    async def flow():
        await scenes.panel_of(bench, command)
        assert not nameless(bench.window)

    run(flow())


@pytest.mark.parametrize("command", scenes.DIALOGS)
def test_every_control_of_a_dialog_has_a_name(bench, run, command):
    async def flow():
        async with scenes.dialog_of(bench, command) as dialog:
            assert dialog.windowTitle() and not nameless(dialog)

    run(flow())


@pytest.mark.parametrize("waiting", [(), (waits(1), waits(2, prioritised=True))], ids=len)
def test_every_control_of_a_queue_has_a_name(bench, run, waiting):
    async def flow():
        view = await scenes.queue_of(bench, *waiting)
        assert view.accessibleName() == "Loans"
        assert not nameless(bench.window)

    run(flow())


def test_prioritised_contact_is_told_in_a_word(bench, run):
    async def flow():
        view = await scenes.queue_of(bench, waits(1, prioritised=True))
        assert "Prio: First" in {name(part) for part in parts(view.table)}

    run(flow())


def test_every_control_of_an_explained_queue_has_a_name(bench, run):
    async def flow():
        why = await scenes.explained_queue_of(bench)
        assert why.accessibleName() and not nameless(bench.window)

    run(flow())


@pytest.mark.parametrize("command", scenes.INTERVENTIONS)
def test_every_control_of_an_intervention_has_a_name(bench, run, command):
    async def flow():
        async with scenes.intervention_of(bench, command) as dialog:
            assert dialog.windowTitle() and dialog.accessibleDescription()
            assert not nameless(dialog)

    run(flow())


def test_every_control_of_a_warning_has_a_name(bench, run):
    async def flow():
        async for question in scenes.warnings_of(bench):
            assert question.windowTitle() and not nameless(question)
            assert question.accessibleDescription()

    run(flow())


def test_every_message_and_what_closes_it_has_a_name(bench, run):
    async def flow():
        await bench.say(scenes.busy())
        bench.session.set_link(False)
        bench.session.receive(wire.Notice(about="store", text=wire.Sentence("No room.")))
        bench.window.say_trouble("It was not done.")
        bench.window.say_done("It was done.")
        bench.window.tip_bar.say("Press F9.")
        assert not nameless(bench.window)
        descriptions = {part.text(QAccessible.Text.Description) for part in parts(bench.window)}
        assert {"No room.", "It was not done.", "It was done.", "Press F9."} <= descriptions

    run(flow())


def test_filter_with_words_in_it_can_be_emptied_by_name(bench, run):
    async def flow():
        await bench.say(scenes.busy())
        bench.desk.contacts.field.setText("loan")
        await until(
            lambda: any(name(part) == "Clear" and shown(part) for part in parts(bench.window))
        )
        assert not nameless(bench.window)

    run(flow())


def test_every_control_before_the_desk_has_a_name(qapp, run, settings, data):
    async def flow():
        async with scenes.door_of(settings, Embedded(data)) as (_, door):
            with_copy = []
            for page in scenes.pages_of(door, "The port is taken."):
                assert not nameless(door)
                if any(name(part) == "Copy" and shown(part) for part in parts(door)):
                    with_copy.append(page)
            assert with_copy == ["how to go on"]

    run(flow())


@pytest.mark.parametrize("locale", LANGUAGES.values(), ids=LANGUAGES)
def test_no_letter_leads_to_two_places(qapp, run, settings, data, spoken, locale):
    spoken(locale)

    async def flow():
        async with scenes.door_of(settings, Embedded(data)) as (_, door):
            door.log_in_page.new_password.show()
            for show in (door.log_in, door.begin):
                show()
                letters = marked(door)
                assert len(letters) >= 4 and len(set(letters)) == len(letters), letters
        parent = QWidget()
        dialog = PasswordDialog(Session().change_password, parent)
        dialog.show()
        letters = marked(dialog)
        assert len(letters) == 4 and len(set(letters)) == len(letters), letters
        dialog.close()

    run(flow())


def marked(window):
    """The letters that lead somewhere together with Alt."""
    texts = [part.text() for kind in (QLabel, QAbstractButton) for part in seen(window, kind)]
    return [text[text.index("&") + 1].lower() for text in texts if "&" in text]


def seen(window, kind):
    return [part for part in window.findChildren(kind) if part.isVisible()]


def test_every_control_of_the_demonstration_has_a_name(qapp, qtbot):
    window = SupportWindow(SupportSystem(lambda: 0, lambda account: ""))
    qtbot.addWidget(window)
    window.show()
    assert not nameless(window)


# States


@pytest.mark.parametrize(
    ("said", "word"), [*zip(scenes.DESKS.values(), WORDS, strict=True)], ids=scenes.DESKS
)
def test_state_of_the_agent_is_told_in_a_word(bench, run, said, word):
    async def flow():
        await bench.say(said)
        strip = QAccessible.queryAccessibleInterface(bench.window.strip)
        assert strip.text(QAccessible.Text.Description).startswith(word)
        assert bench.window.windowTitle().startswith(word)

    run(flow())


def test_booking_says_in_the_list_how_long_is_left(bench, run):
    async def flow():
        await bench.say(scenes.DESKS["booked"])
        rows = [name(part) for part in parts(bench.desk.contacts.view)]
        assert "Loan application, LOAN-1, 0:24 left" in rows

    run(flow())


def test_row_of_a_waiting_list_says_what_its_columns_mean(bench, run):
    async def flow():
        await scenes.waiting_list_of(bench)
        cells = [name(part) for part in parts(bench.desk.page.table)]
        assert {"Place: 1", "Contact: Dispute", "Subject: Purchase 1", "Prio: First"} <= {*cells}

    run(flow())


def test_field_that_is_needed_says_so(bench, run):
    async def flow():
        await bench.say(scenes.busy())
        outcome = bench.desk.data.editor("Outcome")
        described = QAccessible.queryAccessibleInterface(outcome)
        assert described.text(QAccessible.Text.Description) == "Mandatory"
        bench.press(Qt.Key.Key_Return, CTRL)
        await until(lambda: bench.desk.bar.findChild(QLabel).text())
        wrong = described.text(QAccessible.Text.Description)
        assert wrong == "Needed before the contact can be ended."

    run(flow())


def test_switch_says_whether_it_is_on(bench, run):
    async def flow():
        await bench.say(scenes.busy())
        bench.window.commands["commands"].trigger()
        await until(bench.window.command_list.isVisible)
        rows = [name(part) for part in parts(bench.window.command_list)]
        assert "Sound for a booked contact, On" in rows
        assert "Dark, Off" in rows

    run(flow())

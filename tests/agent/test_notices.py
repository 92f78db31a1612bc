"""How a booking makes itself known, and what is remembered about it."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from ace_agent.notices import Notices, Sound
from ace_agent.session import Session
from ace_agent.settings import Settings
from ace_server import wire
from tests.agent.scripted import ANNA, NOW, contact, desk

SOON = NOW + timedelta(seconds=60)


@pytest.fixture
def settings(qapp, tmp_path):
    return Settings(tmp_path / "window.ini")


@pytest.fixture
def told(qtbot, settings):
    """A session whose bookings are announced into a list."""
    session, window, heard = Session(), QWidget(), []
    qtbot.addWidget(window)
    Notices(
        session,
        settings,
        window,
        sound=lambda: heard.append("sound"),
        show=lambda title, text: heard.append(title),
    )
    return session, heard


def booked(number=1, until=SOON, **other):
    return contact(number, state=wire.State.BOOKED, booked_until=until, **other)


def change(number, held):
    return wire.Change(number=number, now=NOW, why="booked", agent=ANNA, contact=held)


def test_booking_is_heard_and_seen_once(told):
    session, heard = told
    session.receive(desk())
    session.receive(change(2, booked(task_type="Loan application")))
    session.receive(change(3, booked(task_type="Loan application")))
    assert heard == ["sound", "A work item is booked for you: Loan application"]


def test_next_booking_of_the_same_contact_is_announced_again(told):
    session, heard = told
    session.receive(desk(booked()))
    session.receive(desk(booked(until=SOON + timedelta(seconds=1))))
    assert heard.count("sound") == 2


def test_nothing_of_the_content_leaves_the_window(told):
    session, heard = told
    session.receive(desk(booked(subject="Private", body="Secret", target="https://bank.example")))
    assert not any(word in heard[1] for word in ("Private", "Secret", "bank.example", "LOAN-1"))


def test_accepted_contact_is_not_announced(told):
    session, heard = told
    session.receive(desk(contact()))
    assert heard == []


@pytest.mark.parametrize(
    ("off", "left"),
    [("sound", ["A work item is booked for you: loans"]), ("notification", ["sound"])],
)
def test_each_can_be_switched_off(told, settings, off, left):
    session, heard = told
    setattr(settings, off, False)
    session.receive(desk(booked()))
    assert heard == left


def test_sound_plays_or_beeps_and_never_raises(qapp):
    Sound("sounds/booked.wav")()


# What is remembered


def test_values_are_remembered_with_their_types(tmp_path):
    file = tmp_path / "window.ini"
    settings = Settings(file)
    settings.sound, settings.theme, settings.geometry = False, "dark", b"\x00\x01"
    settings.keep_view("contacts", b"columns")
    settings.sync()
    again = Settings(file)
    assert (again.sound, again.theme, again.geometry) == (False, "dark", b"\x00\x01")
    assert again.view("contacts") == b"columns"


def test_nothing_remembered_is_the_default(settings):
    assert (settings.sound, settings.theme, settings.geometry) == (True, "system", b"")
    assert settings.view("contacts") == b""


def test_what_cannot_be_read_is_the_default(settings):
    settings.values.setValue("sound", "perhaps")
    settings.values.setValue("theme", "purple")
    settings.values.setValue("geometry", "no state")
    settings.values.setValue("last-login", QByteArray(b"anna"))
    assert (settings.sound, settings.theme) == (True, "system")
    assert (settings.geometry, settings.last_login) == (b"", "")

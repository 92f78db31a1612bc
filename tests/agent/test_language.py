"""The windows speak the language that was chosen, and numbers and times follow it."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtGui import QKeySequence

from ace_agent import language, sentences
from ace_agent.desk import attachment_words, files, times, words
from ace_agent.settings import Settings
from ace_agent.widgets import buttons
from ace_server import wire
from ace_server.wire import AgentState
from tests.agent.scripted import NOW

ENGLISH, SWEDISH = language.LANGUAGES["en"], language.LANGUAGES["sv"]


@pytest.mark.parametrize(
    ("choice", "system", "spoken"),
    [
        ("", "sv_SE", "sv"),
        ("", "sv_FI", "sv"),
        ("", "en_US", "en"),
        ("", "de_DE", "en"),
        ("", "C", "en"),
        ("sv", "en_GB", "sv"),
        ("en", "sv_SE", "en"),
    ],
)
def test_chosen_language_comes_before_the_systems_and_english_last(choice, system, spoken):
    assert language.code(language.chosen(choice, QLocale(system))) == spoken


def test_system_of_the_same_language_says_how_numbers_and_dates_are_written():
    finland = QLocale("sv_FI")
    assert language.chosen("", finland) == language.chosen("sv", finland) == finland
    assert language.chosen("sv", QLocale("de_DE")) == SWEDISH


def test_choice_is_kept_and_what_is_none_is_the_systems(tmp_path):
    settings = Settings(tmp_path / "settings.ini")
    assert settings.language == ""
    settings.language = "sv"
    settings.sync()
    assert Settings(tmp_path / "settings.ini").language == "sv"
    settings.values.setValue("language", "xx")
    assert settings.language == ""


def test_window_qt_and_server_speak_swedish(spoken):
    spoken(SWEDISH)
    assert words.state(AgentState.PAUSED) == "Pausad"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Avbryt"
    lacking = wire.Sentence("skill %1 %2 (has %3)", ("Loans", 3, wire.Sentence("none")))
    said = sentences.said(wire.Sentence("%1 lacks %2.", ("Bo Ek", lacking)))
    assert said == "Bo Ek saknar kompetensen Loans 3 (har ingen)."


def test_value_that_holds_a_place_stays_as_it_is():
    assert sentences.filled("%2: %1 (%3)", "%2%3", "%1", "%1 %2") == "%1: %2%3 (%1 %2)"
    assert sentences.filled("No. %2", "", "7") == "No. 7"


def test_name_of_a_file_that_holds_a_place_stays_as_it_is(spoken):
    spoken(ENGLISH)
    program = files.Kind("PDF", "program")
    assert attachment_words.not_here("%2.pdf", program) == (
        "%2.pdf is not shown here: by its content it is a program."
    )


def test_sentence_that_is_not_translated_yet_is_english(spoken):
    spoken(SWEDISH)
    assert sentences.said(wire.Sentence("Said by a newer server.")) == "Said by a newer server."
    assert sentences.said(None) == ""


def test_language_can_be_changed_and_changed_back(spoken):
    for locale, word in ((SWEDISH, "Redo"), (ENGLISH, "Ready"), (SWEDISH, "Redo")):
        spoken(locale)
        assert words.state(AgentState.READY) == word


def test_times_numbers_and_sizes_follow_the_language(spoken):
    at = NOW - timedelta(days=8)
    spoken(ENGLISH)
    english = times.moment(at, NOW)
    assert english.startswith("12 Nov ")
    assert (times.age(50 * 3600), files.size(48_211)) == ("2 days", "48.2 kB")
    assert sentences.said(wire.Sentence("%1 contacts", (1234,))) == "1,234 contacts"
    spoken(SWEDISH)
    assert times.moment(at, NOW) == english.replace("12 Nov ", "12 nov. ")
    assert (times.age(50 * 3600), files.size(48_211)) == ("2 dagar", "48,2 kB")
    assert sentences.said(wire.Sentence("%1 contacts", (1234,))) == "1\u00a0234 kontakter"


@pytest.mark.parametrize(
    ("locale", "one", "several"), [(ENGLISH, "1 day", "3 days"), (SWEDISH, "1 dag", "3 dagar")]
)
def test_one_is_told_apart_from_several(spoken, locale, one, several):
    spoken(locale)
    counted = [QCoreApplication.translate("times", "%n days", "", n) for n in (1, 3)]
    assert counted == [one, several]


def test_enter_is_a_sign_in_every_language(bench, spoken):
    end = bench.window.commands["end"]
    spoken(SWEDISH)
    assert "Ret" in end.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    assert buttons.key_text(end) == "Ctrl+↵"

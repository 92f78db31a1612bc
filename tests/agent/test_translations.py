"""Every text of the sources is translated, nothing else is, and the compiled files are theirs."""

import ast
import re
import shutil
from collections import Counter

import pytest

from ace_agent import translations
from ace_agent.language import LANGUAGES, SOURCE
from ace_agent.translations import Text, Uncollected
from resources import path

FOLDER = path("translations")
TRANSLATED = [
    message
    for language in LANGUAGES
    for message in translations.messages(FOLDER / f"ace_{language}.ts")
]


@pytest.fixture(scope="module")
def collected():
    return translations.collect()


@pytest.fixture(scope="module")
def made_anew(collected, tmp_path_factory):
    """The folder as the command would leave it now."""
    folder = tmp_path_factory.mktemp("translations")
    for file in FOLDER.glob("*.ts"):
        shutil.copy(file, folder)
    translations.bring_up_to_date(folder, collected)
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_are_as_the_command_leaves_them(made_anew, language):
    for kind in ("ts", "qm"):
        name = f"ace_{language}.{kind}"
        assert (FOLDER / name).read_bytes() == (made_anew / name).read_bytes(), (
            f"{name} is not up to date: run python -m ace_agent.translations"
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(made_anew, language):
    missing = [
        f"{message.context}: {message.source}"
        for message in translations.messages(made_anew / f"ace_{language}.ts")
        if not message.is_finished
    ]
    assert not missing, "\n".join(missing)


def test_every_text_of_the_sources_is_among_them(collected):
    held = {(one.context, one.source) for one in translations.messages(FOLDER / "ace_sv.ts")}
    assert held == {(text.context, text.source) for text in collected}
    counted = {text for text in collected if text.is_plural}
    plurals = translations.messages(FOLDER / f"ace_{SOURCE}.ts")
    assert {(one.context, one.source) for one in plurals} == {
        (text.context, text.source) for text in counted
    }


def parts(text):
    """What a translation keeps: its places, its key's mark, and how it ends."""
    places = Counter(re.findall(r"%(?:[1-9]|n)", text))
    marks = len(re.findall(r"&(?=\w)", text))
    return places, marks, text.endswith("…"), text.endswith(".")


def test_translations_keep_their_places():
    wrong = [
        f"{message.source} -> {translation}"
        for message in TRANSLATED
        for translation in message.translations
        if parts(translation) != parts(message.source)
    ]
    assert not wrong, "\n".join(wrong)


def test_translations_are_as_calm_as_the_sources():
    loud = [one for message in TRANSLATED for one in message.translations if "!" in one]
    assert not loud
    doubled = [one for message in TRANSLATED for one in message.translations if "  " in one]
    assert not doubled


# How texts are found


def found(source, name="ace_agent/desk/x.py"):
    reader = translations._Reader(translations.ROOT / name, name)
    reader.visit(ast.parse(source))
    return reader._found


def test_texts_are_found_with_the_class_they_stand_in():
    source = """
class Outer(QWidget):
    class Inner(QWidget):
        def show(self):
            self.tr("inner")
    def say(self, n):
        return self.tr("%n contact(s)", "", n // 2)
translate("words", "apart")
"""
    assert found(source) == [
        Text("Inner", "inner"),
        Text("Outer", "%n contact(s)", is_plural=True),
        Text("words", "apart"),
    ]


def test_sentences_of_the_server_are_found():
    source = """
yield sentence("%1 lacks %2.", name, sentence("none"))
raise Refused("not-now", "Accept the contact first.")
raise Refused("bad-value", reason)
"""
    assert found(source, "ace_server/desk/x.py") == [
        Text("server", "%1 lacks %2."),
        Text("server", "none"),
        Text("server", "Accept the contact first."),
    ]


def test_refusals_to_other_systems_stay_as_they_are():
    source = 'raise Refused("malformed", f"line {line}")'
    assert found(source, "ace_server/workitem/x.py") == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('self.tr(f"{count} left")', "ace_agent/x.py"),
        ('translate("words", word)', "ace_agent/x.py"),
        ('translate(context, "Ready")', "ace_agent/x.py"),
        ("sentence(template, 1)", "ace_server/routing/x.py"),
        ('Refused("bad-value", f"{key} cannot be changed.")', "ace_server/desk/x.py"),
        ('Refused("mandatory", "Still missing: " + names)', "ace_server/desk/x.py"),
    ],
)
def test_text_that_is_made_while_it_runs_is_named(source, name):
    (fault,) = found(source, name)
    assert fault.startswith(f"{name}:1: ")


def test_what_cannot_be_collected_stops_the_command(monkeypatch, tmp_path):
    (tmp_path / "ace_agent").mkdir()
    (tmp_path / "ace_agent" / "x.py").write_text('tr(1)\nself.tr(f"{one}")\n', "utf-8")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    with pytest.raises(Uncollected, match=r"ace_agent/x\.py:2: "):
        translations.collect()

"""What is said to a person: values in their places, in English or as a language has it."""

import msgspec
import pytest

from ace_server.sentences import Sentence, and_, commas, or_, sentence

SWEDISH = {
    "%1 lacks %2.": "%1 saknar %2.",
    "skill %1 %2 (has %3)": "kompetensen %1 %2 (har %3)",
    "none": "ingen",
    "%1 and %2": "%1 och %2",
}


def skill(name, has):
    return sentence("skill %1 %2 (has %3)", name, 3, has)


def test_sentence_is_english_by_itself():
    said = sentence("%1 lacks %2.", "Bo Ek", skill("Loans", 1))
    assert str(said) == f"{said}" == "Bo Ek lacks skill Loans 3 (has 1)."


def test_phrases_inside_a_sentence_are_translated_too():
    lacking = and_([skill("Loans", 1), skill("Cards", sentence("none"))])
    said = sentence("%1 lacks %2.", "Bo Ek", lacking)
    assert said.said(SWEDISH.__getitem__) == (
        "Bo Ek saknar kompetensen Loans 3 (har 1) och kompetensen Cards 3 (har ingen)."
    )


def test_names_are_never_translated_nor_read_as_places():
    said = sentence("%1 and %2", "none", "%1")
    assert said.said(lambda text: SWEDISH.get(text, text)) == "none och %1"


def test_numbers_are_written_as_the_language_has_them():
    said = sentence("%1 contacts", 12345)
    assert said.said(number=lambda number: f"{number:,}".replace(",", " ")) == "12 345 contacts"


def test_place_without_a_value_is_seen():
    assert str(sentence("It waits in queue %1 since %2.", "Loans")) == (
        "It waits in queue Loans since %2."
    )


@pytest.mark.parametrize(
    ("join", "words"),
    [(commas, "a, b, c"), (and_, "a, b and c"), (or_, "a, b or c")],
)
def test_several_names_become_one_phrase(join, words):
    assert str(join(["a", "b", "c"])) == words
    assert (join(["a"]), join([])) == ("a", "")


def test_any_number_of_names_can_be_said_and_sent():
    names = [f"key{number}" for number in range(5000)]
    said = and_(names)
    assert str(said) == f"{', '.join(names[:-1])} and {names[-1]}"
    assert msgspec.json.decode(msgspec.json.encode(said), type=Sentence) == said


def test_sentence_travels_whole():
    said = sentence("%1 lacks %2.", "Bo Ek", skill("Loans", 1))
    assert msgspec.json.decode(msgspec.json.encode(said), type=Sentence) == said

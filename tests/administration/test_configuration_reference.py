"""`docs/configuration.md` says what the program does: it is made of the declarations."""

import re
import textwrap
from pathlib import Path

import msgspec
import pytest

from ace_server.administration import configuration, declarations, reference
from ace_server.concepts import (
    KINDS,
    AnswerRow,
    Destination,
    LayoutField,
    Match,
    PatternPart,
    SiteFacts,
    SpecialDay,
)
from ace_server.settings import SystemParameters
from tests.administration.sites import problems

DOCS = Path("docs")
PAGE = DOCS / "configuration.md"

PARTS = [Match, Destination, LayoutField, SpecialDay, PatternPart, AnswerRow]

TABLES = [*KINDS.values(), SiteFacts, SystemParameters, *PARTS]

WRITE_IT = (
    "write it anew: python3 -c 'from pathlib import Path; from ace_server.administration import "
    'reference; Path("docs/configuration.md").write_text(reference.markdown(), "utf-8")\''
)


def examples(page):
    """Every TOML example of a page."""
    found = re.findall(
        r"^( *)```toml\n(.*?)^\1```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return [textwrap.dedent(text) for _, text in found]


def test_page_is_what_the_declarations_say():
    assert PAGE.read_text("utf-8") == reference.markdown(), WRITE_IT


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_field_is_described(table):
    assert declarations.description(table).endswith((".", ":"))
    for field in declarations.fields(table):
        assert field.description.endswith("."), field.name
        assert f"| `{field.name}` |" in reference.markdown()


def test_examples_of_the_page_are_one_configuration_that_works():
    whole = "\n".join(examples(PAGE))
    assert problems(whole) == []
    document = configuration.read(whole)
    assert set(document.entries) == set(KINDS)
    assert document.facts is not None
    assert document.system is not None


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_examples_of_every_page_work(page):
    assert problems("\n".join(examples(page))) == []


def test_no_rule_of_ours_is_named_on_the_page():
    assert not re.search(r"\b[A-Z]{2}-\d", PAGE.read_text("utf-8"))


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (str, "text"),
        (bool, "`true` or `false`"),
        (list[str], "a list; each is text"),
        (dict[str, bool], "a table; each value is `true` or `false`"),
        (str | None, "text"),
        (Match, "a table with `has`, `any`"),
    ],
)
def test_types_in_words(expected, words):
    assert declarations.words(expected) == words


def test_every_number_has_two_bounds():
    """So that nothing can be configured that no clock, counter or database can hold."""
    unbounded = [
        f"{table.__name__}.{field.name}"
        for table in TABLES
        for field in msgspec.structs.fields(table)
        if re.search(r"\b(int|float)\b", str(field.type)) and "le=" not in str(field.type)
    ]
    assert unbounded == []

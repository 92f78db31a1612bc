"""Texts are filled once; what is not known stays, or goes, as whoever fills them says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace_server.email.variables import fill, has_lone_brace, variables


def test_variables_are_filled_once_and_unknown_ones_stay_or_are_replaced():
    values = {"Name": "{Number}", "Number": "7", "Empty": ""}
    template = "{Name}, {Number}{Empty}. {Unknown} {{Name}} {name} { } {a\nb} {"
    assert fill(template, values) == "{Number}, 7. {Unknown} {Name} {name} { } {a\nb} {"
    assert fill(template, values, unknown="-") == "{Number}, 7. - {Name} - - {a\nb} {"
    assert variables(template) == ["Name", "Number", "Empty", "Unknown", "name", " "]


@pytest.mark.parametrize(
    ("text", "is_lone"),
    [("{a}", False), ("{1}", False), ("{{ }}", False), ("{", True), ("}", True), ("{a\n}", True)],
)
def test_lone_braces_are_told(text, is_lone):
    assert has_lone_brace(text) is is_lone


@given(st.text("{}ab\n"), st.dictionaries(st.text("ab", min_size=1), st.text("{}ab")))
def test_text_without_a_known_variable_only_loses_its_doubled_braces(template, values):
    if not values.keys() & variables(template):
        assert fill(template, values) == fill(template, {})
    assert fill(template.replace("{", "").replace("}", ""), values) == re.sub("[{}]", "", template)

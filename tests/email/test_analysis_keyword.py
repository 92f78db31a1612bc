"""Categories by the words of a text (EM-3)."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ace_server.concepts import KeywordCategory, Site
from ace_server.email.analysis import Rules, analyse, categorise, keyword, prepare
from ace_server.email.analysis.rules import MOST_SEARCHED
from ace_server.errors import Refused
from tests.email.making import mail


def rules(*keywords, **others):
    """Rules with the category `it` of these keywords, and others by their names."""
    entries = {"it": list(keywords), **others}
    return Rules(
        categories=tuple(
            keyword.category(KeywordCategory(name=name, keywords=given))
            for name, given in entries.items()
        )
    )


def is_hit(text, *keywords):
    return categorise(text, rules(*keywords)) == {"emailCategories": "it"}


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("I lost my PASSWORD.", ["password"]),
        ("computerisation", ["computer*"]),
        ("computer", ["computer*"]),
        ("two computers", ["house", "computer*"]),
        ("my e-mail does not work", ["e-mail"]),
        ("my e mail does not work", ["e-mail"]),
        ("please reset\n my  password", ["reset my password"]),
        ("they resets my passwords now", ["reset* my pass* now"]),
        ("Der STRASSE nach", ["straße"]),
        ("ｆｕｌｌ width", ["full"]),
        ("pass\u00adword", ["password"]),
        ("_underlined_", ["underlined"]),
        ("我忘记密码了", ["密码"]),
        ("ลืมรหัสผ่าน", ["รหัส"]),
        ("a loan for a car", ["+loan", "+car"]),
        ("a loan", ["+loan", "boat"]),
        ("a loan", ["loan", "-boat"]),
    ],
)
def test_text_is_in_the_category(text, keywords):
    assert is_hit(text, *keywords)


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("passwords", ["password"]),
        ("mypassword", ["password"]),
        ("my computer", ["computers*"]),
        ("the password reset", ["reset password"]),
        ("reset the password", ["reset password"]),
        ("resets passwords", ["reset* password"]),
        ("a loan for a car", ["loan", "-car*"]),
        ("a loan for a car", ["+loan", "-for a car"]),
        ("a loan", ["+loan", "+car"]),
        ("a car", ["-boat"]),
        ("a boat", ["car", "+loan"]),
        ("", ["loan"]),
    ],
)
def test_text_is_not_in_the_category(text, keywords):
    assert not is_hit(text, *keywords)


def test_all_categories_are_joined_in_their_order():
    several = rules("loan", b=["car"], c=["boat"], d=["lo*"])
    assert categorise("a car on a loan", several) == {"emailCategories": "it;b;d"}
    assert categorise("nothing", several) == {}


def test_subject_and_text_of_a_mail_are_searched():
    both = rules("+loan", "+car")
    assert analyse(mail("My loan", "for a car"), both).data["emailCategories"] == "it"
    assert "emailCategories" not in analyse(mail("My loan"), both).data


def test_what_stands_behind_a_million_characters_is_not_searched():
    assert not is_hit("x" * MOST_SEARCHED + " loan", "loan")


def test_only_active_categories_of_the_area_are_looked_for():
    entries = [
        KeywordCategory(name="a", keywords=["loan"]),
        KeywordCategory(name="b", keywords=["loan"], active=False),
        KeywordCategory(name="c", keywords=["loan"], area="Cards"),
    ]
    site = Site(keyword_categories={entry.name: entry for entry in entries})
    assert categorise("loan", prepare(site, "")) == {"emailCategories": "a"}
    assert categorise("loan", prepare(site, "Cards")) == {"emailCategories": "c"}


def test_hostile_keywords_on_a_hostile_text_try_nothing_twice():
    """Each stem runs to its space without giving anything back."""
    pattern = keyword._stems(" a* a* a* b ")
    assert pattern.pattern == r"\ a[^ ]*+\ a[^ ]*+\ a[^ ]*+\ b\ "
    assert not is_hit("a" * 100_000 + " a" * 100_000, "a* a* a* b")


# Files


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("+", "A keyword holds a letter or a digit."),
        ("--", "A keyword holds a letter or a digit."),
        ("- !", "A keyword holds a letter or a digit."),
        ("*", "A star stands at the end of a word, and nowhere else."),
        ("pass*word", "A star stands at the end of a word, and nowhere else."),
        ("password**", "A star stands at the end of a word, and nowhere else."),
        ("the *", "A star stands at the end of a word, and nowhere else."),
    ],
)
def test_what_is_no_keyword_is_refused_with_its_line(line, reason):
    with pytest.raises(Refused) as refused:
        keyword.read_keywords(f"loan\n\n{line}\n")
    assert (refused.value.reason, refused.value.line) == (reason, 3)


def test_file_of_keywords_is_read_whatever_its_line_ends():
    text = "\ufeffder\r\n  das \n\ngolfplatz*\n+computer\n-Auto  Haus\nder\n"
    found = ["der", "das", "golfplatz*", "+computer", "-Auto Haus"]
    assert keyword.read_keywords(text) == found


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=6)
KEYWORDS = st.builds(
    lambda sign, words, star: sign + " ".join(words) + star,
    st.sampled_from(["", "+", "-"]),
    st.lists(WORDS, min_size=1, max_size=3),
    st.sampled_from(["", "*"]),
).filter(lambda one: keyword.fault(one) is None and one == " ".join(one.split()))


@given(st.lists(KEYWORDS, unique=True))
def test_keywords_that_are_written_are_read_as_the_same(keywords):
    assert keyword.read_keywords(keyword.write_keywords(keywords)) == keywords


@given(KEYWORDS, WORDS)
def test_a_text_holds_every_keyword_that_it_quotes(one, beside):
    said = one[1:] if one[0] in "+-" else one
    assume(said[0] not in "+-")  # `+-0` has a word that begins with a sign: alone it is another
    text = f"{beside} {said.replace('*', '')} {beside}"
    assert is_hit(text, said)

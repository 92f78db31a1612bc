"""Keyword categories: what a text is about, by the words in it (EM-3).

A keyword is a word or a phrase. Letters and digits make a word, all else parts two; where a script
writes no spaces, each of its characters is a word. Capitals mean nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ace_server.concepts import KeywordCategory
from ace_server.email.analysis.findings import Findings, searched, with_data
from ace_server.email.analysis.rules import MOST_SEARCHED, Category, Rules
from ace_server.email.mail import Mail
from ace_server.errors import Refused
from ace_server.sentences import Sentence, sentence

CATEGORIES_KEY = "emailCategories"
NECESSARY, PROHIBITED, STEM = "+", "-", "*"

_WORD = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|"
    "[^\\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")


def category(entry: KeywordCategory) -> Category:
    """A configured category, made ready. Raises Refused for what is no keyword."""
    kinds: dict[str, list[str]] = {"": [], NECESSARY: [], PROHIBITED: []}
    for keyword in entry.keywords:
        sign, needle = _parsed(keyword)
        kinds[sign].append(needle)
    plain, necessary, prohibited = (tuple(kinds[sign]) for sign in kinds)
    return Category(entry.name, plain, necessary, prohibited)


def step(mail: Mail, findings: Findings, rules: Rules) -> Findings:
    """Adds the categories of the mail to its contact data."""
    return with_data(findings, found(searched(mail), rules))


def found(text: str, rules: Rules) -> dict[str, str]:
    """The key `emailCategories`, if the text has any: their names, with `;` between."""
    there = words(text[:MOST_SEARCHED])
    names = [one.name for one in rules.categories if _is_hit(one, there)]
    return {CATEGORIES_KEY: ";".join(names)} if names else {}


def words(text: str) -> str:
    """The words of a text with a space before and after each, as they are compared."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return f" {' '.join(_WORD.findall(plain))} "


def _is_hit(one: Category, words: str) -> bool:
    """All that is necessary is there, nothing prohibited, and one that speaks for it."""
    if any(_stands(needle, words) for needle in one.prohibited):
        return False
    if one.necessary:
        return all(_stands(needle, words) for needle in one.necessary)
    return any(_stands(needle, words) for needle in one.plain)


def _stands(needle: str, words: str) -> bool:
    head, _, tail = needle.partition(STEM)
    return _stems(needle).search(words) is not None if tail else head in words


@lru_cache(maxsize=4096)
def _stems(needle: str) -> re.Pattern[str]:
    """A phrase with a stem inside; a stem ends at a space, so nothing is tried twice."""
    return re.compile("[^ ]*+".join(re.escape(part) for part in needle.split(STEM)))


# Keywords as they are written


def fault(keyword: str) -> Sentence | None:
    """What is wrong with a keyword; None: nothing is."""
    try:
        _parsed(keyword)
    except Refused as refusal:
        return refusal.sentence
    return None


def _parsed(keyword: str) -> tuple[str, str]:
    """The sign and the words of a keyword, or raise Refused."""
    sign = keyword.strip()[:1]
    sign = sign if sign in (NECESSARY, PROHIBITED) else ""
    needle = "".join(_chunk(chunk) for chunk in keyword.strip().removeprefix(sign).split())
    if not needle:
        raise Refused("invalid", sentence("A keyword holds a letter or a digit."))
    return sign, needle if needle.endswith(STEM) else f"{needle} "


def _chunk(chunk: str) -> str:
    """What was written without a space, each word with a space before it."""
    stem = STEM if chunk.endswith(STEM) else ""
    found = words(chunk.removesuffix(STEM)).rstrip()
    if STEM in chunk.removesuffix(STEM) or (stem and not found):
        raise Refused("invalid", sentence("A star stands at the end of a word, and nowhere else."))
    return f"{found}{stem}"


def read_keywords(text: str) -> list[str]:
    """The keywords in a text file, one a line; raises Refused with the line of one that is none."""
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        keyword = " ".join(line.split())
        reason = fault(keyword) if keyword else None
        if reason is not None:
            raise Refused("invalid", reason, line=number)
        if keyword and keyword not in found:
            found.append(keyword)
    return found


def write_keywords(keywords: Iterable[str]) -> str:
    """The text file of these keywords, as `read_keywords` reads it."""
    return "".join(f"{' '.join(keyword.split())}\n" for keyword in keywords)

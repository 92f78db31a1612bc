"""Whether what analyses e-mail fits together: categories, patterns, answers, what is discarded.

This is the part of `checks` about it. What the entries mean for a mail is in `email.analysis` and
`email.answers`; what an answer needs of the account it leaves by is asked in `email_checks`.
"""

from collections.abc import Iterator, Mapping

from ace_server.administration import faults
from ace_server.administration.document import Problem
from ace_server.concepts import (
    AnswerText,
    AutomaticAnswer,
    Condition,
    KeywordCategory,
    Match,
    Pattern,
    PatternPart,
    Site,
)
from ace_server.email import answers, variables
from ace_server.email.analysis import keyword
from ace_server.email.analysis.preparing import NEVER_SAVED

MOST_OF_A_VALUE = 1000
"""Characters that all parts of a pattern may be together."""


def check(site: Site) -> Iterator[Problem]:
    """Everything that is wrong with what analyses and answers e-mail."""
    for part in _PARTS:
        yield from part(site)


# Keywords


def _categories(site: Site) -> Iterator[Problem]:
    for category in site.keyword_categories.values():
        where = f"keyword_category {category.name}"
        if ";" in category.name:
            yield Problem(where, "a semicolon parts the categories of a mail: leave it out")
        yield from faults.twice(f"{where}, keywords", "keyword", category.keywords)
        yield from _keywords(f"{where}, keywords", category)


def _keywords(where: str, category: KeywordCategory) -> Iterator[Problem]:
    for number, one in enumerate(category.keywords, start=1):
        if reason := keyword.fault(one):
            yield Problem(f"{where} {number}", str(reason))
    if all(one.strip().startswith(keyword.PROHIBITED) for one in category.keywords):
        yield Problem(where, "nothing but prohibited words: no mail would ever be in this category")


# Patterns


def _patterns(site: Site) -> Iterator[Problem]:
    for pattern in site.patterns.values():
        where = f"pattern {pattern.name}"
        yield from _saved(f"{where}, save_to", pattern, site)
        for number, key in enumerate(pattern.keys, start=1):
            if not key.strip():
                yield Problem(f"{where}, keys {number}", "is nothing but space")
        for number, part in enumerate(pattern.parts, start=1):
            yield from _part(f"{where}, parts {number}", part)
        yield from _value(f"{where}, parts", pattern)


def _saved(where: str, pattern: Pattern, site: Site) -> Iterator[Problem]:
    if pattern.save_to in NEVER_SAVED:
        yield Problem(where, f"no pattern sets {pattern.save_to}: name another key")
    else:
        yield from faults.unknown(where, "key", [pattern.save_to], site.contact_data_keys)


def _part(where: str, part: PatternPart) -> Iterator[Problem]:
    if bool(part.text) != (part.type == "literal"):
        yield Problem(f"{where}, text", "a literal has one, and no other type does")
    if part.most is None and part.least == 0:
        yield Problem(f"{where}, most", "is needed where least is 0")
    if part.most is not None and part.most < part.least:
        yield Problem(f"{where}, most", f"{part.most} is less than least, {part.least}")


def _value(where: str, pattern: Pattern) -> Iterator[Problem]:
    if not any(part.save for part in pattern.parts):
        yield Problem(where, "none of them is saved: leave save = false out of one")
    if pattern.parts[0].type == "whitespace":
        yield Problem(f"{where} 1, type", "the separator takes all space: begin with another type")
    longest = sum((part.most or part.least) * max(1, len(part.text)) for part in pattern.parts)
    if longest > MOST_OF_A_VALUE:
        reason = f"together up to {longest} characters; at most {MOST_OF_A_VALUE} are looked for"
        yield Problem(where, reason)


# Answers


def _texts(site: Site) -> Iterator[Problem]:
    for text in site.answer_texts.values():
        for field in ("subject", "text"):
            yield from _variables(f"answer_text {text.name}, {field}", text, field, site)


def _variables(where: str, text: AnswerText, field: str, site: Site) -> Iterator[Problem]:
    written = getattr(text, field)
    known = {*site.contact_data_keys, answers.RECEIVED}
    yield from faults.unknown(where, "variable", variables.variables(written), known)
    if variables.has_lone_brace(written):
        yield Problem(where, "a brace that belongs to no variable is written twice: {{ or }}")


def _answers(site: Site) -> Iterator[Problem]:
    first: dict[tuple[str, str], str] = {}
    for answer in site.automatic_answers.values():
        where = f"automatic_answer {answer.name}"
        other = first.setdefault((answer.area, answer.entrance), answer.name)
        if other != answer.name:
            yield Problem(f"{where}, entrance", f"automatic_answer {other} is for it, too")
        yield from _entrance(f"{where}, entrance", answer, site)
        yield from _mode(where, answer, site)


def _entrance(where: str, answer: AutomaticAnswer, site: Site) -> Iterator[Problem]:
    if not answer.entrance:
        return
    yield from faults.unknown(where, "mail_account", [answer.entrance], site.mail_accounts)
    account = site.mail_accounts.get(answer.entrance)
    if account is not None and account.area != answer.area:
        yield Problem(where, f"'{answer.entrance}' belongs to another area")


def _mode(where: str, answer: AutomaticAnswer, site: Site) -> Iterator[Problem]:
    for field, name in (("text", answer.text), ("oversized", answer.oversized)):
        named = [name] if name else []
        yield from faults.unknown(f"{where}, {field}", "answer_text", named, site.answer_texts)
    if answer.mode == "always" and not answer.text:
        yield Problem(f"{where}, text", "is needed where the mode is always")
    if answer.rows and answer.mode != "conditional":
        yield Problem(f"{where}, rows", 'are asked in one mode only: write mode = "conditional"')
    if answer.mode == "conditional" and not answer.rows:
        yield Problem(f"{where}, rows", "is empty; conditional needs one")
    for number, row in enumerate(answer.rows, start=1):
        at = f"{where}, rows {number}"
        yield from faults.unknown(f"{at}, text", "answer_text", [row.text], site.answer_texts)
        yield from _when(at, row.when, site)


def _when(where: str, when: Mapping[str, Condition], site: Site) -> Iterator[Problem]:
    yield from faults.unknown(f"{where}, when", "key", when, site.contact_data_keys)
    task_type = when.get("TaskType")
    if isinstance(task_type, str) and task_type:
        at = f"{where}, when.TaskType"
        yield from faults.unknown(at, "task type", [task_type], site.task_types)
    for key, condition in when.items():
        if isinstance(condition, Match) and bool(condition.has) == condition.any:
            yield Problem(f"{where}, when.{key}", "write a value, { has = … } or { any = true }")


# What is discarded


def _discard_rules(site: Site) -> Iterator[Problem]:
    for rule in site.discard_rules.values():
        where = f"discard_rule {rule.name}"
        yield from faults.twice(f"{where}, flags", "flag", rule.flags)
        if not rule.when and not rule.flags:
            yield Problem(where, "asks for nothing: it would discard every mail")
        if "TaskType" in rule.when:
            reason = "a mail gets its task type as a contact: ask for what the task type rules ask"
            yield Problem(f"{where}, when.TaskType", reason)
        else:
            yield from _when(where, rule.when, site)


_PARTS = (_categories, _patterns, _texts, _answers, _discard_rules)

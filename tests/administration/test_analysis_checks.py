"""Whether what analyses and answers e-mail fits together: what `configure` says of it."""

import pytest
from msgspec.structs import replace

from ace_server.administration import analysis_checks, configuration
from tests.administration.sites import assembled

KINDS = {
    "keyword_category": "keyword_categories",
    "pattern": "patterns",
    "answer_text": "answer_texts",
    "automatic_answer": "automatic_answers",
    "discard_rule": "discard_rules",
}
CATEGORY = '[[keyword_category]]\nname = "loan"\nkeywords = ["loan"]\n'
PATTERN = '[[pattern]]\nname = "SSN"\nkeys = ["SSN"]\n'
DIGIT = 'parts = [{ type = "digit" }]\n'
TO_CID = 'save_to = "cid"\n'
TEXT = '[[answer_text]]\nname = "English"\ntext = "Thank you."\n'
MAIL = '[[mail_account]]\nname = "support"\nfetch = "imaps://support@mail.example"\n'
ANSWER = '[[automatic_answer]]\nname = "a"\n'
ALWAYS = 'mode = "always"\ntext = "English"\n'
ROWS = 'mode = "conditional"\nrows = [{ when = { %s }, text = "English" }]\n'
DISCARD = '[[discard_rule]]\nname = "d"\n'
AREA = '[[organisation_area]]\nname = "Cards"\n'


def problems(text):
    """What is wrong with the entries of a file, each as a line."""
    entries = configuration.read(text).entries
    named = {
        collection: {entry.name: entry for entry in entries.get(kind, ())}
        for kind, collection in KINDS.items()
    }
    return [str(problem) for problem in analysis_checks.check(replace(assembled(text), **named))]


RIGHT = {
    "category": CATEGORY,
    "pattern": PATTERN + DIGIT + TO_CID,
    "pattern of everything": PATTERN
    + 'separators = [" ", "="]\n'
    + 'parts = [{ type = "literal", text = "#", save = false }, { type = "whitespace", least = 0,'
    " most = 3 }, { type = 'any', most = 200, optional = true }]\n" + TO_CID,
    "text with variables": TEXT.replace("you", "{EmailFrom} {{you}} {Received}"),
    "never, whatever else": MAIL + ANSWER,
    "always": MAIL + TEXT + ANSWER + ALWAYS,
    "always at an entrance": MAIL + TEXT + ANSWER + 'entrance = "support"\n' + ALWAYS,
    "always but for one": MAIL
    + TEXT
    + ANSWER
    + ALWAYS
    + '[[automatic_answer]]\nname = "b"\nentrance = "support"\n',
    "without a default": MAIL + TEXT + ANSWER + ROWS % "cid = { any = true }",
    "discards what is recognised": DISCARD + 'flags = ["bounce"]\n',
    "discards by contact data": DISCARD + 'when = { EmailSubject = { has = "x" } }\n',
    "in two areas": AREA + TEXT + ANSWER + ANSWER.replace('"a"', '"b"') + 'area = "Cards"\n',
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_is_right(text):
    assert problems(text) == []


WRONG = {
    "discards everything": (
        DISCARD,
        "discard_rule d: asks for nothing: it would discard every mail",
    ),
    "discards by its task type": (
        DISCARD + 'when = { TaskType = "Loan" }\n',
        "discard_rule d, when.TaskType: a mail gets its task type as a contact: ask for what the"
        " task type rules ask",
    ),
    "discards by an unknown key": (
        DISCARD + 'when = { Colour = "red" }\n',
        "discard_rule d, when: key 'Colour' is not configured",
    ),
    "semicolon": (
        CATEGORY.replace('name = "loan"', 'name = "a;b"'),
        "keyword_category a;b: a semicolon parts the categories of a mail: leave it out",
    ),
    "keyword twice": (
        CATEGORY.replace('"loan"]', '"loan", "loan"]'),
        "keyword_category loan, keywords: keyword 'loan' stands 2 times",
    ),
    "no keyword": (
        CATEGORY.replace('"loan"]', '"loan", "+"]'),
        "keyword_category loan, keywords 2: A keyword holds a letter or a digit.",
    ),
    "star in a word": (
        CATEGORY.replace('"loan"]', '"l*n"]'),
        "keyword_category loan, keywords 1: A star stands at the end of a word, and nowhere else.",
    ),
    "prohibited words alone": (
        CATEGORY.replace('"loan"]', '"-loan"]'),
        "keyword_category loan, keywords: nothing but prohibited words: no mail would ever be in"
        " this category",
    ),
    "work item key": (
        PATTERN + DIGIT + 'save_to = "workItem"',
        "pattern SSN, save_to: no pattern sets workItem: name another key",
    ),
    "key of the server": (
        PATTERN + DIGIT + 'save_to = "EmailFrom"',
        "pattern SSN, save_to: no pattern sets EmailFrom: name another key",
    ),
    "unknown key": (
        PATTERN + DIGIT + 'save_to = "ssn"',
        "pattern SSN, save_to: key 'ssn' is not configured",
    ),
    "key of space": (
        PATTERN.replace('["SSN"]', '[" "]') + DIGIT + TO_CID,
        "pattern SSN, keys 1: is nothing but space",
    ),
    "literal without text": (
        PATTERN + 'parts = [{ type = "literal" }]\n' + TO_CID,
        "pattern SSN, parts 1, text: a literal has one, and no other type does",
    ),
    "digit with text": (
        PATTERN + 'parts = [{ type = "digit", text = "7" }]\n' + TO_CID,
        "pattern SSN, parts 1, text: a literal has one, and no other type does",
    ),
    "none at least and no most": (
        PATTERN + 'parts = [{ type = "digit", least = 0 }]\n' + TO_CID,
        "pattern SSN, parts 1, most: is needed where least is 0",
    ),
    "most below least": (
        PATTERN + 'parts = [{ type = "digit", least = 3, most = 2 }]\n' + TO_CID,
        "pattern SSN, parts 1, most: 2 is less than least, 3",
    ),
    "nothing saved": (
        PATTERN + 'parts = [{ type = "digit", save = false }]\n' + TO_CID,
        "pattern SSN, parts: none of them is saved: leave save = false out of one",
    ),
    "space first": (
        PATTERN + 'parts = [{ type = "whitespace" }, { type = "digit" }]\n' + TO_CID,
        "pattern SSN, parts 1, type: the separator takes all space: begin with another type",
    ),
    "endless value": (
        PATTERN + 'parts = [{ type = "literal", text = "abcdef", most = 200 }]\n' + TO_CID,
        "pattern SSN, parts: together up to 1200 characters; at most 1000 are looked for",
    ),
    "unknown variable": (
        TEXT.replace("you", "{Nobody}"),
        "answer_text English, text: variable 'Nobody' is not configured",
    ),
    "unknown variable in the subject": (
        TEXT + 'subject = "{Nobody}"',
        "answer_text English, subject: variable 'Nobody' is not configured",
    ),
    "lone brace": (
        TEXT.replace("you", "{ you"),
        "answer_text English, text: a brace that belongs to no variable is written twice: {{ or }}",
    ),
    "two for an area": (
        ANSWER + ANSWER.replace('"a"', '"b"'),
        "automatic_answer b, entrance: automatic_answer a is for it, too",
    ),
    "unknown entrance": (
        ANSWER + 'entrance = "support"',
        "automatic_answer a, entrance: mail_account 'support' is not configured",
    ),
    "entrance of another area": (
        AREA + MAIL + ANSWER + 'entrance = "support"\narea = "Cards"',
        "automatic_answer a, entrance: 'support' belongs to another area",
    ),
    "unknown text": (
        ANSWER + ALWAYS,
        "automatic_answer a, text: answer_text 'English' is not configured",
    ),
    "unknown text for oversized mails": (
        ANSWER + 'oversized = "English"',
        "automatic_answer a, oversized: answer_text 'English' is not configured",
    ),
    "always without a text": (
        ANSWER + 'mode = "always"',
        "automatic_answer a, text: is needed where the mode is always",
    ),
    "rows that are not asked": (
        TEXT + ANSWER + (ROWS % "").replace("conditional", "never"),
        'automatic_answer a, rows: are asked in one mode only: write mode = "conditional"',
    ),
    "conditional without rows": (
        ANSWER + 'mode = "conditional"',
        "automatic_answer a, rows: is empty; conditional needs one",
    ),
    "unknown text of a row": (
        ANSWER + ROWS % "",
        "automatic_answer a, rows 1, text: answer_text 'English' is not configured",
    ),
    "unknown key of a row": (
        TEXT + ANSWER + ROWS % 'ssn = "7"',
        "automatic_answer a, rows 1, when: key 'ssn' is not configured",
    ),
    "unknown task type of a row": (
        TEXT + ANSWER + ROWS % 'TaskType = "Loan"',
        "automatic_answer a, rows 1, when.TaskType: task type 'Loan' is not configured",
    ),
    "condition of nothing": (
        TEXT + ANSWER + ROWS % "cid = { any = false }",
        "automatic_answer a, rows 1, when.cid: write a value, { has = … } or { any = true }",
    ),
}


@pytest.mark.parametrize(("text", "problem"), WRONG.values(), ids=WRONG)
def test_is_wrong(text, problem):
    assert problems(text) == [problem]

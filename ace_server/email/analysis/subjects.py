"""How the subjects of absence notes and bounces begin, as a list that can be edited (trust.md, D).

The list that comes with the program is `resources/mail/automatic_subjects.txt`. Nothing here
reads it: it is an argument.
"""

from collections.abc import Iterable


def read_subjects(text: str) -> tuple[str, ...]:
    """The beginnings in a text, one a line; what begins with `#` is a comment."""
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def beginning(text: str) -> str:
    """A beginning, or a subject, as it is compared: in any case, with single spaces."""
    return " ".join(text.split()).casefold()


def begins_so(subject: str, beginnings: Iterable[str]) -> bool:
    """Whether a subject begins with one of these; both as `beginning` makes them.

    It counts up to the end of a word, where the script parts words by spaces.
    """
    return any(subject.startswith(one) and not _goes_on(subject, one) for one in beginnings)


def _goes_on(subject: str, one: str) -> bool:
    last, following = one[-1:], subject[len(one) : len(one) + 1]
    return last.isalnum() and following.isalnum() and max(last, following) < _WITHOUT_SPACES


_WITHOUT_SPACES = "\u2e80"
"""From here on stand the scripts of the Far East."""

"""What a contact's history tells of its mail: what it was recognised as, and what became of it.

Pure: happenings in, sentences out. What is asked of the mail itself is in `mail_view`.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from ace_server.email import answers
from ace_server.email.analysis import telling
from ace_server.sentences import Sentence, sentence
from ace_server.store.history import Happening
from ace_server.store.ledger import read_sentence

PRESSED = "did not arrive"
"""What the history says of each press (EM-8)."""


def remarks(happened: Iterable[Happening]) -> list[Sentence]:
    """What a reader at a desk has to know of it, each once."""
    found = [one for event in happened for one in _remarks(event)]
    return list(dict.fromkeys(found))


def told(
    happened: Iterable[Happening], name: Callable[[str], str], time: Callable[[datetime], str]
) -> tuple[Sentence, ...]:
    """All of it, each press of *Did not arrive* too; `name` of a login, and how a time is said."""
    found: list[Sentence] = []
    for event in happened:
        if event.verb == PRESSED:
            by, at = name(event.by), time(event.at)
            found.append(sentence("%1 said at %2 that the mail did not arrive.", by, at))
        elif event.verb == telling.WITHHELD:
            found += _withheld(event)
        else:
            found += _remarks(event)
    return tuple(found)


def _remarks(event: Happening) -> Iterator[Sentence]:
    if event.verb == telling.WITHHELD:
        reason = read_sentence(event.detail)
        if reason is not None and reason.text not in answers.AS_EXPECTED:
            yield from _withheld(event)
    elif (said := telling.said(event.verb, event.detail)) is not None:
        yield said


def _withheld(event: Happening) -> Iterator[Sentence]:
    reason = read_sentence(event.detail)
    if reason is not None:
        yield sentence("It was not answered automatically. %1", reason)

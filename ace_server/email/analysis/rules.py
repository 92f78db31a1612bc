"""What the analysis goes by, made ready: small, immutable, and sent to worker processes as it is.

It is made in `preparing`.
"""

import msgspec

MOST_SEARCHED = 1_000_000
"""Characters of a text that are searched; what comes behind them is not."""


class Category(msgspec.Struct, frozen=True):
    """A keyword category. Each keyword is its words with a space before each: ` pass* word `."""

    name: str
    plain: tuple[str, ...]
    necessary: tuple[str, ...]
    prohibited: tuple[str, ...]


class Part(msgspec.Struct, frozen=True):
    """A run of `least` to `most` characters (texts, of a literal) of a type, or none at all."""

    type: str
    text: str
    least: int
    most: int
    optional: bool
    save: bool


class Form(msgspec.Struct, frozen=True):
    """A pattern: a key, a separator and the parts of a value that is saved."""

    keys: tuple[str, ...]
    separators: tuple[str, ...]  # none: a colon or space
    parts: tuple[Part, ...]
    save_to: str
    longest: int  # characters that the contact data key takes
    values: frozenset[str] | None  # its value set; None: any text
    name: str = ""  # what the administrator calls it


class Rules(msgspec.Struct, frozen=True):
    """All that the steps need beside the mail."""

    categories: tuple[Category, ...] = ()
    forms: tuple[Form, ...] = ()
    own_addresses: frozenset[str] = frozenset()  # of all mail accounts, normalised
    subjects: tuple[str, ...] = ()  # how those of machines begin, in lower case
    trace_key: bytes = b""  # of the installation

    def __repr__(self) -> str:
        """Nothing of it: it holds a secret."""
        return "Rules(…)"

"""Whom a mail is for, as a person types it: `Name <address>`, parted by commas or semicolons.

Pure. Nothing that was typed is passed over: what is no address comes back as it stands there.
"""

import re

from ace_server.email import writing
from ace_server.email.mail import Address
from ace_server.errors import Refused

_PARTS = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|[,;\r\n]|[^",;<>\r\n]+|.', re.DOTALL)
_IN_BRACKETS = re.compile(r"(.*)<([^<>]*)>\s*", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read(typed: str) -> tuple[list[Address], list[str]]:
    """The addresses in order, and what is typed there and is none."""
    right, wrong = [], []
    for one in _split(typed):
        found = _address(one)
        try:
            writing.ascii_address(found.address)
        except Refused:
            wrong.append(one)
        else:
            right.append(found)
    return right, wrong


def _split(typed: str) -> list[str]:
    """What stands between commas, semicolons and line ends; quoted ones part nothing."""
    found = [""]
    for part in _PARTS.findall(typed):
        if part in ",;\r\n":
            found.append("")
        else:
            found[-1] += part
    return [one.strip() for one in found if one.strip()]


def _address(one: str) -> Address:
    found = _IN_BRACKETS.fullmatch(one)
    if found is None:
        return Address(one)
    name = found[1].strip()
    if quoted := _QUOTED.fullmatch(name):
        name = _ESCAPED.sub(r"\1", quoted[1])
    return Address(found[2].strip(), name)

"""The addresses of a mail as a person types them: taken apart, and looked at.

Pure, and gentle: only what certainly is no address is named; the server looks again.
"""

import re

_PARTS = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|[,;]|[^",;<>]+|.', re.DOTALL)
_IN_BRACKETS = re.compile(r"<([^<>]*)>\s*$")
_ADDRESS = re.compile(r'[^\s@<>,;"()]+@[^\s@<>,;"().]+(?:\.[^\s@<>,;"().]+)*')


def split(typed: str) -> list[str]:
    """What stands between commas or semicolons; those in quotation marks part nothing."""
    found = [""]
    for part in _PARTS.findall(typed):
        if part in ",;":
            found.append("")
        else:
            found[-1] += part
    return [one.strip() for one in found if one.strip()]


def joined(typed: str) -> str:
    """The same as the wire wants it, separated by commas."""
    return ", ".join(split(typed))


def address(recipient: str) -> str:
    """The address in `Name <address>`, or the whole where there are no brackets."""
    found = _IN_BRACKETS.search(recipient)
    return (found[1] if found else recipient).strip()


def name(recipient: str) -> str:
    """The name in `Name <address>`, or the address where there is none."""
    found = _IN_BRACKETS.search(recipient)
    before = recipient[: found.start()].strip().strip('"').strip() if found else ""
    return before or address(recipient)


def wrong(typed: str) -> list[str]:
    """What is typed there and certainly is no address, in order."""
    return [one for one in split(typed) if not _ADDRESS.fullmatch(address(one))]

"""Which database a data folder has, and what has to be installed for it.

It loads nothing else, since the desktop program asks it before it starts its server.
"""

from pathlib import Path

FILE = "database"
"""In the data folder; the URL stands in it."""


def remembered(data: Path) -> str:
    """The URL; empty where the folder has its own file."""
    file = data / FILE
    return file.read_text("utf-8").strip() if file.is_file() else ""


def is_on_postgresql(data: Path, given: str) -> bool:
    """Whether the URL to open needs the driver of PostgreSQL, which not every site has."""
    return (given or remembered(data)).startswith("postgres")

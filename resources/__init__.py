"""Where the data files lie: icons, translations, schemas, sounds and the demonstration.

No code but `path`.
"""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """The file or folder `name` (such as `icons/work-item.svg`), in a checkout and when installed.

    Raises FileNotFoundError where there is none, so that a name misspelt is found at once.
    """
    found = _HERE / name
    if not found.exists():
        raise FileNotFoundError(f"there is no resource {name!r}")
    return found

"""Copies of files that came from elsewhere: saved, or handed to the desktop's program.

Names and contents are foreign: nothing here runs, unpacks or opens one (F-2 to F-5).
"""

import os
import shutil
import sys
from pathlib import Path

ZONE_MARK = b"[ZoneTransfer]\r\nZoneId=3\r\n"


def copy(source: Path, target: Path) -> None:
    """Save a fetched file; on Windows it carries the mark of the Internet zone (F-5)."""
    shutil.copyfile(source, target)
    if sys.platform == "win32":
        with Path(f"{target}:Zone.Identifier").open("wb") as mark:
            mark.write(ZONE_MARK)


def copy_to_open(source: Path, folder: Path, name: str) -> Path:
    """A private, read-only copy under its shown name, for the desktop's program."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / name
    if target.exists():
        os.chmod(target, 0o600)
    copy(source, target)
    os.chmod(target, 0o400)
    return target

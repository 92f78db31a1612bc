"""How much of a busy machine the processes of mail get: what work items leave (WI-5)."""

import os
import sys

NICENESS = 10
"""Steps below the server, of 19: a tenth of its share while both want a core, all of it else."""


def give_way() -> None:
    """Let this process go behind the server's; Windows has no such steps."""
    if sys.platform != "win32":
        os.nice(NICENESS)

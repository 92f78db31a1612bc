"""What is worth knowing of the machine that a figure comes from; nothing that names it."""

import os
import platform
import sqlite3
from contextlib import suppress
from pathlib import Path

from benchmarks.measuring import Missing


def facts(folder: Path) -> dict[str, str]:
    """The machine in a few words; `folder` is where the data lie."""
    return {
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "memory": _memory(),
        "file system": _file_system(folder),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
    }


def load() -> str:
    """How busy the machine was in the last minute; of so many cores."""
    with suppress(OSError, AttributeError):  # Windows has none
        return f"{os.getloadavg()[0]:.1f}"
    return "unknown"


def megabytes(pid: int | None = None) -> float:
    """The memory of a process that is in use now; of this one, unless told otherwise.

    Raises Missing on a system that does not say.
    """
    with suppress(OSError):
        for line in Path(f"/proc/{pid or 'self'}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise Missing("this system does not say how much memory a process uses")


def cpu_seconds(pid: int) -> float:
    """What a process and those that it has started have taken of the processor, all together.

    Of those that have ended by now it knows nothing. Raises Missing on a system that does not say.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        listed = Path(f"/proc/{pid}/task").glob("*/children")
        return own + sum(
            cpu_seconds(int(one)) for file in listed for one in file.read_text().split()
        )
    except OSError:
        raise Missing("this system does not say what a process takes of the processor") from None


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    with suppress(OSError):
        kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
        return f"{kilobytes / 1024**2:.0f} GiB"
    return "unknown"


def _file_system(folder: Path) -> str:
    """Its kind; on a tmpfs nothing is durable, and nothing said of it counts."""
    with suppress(OSError):
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        holds = [mount for mount in mounts if folder.resolve().is_relative_to(mount[1])]
        return max(holds, key=lambda mount: len(mount[1]))[2]
    return "unknown"

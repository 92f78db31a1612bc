"""Makes a bare machine ready: the environment in `.venv`, and the libraries that Qt needs.

Only the standard library, and only in a checkout: where no locks lie beside this file the program
was installed by pip, and nothing is done. Nothing happens at import.
"""

import contextlib
import glob
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parent
LOCKS = ROOT / "requirements"
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "ace-stamp.json"
UNFINISHED = {"state": "unfinished"}

SERVER = ("server",)
DESKTOP = ("server", "desktop")
POSTGRESQL = "postgresql"
"""The lock that any command needs besides, where its database is on PostgreSQL."""
EVERYTHING = ("server", "desktop", POSTGRESQL, "test")
NEEDS: Mapping[str, Sequence[str]] = {
    "": DESKTOP,
    "agent": DESKTOP,
    "demo": DESKTOP,
    "test": EVERYTHING,
    "bench": EVERYTHING,
    "screenshots": EVERYTHING,
}
"""The locks that a command needs; those not named need the server's alone."""

SIZES: Mapping[str, str] = {
    "server": "what the server needs (50 MB)",
    "desktop": "Qt for the window (650 MB)",
    POSTGRESQL: "the driver of PostgreSQL (15 MB)",
    "test": "the test tools (120 MB)",
}

PACKAGES: Mapping[str, str] = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libGLX": "libglx0",
    "libOpenGL": "libopengl0",
    "libX11": "libx11-6",
    "libX11-xcb": "libx11-xcb1",
    "libXext": "libxext6",
    "libXrandr": "libxrandr2",
    "libbrotlidec": "libbrotli1",
    "libbz2": "libbz2-1.0",
    "libdbus-1": "libdbus-1-3",
    "libdrm": "libdrm2",
    "libfontconfig": "libfontconfig1",
    "libfreetype": "libfreetype6",
    "libglib-2.0": "libglib2.0-0",
    "libgssapi_krb5": "libgssapi-krb5-2",
    "libgthread-2.0": "libglib2.0-0",
    "libpulse": "libpulse0",
    "libpulse-mainloop-glib": "libpulse-mainloop-glib0",
    "libwayland-client": "libwayland-client0",
    "libwayland-cursor": "libwayland-cursor0",
    "libwayland-egl": "libwayland-egl1",
    "libxcb": "libxcb1",
    "libxcb-cursor": "libxcb-cursor0",
    "libxcb-icccm": "libxcb-icccm4",
    "libxcb-image": "libxcb-image0",
    "libxcb-keysyms": "libxcb-keysyms1",
    "libxcb-randr": "libxcb-randr0",
    "libxcb-render": "libxcb-render0",
    "libxcb-render-util": "libxcb-render-util0",
    "libxcb-shape": "libxcb-shape0",
    "libxcb-shm": "libxcb-shm0",
    "libxcb-sync": "libxcb-sync1",
    "libxcb-util": "libxcb-util1",
    "libxcb-xfixes": "libxcb-xfixes0",
    "libxcb-xkb": "libxcb-xkb1",
    "libxkbcommon": "libxkbcommon0",
    "libxkbcommon-x11": "libxkbcommon-x11-0",
    "libz": "zlib1g",
}
"""The Debian package of a shared library, by the library's name before `.so`."""

WINDOW_FILES = (
    "Qt/plugins/platforms/libqoffscreen.so",
    "Qt/lib/libQt6Widgets.so.6",
    "Qt/lib/libQt6Svg.so.6",
    "Qt/lib/libQt6Network.so.6",
    "Qt/lib/libQt6DBus.so.6",
)
X_FILES = ("Qt/plugins/platforms/libqxcb.so",)
WAYLAND_FILES = ("Qt/plugins/platforms/libqwayland*.so",)
SOUND_FILES = ("Qt/plugins/multimedia/libffmpegmediaplugin.so", "QtMultimedia.abi3.so")

TEST_PROGRAMS: Mapping[str, str] = {
    "strace": "strace",
    "Xvfb": "xvfb",
    "xauth": "xauth",
    "initdb": "postgresql",
    "dovecot": "dovecot-core",
    "imap-login": "dovecot-imapd",
    "pop3-login": "dovecot-pop3d",
    "lmtp": "dovecot-lmtpd",
}
"""Programs that some tests run, and their Debian packages."""

OFF_THE_PATH: Mapping[str, str] = {
    "initdb": "/usr/lib/postgresql/*/bin/initdb",
    "dovecot": "/usr/sbin/dovecot",
    "imap-login": "/usr/lib/dovecot/imap-login",
    "pop3-login": "/usr/lib/dovecot/pop3-login",
    "lmtp": "/usr/lib/dovecot/lmtp",
}
"""Where Debian keeps programs that are not on the path."""


class Stop(Exception):
    """It cannot go on; the text says why and what to do."""


def ensure(command: str, *more: str) -> None:
    """Return where everything that `command` needs is there; else make it and start anew in it.

    `more` are locks that this call of it needs besides. Ends the process with 1 where that is
    impossible, having said what to do.
    """
    needed = locks_of(command, *more)
    if not LOCKS.is_dir() or _in_another_environment_that_has(needed):
        return
    try:
        ready = _is_ready(needed)
        if not ready:
            with _one_at_a_time():
                if not _is_ready(needed):  # another start may just have made it
                    _make(needed)
        if "desktop" in needed and sys.platform == "linux":
            _see_to_libraries(command)
    except (Stop, OSError) as error:
        say(f"cannot start: {error}")
        raise SystemExit(1) from None
    if not ready or not _inside():
        _go_on()


def locks_of(command: str, *more: str) -> "tuple[str, ...]":
    """The locks that a command needs, with those that this call of it needs besides, in order."""
    named = {*NEEDS.get(command, SERVER), *more}
    return tuple(name for name in EVERYTHING if name in named)


def say(text: str) -> None:
    """Standard output belongs to the command, so what is said here goes to standard error."""
    print(f"ace: {text}", file=sys.stderr, flush=True)


# The environment


def stamp(needed: Iterable[str], locks: Path, python: str) -> dict[str, str]:
    """What an environment with these locks is known by: each lock's digest, and the Python."""
    digests = {
        name: hashlib.sha256((locks / f"{name}.lock").read_bytes()).hexdigest() for name in needed
    }
    return {"python": python, **digests}


def missing_distributions(lock: str, installed: Iterable[str]) -> list[str]:
    """What the lock names and no `NAME-VERSION.dist-info` among `installed` provides."""
    there = {_normal(name.split("-")[0]) for name in installed if name.endswith(".dist-info")}
    named = (line.partition("==")[0].strip() for line in lock.splitlines())
    return [name for name in named if name and _normal(name) not in there]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _version() -> str:
    return "{}.{}".format(*sys.version_info)


def _inside() -> bool:
    return Path(sys.prefix).resolve() == ENVIRONMENT.resolve()


def _in_another_environment_that_has(needed: Iterable[str]) -> bool:
    """An environment that somebody made for this program is theirs, versions included."""
    if sys.prefix == sys.base_prefix or _inside():
        return False
    installed = os.listdir(sysconfig.get_paths()["purelib"])
    return not any(
        missing_distributions((LOCKS / f"{name}.lock").read_text("utf-8"), installed)
        for name in needed
    )


def _python() -> Path:
    windows = os.name == "nt"
    return ENVIRONMENT / ("Scripts/python.exe" if windows else "bin/python")


def _stamped() -> dict[str, str]:
    try:
        found = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_ready(needed: Iterable[str]) -> bool:
    wanted = stamp(needed, LOCKS, _version())
    return wanted.items() <= _stamped().items() and _python().exists()


def _make(needed: Iterable[str]) -> None:
    """Make the environment or bring it up to date; the stamp that says so comes last."""
    old = _stamped()
    names = [name for name in EVERYTHING if name in needed or name in old]
    from_nothing = must_be_made(old, _made_with(), _version())
    say(f"preparing {ENVIRONMENT}: {', '.join(SIZES[name] for name in names)}.")
    say("This happens once and takes about a minute; the network decides.")
    began = time.monotonic()
    if from_nothing:
        _check_venv()
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        ENVIRONMENT.mkdir()
    STAMP.write_text(json.dumps(UNFINISHED), "utf-8")
    if from_nothing:
        _run([sys.executable, "-m", "venv", str(ENVIRONMENT)], "make the environment")
    pip = [str(_python()), "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
    requirements = [part for name in names for part in ("-r", str(LOCKS / f"{name}.lock"))]
    _run([*pip, *requirements], "install the packages (is the package index reached?)")
    STAMP.write_text(json.dumps(stamp(names, LOCKS, _version())), "utf-8")
    say(f"ready after {time.monotonic() - began:.0f} s.")


def must_be_made(stamped: Mapping[str, str], made_with: str, version: str) -> bool:
    """Whether the environment is made from nothing, rather than added to.

    `made_with` is the version of its Python, empty where there is none. Raises Stop where it would
    have to be removed and is not ours.
    """
    if made_with == version:
        return stamped == UNFINISHED
    if made_with and not stamped:
        raise Stop(
            f"{ENVIRONMENT} is somebody's own, with Python {made_with}, and this is {version}: "
            "start main.py with that one, or remove it"
        )
    return True


def _made_with() -> str:
    """The version of the environment's Python; empty where there is none that can be started."""
    if not _python().exists():
        return ""
    text = (ENVIRONMENT / "pyvenv.cfg").read_text("utf-8")
    found = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", text, re.MULTILINE)
    return found[1] if found else ""


def _check_venv() -> None:
    """Debian keeps a part of Python's own `venv` in a package of its own."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    left = _install([_venv_package()], "to make the environment")
    if left:
        raise Stop(f"this Python cannot make an environment. Run: {install_line(left)}")


def _venv_package() -> str:
    systems = os.path.basename(os.path.realpath("/usr/bin/python3"))
    return "python3-venv" if systems == f"python{_version()}" else f"python{_version()}-venv"


def _run(command: Sequence[str], purpose: str) -> None:
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        raise Stop(f"could not {purpose}; the reason stands above")


def _go_on() -> NoReturn:
    """Go on with the same arguments, and the same options of Python, in the environment."""
    command = [str(_python()), *sys.orig_argv[1:]]
    if os.name == "nt":  # there execv returns to the shell at once
        raise SystemExit(subprocess.call(command))
    os.execv(command[0], command)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two first starts at once: the second waits for the first."""
    if os.name == "nt" or not os.access(ROOT, os.W_OK):  # a checkout that others maintain
        yield
        return
    with (ROOT / ".venv.lock").open("w") as file:
        _lock(file)
        yield


def _lock(file: IO[str]) -> None:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        say("another start is preparing the environment; waiting for it.")
        fcntl.flock(file, fcntl.LOCK_EX)


# The system's libraries


def missing_libraries(ldd: str) -> list[str]:
    """The libraries that `ldd` did not find, in its order, each once."""
    found = re.findall(r"^\s*(\S+) => not found", ldd, re.MULTILINE)
    return list(dict.fromkeys(found))


def packages_of(libraries: Iterable[str]) -> tuple[list[str], list[str]]:
    """The Debian packages of these libraries, and the libraries whose package is not known."""
    packages, unknown = {}, []
    for library in libraries:
        package = PACKAGES.get(library.partition(".so")[0])
        if package is None:
            unknown.append(library)
        else:
            packages[package] = True
    return sorted(packages), unknown


def install_line(packages: Iterable[str]) -> str:
    """What a person without root's rights runs."""
    return "sudo apt-get install -y --no-install-recommends " + " ".join(packages)


def window_files(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The files below PySide6 whose libraries a window needs on this display."""
    if environment.get("QT_QPA_PLATFORM") != "offscreen":
        if environment.get("DISPLAY"):
            return WINDOW_FILES + X_FILES
        if environment.get("WAYLAND_DISPLAY"):
            return WINDOW_FILES + WAYLAND_FILES
    return WINDOW_FILES


def _see_to_libraries(command: str) -> None:
    """See to what the system must bring; what was complete once is not looked at again."""
    test = command == "test"
    window = window_files(os.environ)
    looked_at = " ".join(["test" if test else "", *window])
    stamped = _stamped()
    complete = [text for text in stamped.get("libraries", "").split(";") if text]
    if looked_at in complete:
        return
    tests = X_FILES if test else ()  # tests bring their own display
    programs = TEST_PROGRAMS if test else {}
    wanted = packages_of(_lacking([*window, *SOUND_FILES, *tests]))[0] + _absent(programs)
    if wanted:
        _install(wanted, "for the window" if not test else "for the window and the tests")
    if _remedy(window):
        remedy = _remedy([*window, *SOUND_FILES])
        raise Stop(f"libraries that Qt needs are missing. {remedy}")
    remedies = {
        "going on without sound": _remedy(SOUND_FILES),
        "tests that need them are left out": _remedy(tests, _absent(programs)),
    }
    for consequence, remedy in remedies.items():
        if remedy:
            say(f"{consequence}. {remedy}")
    if not any(remedies.values()) and os.access(STAMP, os.W_OK):
        stamped["libraries"] = ";".join([*complete, looked_at])
        STAMP.write_text(json.dumps(stamped), "utf-8")


def _absent(programs: Mapping[str, str]) -> list[str]:
    return [
        package
        for name, package in programs.items()
        if not shutil.which(name) and not glob.glob(OFF_THE_PATH.get(name, ""))
    ]


def _remedy(files: Iterable[str], programs: Sequence[str] = ()) -> str:
    """What a person does about what these files still lack; nothing where they lack nothing."""
    lacking = _lacking(files)
    packages, unknown = packages_of(lacking)
    if (packages or programs) and shutil.which("apt-get"):
        return f"Run: {install_line([*packages, *programs])}"
    if lacking or programs:
        return f"Install what holds {' '.join([*lacking, *programs])}"
    return ""


def _lacking(files: Iterable[str]) -> list[str]:
    below = next(ENVIRONMENT.glob("lib/python*/site-packages/PySide6"), None)
    if below is None or not shutil.which("ldd"):
        return []
    present = [str(path) for pattern in files for path in sorted(below.glob(pattern))]
    if not present:
        return []
    result = subprocess.run(
        ["ldd", *present], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )
    return missing_libraries(result.stdout.decode(errors="replace"))


def _install(packages: Sequence[str], purpose: str) -> list[str]:
    """Install Debian packages where this is root's Debian; those that are still missing."""
    if not shutil.which("apt-get") or os.name == "nt" or os.geteuid() != 0:
        return list(packages)
    say(f"installing Debian packages {purpose}: {' '.join(packages)}.")
    if not glob.glob("/var/lib/apt/lists/*_Packages*"):
        _apt_get("update")
    if _apt_get("install", *packages) or (
        _apt_get("update") == 0 and _apt_get("install", *packages)  # the lists were too old
    ):
        return list(packages)
    return []


def _apt_get(verb: str, *packages: str) -> int:
    options = ["-y", "--no-install-recommends"] if verb == "install" else []
    return subprocess.run(
        ["apt-get", "-qq", verb, *options, *packages],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    ).returncode

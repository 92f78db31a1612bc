"""A bare machine is made ready: what is decided, and a start without anything but Python.

The proof on a really bare system is `.ci/bare-machine` (see CONTRIBUTING.md): it takes a minute.
"""

import ast
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import bootstrap
import main

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(__file__).parent / "data" / "bootstrap"


@pytest.fixture
def locks(tmp_path):
    for name in bootstrap.EVERYTHING:
        (tmp_path / f"{name}.lock").write_text(f"{name}-package==1.0\n")
    return tmp_path


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """An environment of its own with nothing in it."""
    folder = tmp_path_factory.mktemp("bare")
    venv.EnvBuilder(with_pip=False).create(folder)
    return next(folder.glob("bin/python")) if sys.platform != "win32" else folder / "Scripts/python"


def start(python, *arguments, cwd):
    return subprocess.run(
        [python, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


# What a command needs


@pytest.mark.parametrize("command", ["server", "configure", "contacts", "check"])
def test_server_commands_need_no_qt(command):
    assert bootstrap.NEEDS.get(command, bootstrap.SERVER) == ("server",)


@pytest.mark.parametrize("command", ["", "demo", "agent"])
def test_the_window_needs_no_test_tools(command):
    assert bootstrap.NEEDS[command] == ("server", "desktop")


@pytest.mark.parametrize("command", ["test", "bench", "screenshots"])
def test_working_on_the_program_needs_everything(command):
    assert bootstrap.locks_of(command) == bootstrap.EVERYTHING


@pytest.mark.parametrize(
    ("command", "locks"),
    [("contacts", ("server", "postgresql")), ("", ("server", "desktop", "postgresql"))],
)
def test_the_driver_of_postgresql_is_needed_where_the_database_is_there(command, locks):
    assert "postgresql" not in bootstrap.locks_of(command)
    assert bootstrap.locks_of(command, bootstrap.POSTGRESQL) == locks


def test_every_lock_is_one_that_the_environment_can_be_made_of():
    locks = {file.stem for file in (ROOT / "requirements").glob("*.lock")}
    assert locks == set(bootstrap.EVERYTHING) == set(bootstrap.SIZES)


def test_every_lock_that_is_named_exists_and_says_how_big_it_is():
    for names in [*bootstrap.NEEDS.values(), bootstrap.SERVER]:
        for name in names:
            assert (ROOT / "requirements" / f"{name}.lock").is_file()
            assert bootstrap.SIZES[name]


def test_locks_hold_names_and_versions_only():
    for lock in (ROOT / "requirements").glob("*.lock"):
        for line in lock.read_text().splitlines():
            name, _, version = line.partition("==")
            assert name and version and not set(line) & set(" /@;#"), f"{lock.name}: {line}"


# The stamp


def test_stamp_names_the_locks_it_was_made_of(locks):
    assert set(bootstrap.stamp(bootstrap.DESKTOP, locks, "3.11")) == {
        "python",
        "server",
        "desktop",
    }


def test_stamp_changes_with_a_lock(locks):
    before = bootstrap.stamp(bootstrap.SERVER, locks, "3.11")
    (locks / "server.lock").write_text("server-package==1.1\n")
    assert bootstrap.stamp(bootstrap.SERVER, locks, "3.11") != before


def test_stamp_changes_with_the_python(locks):
    older = bootstrap.stamp(bootstrap.SERVER, locks, "3.11")
    assert bootstrap.stamp(bootstrap.SERVER, locks, "3.13") != older


def test_an_environment_with_more_is_good_enough(locks):
    everything = bootstrap.stamp(bootstrap.EVERYTHING, locks, "3.11")
    assert bootstrap.stamp(bootstrap.SERVER, locks, "3.11").items() <= everything.items()


def test_an_environment_is_added_to_when_it_was_finished():
    assert not bootstrap.must_be_made({"python": "3.11", "server": "x"}, "3.11", "3.11")


def test_an_environment_is_made_again_when_making_it_was_interrupted():
    assert bootstrap.must_be_made(bootstrap.UNFINISHED, "3.11", "3.11")


def test_an_environment_is_made_again_for_another_python():
    assert bootstrap.must_be_made({"python": "3.11", "server": "x"}, "3.11", "3.13")


def test_an_environment_is_made_where_there_is_none():
    assert bootstrap.must_be_made({}, "", "3.11")


# An environment that somebody else made


def test_an_environment_of_somebodys_own_is_added_to():
    assert not bootstrap.must_be_made({}, "3.11", "3.11")


def test_an_environment_of_somebodys_own_is_never_removed():
    with pytest.raises(bootstrap.Stop, match="3.12"):
        bootstrap.must_be_made({}, "3.12", "3.11")


def test_installed_packages_are_known_by_their_folders():
    installed = ["argon2_cffi-25.1.0.dist-info", "peewee-4.5.3.dist-info", "peewee.py"]
    assert bootstrap.missing_distributions("argon2-cffi==25.1.0\npeewee==4.5.3\n", installed) == []


def test_a_package_that_is_missing_is_named():
    assert bootstrap.missing_distributions("PySide6==6.11.3\n", ["peewee-4.5.3.dist-info"]) == [
        "PySide6"
    ]


# The system's libraries


def test_missing_libraries_are_read_from_ldd():
    found = bootstrap.missing_libraries((DATA / "ldd_on_a_bare_debian.txt").read_text())
    assert found == [
        "libxcb-icccm.so.4",
        "libxcb-keysyms.so.1",
        "libxkbcommon-x11.so.0",
        "libfontconfig.so.1",
        "libgthread-2.0.so.0",
        "libglib-2.0.so.0",
        "libEGL.so.1",
        "libnobody-knows.so.3",
    ]


def test_nothing_is_missing_on_a_complete_system():
    text = (DATA / "ldd_on_a_complete_debian.txt").read_text()
    assert bootstrap.missing_libraries(text) == []


def test_libraries_become_packages_and_unknown_ones_keep_their_names():
    found = bootstrap.missing_libraries((DATA / "ldd_on_a_bare_debian.txt").read_text())
    packages, unknown = bootstrap.packages_of(found)
    assert packages == [
        "libegl1",
        "libfontconfig1",
        "libglib2.0-0",
        "libxcb-icccm4",
        "libxcb-keysyms1",
        "libxkbcommon-x11-0",
    ]
    assert unknown == ["libnobody-knows.so.3"]


def test_the_line_to_run_can_be_pasted():
    assert bootstrap.install_line(["libegl1", "libgl1"]) == (
        "sudo apt-get install -y --no-install-recommends libegl1 libgl1"
    )


@pytest.mark.parametrize(
    ("environment", "plugin"),
    [
        ({"DISPLAY": ":0"}, "libqxcb"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "libqwayland"),
    ],
)
def test_the_display_decides_which_plugin_must_be_complete(environment, plugin):
    assert any(plugin in name for name in bootstrap.window_files(environment))


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}])
def test_without_a_display_x_is_not_asked_for(environment):
    assert bootstrap.window_files(environment) == bootstrap.WINDOW_FILES


# Starting


@pytest.mark.parametrize("name", ["main.py", "bootstrap.py"])
def test_an_old_python_can_read_it(name):
    ast.parse((ROOT / name).read_text("utf-8"), feature_version=(3, 6))


def test_an_old_python_is_told_so(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    assert main.main(["server"]) == 1
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


def test_help_needs_nothing_but_python(bare_python, tmp_path):
    result = start(bare_python, str(ROOT / "main.py"), "--help", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    for command in ("demo", "server", "agent", "configure", "export", "contacts", "test"):
        assert f" {command} " in result.stdout


def test_wrong_usage_needs_nothing_but_python(bare_python, tmp_path):
    result = start(bare_python, str(ROOT / "main.py"), "serve", cwd=tmp_path)
    assert result.returncode == 2
    assert "serve" in result.stderr


def test_a_server_that_a_window_starts_prepares_nothing(bare_python, tmp_path):
    result = start(bare_python, str(ROOT / "main.py"), "server", "--embedded", cwd=tmp_path)
    assert result.returncode == 1
    assert "preparing" not in result.stderr
    assert "is not installed" in result.stderr


def test_where_no_locks_lie_beside_it_the_environment_is_its_owners(monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "LOCKS", tmp_path / "requirements")
    bootstrap.ensure("server")


def test_an_environment_that_has_everything_is_used_as_it_is(tmp_path):
    result = start(
        sys.executable, str(ROOT / "main.py"), "check", "--data", str(tmp_path), cwd=tmp_path
    )
    assert "preparing" not in result.stderr


def test_importing_the_command_line_does_nothing(bare_python, tmp_path):
    code = "import sys, main, bootstrap; print(sorted(set(sys.modules) & {'peewee', 'ace_server'}))"
    result = start(
        bare_python, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}", cwd=tmp_path
    )
    assert result.stdout.strip() == "[]", result.stderr

"""The documents are true: commands, parameters and codes stand in them; links lead somewhere."""

import argparse
import ast
import re
import tomllib
from pathlib import Path

import pytest

import main
from ace_agent.commands import catalogue
from ace_server import VERSION
from ace_server.concepts import KINDS
from ace_server.settings import SystemParameters
from ace_server.workitem.port import STATUSES

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("resources/**/*.md")]
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SENDERS = ("workitem", "intake.py")
"""Where a refusal to a sender is made."""


def read(name):
    return (ROOT / name).read_text("utf-8")


def commands():
    parser = main._parser()
    (found,) = [
        action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    ]
    return found.choices


def lines_about(code, text):
    return [line for line in text.splitlines() if line.startswith(f"| `{code}` |")]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command):
    text = read("docs/operations.md")
    assert f"`main.py {command}" in text or f"`{command}" in text


@pytest.mark.parametrize("command", commands())
def test_every_option_is_documented(command):
    text = read("docs/operations.md")
    for action in commands()[command]._actions:
        hidden = action.help == argparse.SUPPRESS or action.dest == "help"
        for option in () if hidden else action.option_strings:
            assert option in text, f"{command} {option}"


@pytest.mark.parametrize("parameter", SystemParameters.__struct_fields__)
def test_every_system_parameter_is_documented(parameter):
    assert f"`{parameter}`" in read("docs/configuration.md")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_field_of_the_configuration_is_documented(kind):
    text = read("docs/configuration.md")
    assert kind in text
    for field in KINDS[kind].__struct_fields__:
        assert f"`{field}`" in text, f"{kind}.{field}"


@pytest.mark.parametrize("code", STATUSES)
def test_every_code_of_a_refusal_is_documented_with_its_status(code):
    (line,) = lines_about(code, read("docs/interface.md"))
    assert f"| {STATUSES[code]} |" in line


def test_documented_codes_exist():
    codes = re.findall(r"^\| `([a-z-]+)` \| \d{3} \|", read("docs/interface.md"), re.MULTILINE)
    assert sorted(codes) == sorted(STATUSES)


def test_senders_get_no_code_without_a_status():
    codes = {
        argument.value
        for place in SENDERS
        for file in files(ROOT / "ace_server" / place)
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Refused"
        and isinstance(argument := call.args[0], ast.Constant)
    }
    assert codes <= STATUSES.keys()


def files(place):
    return [place] if place.is_file() else place.rglob("*.py")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document):
    for target in LINK.findall(document.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = document.parent / path if path else document
        assert found.exists(), f"{document.name} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(found), f"{target} has no such heading"


def anchors(document):
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


def test_every_document_is_in_the_index():
    index = read("docs/index.md")
    others = {one.name for one in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert [name for name in sorted(others) if f"({name})" not in index] == []


def test_the_program_knows_its_version():
    assert tomllib.loads(read("pyproject.toml"))["project"]["version"] == VERSION


def test_every_dependency_has_its_reason():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    optional = project["optional-dependencies"].values()
    wanted = [re.split(r"[^\w-]", line)[0] for line in sum(optional, project["dependencies"])]
    text = read("docs/dependencies.md").lower()
    assert [name for name in wanted if name not in text] == []


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    desktop = project["optional-dependencies"]["desktop"]
    for lock, lines in (("server", project["dependencies"]), ("desktop", desktop)):
        locked = {normal(line.partition("==")[0]) for line in read_lock(lock)}
        assert {normal(re.split(r"[^\w-]", line)[0]) for line in lines} <= locked


def read_lock(name):
    return read(f"requirements/{name}.lock").splitlines()


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("command", [one for one in catalogue() if one.keys], ids=lambda c: c.name)
def test_every_key_of_the_window_is_documented(command):
    text = read("docs/supervisor.md" if command.menu == "pulse" else "docs/agent.md")
    assert any(key.replace("Return", "Enter") in text for key in command.keys)

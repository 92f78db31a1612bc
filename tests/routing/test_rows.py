"""Every row of the domain about routing has its place in the code, and the documents say which."""

import ast
import re
from pathlib import Path

import pytest

import ace_server.routing

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(ace_server.routing.__file__).parent
ROWS = [*(f"RO-{number}" for number in range(1, 12)), "RO-4b"]
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef


def named_in(file):
    """The rows that docstrings of a module name."""
    tree = ast.parse(file.read_text("utf-8"))
    found = [ast.get_docstring(one) for one in ast.walk(tree) if isinstance(one, DOCUMENTED)]
    return set(re.findall(r"RO-\d+b?", " ".join(text for text in found if text)))


def documented():
    """The modules of each row, by the table in docs/architecture.md."""
    lines = (ROOT / "docs" / "architecture.md").read_text("utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| RO-")]
    return {row: re.findall(r"`(\w+)`", modules) for row, _, modules in cells}


@pytest.mark.parametrize("row", ROWS)
def test_row_is_named_where_it_is_kept(row):
    modules = documented()[row]
    assert [name for name in modules if not (FOLDER / f"{name}.py").exists()] == []
    naming = {file.stem for file in FOLDER.glob("*.py") if row in named_in(file)}
    assert naming, f"no docstring in {FOLDER.name}/ names {row}"
    assert naming & set(modules), f"docs/architecture.md says {modules}, the code {naming}"


def test_documented_rows_are_the_domains_and_every_module_is_in_one():
    assert list(documented()) == sorted(ROWS, key=lambda row: (int(re.sub(r"\D", "", row)), row))
    modules = {file.stem for file in FOLDER.glob("*.py")} - {"__init__"}
    assert {name for names in documented().values() for name in names} == modules

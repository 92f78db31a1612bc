"""Routing reads no file, no network, no clock and no chance: it is told everything."""

import ast
from pathlib import Path

import pytest

import ace_server.routing

MODULES = sorted(Path(ace_server.routing.__file__).parent.glob("*.py"))

ALLOWED = {
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "heapq",
    "itertools",
    "math",
    "msgspec",
    "re",
    "typing",
    "zoneinfo",
}
"""What computes, and reads nothing."""

OURS = ("routing", "concepts", "contact", "sentences")

CLOCKS = {"now", "utcnow", "today", "open", "input", "print", "globals"}
"""Names of what would ask the machine, whoever they belong to."""


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_module_imports_only_what_computes(module):
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            first, *rest = name.split(".")
            is_ours = first == "ace_server" and (not rest or rest[0] in OURS)
            assert is_ours or first in ALLOWED, f"{module.name} imports {name}"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_module_asks_no_clock_and_no_file(module):
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            assert name not in CLOCKS, f"{module.name}, line {node.lineno}: {name}()"

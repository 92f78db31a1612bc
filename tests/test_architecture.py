"""Who may import whom, and what is done in one place only, read from the sources with `ast`."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ace_server", "ace_agent")

GROUND = "ground"
FLOORS = (
    (
        GROUND,
        "ace_server.contact",
        "ace_server.sentences",
        "ace_server.errors",
        "ace_server.rounds",
        "ace_server.clock",
        "ace_server.passwords",
        "ace_server.references",
        "ace_server.wire",
        "ace_server.settings",
        "ace_server.concepts",
        "ace_server.tls",
        "ace_server.logs",
        "ace_server.email.domains",
        "ace_server.email.mail",
        "ace_server.email.html",
        "ace_server.email.urls",
        "ace_server.email.variables",
    ),
    (
        "store, routing, messages",
        "ace_server.store",
        "ace_server.routing",
        "ace_server.workitem.message",
        "ace_server.email.message",
        "ace_server.email.analysis",
        "ace_server.email.writing",
    ),
    (
        "checks of messages",
        "ace_server.workitem.checks",
        "ace_server.email.answers",
        "ace_server.email.replying",
    ),
    ("events", "ace_server.events"),
    (
        "around the store",
        "ace_server.attachments",
        "ace_server.current",
        "ace_server.entrances",
        "ace_server.leading",
        "ace_server.recovery",
    ),
    ("beside other processes", "ace_server.admission", "ace_server.hearing"),
    ("intake", "ace_server.intake"),
    (
        "services",
        "ace_server.workitem",
        "ace_server.email",
        "ace_server.desk",
        "ace_server.administration",
    ),
    ("statistics, simulation", "ace_server.statistics", "ace_server.simulation"),
    ("figures", "ace_server.figures"),
    ("server, command line", "ace_server.server", "ace_server.administration.commands"),
    ("further command lines", "ace_server.simulation.command", "ace_server.email.command"),
)
"""From the ground up: a module imports from the floors below its own, and from its own room."""

SHARED_FLOORS = {GROUND}
"""Floors whose rooms may import each other, as long as there is no cycle."""

ONLY_IN = {
    "peewee": "ace_server.store",
    "playhouse": "ace_server.store",
    "psycopg": "ace_server.store.postgresql",
    "lxml": ("ace_server.workitem.message", "ace_server.email.html", "ace_agent.desk.html_process"),
    "nh3": "ace_agent.desk.html_process",
    "imapclient": "ace_server.email.imap",
    "poplib": "ace_server.email.pop3",
    "aiosmtplib": "ace_server.email.smtp",
    "qasync": "ace_agent.loop",
    "PySide6.QtPdf": "ace_agent.desk.pdf_process",
}
"""What is imported by one module or package, or by these, and by no other."""

NEVER = {
    "PySide6.QtCharts": "it is GPL",
    "PySide6.QtGraphs": "it is GPL",
    "PySide6.QtDataVisualization": "it is GPL",
}

LOADS_PAGES = "ace_agent.main_window"
"""The one module that imports by name: heavy pages, when they are first opened."""

COMMAND_LINES = (
    "ace_server.administration.commands",
    "ace_server.server",
    "ace_agent.app",
    "ace_agent.demo",
    "ace_agent.screenshots",
    "ace_agent.translations",
)
"""Modules whose output a person or a program reads on a terminal."""

PALETTE = "ace_agent.theme"

Import = tuple[str, ast.stmt]


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of both packages by its name; migrations are run as files, not imported."""
    found = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if file.parent.name == "migrations":
                continue
            parts = file.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(file.read_text("utf-8"))
    return found


def imports(tree: ast.AST) -> Iterator[Import]:
    """Every module that is imported, wherever that stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((_module(node.module or "", alias.name), node) for alias in node.names)


def _module(package: str, name: str) -> str:
    """`from package import name` may name a module or something in one."""
    full = f"{package}.{name}"
    return full if full in sources() or full in NEVER else package


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def room_of(module: str) -> tuple[int, str] | None:
    """The floor of a server module and its room there; None: it has no place yet."""
    found = [
        (floor, room)
        for floor, (_, *rooms) in enumerate(FLOORS)
        for room in rooms
        if within(module, room)
    ]
    return max(found, key=lambda place: len(place[1]), default=None)


def remove(module: str, imported: str, why: str) -> str:
    return f"{module}: remove the import of {imported} ({why})"


def server_faults(module: str, imported: str) -> str | None:
    """What is wrong with an import of the server in the server."""
    here, there = room_of(module), room_of(imported)
    if here is None or there is None or here[1] == there[1]:
        return None
    shared = FLOORS[here[0]][0] in SHARED_FLOORS
    if there[0] < here[0] or (there[0] == here[0] and shared):
        return None
    return remove(module, imported, f"{FLOORS[there[0]][0]} is not below {FLOORS[here[0]][0]}")


def test_every_server_module_has_a_floor():
    homeless = [
        name for name in sources() if name.startswith("ace_server.") and room_of(name) is None
    ]
    assert not homeless, f"give these a floor in {Path(__file__).name}: {homeless}"


def test_server_imports_point_downward():
    faults = [
        fault
        for module, tree in sources().items()
        if within(module, "ace_server")
        for imported, _ in imports(tree)
        if (fault := server_faults(module, imported))
    ]
    assert not faults, "\n".join(faults)


def test_server_knows_nothing_of_the_window():
    faults = [
        remove(module, imported, "the server runs without a window")
        for module, tree in sources().items()
        if within(module, "ace_server")
        for imported, _ in imports(tree)
        if any(within(imported, other) for other in ("ace_agent", "PySide6", "qasync", "shiboken6"))
    ]
    assert not faults, "\n".join(faults)


def test_window_meets_the_server_in_wire_alone():
    faults = [
        remove(module, imported, "of the server it imports ace_server.wire alone")
        for module, tree in sources().items()
        if within(module, "ace_agent")
        for imported, _ in imports(tree)
        if within(imported, "ace_server") and imported != "ace_server.wire"
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("library", ONLY_IN)
def test_library_stands_behind_one_room(library):
    rooms = (ONLY_IN[library],) if isinstance(ONLY_IN[library], str) else ONLY_IN[library]
    faults = [
        remove(module, imported, f"{library} belongs to {', '.join(rooms)}")
        for module, tree in sources().items()
        if not any(within(module, room) for room in rooms)
        for imported, _ in imports(tree)
        if within(imported, library)
    ]
    assert not faults, "\n".join(faults)


def test_no_part_of_qt_that_is_gpl():
    faults = [
        remove(module, imported, why)
        for module, tree in sources().items()
        for imported, _ in imports(tree)
        for name, why in NEVER.items()
        if within(imported, name)
    ]
    assert not faults, "\n".join(faults)


def test_no_import_cycle():
    graph = {
        module: {name for name, _ in imports(tree) if name in sources() and name != module}
        for module, tree in sources().items()
    }
    while leaves := {module for module, needs in graph.items() if not needs}:
        graph = {module: needs - leaves for module, needs in graph.items() if module not in leaves}
    on_a_cycle = {module: needs & graph.keys() for module, needs in graph.items()}
    assert not on_a_cycle, f"these import each other, perhaps through others: {on_a_cycle}"


def test_no_import_inside_a_function():
    faults = [
        f"{module}:{statement.lineno}: move the import of {imported} to the top"
        for module, tree in sources().items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for imported, statement in imports(function)
    ]
    assert not faults, "\n".join(faults)


def test_pages_are_loaded_by_name_in_one_place():
    faults = [
        remove(module, imported, f"only {LOADS_PAGES} loads by name")
        for module, tree in sources().items()
        if module != LOADS_PAGES
        for imported, _ in imports(tree)
        if imported == "importlib"
    ]
    assert not faults, "\n".join(faults)


def test_models_know_no_widgets():
    faults = [
        remove(module, imported, "a model holds rows and knows nothing else")
        for module, tree in sources().items()
        if module.endswith(".models") and within(module, "ace_agent")
        for imported, _ in imports(tree)
        if within(imported, "PySide6.QtWidgets")
    ]
    assert not faults, "\n".join(faults)


def test_nothing_blocks_the_loop_with_a_dialog_of_its_own():
    faults = [
        f"{module}:{node.lineno}: call open() and await loop.closed() instead of exec()"
        for module, tree in sources().items()
        if within(module, "ace_agent")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("exec", "exec_")
    ]
    faults += [
        f"{module}:{node.lineno}: a static QMessageBox blocks the loop; open() one"
        for module, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("QMessageBox", "QInputDialog", "QFileDialog")
        and node.attr in BLOCKING
    ]
    assert not faults, "\n".join(faults)


BLOCKING = {
    "about",
    "critical",
    "getExistingDirectory",
    "getInt",
    "getItem",
    "getOpenFileName",
    "getSaveFileName",
    "getText",
    "information",
    "question",
    "warning",
}


def test_lists_are_models():
    faults = [
        f"{module}:{node.lineno}: use a model and a view instead of {node.id}"
        for module, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
        and node.id in ("QTableWidget", "QListWidget", "QTreeWidget", "QSortFilterProxyModel")
    ]
    assert not faults, "\n".join(faults)


def test_colours_are_chosen_in_the_theme():
    faults = [
        f"{module}:{node.lineno}: take this colour from {PALETTE}"
        for module, tree in sources().items()
        if module != PALETTE
        for node in ast.walk(tree)
        if is_colour(node)
    ]
    assert not faults, "\n".join(faults)


def is_colour(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.search(r"#[0-9a-fA-F]{6}\b", node.value) is not None
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("QColor", "QRgba64")
        and any(isinstance(argument, ast.Constant) for argument in node.args)
    )


def test_values_are_put_into_a_text_at_once():
    faults = [
        f"{module}:{node.lineno}: use filled(): the value put in before may hold the next place"
        for module, tree in sources().items()
        for node in ast.walk(tree)
        if puts_in_a_later_value(node)
    ]
    assert not faults, "\n".join(faults)


def puts_in_a_later_value(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "replace"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and re.fullmatch("%[2-9]", str(node.args[0].value)) is not None
    )


def test_only_command_lines_print():
    faults = [
        f"{module}:{node.lineno}: log it, or return it"
        for module, tree in sources().items()
        if module not in COMMAND_LINES
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "print"
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("line", "is_fault"),
    [
        ('text.replace("%1", name)', False),
        ('text.replace("%1", name).replace("%2", why)', True),
        ('self.tr("%2").replace("%2", why)', True),
        ("filled(text, name, why)", False),
    ],
)
def test_the_rule_of_values_itself(line, is_fault):
    assert any(puts_in_a_later_value(node) for node in ast.walk(ast.parse(line))) is is_fault


@pytest.mark.parametrize(
    ("module", "imported", "right"),
    [
        ("ace_server.store.contacts", "ace_server.contact", True),
        ("ace_server.store.contacts", "ace_server.store.models", True),
        ("ace_server.concepts", "ace_server.wire", True),
        ("ace_server.contact", "ace_server.store", False),
        ("ace_server.store.contacts", "ace_server.routing.rules", False),
        ("ace_server.desk.dispatch", "ace_server.routing.rules", True),
        ("ace_server.desk.dispatch", "ace_server.administration.users", False),
        ("ace_server.administration.users", "ace_server.administration.commands", False),
        ("ace_server.administration.commands", "ace_server.desk.explaining", True),
        ("ace_server.intake", "ace_server.workitem.port", False),
        ("ace_server.administration.commands", "ace_server.server", False),
    ],
)
def test_the_rule_itself(module, imported, right):
    assert (server_faults(module, imported) is None) is right

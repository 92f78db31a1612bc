"""The texts of the program in its languages: collected from the sources, compiled, counted.

For those who work on the program: `python -m ace_agent.translations` brings the files in
`resources/translations` up to date and lists what is still to be translated.
"""

import ast
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import PySide6

from ace_agent.language import LANGUAGES, NAME, SOURCE
from ace_agent.sentences import CONTEXT
from resources import path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(PySide6.__file__).parent

TO_OTHERS = (
    "ace_server/workitem/",
    "ace_server/store/",
    "ace_server/administration/",
    "ace_server/simulation/",
    "ace_server/email/command.py",
    "ace_server/tls.py",
)
"""Where the reason of a refusal is read by a system, or on a terminal, and stays English."""

OWN = "ace_agent/sentences.py"
"""Translates what others collected."""


@dataclass(frozen=True, order=True)
class Text:
    """One text in the sources; its context is the class or the part it stands in."""

    context: str
    source: str
    is_plural: bool = False

    def as_call(self) -> str:
        """The same as `lupdate` reads it."""
        context, source = (
            json.dumps(part, ensure_ascii=False) for part in (self.context, self.source)
        )
        if self.is_plural:
            return f'QCoreApplication::translate({context}, {source}, "", count);'
        return f"QCoreApplication::translate({context}, {source});"


class Uncollected(Exception):
    """A text is made while the program runs, and so cannot be translated; says where."""


def collect() -> list[Text]:
    """Every text of the window, and every sentence that the server says to a person.

    Read with `ast`, since `lupdate` misses some texts of Python. Raises Uncollected.
    """
    texts: set[Text] = set()
    faults: list[str] = []
    for file in sorted([*ROOT.glob("ace_agent/**/*.py"), *ROOT.glob("ace_server/**/*.py")]):
        name = file.relative_to(ROOT).as_posix()
        if name == OWN:
            continue
        for found in _Reader(file, name).read():
            if isinstance(found, Text):
                texts.add(found)
            else:
                faults.append(found)
    if faults:
        raise Uncollected("\n".join(faults))
    return sorted(texts)


class _Reader(ast.NodeVisitor):
    """Finds the calls that say something, with the class they stand in."""

    def __init__(self, file: Path, name: str) -> None:
        self._file = file
        self._name = name
        self._is_server = name.startswith("ace_server/")
        self._class = ""
        self._found: list[Text | str] = []

    def read(self) -> list[Text | str]:
        """The texts of the file, and what is wrong with those that are none."""
        self.visit(ast.parse(self._file.read_text("utf-8")))
        return self._found

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._class = self._class, node.name
        self.generic_visit(node)
        self._class = outer

    def visit_Call(self, node: ast.Call) -> None:
        match _called(node):
            case "tr" if not self._is_server and isinstance(node.func, ast.Attribute):
                self._note(node, self._class, node.args[0], is_plural=len(node.args) > 2)
            case "translate" if not self._is_server and len(node.args) > 1:  # no text's own
                self._note_in_context(node)
            case "sentence" if self._is_server:
                self._note(node, CONTEXT, node.args[0])
            case "Refused" if self._is_server and not self._name.startswith(TO_OTHERS):
                self._note_refusal(node, node.args[1])
        self.generic_visit(node)

    def _note_in_context(self, node: ast.Call) -> None:
        context, source = node.args[:2]
        is_literal = isinstance(context, ast.Constant)
        name = str(context.value) if isinstance(context, ast.Constant) else ""
        self._note(node, name, source if is_literal else context, is_plural=len(node.args) > 3)

    def _note_refusal(self, node: ast.Call, reason: ast.expr) -> None:
        """A sentence of its own is noted where it is made."""
        if isinstance(reason, ast.Constant | ast.JoinedStr | ast.BinOp):
            self._note(node, CONTEXT, reason)

    def _note(
        self, node: ast.Call, context: str, source: ast.expr, *, is_plural: bool = False
    ) -> None:
        if isinstance(source, ast.Constant) and isinstance(source.value, str):
            self._found.append(Text(context, source.value, is_plural))
        else:
            self._found.append(
                f"{self._name}:{node.lineno}: the text is not written here as it is; "
                "put what differs into a placeholder"
            )


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


# The files


def bring_up_to_date(folder: Path, texts: Sequence[Text]) -> None:
    """Merge the texts into the folder's `.ts` files, and compile each into its `.qm`."""
    with TemporaryDirectory() as work:
        source = Path(work) / "texts.cpp"
        source.write_text("\n".join(text.as_call() for text in texts), "utf-8")
        for language in LANGUAGES:
            update(folder / f"{NAME}_{language}.ts", source, language)
    for language in LANGUAGES:
        release(folder / f"{NAME}_{language}.ts", folder / f"{NAME}_{language}.qm")


def update(translations: Path, source: Path, language: str) -> None:
    """Add what is new to a `.ts` file and take out what is gone; of English only the plurals."""
    options = ["-locations", "none", "-no-obsolete", "-silent"]
    if language == SOURCE:
        options.append("-pluralonly")
    languages = ["-source-language", SOURCE, "-target-language", language]
    _run("lupdate", *options, *languages, str(source), "-ts", str(translations))


def release(translations: Path, compiled: Path) -> None:
    """Compile a `.ts` file into what the program loads."""
    _run("lrelease", "-silent", "-nounfinished", str(translations), "-qm", str(compiled))


def _run(tool: str, *arguments: str) -> None:
    subprocess.run([TOOLS / tool, *arguments], check=True)


@dataclass(frozen=True)
class Message:
    """One text in a `.ts` file, with its translations: several where it counts something."""

    context: str
    source: str
    translations: tuple[str, ...]
    is_finished: bool


def messages(translations: Path) -> Iterator[Message]:
    """What a `.ts` file holds."""
    for context in ET.parse(translations).getroot().iter("context"):
        for message in context.iter("message"):
            found = message.find("translation")
            assert found is not None  # lupdate writes one for each
            forms = found.findall("numerusform") or [found]
            yield Message(
                context.findtext("name", ""),
                message.findtext("source", ""),
                tuple(form.text or "" for form in forms),
                found.get("type") is None and all(form.text for form in forms),
            )


def main() -> int:
    """Bring the files up to date; returns 1 where something is still to be translated."""
    folder = path("translations")
    try:
        bring_up_to_date(folder, collect())
    except Uncollected as fault:
        print(fault, file=sys.stderr)
        return 1
    unfinished = [
        f"{file.name}: {message.context}: {message.source}"
        for file in sorted(folder.glob("*.ts"))
        for message in messages(file)
        if not message.is_finished
    ]
    for line in unfinished:
        print(line)
    print(f"{len(unfinished)} still to be translated")
    return 1 if unfinished else 0


if __name__ == "__main__":
    sys.exit(main())

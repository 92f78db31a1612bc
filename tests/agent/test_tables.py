"""Rows with columns: sorted, narrowed, and told to a view in steps that keep its selection."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from ace_agent.tables import ACCESSIBLE, ALIGNMENT, DISPLAY, RIGHT, TOOL_TIP, Column, Table

DOWN = Qt.SortOrder.DescendingOrder


@dataclass(frozen=True)
class Boat:
    name: str
    length: int = 0

    @property
    def key(self):
        return self.name


COLUMNS = (
    Column("name", "Name", text=lambda b: b.name, order=lambda b: b.name.casefold()),
    Column(
        "length",
        "Length",
        text=lambda b: f"{b.length} m",
        order=lambda b: b.length,
        hint=lambda b: f"<b>{b.length}</b>",
        figures=True,
        ticks=True,
    ),
)


@pytest.fixture
def table(qapp):
    """A table, watched by Qt's own tester."""
    made = Table(COLUMNS)
    tester = QAbstractItemModelTester(
        made, QAbstractItemModelTester.FailureReportingMode.Fatal, made
    )
    assert tester is not None
    return made


def names(table):
    return [row.name for row in table.rows]


def fleet(*lengths):
    return [Boat(name, length) for name, length in zip("cabd", lengths, strict=False)]


def test_rows_are_sorted_by_the_first_column_until_asked_otherwise(table):
    table.show(fleet(3, 1, 2, 2))
    assert names(table) == ["a", "b", "c", "d"]
    table.sort(1)
    assert names(table) == ["a", "b", "d", "c"]
    table.sort(1, DOWN)
    assert names(table) == ["c", "b", "d", "a"], "equal ones stay in the order of the first column"
    table.sort(-1)
    assert names(table) == ["c", "b", "d", "a"]


def test_rows_come_go_differ_and_change_places(table):
    table.sort(1)
    for lengths in ((3, 1, 2, 2), (1, 2), (), (5, 4, 3, 2), (2, 3, 4, 5), (2, 3, 9)):
        table.show(fleet(*lengths))
        assert [row.length for row in table.rows] == sorted(lengths)


def test_a_view_keeps_what_it_had_chosen(table):
    table.show(fleet(3, 1, 2))
    chosen = QPersistentModelIndex(table.place("b"))
    table.sort(1, DOWN)
    assert (chosen.row(), chosen.data()) == (1, "b")
    table.show([Boat("e", 1), *fleet(1, 1, 9)])
    assert (chosen.row(), chosen.data()) == (0, "b")
    table.show(fleet(1, 1))
    assert not chosen.isValid()


def test_only_rows_that_differ_are_told(table):
    table.show(fleet(3, 1, 2))
    told = []
    table.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    table.show(fleet(3, 5, 2))
    assert told == [(0, 0)]


def test_typed_words_narrow_over_all_columns(table):
    table.show(fleet(3, 13, 2))
    table.filter("3 m")
    assert names(table) == ["a", "c"]
    table.filter("13")
    assert names(table) == ["a"]
    table.show(fleet(13, 13, 2))
    assert names(table) == ["a", "c"]
    table.filter("")
    assert names(table) == ["a", "b", "c"]


def test_ticks_tell_only_the_columns_that_move(table):
    told = []
    table.dataChanged.connect(lambda first, last: told.append((first.column(), last.column())))
    table.tick()
    table.show(fleet(3, 1))
    table.tick()
    assert told == [(1, 1)]


def test_cells_say_what_they_are(table):
    table.show(fleet(3))
    cell = table.index(0, 1)
    assert cell.data(DISPLAY) == "3 m"
    assert cell.data(ACCESSIBLE) == "Length: 3 m"
    assert cell.data(ALIGNMENT) == RIGHT
    assert "&lt;b&gt;" in cell.data(TOOL_TIP), "what looks like HTML is shown as it is"
    assert table.headerData(1, Qt.Orientation.Horizontal) == "Length"


def test_rows_are_copied_as_text(table):
    table.show(fleet(3, 1))
    assert table.as_text([1]) == "Name\tLength\nc\t3 m\n"


@pytest.mark.parametrize("name", ["=HYPERLINK(A1)", "+1", "-1+2", "@SUM(A1)", "\t=1"])
def test_what_others_wrote_is_no_formula_where_it_is_pasted(table, name):
    table.show([Boat(name, 3)])
    assert table.as_text([0]).splitlines()[1] == f"'{name.strip()}\t3 m"


def test_what_has_several_lines_is_one_cell_where_it_is_pasted(table):
    table.show([Boat("a\tb\nc", 3)])
    assert table.as_text([0]) == "Name\tLength\na b c\t3 m\n"

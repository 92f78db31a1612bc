"""Contacts that wait as rows, and the columns of a waiting list: what there is to choose by."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from ace_agent import icons
from ace_agent.desk import models, times
from ace_agent.desk.shown import one_line
from ace_agent.tables import Column, Mark, Table
from ace_server.wire import WaitingContact

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One contact that waits."""

    contact: WaitingContact

    @property
    def key(self) -> Hashable:
        return self.contact.id


class WaitingContacts(Table[WaitingRow]):
    """Those that wait in one place, as they stand in it unless asked otherwise."""

    def show_contacts(self, contacts: Iterable[WaitingContact]) -> None:
        """Show these."""
        self.show(WaitingRow(contact) for contact in contacts)

    def contact_at(self, number: int) -> int | None:
        """The contact of a row, where there is one."""
        return self._rows[number].contact.id if 0 <= number < len(self._rows) else None


def columns(now: Callable[[], datetime]) -> tuple[Column[WaitingRow], ...]:
    """The columns of a waiting list that is open at the desk."""
    return (
        Column(
            "position",
            translate("waiting", "Place"),
            text=lambda row: str(row.contact.position),
            order=lambda row: row.contact.position,
            figures=True,
        ),
        Column(
            "contact",
            translate("waiting", "Contact"),
            text=lambda row: models.title(row.contact),
            order=lambda row: models.title(row.contact).casefold(),
            hint=lambda row: models.medium(row.contact),
            mark=lambda row: Mark(icons.of_contact(row.contact), "text"),
        ),
        Column(
            "subject",
            translate("waiting", "Subject"),
            text=_subject,
            order=lambda row: _subject(row).casefold(),
            hint=lambda row: one_line(row.contact.external_id),
        ),
        Column(
            "waiting",
            translate("waiting", "Waiting"),
            text=lambda row: times.rough(times.seconds(row.contact.first_queued_at, now())),
            order=lambda row: -row.contact.first_queued_at.timestamp(),
            hint=lambda row: times.exact(row.contact.first_queued_at),
            figures=True,
            ticks=True,
        ),
        prio(),
    )


def prio() -> Column[WaitingRow]:
    """The column of the digit; in its place that a supervisor has put the contact first."""
    return Column(
        "prio",
        translate("waiting", "Prio"),
        text=_prio,
        order=lambda row: (not row.contact.prioritised, row.contact.prio),
        hint=_why_first,
        mark=lambda row: Mark("prioritise", "accent") if row.contact.prioritised else None,
    )


def _subject(row: WaitingRow) -> str:
    return one_line(row.contact.subject) or one_line(row.contact.external_id)


def _prio(row: WaitingRow) -> str:
    return translate("waiting", "First") if row.contact.prioritised else str(row.contact.prio)


def _why_first(row: WaitingRow) -> str:
    if not row.contact.prioritised:
        return ""
    text = translate("waiting", "Prioritised by a supervisor: before all others. Its prio is %1.")
    return text.replace("%1", str(row.contact.prio))

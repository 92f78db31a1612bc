"""Contacts that wait in queues, and the answers of a server in which they do."""

from ace_server import wire
from tests.agent.scripted import NOW

PAGE = 50


def waits(number=1, **other):
    """A work item that waits."""
    known = {
        "id": number,
        "external_id": f"LOAN-{number}",
        "medium": wire.Medium.WORK_ITEM,
        "entrance": "loans",
        "position": number,
        "first_queued_at": NOW,
        "task_type": "Loan application",
        "subject": "A car",
    }
    return wire.WaitingContact(**(known | other))


class Line:
    """What waits in each queue: a server's answers to `Look`."""

    def __init__(self, **queues):
        self.queues = queues

    def __call__(self, look):
        contacts = self.queues[look.queue or look.personal]
        return wire.Looked(
            request=look.request,
            now=NOW,
            waiting=len(contacts),
            contacts=contacts[look.start : look.start + PAGE],
        )

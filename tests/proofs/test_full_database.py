"""A database that may not grow: `unavailable`, nothing half done, and work goes on by itself (T4).

What `test_full_disk` proves on a disk of its own, for machines that give none.
"""

from collections.abc import Callable

import pytest

from ace_server.contact import State
from ace_server.store.models import database
from tests.proofs.faults import Failing
from tests.proofs.house import House, make_bank
from tests.proofs.places import Place
from tests.proofs.sender import Sender, message

MOST = 2000
"""More items than fit into the pages that are left."""

NO_LIMIT = 2**31 - 2


def _allow(pages: int) -> None:
    """A job: let the database have so many pages more than it has, for this connection."""
    (now,) = database.execute_sql("PRAGMA page_count").fetchone()
    database.execute_sql(f"PRAGMA max_page_count = {min(now + pages, NO_LIMIT)}")


@pytest.fixture
def house(place: Place) -> House:
    """A server that is not started."""
    make_bank(place)
    return House(place, Failing())


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True, scope="module")
async def test_receipts_hold_and_work_goes_on_when_the_database_may_grow_again(
    house: House, expect_log: Callable[[str], None]
) -> None:
    expect_log("the database cannot be used now: database or disk is full")
    await house.start()
    await house.log_in()
    given: dict[str, int] = {}
    async with Sender(house.server.work_item_port) as sender:
        await house.server.store.run(_allow, 20)
        for number in range(MOST):
            answer = await sender.send(message(str(number)))
            if not answer.is_receipt:
                break
            given[str(number)] = answer.contact
        assert (answer.status, answer.code) == (503, "unavailable")
        await house.settle()
        await house.check_database()
        assert house.ids_of(str(len(given))) == []
        await house.server.store.run(_allow, NO_LIMIT)
        late = await sender.send(message(str(len(given))))
        assert late.is_receipt and not late.repeated
        for external_id, contact in given.items():
            again = await sender.send(message(external_id))
            assert (again.contact, again.repeated) == (contact, True)
        await house.bring(given["0"], State.ENDED)
    await house.pause()
    await house.settle()
    await house.check_database()
    await house.stop()

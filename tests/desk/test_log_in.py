"""Who may log in (trust.md G-2 … G-4)."""

from collections.abc import AsyncIterator

import pytest

from ace_server.concepts import User
from ace_server.contact import Role
from ace_server.desk.log_in import LONGEST_PAUSE, LogIns
from ace_server.errors import Refused, Unavailable
from ace_server.passwords import StoredSecret, cheap, weakness
from ace_server.store import audit, directory, log_ins

GOOD = "correct horse battery"
PASSWORDS = cheap()


@pytest.fixture
async def grants(core, clock) -> AsyncIterator[LogIns]:
    def job() -> None:
        directory.set_secret("user", "anna", StoredSecret("hash", PASSWORDS.hash(GOOD)))
        directory.set_secret("user", "bo", StoredSecret("code", PASSWORDS.hash("once")))

    await core.store.run(job)
    await core.current.reload()
    made = LogIns(core.store, core.current, PASSWORDS, clock)
    yield made
    made.close()


async def guess(grants, times=1, login="anna", peer="127.0.0.1"):
    for _ in range(times):
        with pytest.raises(Refused) as refused:
            await grants.log_in(login, "wrong", "", peer)
    return refused.value


async def test_right_password_opens_a_log_in_whose_token_is_stored_as_a_digest(grants, core):
    granted = await grants.log_in("anna", GOOD, "", "127.0.0.1")
    assert (await grants.by_token(granted.token)).login == "anna"
    assert await core.store.run(log_ins.find, log_ins.digest(granted.token)) is None


async def test_unknown_user_and_wrong_password_get_the_same_answer(grants):
    wrong = await guess(grants)
    unknown = await guess(grants, login="nobody")
    assert (wrong.code, wrong.reason) == (unknown.code, unknown.reason)


async def test_guessing_is_slowed_down_and_never_locked(grants, clock):
    await guess(grants, 5)
    assert (await guess(grants)).code == "slow-down"
    clock.advance(1)
    await grants.log_in("anna", GOOD, "", "127.0.0.1")
    assert (await guess(grants)).code == "unauthorised"


async def test_pause_doubles_up_to_five_minutes(grants, clock):
    for _ in range(30):
        await guess(grants)
        clock.advance(LONGEST_PAUSE)
    await grants.log_in("anna", GOOD, "", "127.0.0.1")


async def test_a_right_password_is_no_wrong_guess_where_the_store_is_away(core, grants):
    await core.store.stop()
    for _ in range(10):
        with pytest.raises(Unavailable):
            await grants.log_in("bo", "once", GOOD, "127.0.0.1")
    core.store.start()
    await grants.log_in("bo", "once", GOOD, "127.0.0.1")


async def test_guesses_from_elsewhere_do_not_slow_the_user_down(grants):
    await guess(grants, 5, peer="10.0.0.9")
    await grants.log_in("anna", GOOD, "", "127.0.0.1")


async def test_one_time_code_asks_for_a_password_and_opens_once(grants):
    with pytest.raises(Refused, match="new-password"):
        await grants.log_in("bo", "once", "", "127.0.0.1")
    with pytest.raises(Refused, match="weak-password"):
        await grants.log_in("bo", "once", "short", "127.0.0.1")
    await grants.log_in("bo", "once", "a much better one", "127.0.0.1")
    with pytest.raises(Refused, match="unauthorised"):
        await grants.log_in("bo", "once", "another good one", "127.0.0.1")
    await grants.log_in("bo", "a much better one", "", "127.0.0.1")


async def test_changed_password_ends_every_log_in(grants):
    granted = await grants.log_in("anna", GOOD, "", "127.0.0.1")
    with pytest.raises(Refused, match="old password"):
        await grants.change_password("anna", "wrong", "something else")
    await grants.change_password("anna", GOOD, "something else")
    with pytest.raises(Refused, match="Log in again"):
        await grants.by_token(granted.token)


async def test_log_in_lasts_twelve_hours(grants, clock):
    granted = await grants.log_in("anna", GOOD, "", "127.0.0.1")
    clock.advance(12 * 3600 + 1)
    with pytest.raises(Refused, match="lasts 12 hours"):
        await grants.by_token(granted.token)


async def test_locked_user_is_answered_like_an_unknown_one(grants, configure):
    await configure("user", User(login="anna", name="Anna", role=Role.AGENT, locked=True))
    with pytest.raises(Refused, match="unauthorised"):
        await grants.log_in("anna", GOOD, "", "127.0.0.1")


async def test_password_by_reference_is_read_when_it_is_needed(grants, core, tmp_path):
    secret = tmp_path / "anna"
    secret.write_text("from a file\n")
    job = directory.set_secret
    await core.store.run(job, "user", "anna", StoredSecret("file", str(secret)))
    await core.current.reload()
    await grants.log_in("anna", "from a file", "", "127.0.0.1")
    secret.write_text("changed meanwhile\n")
    await grants.log_in("anna", "changed meanwhile", "", "127.0.0.1")
    secret.unlink()
    with pytest.raises(Refused, match="unauthorised"):
        await grants.log_in("anna", "", "", "127.0.0.1")


async def test_first_administrator_is_made_once(grants, core, configure):
    with pytest.raises(Refused, match="administrator already"):
        await grants.create_administrator("eva", "Eva", GOOD)
    await configure("user")
    await grants.create_administrator("eva", "Eva", GOOD)
    assert core.current.site().users["eva"].role is Role.ADMINISTRATOR
    await grants.log_in("eva", GOOD, "", "127.0.0.1")


async def test_log_ins_stand_in_the_audit_without_what_was_typed(grants, core):
    await guess(grants, login="a secret typed into the wrong field")
    await grants.log_in("anna", GOOD, "", "127.0.0.1")
    rows = await core.store.run(audit.rows)
    assert [(row.actor, row.action, row.result) for row in rows] == [
        ("unknown user", "log in", "refused"),
        ("anna", "log in", "done"),
    ]


@pytest.mark.parametrize("password", ["short", "password1", "aaaaaaaaaaaa", "x" * 257])
def test_weak_password_is_refused_with_a_reason(password):
    assert weakness(password)


@pytest.mark.parametrize("password", ["en liten katt", "x7#kQ9!pLm"])
def test_password_needs_no_special_composition(password):
    assert weakness(password) is None

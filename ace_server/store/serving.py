"""What each agent has chosen to serve, or was told to: a work level, and log-ins to queues.

Which contacts that comes to is decided in `routing`.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from ace_server.store import decisions
from ace_server.store.models import Serving as _Serving
from ace_server.store.models import database, rows, to_stored

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, bool]).decode


class Serving(msgspec.Struct, frozen=True):
    """An agent's choices; a login without a row has made none."""

    login: str
    work_level: str = ""  # kept until another is chosen
    logged: Mapping[str, bool] = {}  # queue or waiting list = in or out, until the agent logs out


def everyone() -> list[Serving]:
    """The choices of every agent that ever made one."""
    columns = (_Serving.login, _Serving.work_level, _Serving.logged)
    found = rows(_Serving.select(*columns).order_by(_Serving.login))
    return [Serving(login, level, _decode(logged)) for login, level, logged in found]


def save(serving: Serving, at: datetime) -> None:
    """Make these the agent's choices, from this moment on."""
    database.write_lines()
    _Serving.insert(
        login=serving.login,
        work_level=serving.work_level,
        logged=_encode(serving.logged).decode(),
    ).on_conflict(
        conflict_target=[_Serving.login], preserve=[_Serving.work_level, _Serving.logged]
    ).execute()
    decisions.note_choice(serving.login, to_stored(at))


def clear_logged(login: str) -> None:
    """Forget the log-ins to queues, and the log-outs, of an agent that leaves.

    Nothing is noted of it: that the agent leaves says so.
    """
    database.write_lines()
    mark = database.param
    database.execute_sql(f"UPDATE serving SET logged = '{{}}' WHERE login = {mark}", (login,))

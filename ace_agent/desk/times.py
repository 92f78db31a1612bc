"""Times and durations as people say them. Nothing here asks what time it is."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QTimeZone

from ace_agent.sentences import filled

translate = QCoreApplication.translate


def seconds(since: datetime, until: datetime) -> int:
    """Whole seconds between two moments, never less than 0."""
    return max(0, int((until - since).total_seconds()))


def clock(duration: int) -> str:
    """A running clock of one width, in seconds: `00:04:12`."""
    hours, rest = divmod(duration, 3600)
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}"


def short(duration: int) -> str:
    """Seconds that run down: `0:24`, `12:05`, `1:02:33`."""
    hours, rest = divmod(duration, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def age(duration: int) -> str:
    """How long something lasted or waited, in seconds: `1:20 min`, `2 h 05 min`, `3 days`."""
    if duration < 3600:
        return translate("times", "%1 min").replace("%1", short(duration))
    hours, rest = divmod(duration, 3600)
    if hours < 48:
        return filled(translate("times", "%1 h %2 min"), str(hours), f"{rest // 60:02}")
    return translate("times", "%n days", "", hours // 24)


def rough(duration: int) -> str:
    """The same without seconds, for lists in which nothing should move: `now`, `5 min`."""
    if duration < 60:
        return translate("times", "now")
    if duration < 3600:
        return translate("times", "%1 min").replace("%1", str(duration // 60))
    return age(duration)


def moment(at: datetime, now: datetime) -> str:
    """A point in time, beside now: `14:03` today, `12 Nov 14:03` else."""
    local, today = at.astimezone(), now.astimezone()
    if local.date() == today.date():
        return QLocale().toString(_qt(at), "HH:mm")
    with_year = "" if local.year == today.year else " yyyy"
    return QLocale().toString(_qt(at), f"d MMM{with_year} HH:mm")


def exact(at: datetime) -> str:
    """The same to the second, for who points at it."""
    return QLocale().toString(_qt(at), "yyyy-MM-dd HH:mm:ss")


def _qt(at: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(round(at.timestamp() * 1000), QTimeZone.systemTimeZone())

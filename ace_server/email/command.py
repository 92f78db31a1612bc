"""What `main.py mail try` and `main.py keywords` do: the analysis, as an administrator sees it."""

import asyncio
import sys
from pathlib import Path

import msgspec

from ace_server.administration import commands, configuration
from ace_server.clock import SystemClock
from ace_server.concepts import KeywordCategory, Site
from ace_server.email import receiving, trial, trial_report
from ace_server.email.analysis import Rules, keyword, prepare
from ace_server.email.analysis.subjects import read_subjects
from ace_server.email.email_server import MEMORY, SECONDS, SUBJECTS
from ace_server.email.following import leads_to
from ace_server.email.message import TooDeep
from ace_server.email.trial import Tried
from ace_server.email.workers import Crashed, TooSlow, Workers
from ace_server.errors import Refused
from ace_server.store import directory, installation, ledger, outgoing
from ace_server.store.reading import looking, reading

CRASHED = "Reading it ends its process."


def try_mail(
    data: Path, url: str, file: str, *, account: str, rules_file: str, as_json: bool
) -> int:
    """Say what a raw mail in a file would yield at a mail account, and change nothing (EM-3).

    With a `rules_file` the configuration is that of the data folder with the file laid over it.
    """
    if not Path(file).is_file():
        reason = f"{file} is no file; `main.py mail export ID FILE` makes one of a fetched mail"
        raise Refused("no-file", reason)
    with looking(data, url):
        site = commands.laid_over(rules_file, directory.load())
        name = _account(account, site)
        rules = prepare(
            site,
            site.area_of(name),
            subjects=read_subjects(SUBJECTS.read_text("utf-8")),
            trace_key=installation.known_trace_key(),
        )
        tried = asyncio.run(_attempt(file, rules, site.system.emailMaxBytes))
        message_id = tried.mail.message_id
        found = trial.outcome(
            tried,
            name,
            site,
            SystemClock().now(),
            followed=ledger.followed(name, leads_to(tried.findings)),
            is_own=message_id in outgoing.known([message_id]),
        )
    told = trial_report.report(found, site)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
        return 0
    for line in trial_report.lines(told, site):
        sys.stdout.buffer.write(f"{commands.printable(line)}\n".encode())
    return 0


def _account(given: str, site: Site) -> str:
    """The mail account that is meant; where there is one alone, it need not be named."""
    names = ", ".join(site.mail_accounts)
    if given in site.mail_accounts:
        return given
    if given:
        raise Refused("not-found", f"there is no mail account {given}; there are: {names or '-'}")
    if len(site.mail_accounts) == 1:
        return names
    if names:
        raise Refused("account", f"name the account it comes in at, with --account: {names}")
    reason = "no mail account is configured; lay a file with one over it: --with FILE.toml"
    raise Refused("account", reason)


async def _attempt(file: str, rules: Rules, most: int) -> Tried:
    """Read it in a process with the limits of every mail (C-5). Raises Refused, Unavailable."""
    workers = Workers(1, SECONDS, MEMORY)
    await workers.start()
    try:
        return await workers.run(trial.attempt, file, rules, most)
    except TooDeep:
        reason = str(receiving.TOO_DEEP)
    except Crashed:
        reason = CRASHED
    except TooSlow:
        reason = str(receiving.TOO_SLOW)
    finally:
        await workers.stop()
    raise Refused("quarantined", f"{file} would be quarantined: {reason}")


# Keywords


def save_keywords(data: Path, url: str, name: str, file: str) -> int:
    """Write the keywords of a category to a text file, one a line; `-` is standard output."""
    with reading(data, url):
        category = _category(name, directory.load())
    commands.write_text(file, keyword.write_keywords(category.keywords))
    return 0


def load_keywords(data: Path, url: str, name: str, file: str) -> int:
    """Make what stands in a text file the keywords of a category, as `configure` would (EM-3)."""
    keywords = _keywords(file)
    with reading(data, url):
        site = directory.load()
    _category(name, site)
    entries = [
        msgspec.structs.replace(one, keywords=keywords) if one.name == name else one
        for one in site.keyword_categories.values()
    ]
    text = configuration.write_kind(KeywordCategory.kind, entries)
    return commands.configure_text(data, url, text, file)


def _keywords(file: str) -> list[str]:
    try:
        found = keyword.read_keywords(commands.text_of(file))
    except Refused as refused:
        if refused.line is None:
            raise
        reason = f"{file}, line {refused.line}: {refused.reason}"
        raise Refused(refused.code, reason) from None
    if not found:
        raise Refused("invalid", f"{file} holds no keyword: write one a line")
    return found


def _category(name: str, site: Site) -> KeywordCategory:
    found = site.keyword_categories.get(name)
    if found is None:
        names = ", ".join(site.keyword_categories) or "none"
        raise Refused("not-found", f"there is no keyword_category {name}; there are: {names}")
    return found

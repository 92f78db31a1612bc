"""The command line: what each command is called, and whom it calls.

Nothing happens at import, and nothing but the standard library is imported before the bootstrap
has made the environment; so everything else is imported inside these functions.
"""

import argparse
import gc
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Callable, Iterator

Command = Callable[[argparse.Namespace], int]

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
DATA_FOLDER = "ACE"
"""The name of our folder in the platform's folder for programs' data."""
OURS = {"ace_agent", "ace_server", "benchmarks", "resources"}

IN_PARALLEL = ["-n", str(2 * (os.cpu_count() or 1)), "--dist", "worksteal"]
"""Tests run in two processes a core, since many wait; `-n 0` behind `test` makes it one."""

OUTCOMES = ["pending", "contact", "discarded", "quarantined"]
"""Of mails, as `store.ledger` has them: that cannot be imported before the bootstrap."""

DESCRIPTION = "Takes in work items, queues them, gives each to an agent who fits."
EPILOG = "Without a command: the desktop program, with its own server where none is running."


def main(argv: "list[str] | None" = None) -> int:
    """Do what the arguments say; 0 done, 1 refused or failed, 2 wrong usage."""
    if sys.version_info < OLDEST:
        needed = ".".join(map(str, OLDEST))
        return _fail(f"Python {needed} or newer is needed, this is {sys.version.split()[0]}")
    arguments = _arguments(argv)
    if not arguments.embedded:  # the window that starts a server has prepared everything
        import bootstrap

        try:
            bootstrap.ensure(arguments.command)
        except KeyboardInterrupt:
            return _fail("interrupted; the next start begins again")
    return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    try:
        from ace_server.errors import Refused, Unavailable
    except ModuleNotFoundError as error:
        return _missing(error)
    try:
        return int(arguments.run(arguments))
    except Refused as refused:
        return _fail(refused.reason)
    except Unavailable as unavailable:
        return _fail(str(unavailable))
    except ModuleNotFoundError as error:
        return _missing(error)
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(f"{error.strerror or error}: {error.filename or 'this machine'}")
    except KeyboardInterrupt:
        return _fail("interrupted")


def _missing(error: ModuleNotFoundError) -> int:
    if (error.name or "").partition(".")[0] in OURS:
        raise error
    return _fail(
        f"{error.name} is not installed in {sys.prefix}; it comes with "
        "pip install 'ace-contact-handling[desktop]'"
    )


def _fail(reason: str) -> int:
    sys.stderr.write(f"ace: {reason}\n")
    return 1


# What may stand on the command line


def _arguments(argv: "list[str] | None") -> argparse.Namespace:
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.command != "test":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    return arguments


def _parser() -> argparse.ArgumentParser:
    from ace_server.contact import State

    parser = argparse.ArgumentParser(
        prog="ace",
        description=DESCRIPTION,
        epilog=EPILOG,
        parents=[_store_options()],
        allow_abbrev=False,
    )
    parser.set_defaults(command="", run=_desktop, data=None, database="", embedded=False)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")

    def command(
        name: str, run: "Command", text: str, *, stored: bool = True
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            parents=[_store_options()] if stored else [],
            allow_abbrev=False,
        )
        added.set_defaults(command=name, run=run)
        return added

    demo = command("demo", _demo, "the desktop program on a throw-away bank", stored=False)
    demo.add_argument("--role", choices=["agent", "supervisor", "administrator"], default="agent")
    demo.add_argument("--beside", default="", help=argparse.SUPPRESS)
    demo.add_argument("--server", default="", help=argparse.SUPPRESS)

    server = command("server", _server, "the server alone")
    server.add_argument(
        "--listen",
        type=_address,
        default="127.0.0.1:8764",
        metavar="HOST:PORT",
        help="where agents connect (default: %(default)s; port 0 picks one)",
    )
    server.add_argument("--role", choices=["all", "core", "workitem", "email"], default="all")
    server.add_argument(
        "--name", default="", help="what mail accounts call this Email Server (default: its own)"
    )
    server.add_argument("--embedded", action="store_true", help=argparse.SUPPRESS)

    agent = command("agent", _agent, "the desktop program against a server elsewhere", stored=False)
    agent.add_argument("--server", required=True, metavar="URL")

    configure = command("configure", _configure, "check a configuration and apply it")
    configure.add_argument("file", metavar="FILE.toml", help="- reads standard input")

    export = command("export", _export, "write the configuration as configure reads it")
    export.add_argument("file", metavar="FILE", nargs="?", default="-")

    contacts = command("contacts", _contacts, "list the contacts that are not ended")
    contacts.add_argument("--state", choices=[str(state) for state in State])
    contacts.add_argument("--all", action="store_true", help="those that are ended, too")
    contacts.add_argument("--json", action="store_true", help="one JSON object a line")

    mail = command("mail", _mail, "list what became of every mail that was fetched")
    mail.add_argument("--outcome", choices=OUTCOMES)
    mail.add_argument("--json", action="store_true", help="one JSON object a line")
    _add_mail_actions(mail)

    keywords = command("keywords", _keywords, "load and save the keywords of a category")
    _add_keyword_actions(keywords)

    explain = command("explain", _explain, "say why a contact is where it is")
    explain.add_argument("contact", type=int, metavar="CONTACT", help="its id")
    explain.add_argument("--agent", metavar="LOGIN", help="why this agent has it, or has it not")
    explain.add_argument("--json", action="store_true", help="as data, in one line")

    simulate = command("simulate", _simulate, "show what a day with this configuration comes to")
    simulate.add_argument(
        "file", metavar="FILE.toml", nargs="?", default="", help="laid over what is configured"
    )
    simulate.add_argument("--contacts", type=_number, default=20_000, metavar="N")
    simulate.add_argument("--agents", type=_number, metavar="N", help="who come to work")
    simulate.add_argument("--seed", type=int, default=1, metavar="N", help="another day")
    simulate.add_argument("--day", type=_day, metavar="YYYY-MM-DD", help="default: today")
    simulate.add_argument("--json", action="store_true", help="one JSON object")

    replay = command(
        "replay", _replay, "play again what was recorded, with the same or other rules"
    )
    replay.add_argument(
        "--from", dest="start", default="", metavar="TIME", help="default: a day before --to"
    )
    replay.add_argument("--to", dest="end", default="", metavar="TIME", help="default: now")
    replay.add_argument(
        "--with", dest="file", default="", metavar="FILE.toml", help="laid over what is configured"
    )
    replay.add_argument("--json", action="store_true", help="one JSON object")

    backup = command("backup", _backup, "write all that is stored to one file, while it is in use")
    backup.add_argument("file", metavar="FILE")

    restore = command("restore", _restore, "make a store of a backup")
    restore.add_argument("file", metavar="FILE")
    restore.add_argument(
        "--replace", action="store_true", help="put the store that is there aside, and say where"
    )

    command("check", _check, "the health of the running server, one line a part")

    command("test", _test, "the whole test run; what follows goes to pytest", stored=False)
    bench = command("bench", _bench, "measure", stored=False)
    bench.add_argument("names", nargs="+", metavar="NAME", help="or: all")
    bench.add_argument("--short", action="store_true", help="only see that each runs")
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    pictures = command("screenshots", _screenshots, "draw the pictures in docs/", stored=False)
    pictures.add_argument(
        "folder", type=Path, nargs="?", default=ROOT / "docs" / "pictures", metavar="FOLDER"
    )
    return parser


def _add_mail_actions(mail: argparse.ArgumentParser) -> None:
    """What is done with single mails, each named by the id that the list gives."""
    actions = mail.add_subparsers(metavar="ACTION", title="actions", dest="action")
    for name, text in (
        ("retry", "analyse quarantined mails again"),
        ("discard", "clear quarantined mails that nobody needs"),
    ):
        action = actions.add_parser(name, help=text, parents=[_store_options()], allow_abbrev=False)
        action.add_argument("mails", type=_number, nargs="+", metavar="ID")
    text = "fetch mails that arrived from one day to another, whatever `since` says"
    action = actions.add_parser(
        "backfill", help=text, parents=[_store_options()], allow_abbrev=False
    )
    action.add_argument("account", metavar="ACCOUNT")
    action.add_argument("first", type=_day, metavar="FROM")
    action.add_argument("last", type=_day, metavar="TO")
    text = "say what a raw mail would yield, and change nothing"
    action = actions.add_parser("try", help=text, parents=[_store_options()], allow_abbrev=False)
    action.add_argument("file", metavar="FILE.eml")
    action.add_argument(
        "--account", default="", metavar="NAME", help="where it comes in (default: the only one)"
    )
    action.add_argument(
        "--with", dest="rules", default="", metavar="FILE.toml", help="laid over what is configured"
    )
    action.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object"
    )
    text = "write a mail as it was fetched"
    action = actions.add_parser("export", help=text, parents=[_store_options()], allow_abbrev=False)
    action.add_argument("mails", type=_number, nargs=1, metavar="ID")
    action.add_argument("file", metavar="FILE", help="- writes to standard output")


def _add_keyword_actions(keywords: argparse.ArgumentParser) -> None:
    """What is done with the list of one category."""
    actions = keywords.add_subparsers(
        metavar="ACTION", title="actions", dest="action", required=True
    )
    for name, text in (
        ("save", "write them to a text file, one a line"),
        ("load", "put what stands in a text file, one a line, in their place"),
    ):
        action = actions.add_parser(name, help=text, parents=[_store_options()], allow_abbrev=False)
        action.add_argument("category", metavar="CATEGORY", help="the keyword_category")
        action.add_argument("file", metavar="FILE", help="-: standard input or output")


def _store_options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: the platform's)"
    )
    options.add_argument(
        "--database",
        metavar="URL",
        help="sqlite:///PATH or postgresql://USER@HOST/NAME (default: a file in the data folder, or"
        " what this folder remembers)",
    )
    return options


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return text


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 10_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 10,000,000")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-12-24") from None


# Where its data are


def _data(arguments: argparse.Namespace) -> Path:
    if arguments.data is not None:
        return Path(arguments.data).absolute()
    import platformdirs

    return platformdirs.user_data_path(DATA_FOLDER, appauthor=False)


def _place(arguments: argparse.Namespace, *, remember: bool = False) -> "tuple[Path, str]":
    """The data folder and its database; where that is named, the folder may remember it."""
    os.umask(0o077)  # what a data folder holds is for its owner alone
    data = _data(arguments)
    from ace_server.administration import place

    if not arguments.embedded and place.is_on_postgresql(data, arguments.database):
        import bootstrap

        bootstrap.ensure(arguments.command, bootstrap.POSTGRESQL)
    if not arguments.database:
        return data, place.remembered(data)
    from ace_server.administration import commands

    return data, commands.database(data, arguments.database, remember=remember)


@contextmanager
def loading() -> "Iterator[None]":
    """What is loaded stays: the garbage collector need not look through it, now or later.

    A look at all of it takes longer than a window may stand still.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


# The window


def _desktop(arguments: argparse.Namespace) -> int:
    from ace_agent import child

    data, database = _place(arguments, remember=True)
    early = child.early(data, database)  # it gets ready while the window's parts are loaded
    with loading():
        from ace_agent import app
    return app.run(data, None, database, early)


def _agent(arguments: argparse.Namespace) -> int:
    with loading():
        from ace_agent import app
    return app.run(None, arguments.server, "")


def _demo(arguments: argparse.Namespace) -> int:
    _draw_unseen_without_a_display()
    with loading():
        from ace_agent import demo
    if arguments.beside:
        return demo.beside(arguments.beside, arguments.server)
    return demo.run(arguments.role)


def _screenshots(arguments: argparse.Namespace) -> int:
    from ace_agent import screenshots

    return screenshots.main(arguments.folder)


def _draw_unseen_without_a_display() -> None:
    displays = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in displays):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


# The server and its administration


def _server(arguments: argparse.Namespace) -> int:
    with loading():
        from ace_server import server
    data, database = _place(arguments, remember=True)
    return server.run(
        data, database, arguments.listen, arguments.role, arguments.embedded, arguments.name
    )


def _configure(arguments: argparse.Namespace) -> int:
    from ace_server.administration import commands

    return commands.configure(*_place(arguments, remember=True), arguments.file)


def _export(arguments: argparse.Namespace) -> int:
    from ace_server.administration import commands

    return commands.export(*_place(arguments), arguments.file)


def _contacts(arguments: argparse.Namespace) -> int:
    from ace_server.administration import commands

    return commands.contacts(
        *_place(arguments), state=arguments.state, ended_too=arguments.all, as_json=arguments.json
    )


def _mail(arguments: argparse.Namespace) -> int:
    if arguments.action == "try":
        return _try_mail(arguments)
    from ace_server.administration import commands

    where = _place(arguments)
    if arguments.action == "retry":
        return commands.retry_mails(*where, arguments.mails)
    if arguments.action == "discard":
        return commands.discard_mails(*where, arguments.mails)
    if arguments.action == "backfill":
        return commands.backfill_mail(*where, arguments.account, arguments.first, arguments.last)
    if arguments.action == "export":
        return commands.export_mail(*where, arguments.mails[0], arguments.file)
    return commands.mail(*where, outcome=arguments.outcome, as_json=arguments.json)


def _try_mail(arguments: argparse.Namespace) -> int:
    from ace_server.email import command

    return command.try_mail(
        *_place(arguments),
        arguments.file,
        account=arguments.account,
        rules_file=arguments.rules,
        as_json=arguments.json,
    )


def _keywords(arguments: argparse.Namespace) -> int:
    from ace_server.email import command

    act = command.save_keywords if arguments.action == "save" else command.load_keywords
    return act(*_place(arguments), arguments.category, arguments.file)


def _explain(arguments: argparse.Namespace) -> int:
    from ace_server.administration import commands

    return commands.explain(
        *_place(arguments), arguments.contact, arguments.agent or "", as_json=arguments.json
    )


def _simulate(arguments: argparse.Namespace) -> int:
    from ace_server.simulation import command

    is_stored = arguments.data is not None or bool(arguments.database)
    data, url = _place(arguments) if is_stored else (None, "")
    return command.simulate(
        data,
        url,
        arguments.file,
        contacts=arguments.contacts,
        agents=arguments.agents,
        seed=arguments.seed,
        on=arguments.day,
        as_json=arguments.json,
    )


def _replay(arguments: argparse.Namespace) -> int:
    from ace_server.simulation import command

    return command.replay(
        *_place(arguments),
        start=arguments.start,
        end=arguments.end,
        file=arguments.file,
        as_json=arguments.json,
    )


def _backup(arguments: argparse.Namespace) -> int:
    from ace_server.administration import commands

    return commands.backup(*_place(arguments), arguments.file)


def _restore(arguments: argparse.Namespace) -> int:
    from ace_server.administration import commands

    code = commands.restore(*_place(arguments), arguments.file, replace=arguments.replace)
    _place(arguments, remember=True)  # only now: else a restore that fails would change it
    return code


def _check(arguments: argparse.Namespace) -> int:
    from ace_server.administration import commands

    return commands.check(_data(arguments))


# For those who work on the program


def _test(arguments: argparse.Namespace) -> int:
    """Every check, also after one has failed; a summary at the end."""
    if not (ROOT / "tests").is_dir():
        return _fail("the tests are in a checkout of the sources, not in an installed package")
    checks = [
        ("ruff check", ["ruff", "check", "."]),
        ("ruff format", ["ruff", "format", "--check", "."]),
        ("mypy --strict", ["mypy"]),
        ("pytest", ["pytest", *IN_PARALLEL, *arguments.rest]),
    ]
    results = [(name, *_timed(module)) for name, module in checks]
    sys.stdout.write("\n")
    for name, code, seconds in results:
        verdict = "passed" if code == 0 else f"FAILED ({code})"
        sys.stdout.write(f"{name:14} {verdict:12} {seconds:6.1f} s\n")
    return int(any(code for _, code, _ in results))


def _timed(module: "list[str]") -> "tuple[int, float]":
    sys.stdout.write(f"\n$ python -m {' '.join(module)}\n")
    sys.stdout.flush()
    began = time.monotonic()
    code = subprocess.run([sys.executable, "-m", *module], cwd=str(ROOT), check=False).returncode
    return code, time.monotonic() - began


def _bench(arguments: argparse.Namespace) -> int:
    if not (ROOT / "benchmarks").is_dir():
        return _fail("the benchmarks are in a checkout of the sources, not in an installed package")
    import benchmarks

    return benchmarks.run(arguments.names, short=arguments.short, json_file=arguments.json)


if __name__ == "__main__":
    sys.exit(main())

"""The command line of the benchmarks: runs them by name, prints what they found, and keeps it.

What is measured, and how, is each benchmark's own.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import (
    ingest,
    ingest_latency,
    journal,
    machine,
    mail,
    memory,
    restart,
    routing,
    smooth,
    store,
    to_agent,
    unblocked,
    window,
)
from benchmarks.measuring import Failed, Plan, Result
from benchmarks.peers.environments import cache

BENCHMARKS: Mapping[str, Callable[[Plan], Result]] = {
    "ingest": ingest.measure,
    "ingest-latency": ingest_latency.measure,
    "store": store.measure,
    "journal": journal.measure,
    "routing": routing.measure,
    "to-agent": to_agent.measure,
    "restart": restart.measure,
    "window": window.measure,
    "smooth": smooth.measure,
    "memory": memory.measure,
    "mail": mail.measure,
    "unblocked": unblocked.measure,
}
NAMES = tuple(BENCHMARKS)

RESULTS = Path(__file__).parent / "results"


def run(names: list[str], *, short: bool, json_file: Path | None) -> int:
    """Run the benchmarks named; the exit code."""
    unknown = [name for name in names if name not in (*NAMES, "all")]
    if unknown:
        print(f"there is no benchmark {unknown[0]!r}: {', '.join(NAMES)}, all", file=sys.stderr)
        return 2
    wanted = NAMES if "all" in names else tuple(dict.fromkeys(names))
    found = []
    for name in wanted:
        facts = _run(name, short)
        if facts is None:
            continue
        found.append(facts)
        if not short:
            _write(RESULTS / f"{name}-{facts['taken_at']:%Y%m%dT%H%M%SZ}.json", facts)
    if json_file is not None:
        _write(json_file, found)
    return int(len(found) < len(wanted))


def _run(name: str, short: bool) -> dict[str, Any] | None:
    # The short form measures nothing, so it need not be on the disk that a data folder is on.
    parent = None if short else cache()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=parent) as folder:
        before = machine.load()
        try:
            result = BENCHMARKS[name](Plan(Path(folder), short))
        except Failed as failed:
            print(f"{name}: {failed}", file=sys.stderr)
            return None
        facts = machine.facts(Path(folder)) | {"load before": before, "load after": machine.load()}
    print(result.text())
    print("  machine: " + ", ".join(f"{key} {value}" for key, value in facts.items()), flush=True)
    return {
        "name": name,
        "short": short,
        "taken_at": datetime.now(UTC).replace(microsecond=0),
        "machine": facts,
        **result.facts(),
    }


def _write(file: Path, facts: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(facts), indent=2) + b"\n")

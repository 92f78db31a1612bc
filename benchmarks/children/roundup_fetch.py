"""Lets roundup's mail gateway fetch one mailbox by IMAP; prints what came of it.

Called with the tracker's folder, host, port, user and password.
"""

import imaplib
import json
import sys
from time import perf_counter, process_time

from roundup import instance  # type: ignore[import-not-found]  # in the peer's own environment
from roundup.scripts import roundup_mailgw  # type: ignore[import-not-found]  # likewise

if __name__ == "__main__":
    home, host, port, user, password = sys.argv[1:]
    imaplib.IMAP4.__init__.__defaults__ = ("", int(port), None)  # it knows no other port than 143
    tracker = instance.open(home)
    database = tracker.open("admin")
    before = set(database.issue.list())
    database.close()
    began_at, before_cpu = perf_counter(), process_time()
    failed = roundup_mailgw.main([home, "imap", f"{user}:{password}@{host}"])
    seconds, cpu = perf_counter() - began_at, process_time() - before_cpu
    database = tracker.open("admin")
    stored = [
        (database.issue.get(issue, "title"), database.msg.get(messages[0], "content"))
        for issue in database.issue.list()
        if issue not in before and (messages := database.issue.get(issue, "messages"))
    ]
    database.close()
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "stored": stored}))
    sys.exit(failed)

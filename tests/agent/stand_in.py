"""A child process with the manners of `main.py server --embedded`, and with some bad ones.

Run as `python stand_in.py MANNER --embedded --data DIR --listen 127.0.0.1:0`.
"""

import json
import os
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

manner = sys.argv[1]
data = Path(sys.argv[sys.argv.index("--data") + 1])
assert "--embedded" in sys.argv
with (data / "started").open("a") as started:
    started.write(f"{os.getpid()}\n")

if manner == "fails":
    sys.stderr.write("some other line\nace: port 8765 is taken; set workItemPort\n\n")
    sys.exit(1)
if manner == "hangs":
    sys.stderr.write("ace: bringing the store up to date\n")
    sys.stderr.flush()
    time.sleep(600)

lock = FileLock(data / "server.lock")
try:
    lock.acquire(blocking=False)
except Timeout:
    sys.stderr.write("ace: another server runs on this data folder\n")
    sys.exit(1)
if manner == "slow":
    while not (data / "go").exists():
        time.sleep(0.01)
agents = int(os.environ.get("STAND_IN_PORT", "4711"))
known = {"pid": os.getpid(), "agents": agents, "workItem": 4712, "secret": "s3cret", "tls": False}
(data / "server.json").write_text(json.dumps(known))
print(json.dumps({"ready": True, "agents": agents, "workItem": 4712}), flush=True)
if manner == "talks":
    sys.stdout.write("x" * 300_000)
    sys.stdout.flush()
    (data / "talked").touch()
sys.stdin.read()
(data / "server.json").unlink()

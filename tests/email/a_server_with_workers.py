"""A process of its own with two busy workers, for a test to kill: it says their process ids."""

import asyncio
import os
import time

from ace_server.email.workers import Workers


async def main() -> None:
    workers = Workers(2, 600.0, 512 * 1024 * 1024)
    await workers.start()
    pids: set[int] = set()
    while len(pids) < 2:
        pids |= set(await asyncio.gather(workers.run(pid_slowly), workers.run(pid_slowly)))
    busy = [workers.run(time.sleep, 600) for _ in pids]
    print(*pids, flush=True)
    await asyncio.gather(*busy)


def pid_slowly() -> int:
    time.sleep(0.1)
    return os.getpid()


if __name__ == "__main__":
    asyncio.run(main())

"""HTTP and nothing else: reads what is posted, and answers with an empty 200."""

import asyncio

from aiohttp import web

from benchmarks.children import port


async def _answer(request: web.BaseRequest) -> web.StreamResponse:
    await request.read()
    return web.Response()


async def _main() -> None:
    server = web.Server(_answer, access_log=None)
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)

    async def start() -> int:
        return int(listener.sockets[0].getsockname()[1])

    async def stop() -> None:
        listener.close()
        await server.shutdown()

    await port.until_told(start, stop)


if __name__ == "__main__":
    asyncio.run(_main())

"""A mail server that says yes to everything and counts: it prints its port, then the moment of every thousandth letter.

python -m bench.raw_sink 2000    ends after so many letters
"""

from __future__ import annotations

import asyncio
import sys
import time


class Talk(asyncio.Protocol):
    wanted = 0
    seen = 0
    done: asyncio.Event

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out, self._rest, self._inside = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while True:
            end = b"\r\n.\r\n" if self._inside else b"\r\n"
            line, found, rest = self._rest.partition(end)
            if not found:
                return
            self._rest = rest
            if self._inside:
                self._inside = False
                self._took()
            elif line[:4].upper() == b"DATA":
                self._inside = True
                self._out.write(b"354 go on\r\n")
            elif line[:4].upper() == b"QUIT":
                self._out.write(b"221 bye\r\n")
                self._out.close()
                return
            else:
                self._out.write(b"250 ok\r\n")

    def _took(self) -> None:
        self._out.write(b"250 kept\r\n")
        Talk.seen += 1
        if Talk.seen >= Talk.wanted:
            Talk.done.set()


async def main(wanted: int) -> None:
    Talk.wanted, Talk.done = wanted, asyncio.Event()
    server = await asyncio.get_running_loop().create_server(Talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await Talk.done.wait()
    print(time.monotonic(), flush=True)
    await asyncio.sleep(1)  # the last yes is still to be read


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

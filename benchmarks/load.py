"""A small load client, the same for every server: keep-alive connections that ask again as soon as they are answered.

    python -m benchmarks.load --port 8080 --target /v4/ecommerce/orders --connections 8 --seconds 2

A process of its own; prints one line of JSON: answers, seconds, and latencies in milliseconds. With ``--pause`` each
connection waits so many milliseconds between an answer and the next question. It refuses anything but 200, ends after
``--seconds`` and the first answers after that, and never sends more than ``--most`` requests.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from array import array
from typing import cast

import msgspec
import uvloop

from benchmarks.installation import API_KEY

WARM_UP_S = 0.3


class Load(msgspec.Struct):
    """What a run measured."""

    answers: int
    seconds: float
    bytes_each: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds


class _Connection(asyncio.Protocol):
    """One request at a time; only as much HTTP as the servers here speak (a length in every head)."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._missing = -1
        self._head = b""
        self.size = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        if not self._run.may_ask():
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(self._run.request)

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._head += data
            head, found, rest = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._missing = self.size = self._length(head)
            self._head, data = b"", rest
        self._missing -= len(data)
        if self._missing <= 0:
            self._missing = -1
            self._run.answered(self._began, self.size)
            if self._run.pause_s:
                asyncio.get_running_loop().call_later(self._run.pause_s, self._ask)
            else:
                self._ask()

    def _length(self, head: bytes) -> int:
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode("latin-1"))
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return int(line[15:])
        raise SystemExit("an answer without a length")

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


class _Run:
    """Counts; nothing is counted before the warm-up is over."""

    def __init__(self, request: bytes, seconds: float, most: int, pause_ms: float) -> None:
        self.request = request
        self.pause_s = pause_ms / 1000
        self._left = most
        self._start = time.perf_counter() + WARM_UP_S
        self._end = self._start + seconds
        self._taken = array("d")
        self._last = self._start
        self._size = 0

    def may_ask(self) -> bool:
        self._left -= 1
        return self._left >= 0 and time.perf_counter() < self._end

    def answered(self, began: float, size: int) -> None:
        now = time.perf_counter()
        if began >= self._start:
            self._taken.append(now - began)
            self._last, self._size = now, size

    def load(self) -> Load:
        taken = sorted(self._taken)
        if not taken:
            raise SystemExit("nothing was answered in time")
        return Load(len(taken), self._last - self._start, self._size, taken[len(taken) // 2] * 1000,
                    taken[min(len(taken) - 1, len(taken) * 99 // 100)] * 1000)


async def _run(asked: argparse.Namespace) -> Load:
    request = (f"GET {asked.target} HTTP/1.1\r\nhost: 127.0.0.1:{asked.port}\r\napi_key: {API_KEY}\r\n"
               "accept: application/json\r\n\r\n").encode()
    run = _Run(request, asked.seconds, asked.most, asked.pause)
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: _Connection(run), "127.0.0.1", asked.port)
            for _ in range(asked.connections)]
    waiting = [connection.done for _, connection in made]
    async with asyncio.timeout(asked.seconds + 30):
        await asyncio.gather(*waiting)
    return run.load()


def load(port: int, target: str, seconds: float, connections: int = 8, pause_ms: float = 0) -> Load:
    """Run the client in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load", "--port", str(port), "--target", target, "--seconds",
               str(seconds), "--connections", str(connections), "--pause", str(pause_ms)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode:
        raise RuntimeError(f"the load client failed: {done.stderr[-2000:]}")
    return msgspec.json.decode(done.stdout, type=Load)


def main() -> None:
    """Measure one server and print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--pause", type=float, default=0.0)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(msgspec.json.encode(runner.run(_run(parser.parse_args()))).decode())


if __name__ == "__main__":
    main()

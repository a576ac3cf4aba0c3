"""The servers that lists are compared with: uvicorn and memory set up as in Entrepot, and as little behind as can be.

    python -m benchmarks.bare --port 9001 --ready FILE                             # the same bytes, ready-made
    python -m benchmarks.bare --port 9002 --database URL --company 7 --limit 100   # the same query, joined
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import uvicorn

from entrepot.cli import memory

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Rows = list[tuple[int, bytes]]

SQLITE = ("SELECT rootfi_id, CAST(body AS BLOB) FROM ecommerce_orders WHERE company_id = ? "
          "AND rootfi_deleted_at IS NULL ORDER BY rootfi_id LIMIT ?")
POSTGRESQL = ("SELECT rootfi_id, convert_to(body, 'UTF8') FROM ecommerce_orders WHERE company_id = %b "
              "AND rootfi_deleted_at IS NULL ORDER BY rootfi_id LIMIT %b")


def ready(body: bytes) -> App:
    """Answers everything with the same bytes."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        await _answer(send, body)

    return app


def query(rows: Callable[[], Rows], threads: int) -> App:
    """Answers with the bodies of a page, read anew each time and joined. Without threads the event loop reads
    itself: the least that one request can cost, and the longest that the others can wait."""
    pool = ThreadPoolExecutor(threads) if threads else None

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        found = await asyncio.get_running_loop().run_in_executor(pool, rows) if pool else rows()
        bodies = b",".join([body for _, body in found])
        await _answer(send, b'{"data":[%b],"prev":null,"next":"%d","total_count":null}' % (bodies, found[-1][0]))

    return app


async def _answer(send: Send, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [
        (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


def reader(database: str, company: int, limit: int) -> Callable[[], Rows]:
    """Reads the first page, each thread with a connection of its own and a prepared statement."""
    own = threading.local()

    def sqlite() -> Rows:
        if not hasattr(own, "connection"):
            path = database.removeprefix("sqlite:///")
            own.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
            own.connection.execute("PRAGMA mmap_size = 67108864")
        rows: Rows = own.connection.execute(SQLITE, (company, limit + 1)).fetchall()[:limit]
        return rows

    def postgresql() -> Rows:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(database, autocommit=True, prepare_threshold=0)
        with own.connection.cursor(binary=True) as cursor:
            rows: Rows = cursor.execute(POSTGRESQL, (company, limit + 1)).fetchall()[:limit]
        return rows

    return sqlite if database.startswith("sqlite:") else postgresql


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ready", type=Path)
    parser.add_argument("--database")
    parser.add_argument("--company", type=int)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--threads", type=int, default=0)
    asked = parser.parse_args()
    memory.settle()
    app = (ready(asked.ready.read_bytes()) if asked.ready
           else query(reader(asked.database, asked.company, asked.limit), asked.threads))
    uvicorn.run(app, host="127.0.0.1", port=asked.port, http="httptools", loop="uvloop", ws="none", lifespan="off",
                log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()

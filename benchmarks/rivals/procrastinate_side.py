"""procrastinate runs tasks that do nothing, four at a time. Printed: jobs, and seconds from the first that is deferred
to the last that is done."""

import asyncio
import json
import logging
import sys
import time

SLOTS = 4


async def run(url: str, jobs: int) -> dict:
    """Defer them one by one, then work until none is left."""
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name="job")
    async def job(number: int) -> int:
        return number

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        began = time.perf_counter()
        for number in range(jobs):
            await job.defer_async(number=number)
        await app.run_worker_async(wait=False, concurrency=SLOTS, install_signal_handlers=False)
        seconds = time.perf_counter() - began
    return {"jobs": jobs, "seconds": seconds}


def main() -> None:
    """``procrastinate_side.py postgresql://postgres@127.0.0.1/db 2000``"""
    logging.disable(logging.CRITICAL)
    print(json.dumps(asyncio.run(run(sys.argv[1], int(sys.argv[2])))))


if __name__ == "__main__":
    main()

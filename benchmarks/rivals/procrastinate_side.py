"""procrastinate runs tasks that do nothing. They are deferred beforehand. Printed: jobs, seconds until none is left."""

import asyncio
import json
import logging
import sys
import time


async def run(url: str, jobs: int, slots: int) -> dict:
    """Defer in one batch, then work until none is left."""
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name="job")
    async def job(number: int) -> int:
        return number

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await job.batch_defer_async(*({"number": number} for number in range(jobs)))
        began = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=slots, install_signal_handlers=False)
        seconds = time.perf_counter() - began
    return {"jobs": jobs, "seconds": seconds}


def main() -> None:
    """``procrastinate_side.py postgresql://postgres@127.0.0.1/db 2000 32``"""
    logging.disable(logging.CRITICAL)
    print(json.dumps(asyncio.run(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))


if __name__ == "__main__":
    main()

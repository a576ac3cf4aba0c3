"""DBOS runs workflows of one step that does nothing, from a queue without limits that is looked at every 50 ms.
Printed: jobs, and seconds from the first enqueue to the last result."""

import json
import sys
import time


def main() -> None:
    """``dbos_side.py postgresql://postgres@127.0.0.1/db 500``"""
    from dbos import DBOS

    url, jobs = sys.argv[1], int(sys.argv[2])
    DBOS(config={"name": "bench", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"})

    @DBOS.step()
    def step(number: int) -> int:
        return number

    @DBOS.workflow()
    def job(number: int) -> int:
        return step(number)

    DBOS.launch()
    DBOS.register_queue("bench", polling_interval_sec=0.05)
    began = time.perf_counter()
    handles = [DBOS.enqueue_workflow("bench", job, number) for number in range(jobs)]
    for handle in handles:
        handle.get_result()
    seconds = time.perf_counter() - began
    print(json.dumps({"jobs": jobs, "seconds": seconds}))
    sys.stdout.flush()
    DBOS.destroy()


if __name__ == "__main__":
    main()

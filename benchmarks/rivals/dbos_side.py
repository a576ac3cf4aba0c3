"""DBOS runs workflows of one step that does nothing, from a queue that is looked at every 50 ms. They are put into the
queue beforehand. Printed: jobs, and seconds from the queue's first look to the last result."""

import json
import sys
import time

POLL_S = 0.05


def main() -> None:
    """``dbos_side.py postgresql://postgres@127.0.0.1/db 500 32``"""
    from dbos import DBOS, DBOSClient

    url, jobs, slots = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    DBOS(config={"name": "bench", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"})

    @DBOS.step()
    def step(number: int) -> int:
        return number

    @DBOS.workflow()
    def job(number: int) -> int:
        return step(number)

    DBOS.listen_queues([])
    DBOS.launch()
    DBOS.register_queue("bench", worker_concurrency=slots, polling_interval_sec=POLL_S)
    DBOS.destroy()
    client = DBOSClient(system_database_url=url)
    handles = [client.enqueue({"queue_name": "bench", "workflow_name": job.__qualname__}, number)
               for number in range(jobs)]
    DBOS(config={"name": "bench", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"})
    DBOS.listen_queues(["bench"])
    DBOS.launch()
    began = time.perf_counter()
    for handle in handles:
        handle.get_result()
    print(json.dumps({"jobs": jobs, "seconds": time.perf_counter() - began}))
    sys.stdout.flush()
    DBOS.destroy()


if __name__ == "__main__":
    main()

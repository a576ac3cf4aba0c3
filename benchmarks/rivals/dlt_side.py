"""dlt reads the demo shop's orders into DuckDB: one flat row an order, nothing nested, schema given, no evolution to
watch, the next page fetched while the last is written down. Printed: orders, seconds of the pipeline, peak memory."""

import json
import os
import resource
import sys
import tempfile
import time


def main() -> None:
    """``dlt_side.py http://127.0.0.1:9000 demo-token``"""
    shop, token = sys.argv[1:]
    home = tempfile.mkdtemp(prefix="bench-dlt-")
    os.environ |= {
        "DLT_DATA_DIR": home, "RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR",
        "DATA_WRITER__BUFFER_MAX_ITEMS": "20000", "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": "100000",
        "NORMALIZE__WORKERS": "1",
    }
    import dlt
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
    from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

    client = RESTClient(
        f"{shop}/v1", auth=BearerTokenAuth(token), data_selector="results",
        paginator=JSONResponseCursorPaginator(cursor_path="paging.next", cursor_param="cursor"))

    @dlt.resource(name="orders", primary_key="id", write_disposition="append", max_table_nesting=0)
    def orders():  # type: ignore[no-untyped-def]
        yield from client.paginate("/orders", params={"size": 250})

    pipeline = dlt.pipeline("bench", destination=dlt.destinations.duckdb(f"{home}/bench.duckdb"), dataset_name="shop",
                            pipelines_dir=f"{home}/pipelines")
    began = time.perf_counter()
    pipeline.run(orders())
    seconds = time.perf_counter() - began
    with pipeline.sql_client() as sql:
        stored = sql.execute_sql("SELECT COUNT(*) FROM orders")[0][0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"orders": stored, "seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()

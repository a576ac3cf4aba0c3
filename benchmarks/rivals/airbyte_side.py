"""airbyte-cdk reads the demo shop's orders by a declarative manifest; the records are counted and thrown away: no
destination, so only half of the way. Printed: orders, seconds, peak memory."""

import json
import resource
import sys
import time


def manifest(shop: str) -> dict:
    """The low-code source: bearer token, cursor in the answer, pages of 250."""
    return {
        "version": "6.0.0", "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["orders"]},
        "streams": [{
            "type": "DeclarativeStream", "name": "orders", "primary_key": ["id"],
            "schema_loader": {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}},
            "retriever": {
                "type": "SimpleRetriever",
                "requester": {
                    "type": "HttpRequester", "url_base": f"{shop}/v1", "path": "/orders", "http_method": "GET",
                    "authenticator": {"type": "BearerAuthenticator", "api_token": "{{ config['token'] }}"},
                    "request_parameters": {"size": "250"},
                },
                "record_selector": {"type": "RecordSelector",
                                    "extractor": {"type": "DpathExtractor", "field_path": ["results"]}},
                "paginator": {
                    "type": "DefaultPaginator",
                    "page_token_option": {"type": "RequestOption", "inject_into": "request_parameter",
                                          "field_name": "cursor"},
                    "pagination_strategy": {"type": "CursorPagination",
                                            "cursor_value": "{{ response['paging']['next'] }}",
                                            "stop_condition": "{{ not response['paging']['next'] }}"},
                },
            },
        }],
        "spec": {"type": "Spec", "connection_specification": {
            "type": "object", "properties": {"token": {"type": "string"}}}},
    }


def main() -> None:
    """``airbyte_side.py http://127.0.0.1:9000 demo-token``"""
    import logging

    from airbyte_cdk.models import (
        AirbyteStream,
        ConfiguredAirbyteCatalog,
        ConfiguredAirbyteStream,
        DestinationSyncMode,
        SyncMode,
        Type,
    )
    from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource

    logging.disable(logging.CRITICAL)
    shop, token = sys.argv[1:]
    config = {"token": token}
    catalog = ConfiguredAirbyteCatalog(streams=[ConfiguredAirbyteStream(
        stream=AirbyteStream(name="orders", json_schema={}, supported_sync_modes=[SyncMode.full_refresh]),
        sync_mode=SyncMode.full_refresh, destination_sync_mode=DestinationSyncMode.append)])
    source = ConcurrentDeclarativeSource(catalog=catalog, config=config, state=[], source_config=manifest(shop))
    began = time.perf_counter()
    orders = sum(1 for message in source.read(logging.getLogger("bench"), config, catalog, [])
                 if message.type == Type.RECORD)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"orders": orders, "seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()

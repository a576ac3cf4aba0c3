"""The documents are valid, complete, and true: their examples fit their own schemas, and so do real answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from entrepot.api.application import all_endpoints
from tests.api.house import House

pytestmark = pytest.mark.anyio
VERSIONS = ("v3", "v4")


@pytest.fixture(params=VERSIONS)
async def document(request: pytest.FixtureRequest, house: House) -> dict[str, Any]:
    """A version's document as it is served, without a key."""
    answer = await house.call("GET", f"/openapi/{request.param}.json", headers={})
    assert answer.status == 200
    found: dict[str, Any] = msgspec.json.decode(answer.body)
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of every call."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    """A validator of one schema that follows the document's references."""
    return Draft202012Validator({**schema, "components": document["components"]})


async def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


async def test_every_call_is_in_it(document: dict[str, Any], house: House) -> None:
    version = document["info"]["title"].split()[-1]
    told = {(path, method.upper()) for path, method, _ in operations(document)}
    known = {(one.path, one.method) for one in all_endpoints(house.engine)
             if one.path.startswith((f"/{version}/", "/healthz"))}
    assert told == known
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


async def test_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    checked = 0
    for path, _, operation in operations(document):
        media = [operation["responses"]["200"]["content"]["application/json"]]
        if "requestBody" in operation:
            media.append(operation["requestBody"]["content"]["application/json"])
            assert "example" in media[-1], path
        for one in media:
            if "example" in one:
                errors = [error.message for error in validator(document, one["schema"]).iter_errors(one["example"])]
                assert errors == [], path
                checked += 1
    assert checked >= 14


async def test_every_call_names_its_errors(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        if path == "/healthz":
            assert operation["security"] == []
            continue
        told = set(operation["responses"])
        assert {"200", "401", "403", "500"} <= told
        assert ("requestBody" in operation) == ("415" in told)
        assert operation["summary"]
        named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}


async def test_lists_tell_all_their_parameters(document: dict[str, Any]) -> None:
    parameters = {one["name"]: one for one in document["paths"][_orders(document)]["get"]["parameters"]}
    assert {"limit", "next", "prev", "select", "expand", "include_deleted_records", "return_count", "sort",
            "rootfi_updated_at", "rootfi_company_id", "customer_id", "total_amount"} <= set(parameters)
    assert parameters["total_amount"]["style"] == "deepObject"
    assert set(parameters["total_amount"]["schema"]["properties"]) == {"eq", "ne", "gt", "gte", "lt", "lte", "in"}


async def test_real_answers_fit(document: dict[str, Any], house: House) -> None:
    path = _orders(document)
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    extras = "expand=customer_id,line_items&select=raw_data,data_hash&return_count=true"
    for query in ("limit=3", f"limit=3&company_id={house.company}&{extras}"):
        answer = await house.call("GET", f"{path}?{query}")
        assert answer.status == 200
        found = msgspec.json.decode(answer.body)
        assert [error.message for error in validator(document, schema).iter_errors(found)] == []
    error = document["components"]["responses"]["E400"]["content"]["application/json"]["schema"]
    refused = await house.call("GET", f"{path}?limit=0")
    assert validator(document, error).is_valid(msgspec.json.decode(refused.body))


def _orders(document: dict[str, Any]) -> str:
    found: str = next(path for path in document["paths"] if path.endswith("/ecommerce/orders"))
    return found

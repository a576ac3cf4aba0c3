"""The documents are valid, complete, and true: their examples fit their own schemas, and so do real answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from entrepot.api.application import all_endpoints
from tests.api.house import KEY, House

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
             if not one.path.startswith("/v") or one.path.startswith(f"/{version}/")}
    assert told == known
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body of an operation, in and out: what it is, and its media type."""
    if "requestBody" in operation:
        yield "body", operation["requestBody"]["content"]["application/json"]
    for status, response in operation["responses"].items():
        for media in response.get("content", {}).values():
            yield status, media


async def test_every_body_and_answer_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    wrong = []
    for path, method, operation in operations(document):
        for what, media in contents(operation):
            if "example" not in media:
                wrong.append(f"{method.upper()} {path}: {what} has no example")
                continue
            found = validator(document, media["schema"]).iter_errors(media["example"])
            wrong += [f"{method.upper()} {path}: {what}: {error.json_path} {error.message}" for error in found]
    assert wrong == [], "\n".join(wrong)


async def test_every_event_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    assert {"dataModelChanges", "connectionChanged", "syncCompleted"} <= set(document["webhooks"])
    for name, item in document["webhooks"].items():
        media = item["post"]["requestBody"]["content"]["application/json"]
        errors = [error.message for error in validator(document, media["schema"]).iter_errors(media["example"])]
        assert errors == [], name


async def test_every_refusal_has_an_example_of_each_code(document: dict[str, Any]) -> None:
    for status, response in document["components"]["responses"].items():
        media = response["content"]["application/json"]
        assert media["examples"], status
        for code, example in media["examples"].items():
            assert [error.message for error in validator(document, media["schema"]).iter_errors(example["value"])] == []
            assert example["value"]["error"]["code"] == code


async def test_every_call_names_its_errors_and_its_scope(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        told = set(operation["responses"])
        assert told & {"200", "204"}
        assert {"405", "500"} <= told, path
        assert operation["summary"]
        named = {one["name"] for one in operation["parameters"] if one.get("in") == "path"}
        assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        if operation["security"]:
            assert {"400", "401", "403", "429"} <= told, path
            assert ({"409", "413", "415"} <= told) == (method != "get"), path
            (scope,) = {role for one in operation["security"] for roles in one.values() for role in roles}
            assert f"`{scope}`" in operation["description"]


async def test_headers_are_told(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        sent = {one["$ref"].rpartition("/")[2] for one in operation["parameters"] if "$ref" in one}
        keyed = bool(operation["security"])
        assert sent == {"RequestId"} | ({"IdempotencyKey"} if keyed and method != "get" else set()), path
        success = next(one for status, one in operation["responses"].items() if status.startswith("2"))
        assert {"X-Request-Id", "X-Entrepot-Via", "X-Entrepot-As-Of"} <= set(success["headers"])
        assert ("X-RateLimit-Remaining" in success["headers"]) == keyed
    assert "Retry-After" in document["components"]["responses"]["E429"]["headers"]


async def test_real_headers_are_documented(document: dict[str, Any], house: House) -> None:
    path = _orders(document)
    listed = await house.call("GET", path, headers={"api_key": KEY, "x-request-id": "mine"})
    known = document["paths"][path]["get"]["responses"]["200"]["headers"]
    told = {name.lower() for name in listed.headers} - {"content-type", "content-length"}
    assert told <= {name.lower() for name in known}
    assert {"x-request-id", "x-entrepot-via", "x-entrepot-as-of", "x-ratelimit-limit"} <= told


async def test_every_tag_is_described(document: dict[str, Any]) -> None:
    assert [one["name"] for one in document["tags"] if not one.get("description")] == []
    used = {tag for _, _, operation in operations(document) for tag in operation["tags"]}
    assert used == {one["name"] for one in document["tags"]}


async def test_descriptions_are_lines_of_markdown(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        told = schema.get("description", "")
        assert "``" not in told, name
        assert "\n" not in told, name


async def test_lists_tell_all_their_parameters(document: dict[str, Any]) -> None:
    parameters = {one["name"]: one for one in document["paths"][_orders(document)]["get"]["parameters"]
                  if "name" in one}
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

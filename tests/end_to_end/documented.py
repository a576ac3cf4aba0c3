"""Whether an answer is one that the server's own documents tell of: its status, and its body by the schema."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

_PLACE = re.compile(r"\\\{[a-z_]+\\\}")


@dataclass(frozen=True)
class Documents:
    """The operations of a running server, of both versions."""

    operations: list[tuple[str, re.Pattern[str], dict[str, Any], dict[str, Any]]]
    """Method, path as a pattern, operation, and the components that it refers to."""

    def fault(self, method: str, path: str, status: int, body: bytes) -> str | None:
        """What is not as documented, or None; None also for what no document tells of."""
        plain = path.partition("?")[0]
        for known, pattern, operation, components in self.operations:
            if known == method and pattern.fullmatch(plain):
                return _fault(operation, components, status, body)
        return None


@cache
def documents(port: int) -> Documents:
    """Read a server's documents."""
    found = []
    for version in ("v3", "v4"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", f"/openapi/{version}.json")
        document = json.loads(connection.getresponse().read())
        connection.close()
        for path, methods in document["paths"].items():
            # The id at the end of a data path may have slashes in it.
            end = ".+" if path.endswith("/{id}") else "[^/]+"
            pattern = re.compile(_PLACE.sub(end, re.escape(path)))
            found += [(method.upper(), pattern, operation, document["components"])
                      for method, operation in methods.items()]
    # What is written out goes before what has a placeholder: /syncs/config is no sync.
    return Documents(sorted(found, key=lambda one: "[^/]+" in one[1].pattern))


def _fault(operation: dict[str, Any], components: dict[str, Any], status: int, body: bytes) -> str | None:
    response = operation["responses"].get(str(status))
    if response is None:
        return f"{status} is not documented; {', '.join(operation['responses'])} are"
    if "$ref" in response:
        response = components["responses"][response["$ref"].rpartition("/")[2]]
    if "content" not in response:
        return f"a body of {len(body)} bytes is not documented" if body else None
    schema = response["content"]["application/json"]["schema"]
    error = next(_validator(json.dumps(schema), id(components), components).iter_errors(json.loads(body)), None)
    return None if error is None else f"{error.message} at /{'/'.join(map(str, error.instance_path))}"


_validators: dict[tuple[str, int], Any] = {}


def _validator(schema: str, known: int, components: dict[str, Any]) -> Any:
    if (schema, known) not in _validators:
        whole = {**json.loads(schema), "components": components}
        _validators[schema, known] = jsonschema_rs.Draft202012Validator(whole)
    return _validators[schema, known]

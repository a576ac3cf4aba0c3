"""The component schemas of a document: the views' bodies and inputs, and every struct that an endpoint names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from entrepot.api import v3, v4
from entrepot.api.data_docs import reference
from entrepot.api.endpoint import Endpoint
from entrepot.api.failures import ErrorBody
from entrepot.api.view import View

VIEWS: dict[str, Sequence[View]] = {"v3": v3.VIEWS, "v4": v4.VIEWS}
_TEMPLATE = "#/components/schemas/{name}"


def schema(kind: Any) -> dict[str, Any]:
    """A declared body or answer: a schema as it is, a struct by reference, any other type written out."""
    if isinstance(kind, dict):
        return kind
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return reference(_public(kind.__name__))
    (found,), _ = msgspec.json.schema_components([kind], ref_template=_TEMPLATE)
    plain: dict[str, Any] = _renamed(found)
    return plain


def components(version: str, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """All of them, by name."""
    views = VIEWS[version]
    kinds: list[Any] = [ErrorBody, *(view.layout.type for view in views)]
    kinds += [view.input_type(write) for view in views for write in view.writes]
    kinds += [kind for one in endpoints for kind in (one.answer, one.body, one.accepted)
              if kind is not None and not isinstance(kind, dict)]
    kinds += [view.fragment_type for view in views if view.fragment_type is not None]
    _, found = msgspec.json.schema_components(list(dict.fromkeys(kinds)), ref_template=_TEMPLATE)
    renamed = {_public(name): _renamed(one) for name, one in found.items()}
    for view in views:
        renamed[view.name]["description"] = view.about
        renamed[view.name]["properties"] |= _added(view, views)
    return dict(sorted(renamed.items()))


def _added(view: View, views: Sequence[View]) -> dict[str, Any]:
    """What select and expand add to a body."""
    found: dict[str, Any] = {
        "raw_data": {"type": ["object", "null"], "description": "With select=raw_data: the platform's own payload."},
        "data_hash": {"type": "string", "description": "With select=data_hash: moves when the record changes."},
    }
    if view.fragment and view.fragment_type:
        found[view.fragment] = {"type": "array", "items": reference(view.fragment_type.__name__),
                                "description": f"With expand={view.fragment}."}
    for one in view.expansions.values():
        target = next(other for other in views if other.noun == one.noun)
        name = target.name if one.part is None else target.row_types[one.part].__name__
        found[one.key] = {"anyOf": [reference(name), {"type": "null"}], "description": f"With expand={one.name}."}
    return found


def _public(name: str) -> str:
    return name.removesuffix("Shown")


def _renamed(found: Any) -> Any:
    """References follow their components' public names; docstrings become one line of Markdown."""
    if isinstance(found, dict):
        return {key: _told(key, value) if isinstance(value, str) else _renamed(value) for key, value in found.items()}
    return [_renamed(one) for one in found] if isinstance(found, list) else found


def _told(key: str, text: str) -> str:
    if key in ("$ref", "title"):
        return _public(text)
    return " ".join(text.replace("``", "`").split()) if key == "description" else text

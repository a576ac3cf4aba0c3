"""The data endpoints of a version, made from its views in a loop."""

from __future__ import annotations

from entrepot.api import data_docs, examples, v3, v4, writing
from entrepot.api.endpoint import Call, Endpoint, Reply
from entrepot.api.query import read_list, read_single
from entrepot.api.read_through import ReadThrough
from entrepot.api.view import View
from entrepot.engine.context import Engine

VIEWS = {"v3": v3.VIEWS, "v4": v4.VIEWS}


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """Every list, read, create and update of a version."""
    found: list[Endpoint] = []
    through = ReadThrough(engine)
    for view in VIEWS[version]:
        path = f"/{version}/ecommerce/{view.path}"
        found.append(_list(through, view, path))
        if view.by_id:
            found.append(_get(through, view, path))
        if "create" in view.writes:
            found.append(_create(engine, view, path))
        if "update" in view.writes:
            found.append(_update(engine, view, path))
    return found


def _list(through: ReadThrough, view: View, path: str) -> Endpoint:
    async def work(call: Call) -> Reply:
        listing = read_list(view, call.query)
        return Reply(await through.listed(call.scope, call.trace, view, listing))

    example = {"data": [examples.answer_example(view)], "prev": None, "next": None, "total_count": None}
    return Endpoint(
        "GET", path, f"list_{view.path}", f"List {view.path}", view.path, "read", work, data_docs.list_answer(view),
        parameters=data_docs.list_parameters(view), answer_example=example, deprecated=view.deprecated)


def _get(through: ReadThrough, view: View, path: str) -> Endpoint:
    async def work(call: Call) -> Reply:
        single, ident = read_single(view, call.query), call.path["id"]
        return Reply(await through.single(call.scope, call.trace, view, ident, single))

    return Endpoint(
        "GET", f"{path}/{{id}}", f"get_{view.path}", f"Read one of {view.path}", view.path, "read", work,
        data_docs.reference(view.name), parameters=data_docs.single_parameters(view),
        answer_example=examples.answer_example(view), deprecated=view.deprecated)


def _create(engine: Engine, view: View, path: str) -> Endpoint:
    async def work(call: Call) -> Reply:
        return await writing.create(engine, view, call)

    record = examples.answer_example(view)
    example = {"data": record if view.single else [record], "sync_id": examples.SYNC_ID}
    return Endpoint(
        "POST", path, f"create_{view.path}", f"Create {view.path}", view.path, "write", work,
        data_docs.created_answer(view), parameters=(data_docs.RUN_ASYNC,), body=data_docs.create_body(view),
        body_example=examples.body_example(view, "create"), answer_example=example,
        accepted=data_docs.accepted_answer(), deprecated=view.deprecated)


def _update(engine: Engine, view: View, path: str) -> Endpoint:
    async def work(call: Call) -> Reply:
        return await writing.update(engine, view, call)

    return Endpoint(
        "PUT", f"{path}/{{id}}", f"update_{view.path}", f"Update one of {view.path}", view.path, "write", work,
        data_docs.reference(view.name), parameters=(data_docs.IDENT, data_docs.RUN_ASYNC),
        body=data_docs.update_body(view), body_example=examples.body_example(view, "update"),
        answer_example=examples.answer_example(view), accepted=data_docs.accepted_answer(),
        deprecated=view.deprecated)

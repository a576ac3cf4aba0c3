"""From the log of changes to deliveries: who asks for changes is told each one, in order, none left out, none twice.

The log is the truth, and a webhook's place in it moves in the commit that makes the deliveries. A change's commit only
marks its company; every worker process looks for marked companies, and the lock on a place lets one of them tell.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial

import structlog

from entrepot.engine import envelope
from entrepot.engine.context import Engine
from entrepot.engine.envelope import Event
from entrepot.model.registry import noun
from entrepot.store import announcing, changes, deliveries, hook_audience, webhook_cursors, webhook_endpoints
from entrepot.store.changes import Change
from entrepot.store.deliveries import NewDelivery
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Session
from entrepot.store.webhook_endpoints import WebhookEndpoint

log = structlog.get_logger()

IDLE_S = 0.5
BATCH = 500
"""Changes in one transaction: some thirty milliseconds for which a writer may have to wait."""
FULL = 5_000
"""Deliveries that an endpoint may have waiting. The log holds the rest, at a hundredth of the size."""
COMPANIES = 500


async def run(engine: Engine, stop: asyncio.Event, made: asyncio.Event) -> None:
    """Look for changes until ``stop``; sets ``made`` when there is something to deliver."""
    while not stop.is_set():
        try:
            worked = await go_round(engine)
        except Exception:
            # The database is busy or away; nothing else may end this loop.
            log.exception("webhook.relay_failed")
            worked = False
        if worked:
            made.set()
            continue
        try:
            await asyncio.wait_for(stop.wait(), IDLE_S)
        except TimeoutError:
            continue


async def go_round(engine: Engine) -> bool:
    """One batch for everybody who is behind with a company; False when nobody was who has room."""
    store, worked = engine.store, False
    audience = await store.reading(SYSTEM, hook_audience.telling_changes)
    for environment_id, endpoints in audience.items():
        after = 0
        while True:
            look = partial(_news, environment_id=environment_id, after=after, endpoints=endpoints)
            news = await store.reading(SYSTEM, look)
            for company_id, behind in news.items():
                if behind is None:
                    await store.writing(SYSTEM, partial(webhook_cursors.settle, company_id=company_id))
                for endpoint_id in behind or ():
                    tell_one = partial(tell, endpoint_id=endpoint_id, company_id=company_id)
                    worked = await store.writing(SYSTEM, tell_one) or worked
            if len(news) < COMPANIES:
                break
            after = max(news)
    return worked


def _news(
    session: Session, environment_id: int, after: int, endpoints: list[WebhookEndpoint],
) -> dict[int, list[int] | None]:
    """For the next marked companies, who is behind and has room; None where nobody is behind any more."""
    newest = webhook_cursors.waiting(session, environment_id, after, COMPANIES)
    if not newest:
        return {}
    idents = [endpoint.id for endpoint in endpoints]
    full = {ident for ident in idents if deliveries.pending(session, ident, FULL) >= FULL}
    reached = webhook_cursors.reached(session, list(newest), idents)
    found: dict[int, list[int] | None] = {}
    for company_id, seq in newest.items():
        behind = [ident for ident in idents if reached.get((ident, company_id), 0) < seq]
        found[company_id] = [ident for ident in behind if ident not in full] if behind else None
    return found


def tell(session: Session, endpoint_id: int, company_id: int) -> bool:
    """Make the deliveries of an endpoint's next batch of a company's changes and move its place, in one transaction;
    False when there was nothing to do, or somebody else is doing it."""
    newest = changes.newest(session, company_id)
    endpoint = webhook_endpoints.get(session, endpoint_id)
    if endpoint is None or endpoint.state != "ENABLED":
        return False
    at = webhook_cursors.held(session, company_id, endpoint_id)
    if at is None or at >= newest or deliveries.pending(session, endpoint_id, FULL) >= FULL:
        return False
    reached = newest
    if hook_audience.hears_of(endpoint, company_id):
        lines = changes.since(session, company_id, at, BATCH, initial=endpoint.initial)
        # What lies between the last line and the newest number was looked at, too: left out, or erased since.
        if lines and (len(lines) == BATCH or lines[-1].seq > newest):
            reached = lines[-1].seq
        deliveries.add(session, _spelled(session, endpoint, company_id, lines))
    webhook_cursors.move(session, company_id, endpoint_id, reached)
    return True


def _spelled(
    session: Session, endpoint: WebhookEndpoint, company_id: int, lines: list[Change],
) -> list[NewDelivery]:
    """The deliveries of the lines that pass the endpoint's filters, each with its record as it is now."""
    kinds = announcing.integration_types(session, company_id)
    wanted = [line for line in lines if _passes(endpoint, line, kinds.get(line.connection_id))]
    idents: dict[str, set[int]] = defaultdict(set)
    for line in wanted:
        idents[line.noun].add(line.rootfi_id)
    older = endpoint.version == "v3"
    bodies = {name: announcing.bodies(session, company_id, name, sorted(some), older=older)
              for name, some in idents.items()}
    return [_delivery(endpoint, company_id, line, kinds.get(line.connection_id), bodies[line.noun][line.rootfi_id])
            for line in wanted if line.rootfi_id in bodies[line.noun]]


def _passes(endpoint: WebhookEndpoint, line: Change, integration_type: str | None) -> bool:
    passes = hook_audience.passes
    return (passes(endpoint.operations, line.operation) and passes(endpoint.integration_types, integration_type)
            and passes(endpoint.data_models, noun(line.noun).data_model))


def _delivery(
    endpoint: WebhookEndpoint, company_id: int, line: Change, integration_type: str | None, data: bytes,
) -> NewDelivery:
    data_model = noun(line.noun).data_model
    event = Event(
        id=f"evt_{company_id}_{line.seq}", type=hook_audience.CHANGES, at=line.at, sequence=line.seq,
        company_id=company_id, connection_id=line.connection_id, integration_type=integration_type,
        data_model=data_model, operation=line.operation, initial=line.is_initial)
    return NewDelivery(
        scope=endpoint.scope, endpoint_id=endpoint.id, event_id=event.id, type=event.type,
        body=envelope.body(endpoint.version, event, data), company_id=company_id, connection_id=line.connection_id,
        integration_type=integration_type, data_model=data_model, sequence=line.seq,
        record=f"{line.noun}:{line.rootfi_id}")

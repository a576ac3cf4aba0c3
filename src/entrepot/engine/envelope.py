"""What is sent of an event: a v3 endpoint gets the contract's keys, a v4 endpoint a frame around the data."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from entrepot.clock import text_ms


@dataclass(frozen=True)
class Event:
    """What there is to tell beside the data; ``at`` in ms. The last three are a change's."""

    id: str
    type: str
    at: int
    sequence: int | None
    company_id: int | None
    connection_id: int | None = None
    integration_type: str | None = None
    data_model: str | None = None
    operation: str | None = None
    initial: bool = False


def body(version: str, event: Event, data: bytes) -> bytes:
    """The JSON of an event for an endpoint of that version. ``data`` is JSON already and goes in as it is."""
    head = msgspec.json.encode(_v3(event) if version == "v3" else _v4(event))
    return b"".join((head[:-1], b',"data":', data, b"}"))


def _v3(event: Event) -> dict[str, object]:
    head: dict[str, object] = {
        "id": event.id, "type": event.operation or event.type, "created_at": text_ms(event.at),
        "sequence": event.sequence, "company_id": event.company_id, "connection_id": event.connection_id,
        "integration_type": event.integration_type, "data_model": event.data_model,
    }
    return head | {"initial": True} if event.initial else head


def _v4(event: Event) -> dict[str, object]:
    head: dict[str, object] = {
        "id": event.id, "type": event.type, "timestamp": text_ms(event.at), "sequence": event.sequence,
        "company_id": event.company_id, "connection_id": event.connection_id,
        "integration_type": event.integration_type,
    }
    if event.operation is None:
        return head
    return head | {"data_model": event.data_model, "operation": event.operation, "initial": event.initial}

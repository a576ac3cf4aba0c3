"""As much of Medusa's lists as paging needs: order by id, offset, ``id[$gt]``, dates, and its habits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from entrepot.kit.shop import ShopClient
from entrepot.kit.testing.replies import Line, answer, refusal
from entrepot.kit.testing.scripted import ScriptedTransport
from entrepot.kit.testing.shop import scripted_shop
from entrepot.kit.transport import Request

CREDENTIALS = {"base_url": "https://shop.example", "secret_key": "sk_test"}
DATE = "Sat, 21 Nov 2026 12:00:00 GMT"


@dataclass
class Pretend:
    """Lists by the last word of their path; what a test needs it may change between two requests."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    date: str = DATE
    ignores: frozenset[str] = frozenset()
    """Parameters that are taken with 200 and not obeyed."""

    def shop(self) -> ShopClient:
        """A shop on it."""
        return scripted_shop("entrepot.connectors.medusa", ScriptedTransport(self.answer), CREDENTIALS)

    def answer(self, request: Request) -> Line:
        """What Medusa would say."""
        parts = urlsplit(request.target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, query))
        path = parts.path.removeprefix("/admin/").split("/")
        key = path[0].replace("-", "_")
        if len(path) == 2:
            row = next((one for one in self.lists.get(key, ()) if one["id"] == path[1]), None)
            return refusal(404) if row is None else answer({key.removesuffix("s"): row}, headers={"date": self.date})
        found = self._chosen(key, query, parse_qs(parts.query))
        offset, limit = int(query.get("offset", "0")), int(query.get("limit", "20"))
        return answer({key: found[offset:offset + limit], "count": len(found)}, headers={"date": self.date})

    def _chosen(self, key: str, query: dict[str, str], several: dict[str, list[str]]) -> list[dict[str, Any]]:
        rows = list(self.lists.get(key, ()))
        if "id[$gt]" in query and "id[$gt]" not in self.ignores:
            rows = [row for row in rows if row["id"] > query["id[$gt]"]]
        if "id[]" in several:
            rows = [row for row in rows if row["id"] in several["id[]"]]
        if "updated_at[$gte]" in query and "updated_at[$gte]" not in self.ignores:
            rows = [row for row in rows if row["updated_at"] >= query["updated_at[$gte]"]]
        if "created_at[$gte]" in query and "created_at[$gte]" not in self.ignores:
            rows = [row for row in rows if row["created_at"] >= query["created_at[$gte]"]]
        if query.get("order") == "-payment_collection.updated_at":
            return sorted(rows, key=lambda row: row["payment_collection"]["updated_at"], reverse=True)
        return sorted(rows, key=lambda row: row["id"])

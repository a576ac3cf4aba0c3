"""Clients that send one write again and again under one key until they have its answer, and the servers they meet."""

from __future__ import annotations

import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PATIENCE_S = 180.0


@dataclass
class Repeating:
    """What a crowd of clients saw."""

    url: str
    api_key: str
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """The last one of each client."""
    seen: Counter[str] = field(default_factory=Counter)
    """Statuses, and the names of what broke connections."""

    def send(self, path: str, body: bytes, key: str | None) -> tuple[int, bytes] | None:
        """One try; None when no answer came."""
        headers = {"api_key": self.api_key, "content-type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(self.url + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                found = int(answer.status), bytes(answer.read())
        except urllib.error.HTTPError as error:
            found = error.code, error.read()
        except (OSError, ConnectionError) as problem:
            reason = getattr(problem, "reason", problem)
            self.seen[type(reason).__name__] += 1
            return None
        self.seen[str(found[0])] += 1
        return found

    def until_answered(self, path: str, body: bytes, key: str) -> None:
        """Send until it is answered for good: 202 says that it goes on, silence says nothing."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            found = self.send(path, body, key)
            if found is not None and found[0] != 202:
                self.answers.append(found)
                return
            time.sleep(random.uniform(0.05, 0.2))
        self.answers.append((0, b"no answer"))

    def read(self, path: str) -> Any:
        """The data of a list."""
        request = urllib.request.Request(self.url + path, headers={"api_key": self.api_key})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())["data"]

    def order_for(self, company: int) -> dict[str, Any]:
        """The body of an order of something that the company's shop sells; the shop itself sees no double in it."""
        item = next(one for one in self.read(f"/v4/ecommerce/items?company_id={company}&limit=100")
                    if one["status"] == "active" and one["variants"])
        contact = self.read(f"/v4/ecommerce/contacts?company_id={company}&limit=1")[0]
        line = {"item_id": item["platform_id"], "variant_id": item["variants"][0]["platform_id"],
                "description": "One of these", "quantity": 1, "unit_amount": 9.99}
        return {"company_id": company, "data": [{
            "customer_id": contact["platform_id"], "currency_id": "EUR", "line_items": [line]}]}

    def crowd(self, size: int, path: str, body: Any, key: str, meanwhile: Callable[[], None]) -> float:
        """Let many clients send the same, and something happen among them; answers the seconds that it took."""
        raw = json.dumps(body).encode()
        threads = [threading.Thread(target=self.until_answered, args=(path, raw, key)) for _ in range(size)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        meanwhile()
        for thread in threads:
            thread.join(PATIENCE_S + 60)
        assert not any(thread.is_alive() for thread in threads)
        return time.monotonic() - began

    def agreed(self, size: int) -> dict[str, Any]:
        """The one body that all were answered, by status 200."""
        assert len(self.answers) == size
        assert {status for status, _ in self.answers} == {200}, Counter(self.answers).most_common(3)
        bodies = {body for _, body in self.answers}
        assert len(bodies) == 1, "two clients were told different things"
        found: dict[str, Any] = json.loads(bodies.pop())
        return found

"""One call of the API: where it is, who may make it, what it takes and answers, and the function that does it.

The web application routes by these and the OpenAPI documents are made of them, so that neither can forget one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from litestar.types import Receive, Send
from litestar.types import Scope as AsgiScope

from entrepot.api.trace import Trace
from entrepot.store.keys import ApiKey
from entrepot.store.scope import Scope

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Needs = Literal["read", "write", "passthrough", "admin", "credentials"]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed the door. ``query`` is the raw query string, ``body`` the raw body.

    ``key`` is None where no key is asked for, ``once`` the header Idempotency-Key where it was sent (never with GET).
    """

    scope: Scope
    path: Mapping[str, str]
    query: bytes
    body: bytes
    trace: Trace
    method: str = "GET"
    address: str = ""
    """The path as it was sent."""
    key: ApiKey | None = None
    once: str | None = None


class Reply:
    """An answer: JSON bytes, ready to be sent. It is an ASGI application: the framework takes nothing
    that costs less."""

    __slots__ = ("body", "company_id", "kept", "status")

    def __init__(
        self, body: bytes, status: int = 200, *, kept: Reply | None = None, company_id: int | None = None,
    ) -> None:
        """``kept`` is what the same Idempotency-Key is answered later, where the answer itself holds a secret.

        ``company_id`` is whose data the body holds, where no ``company_id`` in path or bodies tells: what is kept of it
        goes with that company. 0: nobody's.
        """
        self.body = body
        self.status = status
        self.kept = kept
        self.company_id = company_id

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Send it."""
        # 204 has no body, and says nothing of one.
        if self.status == 204:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        length = str(len(self.body)).encode()
        await send({"type": "http.response.start", "status": self.status,
                    "headers": [(b"content-type", b"application/json"), (b"content-length", length)]})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


Work = Callable[[Call], Awaitable[Reply]]
Schema = Any
"""A msgspec-describable type, or a JSON schema as a dict."""


@dataclass(frozen=True)
class Parameter:
    """A query or path parameter of the documents. ``schema`` is JSON schema."""

    name: str
    about: str
    schema: Mapping[str, Any]
    where: Literal["query", "path"] = "query"
    required: bool = False
    example: object = None


@dataclass(frozen=True)
class Endpoint:
    """One call. ``path`` has ``{name}`` placeholders; ``needs`` is None where no key is asked for."""

    method: Method
    path: str
    name: str
    """Its operation id, unique in its version."""
    summary: str
    tag: str
    needs: Needs | None
    work: Work
    answer: Schema
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    body_example: object = None
    answer_example: object = None
    accepted: Schema | None = None
    """What is answered with 202 when the work goes on."""
    deprecated: bool = False
    errors: tuple[int, ...] = ()
    """Statuses that it refuses with beside those that follow from what stands above (error_docs.py has them all)."""

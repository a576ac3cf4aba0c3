"""A connector's ``manifest.toml`` as structs: facts only, checked when it is read.

What a manifest cannot get past: unknown keys, a credential that is not marked secret, an example that its own pattern
refuses, a placeholder that names no field of the connect form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from entrepot.errors import SetupError

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_CREDENTIAL_LIKE = re.compile(r"secret|token|passw|(api|access|private|consumer|secret)_?key|credential")


class _Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Http(_Facts, frozen=True):
    """How the platform is called."""

    base_url: str
    """Scheme, host and prefix; ``{field}`` stands for a field of the connect form."""
    time_limit_s: Annotated[float, Meta(gt=0, le=300)] = 30
    """Seconds for one call, from connecting to the last byte."""
    concurrent: Annotated[int, Meta(ge=1, le=64)] = 4
    """Calls of one connection at the same time."""
    per_minute: Annotated[int, Meta(ge=1)] | None = None
    """Calls of one connection in a minute; None where the platform sets no budget."""
    answer_limit_mb: Annotated[int, Meta(ge=1, le=1024)] = 64
    """Larger answers (after decompression) are refused."""
    headers: dict[str, str] = {}
    """Sent with every call (an API version, say)."""
    simulator: str | None = None
    """``package.module:callable`` that returns an ASGI app, given the home directory and the form's open fields: the
    connector then talks to that app in this process, unless ENTREPOT_PLATFORM_URL_<TYPE> points elsewhere."""


class Auth(_Facts, frozen=True):
    """What proves who we are; the texts may hold ``{field}`` placeholders."""

    kind: Literal["none", "basic", "bearer", "header"] = "none"
    username: str = ""
    password: str = ""
    header: str = ""
    """Name of the header of kind ``header``."""
    value: str = ""
    """The token of kind ``bearer``, or the header's value."""

    def texts(self) -> tuple[str, ...]:
        """Everything in which placeholders may stand."""
        return (self.username, self.password, self.value)


class Field(_Facts, frozen=True):
    """One line of the connect form."""

    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    label: str
    help: str = ""
    """Where the merchant finds it."""
    example: str = ""
    secret: bool = False
    pattern: str = ""
    """A regular expression that the whole value must match; empty for anything."""
    optional: bool = False


class Connect(_Facts, frozen=True):
    """The connect form."""

    fields: tuple[Field, ...] = ()


class Probe(_Facts, frozen=True):
    """What is read before a connection is saved, in words for the owner."""

    reads: str = ""


class Hooks(_Facts, frozen=True):
    """How the platform tells us about changes; ``none`` where it cannot."""

    kind: Literal["none"] = "none"


class Manifest(_Facts, frozen=True):
    """The facts of one platform."""

    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    integration_type: Annotated[str, Meta(pattern="^[A-Z][A-Z0-9_]*$")]
    name: Annotated[str, Meta(min_length=1)]
    category: Literal["ECOMMERCE", "PAYMENTS", "ACCOUNTING", "CRM"]
    docs_url: Annotated[str, Meta(pattern="^https?://")]
    api_version: Annotated[str, Meta(min_length=1)]
    summary: Annotated[str, Meta(min_length=1)]
    http: Http
    auth: Auth = Auth()
    connect: Connect = Connect()
    probe: Probe = Probe()
    hooks: Hooks = Hooks()

    def field(self, name: str) -> Field | None:
        """The field of the connect form with that name, or None."""
        return next((field for field in self.connect.fields if field.name == name), None)

    @property
    def secret_names(self) -> frozenset[str]:
        """Names of the fields that are sealed in the vault and never shown."""
        return frozenset(field.name for field in self.connect.fields if field.secret)

    @property
    def open_names(self) -> frozenset[str]:
        """Names of the fields that belong in a connection's settings."""
        return frozenset(field.name for field in self.connect.fields if not field.secret)


def placeholders(template: str) -> tuple[str, ...]:
    """The names of the ``{field}`` placeholders of a template, in order."""
    return tuple(_PLACEHOLDER.findall(template))


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders replaced; a field that was not given is empty. Values are not expanded."""
    return _PLACEHOLDER.sub(lambda match: values.get(match.group(1), ""), template)


def parse(text: bytes, source: str) -> Manifest:
    """The manifest of a TOML text; SetupError naming ``source`` and every line that must change."""
    try:
        manifest = msgspec.toml.decode(text, type=Manifest)
    except (msgspec.DecodeError, ValueError) as error:
        raise SetupError(f"{source}: {error}") from error
    problems = list(_problems(manifest))
    if problems:
        raise SetupError(f"{source}: " + "; ".join(problems))
    return manifest


def _problems(manifest: Manifest) -> Iterator[str]:
    names = [field.name for field in manifest.connect.fields]
    for template in (manifest.http.base_url, *manifest.auth.texts()):
        for name in placeholders(template):
            if name not in names:
                yield f"{{{name}}} names no field of [[connect.fields]]"
    if len(names) != len(set(names)):
        yield "two fields of [[connect.fields]] have the same name"
    for field in manifest.connect.fields:
        yield from _field_problems(field)
    if manifest.auth.kind == "header" and not manifest.auth.header:
        yield 'auth of kind "header" needs the header\'s name'
    if manifest.auth.kind in ("bearer", "header") and not manifest.auth.value:
        yield f'auth of kind "{manifest.auth.kind}" needs a value'
    if manifest.auth.kind == "basic" and not manifest.auth.username:
        yield 'auth of kind "basic" needs a username'
    if manifest.http.simulator and ":" not in manifest.http.simulator:
        yield 'simulator must read "package.module:callable"'


def _field_problems(field: Field) -> Iterator[str]:
    if _CREDENTIAL_LIKE.search(field.name) and not field.secret:
        yield f"field {field.name} looks like a credential: mark it secret = true"
    try:
        pattern = re.compile(field.pattern)
    except re.error as error:
        yield f"pattern of field {field.name}: {error}"
        return
    if field.pattern and field.example and not pattern.fullmatch(field.example):
        yield f"the example of field {field.name} does not match its own pattern"

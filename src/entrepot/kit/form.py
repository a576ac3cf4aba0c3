"""The connect form: what a merchant typed, checked against the manifest before anything is called.

Messages name the field and what to type; they never repeat a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from entrepot.errors import Rejected
from entrepot.kit.manifest import Field, Manifest, fill, placeholders

_IN_THE_MIDDLE = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_form(manifest: Manifest, given: Mapping[str, str]) -> dict[str, str]:
    """The form's fields, stripped, blanks left out. Rejected with ``field`` set to the form field's own name."""
    names = {field.name for field in manifest.connect.fields}
    for name in given:
        if name not in names:
            known = ", ".join(sorted(names)) or "none"
            raise Rejected(f"{manifest.name} takes no such field; it takes: {known}", code="invalid-params", field=name)
    cleaned = {name: value.strip() for name, value in given.items() if value.strip()}
    for field in manifest.connect.fields:
        _check_field(manifest, field, cleaned.get(field.name))
    base_url(manifest, cleaned)
    return cleaned


def _check_field(manifest: Manifest, field: Field, value: str | None) -> None:
    if value is None:
        if not field.optional:
            raise Rejected(f"{field.label} is needed. {_hint(field)}", code="missing-params", field=field.name)
        return
    if _CONTROL.search(value):
        raise Rejected(f"{field.label} holds a line break or another control character.",
                       code="invalid-params", field=field.name)
    if field.pattern and not re.fullmatch(field.pattern, value):
        raise Rejected(f"{field.label} does not look like one of {manifest.name}. {_hint(field)}",
                       code="invalid-params", field=field.name)


def _hint(field: Field) -> str:
    example = f"Example: {field.example}" if field.example else ""
    return " ".join(part for part in (field.help, example) if part)


def base_url(manifest: Manifest, values: Mapping[str, str], platform_url: str | None = None) -> tuple[str, str]:
    """``(origin, path prefix)`` of a connection, such as ``("https://shop.example", "/wp-json/wc/v3")``.

    ``platform_url`` (the operator's ENTREPOT_PLATFORM_URL_<TYPE>) takes the place of scheme, host and port.
    A placeholder in the middle of the template takes one plain word (dots allowed), so that no form field can move a
    fixed host; at the beginning it takes a whole address.
    """
    template = manifest.http.base_url
    for name in placeholders(template):
        if not template.startswith(f"{{{name}}}") and not _IN_THE_MIDDLE.fullmatch(values.get(name, "")):
            raise Rejected(f"{name} may hold letters, digits, dots and dashes only.", code="invalid-params", field=name)
    first = next((name for name in placeholders(template) if template.startswith(f"{{{name}}}")), None)
    origin, prefix = split_url(fill(template, {name: value.rstrip("/") for name, value in values.items()}), first)
    if platform_url is None:
        return origin, prefix
    other, before = split_url(platform_url, None)
    return other, before + prefix


def split_url(url: str, field: str | None) -> tuple[str, str]:
    """Origin and path of an absolute http(s) address, neither ending in a slash; Rejected naming ``field``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    usable = parts.scheme in ("http", "https") and host and parts.username is None and parts.password is None
    if not usable or parts.query or parts.fragment or any(char in url for char in "\\ \t\r\n@"):
        raise Rejected("The shop's address must read like https://shop.example, without user, query or spaces.",
                       code="invalid-params", field=field)
    name = f"[{host}]" if host and ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    suffix = "" if port is None or port == default else f":{port}"
    return f"{parts.scheme}://{name}{suffix}", parts.path.rstrip("/")

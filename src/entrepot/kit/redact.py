"""Takes secrets out of what a platform said, before it is shown, stored or logged.

A secret is recognised by its value (also in base64, percent-encoded, JSON-escaped, or cut short), and by the name of
the key that it stands under in JSON.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable
from functools import cached_property
from urllib.parse import quote, quote_plus

import msgspec

SHOWN = "[secret]"
READ_AT_MOST = 64 * 1024
"""Bytes of a platform's error body that are looked at."""
SHOW_AT_MOST = 4096
"""Characters of it that are kept."""

_SHORTEST = 3
_PREFIX = 8
_SECRET_KEY = re.compile(
    r"passw|secret|token|authorization|cookie|credential|(api|access|private|consumer|signing)[_-]?key", re.IGNORECASE
)
_SPOKEN = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9+/=_.~-]{10,}", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)


class Redactor:
    """Knows the secrets of one connection."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = frozenset(secret for secret in secrets if len(secret) >= _SHORTEST)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """Made for the first failure: most connections never see one."""
        forms = {form for secret in self._secrets for form in _forms(secret)}
        # Long ones are also found when the platform repeats only their beginning ("Invalid key sk_live_ab12...").
        parts = [
            re.escape(form[:_PREFIX]) + r"[\w+/=%.~*…-]*" if len(form) >= 2 * _PREFIX else re.escape(form)
            for form in sorted(forms, key=len, reverse=True)
        ]
        whole = [re.escape(form) for form in sorted(forms, key=len, reverse=True)]
        return re.compile("|".join((*whole, *parts)), re.IGNORECASE) if forms else None

    def text(self, text: str) -> str:
        """The text without secrets."""
        text = _SPOKEN.sub(lambda match: f"{match.group(1)} {SHOWN}", text)
        return self._pattern.sub(SHOWN, text) if self._pattern else text

    def finds(self, text: str) -> bool:
        """Whether a secret of this connection stands in the text."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def hide(self, text: str) -> str:
        """The text without this connection's secrets; what only looks like somebody's secret stays."""
        return self._pattern.sub(SHOWN, text) if self._pattern else text

    def hide_in(self, value: object) -> object:
        """The same of everything in a decoded JSON value."""
        if isinstance(value, dict):
            return {self.hide(str(key)): self.hide_in(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.hide_in(item) for item in value]
        if isinstance(value, str):
            return self.hide(value)
        if value is None or isinstance(value, bool):
            return value
        return self.hide(str(value)) if self.finds(str(value)) else value

    def platform_error(self, body: bytes) -> str | None:
        """A platform's error body as JSON text of at most about 4 KB, or None when it says nothing.

        JSON stays JSON; other text becomes a JSON string, an HTML page its title.
        """
        body = body[:READ_AT_MOST].strip()
        if not body:
            return None
        try:
            shown = msgspec.json.encode(self._clean(msgspec.json.decode(body))).decode()
        except (msgspec.DecodeError, RecursionError):
            shown = _quoted(self.text(_readable(body)))
        return shown if len(shown) <= SHOW_AT_MOST else _quoted(shown[: SHOW_AT_MOST // 2])

    def _clean(self, value: object) -> object:
        if isinstance(value, dict):
            return {
                self.text(str(key)): SHOWN if _names_a_secret(str(key), item) else self._clean(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._clean(item) for item in value]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = self.text(str(value))
            return value if shown == str(value) else shown
        return value


def _names_a_secret(key: str, value: object) -> bool:
    return isinstance(value, str) and value != "" and _SECRET_KEY.search(key) is not None


def _forms(secret: str) -> Iterable[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield html.escape(secret)
    escaped = msgspec.json.encode(secret).decode()[1:-1]
    yield escaped
    yield escaped.replace("/", "\\/")
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    if len(encoded) >= _PREFIX:
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")


def _readable(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    if not looks_like_html(body):
        return text
    title = _TITLE.search(text)
    return f"HTML page: {html.unescape(title.group(1)).strip()[:200]}" if title else "HTML page"


def looks_like_html(body: bytes) -> bool:
    """Whether a body is markup where JSON was promised."""
    return body[:256].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()

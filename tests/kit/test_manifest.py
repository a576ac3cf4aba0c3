"""What a manifest cannot get past."""

from __future__ import annotations

import pytest

from entrepot.errors import SetupError
from entrepot.kit.manifest import fill, parse
from tests.kit.sample import MANIFEST


def test_facts_are_read() -> None:
    manifest = parse(MANIFEST.encode(), "sample")
    assert manifest.http.base_url == "{base_url}/api"
    assert manifest.http.answer_limit_mb == 64
    assert manifest.secret_names == {"secret_key"}
    assert manifest.open_names == {"base_url", "note"}
    assert manifest.field("note") is manifest.connect.fields[2]
    assert manifest.field("nothing") is None
    assert manifest.hooks.kind == "none"


@pytest.mark.parametrize(("old", "new", "says"), [
    ("secret = true", "secret = false", "field secret_key looks like a credential"),
    ('username = "{secret_key}"', 'username = "{key}"', "names no field"),
    ('username = "{secret_key}"', "", "needs a username"),
    ('kind = "basic"', 'kind = "bearer"', "needs a value"),
    ('kind = "basic"', 'kind = "header"', "needs the header's name"),
    ('kind = "basic"', 'kind = "oauth"', "kind"),
    ('example = "https://shop.example"', 'example = "shop.example"', "does not match its own pattern"),
    ('pattern = "https?://.+"', 'pattern = "("', "pattern of field base_url"),
    ('name = "note"', 'name = "base_url"', "the same name"),
    ("concurrent = 2", "concurrent = 0", "concurrent"),
    ("concurrent = 2", "colour = 2", "colour"),
    ('integration_type = "SAMPLE"', 'integration_type = "sample"', "integration_type"),
    ("time_limit_s = 30", 'simulator = "x"', "package.module:callable"),
    ("[auth]", "[auth", "sample"),
])
def test_what_is_wrong_is_named(old: str, new: str, says: str) -> None:
    assert old in MANIFEST
    with pytest.raises(SetupError, match="sample: ") as caught:
        parse(MANIFEST.replace(old, new, 1).encode(), "sample")
    assert says in str(caught.value)


def test_placeholders_are_filled_once() -> None:
    assert fill("https://{shop}.example/{x}", {"shop": "{x}", "x": "1"}) == "https://{x}.example/1"
    assert fill("{missing}.{Other}", {}) == ".{Other}"

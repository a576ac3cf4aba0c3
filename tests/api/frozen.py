"""The frozen documents in ``docs/openapi``: ``make openapi`` writes them, a test compares them with what is served.

They do not hold the program's version, and do not depend on which connectors are installed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from entrepot.api import openapi
from entrepot.api.application import VERSIONS, all_endpoints, of_version
from entrepot.engine.context import Engine

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "openapi"


def current(engine: Engine, version: str) -> dict[str, Any]:
    """A version's document as it would be frozen now."""
    found = openapi.document(version, of_version(all_endpoints(engine), version))
    found["info"]["version"] = version
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


def frozen(version: str) -> dict[str, Any]:
    """A version's document as it was frozen."""
    found: dict[str, Any] = json.loads((FOLDER / f"{version}.json").read_text())
    return found


def differences(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """What was added, removed and changed, a line for each place: ``changed /paths/... from 1 to 2``."""
    before, after = _named(before), _named(after)
    if not isinstance(before, dict) or not isinstance(after, dict):
        if before != after:
            yield f"changed {place} from {_short(before)} to {_short(after)}"
        return
    for key in [*before, *(key for key in after if key not in before)]:
        here = f"{place}/{key}"
        if key not in after:
            yield f"removed {here}"
        elif key not in before:
            yield f"added   {here}"
        else:
            yield from differences(before[key], after[key], here)


def _named(value: Any) -> Any:
    """Parameters, tags and the like are told apart by their names, not by their places."""
    if not isinstance(value, list) or not all(isinstance(one, dict) and ("name" in one or "$ref" in one)
                                              for one in value):
        return value
    return {one.get("name", one.get("$ref", "")).replace("/", "."): one for one in value}


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}..."


def main() -> None:
    """Write them, and say what that changed."""
    from tests.api.house import build

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        engine = build(f"sqlite:///{folder}/entrepot.db", Path(folder)).engine
        for version in VERSIONS:
            after = current(engine, version)
            file = FOLDER / f"{version}.json"
            changes = list(differences(frozen(version) if file.is_file() else {}, after))
            file.write_text(json.dumps(after, indent=1, ensure_ascii=False) + "\n")
            sys.stdout.write("\n".join([f"{version}: {len(changes)} changes", *changes, ""]))
        engine.store.close()


if __name__ == "__main__":
    main()

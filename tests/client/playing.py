"""Fetch the published client, compile the judge in ``judge/`` against its types, and play it against a server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

JUDGE = Path(__file__).parent / "judge"
_MINUTES = 5
_TAIL = 6000


@dataclass(frozen=True)
class Verdict:
    """What the judge found. Methods are named ``core.companies.list``."""

    methods: list[str]
    """As the client object really has them."""
    declared: list[str]
    """As its declarations have them."""
    missed: list[str]
    """Never called."""
    failed: list[str]
    """Parts of the scenario that did not go as they should."""
    faults: list[str]
    """Answers that are not what their method declares: ``core.syncs.get.data.end_time must be a string ...``."""


def packages() -> Path:
    """``node_modules`` with what ``judge/package.json`` pins; fetched when it is not what was fetched last."""
    home = Path(os.environ.get("ENTREPOT_TEST_CLIENT_HOME", "~/.cache/entrepot-client")).expanduser()
    wanted = (JUDGE / "package.json").read_text()
    done = home / "fetched.json"
    if not done.is_file() or done.read_text() != wanted:
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text(wanted)
        _run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"], home)
        done.write_text(wanted)
    return home / "node_modules"


@cache
def compiled(folder: Path) -> Path:
    """The judge as JavaScript in a folder of its own. AssertionError with the compiler's words when it does not fit."""
    shutil.copytree(JUDGE, folder)
    (folder / "node_modules").symlink_to(packages())
    _run(["node", "node_modules/typescript/bin/tsc", "--project", "."], folder)
    return folder


def play(judge: Path, given: dict[str, Any]) -> Verdict:
    """Play the scenario with what the server at hand has."""
    said = _run(["node", "built/main.js"], judge, GIVEN=json.dumps(given))
    return Verdict(**json.loads(said.splitlines()[-1]))


def _run(command: list[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True,
                          timeout=_MINUTES * 60, check=False)
    assert done.returncode == 0, f"{' '.join(command)}:\n{(done.stdout + done.stderr)[-_TAIL:]}"
    return done.stdout

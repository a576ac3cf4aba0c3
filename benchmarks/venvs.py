"""Virtual environments for what we compare ourselves with: below .bench/, made once, one per package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".bench"
RIVALS = ROOT / "benchmarks" / "rivals"
FETCH_LIMIT_S, RUN_LIMIT_S = 300, 900
PACKAGES = {
    "dlt": ("dlt[duckdb]",), "airbyte": ("airbyte-cdk",), "dbos": ("dbos",),
    "procrastinate": ("procrastinate", "psycopg[binary]"),
}


class NotThere(Exception):
    """The packages could not be fetched; its text says why."""


def run(name: str, *arguments: str) -> dict[str, float]:
    """What the rival's script printed. Raises NotThere when its packages cannot be fetched, RuntimeError when the
    script fails."""
    done = subprocess.run([_python(name), str(RIVALS / f"{name}_side.py"), *arguments], check=False,
                          capture_output=True, text=True, timeout=RUN_LIMIT_S, cwd=HOME)
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr[-2000:]}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=dict[str, float])


def version(name: str) -> str:
    """``dlt 1.2.3``, as installed."""
    package = PACKAGES[name][0].partition("[")[0]
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([_python(name), "-c", code], check=True, capture_output=True, text=True, timeout=60)
    return f"{package} {done.stdout.strip()}"


def _python(name: str) -> str:
    place = HOME / name
    ready = place / "ready"
    if not ready.exists():
        _make(place, PACKAGES[name])
        ready.touch()
    return str(place / "bin" / "python")


def _make(place: Path, packages: tuple[str, ...]) -> None:
    steps = ([sys.executable, "-m", "venv", "--clear", str(place)],
             [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
              *packages])
    for step in steps:
        try:
            done = subprocess.run(step, check=False, capture_output=True, text=True, timeout=FETCH_LIMIT_S)
        except subprocess.TimeoutExpired:
            raise NotThere(f"{', '.join(packages)} took too long to fetch") from None
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            raise NotThere(f"{', '.join(packages)} could not be fetched: {said[-1]}")

"""``python -m benchmarks``: measure, print the table, and fail when something is far from what was promised."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks import machine, performance_page
from benchmarks.budgets import BENCHMARKS, ONLY_IN_FULL, Measured, budget
from entrepot.cli import memory

SMALL_LIMIT_S, FULL_LIMIT_S = 180, 3600
_MEASURED = msgspec.json.Decoder(list[Measured])


def main() -> None:
    """Run the benchmarks that were asked for, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--small", action="store_true", help="minutes, and nothing that has to be fetched")
    size.add_argument("--full", action="store_true", help="the default")
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="one of them; may be repeated")
    parser.add_argument("--write", action="store_true", help="put the numbers into docs/performance.md")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.into is not None:
        _one(asked.only[0], asked.into, full=not asked.small)
        return
    names = asked.only or [name for name in BENCHMARKS if not asked.small or name not in ONLY_IN_FULL]
    measured, broken = _all(names, full=not asked.small)
    described = machine.described()
    print(f"\n{described}")
    if asked.write:
        page = performance_page.PAGE
        page.write_text(performance_page.written(page.read_text(encoding="utf-8"),
                                                 {one.key: one for one in measured}, described), encoding="utf-8")
    far = [one.key for one in measured if one.value is not None and budget(one.key).far_off(one.value)]
    for key in far:
        print(f"far from its budget: {key}")
    sys.exit(1 if broken or far else 0)


def _one(name: str, into: Path, *, full: bool) -> None:
    measure = importlib.import_module(f"benchmarks.{name}").measure
    memory.settle()  # as every process of ours does; both sides have it
    into.write_bytes(msgspec.json.encode(measure(full=full)))


def _all(names: Sequence[str], *, full: bool) -> tuple[list[Measured], bool]:
    """Everything that was measured, printed as it comes; True when a benchmark could not be run."""
    measured: list[Measured] = []
    broken = False
    for name in names:
        began = time.monotonic()
        try:
            found = _apart(name, full=full)
        except (RuntimeError, subprocess.TimeoutExpired) as problem:
            print(f"{name:<28} could not be run: {problem}", flush=True)
            broken = True
            continue
        for one in found:
            print(f"{one.key:<28} {_told(one)}", flush=True)
        print(f"{'':<28} ({time.monotonic() - began:.0f} s)", flush=True)
        measured += found
    return measured, broken


def _apart(name: str, *, full: bool) -> list[Measured]:
    """One benchmark in a new process, so that none inherits another's memory."""
    with tempfile.TemporaryDirectory() as place:
        into = Path(place) / "measured.json"
        command = [sys.executable, "-m", "benchmarks", "--only", name, "--into", str(into),
                   "--full" if full else "--small"]
        done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True,
                              timeout=FULL_LIMIT_S if full else SMALL_LIMIT_S)
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[-3000:])
        return _MEASURED.decode(into.read_bytes())


def _told(one: Measured) -> str:
    if one.value is None:
        return one.detail
    promised = budget(one.key)
    verdict = "kept" if promised.kept(one.value) else "MISSED"
    return f"{one.value:>8.{promised.digits}f}  {verdict:<6}  {promised.promise}   {one.detail}"


if __name__ == "__main__":
    main()

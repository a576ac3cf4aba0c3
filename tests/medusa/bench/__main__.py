"""The bench from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.medusa.bench import __doc__ as usage
from tests.medusa.bench import installing, seeding, server
from tests.medusa.bench.place import BenchError, Place


def _anew(place: Place) -> None:
    server.reset(place)
    seeding.seed(place)


STEPS: dict[str, Callable[[Place], object]] = {
    "install": installing.install,
    "reset": _anew,
    "start": server.start,
    "stop": server.stop,
    "seed": seeding.seed,
}


def main(words: list[str]) -> int:
    """Do one step; 0 when it is done, 1 when it failed, 2 when there is no such step."""
    step = STEPS.get(words[0]) if len(words) == 1 else None
    if step is None:
        print(usage, file=sys.stderr)
        return 2
    try:
        step(Place.of_environment())
    except BenchError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""One real Medusa for all tests of this folder, made new at the beginning and ended with them.

``MEDUSA_REUSE=1`` takes a server that runs and is seeded already (for developing; tests change the shop).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.conftest import IN_CI
from tests.medusa.bench import installing, seeding, server
from tests.medusa.bench.admin import key_holder
from tests.medusa.bench.place import BenchError, Place
from tests.medusa.shops import Reading, RealMedusa, full

MINUTES = 20
"""The first test waits for packages, migrations and 120 orders."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that takes the shop needs it: marked, and given the time that its start takes."""
    for item in items:
        if "medusa" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.medusa)
            item.add_marker(pytest.mark.timeout(MINUTES * 60))


@pytest.fixture(scope="session")
def medusa() -> Iterator[RealMedusa]:
    """A real Medusa 2.18.0 with 120 orders: ``base_url``, ``secret_key``, ``admin`` and what was ``seeded``."""
    place = Place.of_environment()
    reuse = os.environ.get("MEDUSA_REUSE") == "1" and server.is_up(place)
    try:
        if not reuse:
            if not installing.installed(place):
                installing.install(place)
            server.reset(place)
            seeding.seed(place)
        seeded = seeding.known(place)
    except BenchError as problem:
        server.stop(place)
        if IN_CI:
            pytest.fail(str(problem), pytrace=False)
        pytest.skip(f"no Medusa could be started: {problem}")
    yield RealMedusa(place.url, seeded.secret_key, key_holder(place.url, seeded.secret_key), seeded)
    if not reuse:
        server.stop(place)
        server.drop(place)


@pytest.fixture(scope="session")
def first_read(medusa: RealMedusa) -> Reading:
    """A full read of the shop as it was seeded."""
    return full(medusa)

"""The demo shop on a port of this machine, the same for everybody who reads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.demo_rows import demo_shop
from benchmarks.installation import free_port, running, wait_for


@contextmanager
def shop_server(home: Path, orders: int) -> Iterator[str]:
    """Serve a shop with so many orders; answers its address."""
    port = free_port()
    command = [sys.executable, "-m", "entrepot_simulators.demo", "--port", str(port), "--orders", str(orders),
               "--home", str(home / "shop")]
    with running(command, home / "shop.log", dict(os.environ)) as child:
        wait_for(port, child)
        yield f"http://127.0.0.1:{port}"


def pointing_at(shop: str) -> tuple[tuple[str, str], ...]:
    """The variables that lead the demo connector there."""
    kind = demo_shop().manifest.integration_type
    return ((f"ENTREPOT_PLATFORM_URL_{kind}", shop), ("ENTREPOT_ALLOW_PRIVATE_HOSTS", "1"))

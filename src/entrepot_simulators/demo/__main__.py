"""``python -m entrepot_simulators.demo``: the shop alone, on a port of this machine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import uvicorn

from entrepot_simulators.demo import create
from entrepot_simulators.demo.settings import Settings


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m entrepot_simulators.demo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--home", type=Path, default=Path.home() / ".entrepot-demo-shop")
    for name, default in vars(Settings()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", default=str(default), help=f"default: {default!r}")
    given = vars(parser.parse_args())
    host, port, home = given.pop("host"), given.pop("port"), given.pop("home")
    try:
        app = create(home, given)
    except ValueError as error:
        sys.exit(str(error))
    if (orders := app.shop.timeline.orders) != int(given["orders"]):
        sys.stderr.write(f"{home} already holds a shop of {orders} orders, which goes on\n")
    uvicorn.run(app, host=host, port=port, log_level="warning")


if __name__ == "__main__":
    main()

"""Medusa's packages, fetched by npm at the versions that ``shop/package.json`` pins."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.medusa.bench.place import BenchError, Place, tail

SHOP = Path(__file__).parent / "shop"
_FOLDERS = ("scripts", "subscribers", "workflows", "jobs", "links", "modules")
_MINUTES = 15


def installed(place: Place) -> bool:
    """Whether the packages are there."""
    return medusa(place).is_file()


def medusa(place: Place) -> Path:
    """Medusa's own program."""
    return place.home / "node_modules" / ".bin" / "medusa"


def install(place: Place) -> None:
    """Fetch them; what is there already is looked over and kept."""
    npm = shutil.which("npm")
    if npm is None:
        raise BenchError("npm is not on the PATH; it comes with node 20 or newer")
    _lay_out(place)
    log = place.home / "install.log"
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--legacy-peer-deps"]
    with log.open("wb") as out:
        try:
            done = subprocess.run(command, cwd=place.home, stdout=out, stderr=out, timeout=_MINUTES * 60, check=False)
        except subprocess.TimeoutExpired as late:
            raise BenchError(f"npm install took more than {_MINUTES} minutes. {tail(log)}") from late
    if done.returncode != 0 or not installed(place):
        raise BenchError(f"npm install failed ({done.returncode}). {tail(log)}")


def _lay_out(place: Place) -> None:
    """The project's files. Medusa warns about each folder of a project that is not there."""
    place.home.mkdir(parents=True, exist_ok=True)
    for name in _FOLDERS:
        (place.home / "src" / name).mkdir(parents=True, exist_ok=True)
    for file in SHOP.iterdir():
        shutil.copy(file, place.home / file.name)

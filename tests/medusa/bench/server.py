"""The shop's database and its one process."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.medusa.bench.installing import install, installed, medusa
from tests.medusa.bench.place import ADMIN_EMAIL, ADMIN_PASSWORD, BenchError, Place, tail

START_S = 120
STOP_S = 15
MIGRATE_S = 300


def reset(place: Place) -> None:
    """Begin anew: an empty database with Medusa's tables and an admin, and the server on it."""
    if not installed(place):
        install(place)
    stop(place)
    _empty_database(place)
    _run(place, "migrate.log", "db:migrate")
    _run(place, "admin.log", "user", "-e", ADMIN_EMAIL, "-p", ADMIN_PASSWORD)
    start(place)


def start(place: Place) -> None:
    """Start the server and wait until it answers; nothing to do when it does already."""
    if is_up(place):
        return
    log = place.file("server.log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [medusa(place), "start", "-H", "127.0.0.1", "-p", str(place.port)], cwd=place.home, stdout=out,
            stderr=out, stdin=subprocess.DEVNULL, env=place.environment(), start_new_session=True,
        )
    place.file("server.pid").write_text(str(process.pid))
    deadline = time.monotonic() + START_S
    while not is_up(place):
        if process.poll() is not None:
            raise BenchError(f"Medusa ended ({process.returncode}) instead of serving. {tail(log)}")
        if time.monotonic() > deadline:
            stop(place)
            raise BenchError(f"Medusa did not answer on {place.url} within {START_S} s. {tail(log)}")
        time.sleep(0.25)


def stop(place: Place) -> None:
    """End the server that was started here, and wait for it; nothing to do when there is none."""
    file = place.file("server.pid")
    if not file.is_file():
        return
    pid = int(file.read_text())
    if _is_ours(pid, place):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(pid, number)
            if _gone(pid):
                break
    file.unlink(missing_ok=True)


def drop(place: Place) -> None:
    """Take the database away."""
    with psycopg.connect(f"{place.postgres}/postgres", autocommit=True) as admin:
        admin.execute(f'drop database if exists "{place.database}" with (force)')


def is_up(place: Place) -> bool:
    """Whether the server answers."""
    try:
        with urllib.request.urlopen(f"{place.url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _empty_database(place: Place) -> None:
    try:
        drop(place)
        with psycopg.connect(f"{place.postgres}/postgres", autocommit=True) as admin:
            admin.execute(f'create database "{place.database}"')
    except psycopg.Error as problem:
        raise BenchError(f"No database {place.database} on {place.postgres}: {problem}") from problem


def _run(place: Place, log_name: str, *words: str) -> None:
    log = place.file(log_name)
    with log.open("wb") as out:
        try:
            done = subprocess.run([medusa(place), *words], cwd=place.home, stdout=out, stderr=out, check=False,
                                  stdin=subprocess.DEVNULL, env=place.environment(), timeout=MIGRATE_S)
        except subprocess.TimeoutExpired as late:
            raise BenchError(f"medusa {words[0]} took more than {MIGRATE_S} s. {tail(log)}") from late
    if done.returncode != 0:
        raise BenchError(f"medusa {words[0]} failed ({done.returncode}). {tail(log)}")


def _is_ours(pid: int, place: Place) -> bool:
    """Whether the process is still the one that was started (numbers are given out again)."""
    command = Path(f"/proc/{pid}/cmdline")
    if not command.parent.parent.is_dir():
        return True  # no /proc on this system: trust the file
    with suppress(OSError):
        words = command.read_bytes().split(b"\0")
        return str(place.port).encode() in words and any(b"medusa" in word for word in words)
    return False


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + STOP_S
    while time.monotonic() < deadline:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False

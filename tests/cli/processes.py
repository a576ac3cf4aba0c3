"""Running ``entrepot`` for tests: to its end, or as a process to watch, stop and kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
ENTREPOT = (sys.executable, "-m", "entrepot")
WAIT_S = 60.0


def environment(home: Path, **more: str) -> dict[str, str]:
    """The developer's environment without Entrepot's own settings but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ENTREPOT_")}
    return {**kept, "ENTREPOT_HOME": str(home), "PYTHONUNBUFFERED": "1", "COLUMNS": "200", **more}


def entrepot(home: Path, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command, run to its end."""
    return subprocess.run([*ENTREPOT, *args], env=environment(home, **more), capture_output=True, text=True,
                          timeout=120, check=False, cwd=home.parent)


class Running:
    """A command that goes on. What it says is collected; ``close`` leaves no process behind."""

    def __init__(self, home: Path, *args: str, **more: str) -> None:
        self.process = subprocess.Popen(
            [*ENTREPOT, *args], env=environment(home, **more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, cwd=home.parent)
        self.lines: list[str] = []
        self._children: set[psutil.Process] = set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def said(self) -> str:
        """Everything so far."""
        return "\n".join(self.lines)

    def wait_for(self, text: str, timeout: float = WAIT_S) -> str:
        """The first line that holds the text."""
        def look() -> str | None:
            self._may_go_on(text)
            return next((line for line in list(self.lines) if text in line), None)

        found = until(look, timeout, lambda: f"no {text!r} in:\n{self.said}")
        assert isinstance(found, str)
        return found

    def _may_go_on(self, text: str) -> None:
        if self.process.poll() is not None:
            self._reader.join(5)
            assert any(text in line for line in self.lines), f"ended with {self.process.returncode}:\n{self.said}"

    def children(self) -> list[psutil.Process]:
        """Its living child processes."""
        found = psutil.Process(self.process.pid).children()
        self._children.update(found)
        return [one for one in found if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    def stop(self, timeout: float = 40.0) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        """End it and what it started, however it stands."""
        if self.process.poll() is None:
            self.children()
            self.kill()
        for child in self._children:
            if child.is_running():
                child.kill()


def until(look: Callable[[], Any], timeout: float = WAIT_S, why: Callable[[], str] = lambda: "") -> Any:
    """What ``look`` answers once it is true."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(why() or f"waited {timeout} s")


def get(url: str, key: str = "") -> tuple[int, Any]:
    """Status and JSON of a GET; status 0 while nobody answers."""
    request = urllib.request.Request(url, headers={"api_key": key} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as problem:
        return problem.code, json.loads(problem.read() or b"null")
    except OSError:
        return 0, None

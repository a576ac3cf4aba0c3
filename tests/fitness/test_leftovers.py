"""Nothing left open, nothing skipped for ever, and no address of a package registry in any tracked file."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.fitness.sources import files, nothing, read

# Put together here, so that this file does not hold what it looks for.
_OPEN = re.compile(rf"\b({'|'.join(('TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK'))})\b|# *XX" + "X")
_STUB = re.compile("|".join((r"NotImplemented" + "Error", r"pragma:" + " no cover", r"mark\.(skip|x" + "fail)")))
_HOSTS = re.compile("|".join(rf"{name}[.]{end}" for name, end in (
    ("registry", "npm"), ("registry", "yarn"), ("npmjs", "(org|com)"), ("py" + "pi", "org"),
    ("python" + "hosted", "org"), ("deb", "debian"), ("archive", "ubuntu"), ("cra" + "tes", "io"),
    ("ruby" + "gems", "org"), ("proxy", "golang"), ("docker", "io"), ("gh" + "cr", "io"),
)), re.IGNORECASE)


def left_open(path: str, text: str) -> list[str]:
    """Lines of code that say of themselves that they are not done."""
    patterns = [_OPEN, _STUB] if path.endswith(".py") else [_OPEN]
    return _lines(path, text, *patterns)


def addresses(path: str, text: str) -> list[str]:
    """Lines that name a package registry's host."""
    return _lines(path, text, _HOSTS)


def _lines(path: str, text: str, *patterns: re.Pattern[str]) -> list[str]:
    return [f"{path}:{number}: {line.strip()[:100]}" for number, line in enumerate(text.splitlines(), 1)
            if any(pattern.search(line) for pattern in patterns)]


@pytest.mark.parametrize("check", [left_open, addresses])
def test_tracked_files_are_clean(check: Callable[[str, str], list[str]]) -> None:
    nothing([line for path in files() for line in check(path, read(path))])


@pytest.mark.parametrize("line", [
    "# TO" + "DO: later", "x = 1  # FIX" + "ME", "raise NotImplemented" + "Error", "@pytest.mark." + "xfail",
    "@pytest.mark." + "skipif(True)", "x()  # pragma" + ": no cover",
])
def test_an_open_end_is_found(line: str) -> None:
    assert left_open("src/x.py", line)


@pytest.mark.parametrize("line", [
    "--index-url https://py" + "pi.org/simple", '"resolved": "https://registry' + '.npmjs' + '.org/a"',
    "https://files.python" + "hosted.org/x.whl", "deb http://deb." + "debian.org/debian bookworm main",
])
def test_a_registry_address_is_found(line: str) -> None:
    assert addresses("package-lock.json", line)


def test_ordinary_lines_pass() -> None:
    assert left_open("src/x.py", "todo_list = methods\nraise NotSupported(...)") == []
    assert addresses("README.md", "see https://example.org and npm install") == []

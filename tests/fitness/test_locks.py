"""The lock files hold every dependency that is asked for, each with hashes, and no address to fetch it from."""

from __future__ import annotations

import re
import tomllib

from tests.fitness.sources import nothing, read

_NAME = re.compile(r"^[A-Za-z0-9._-]+")


def wanted(requirements: list[str]) -> set[str]:
    """Package names out of requirement lines, written as lock files write them."""
    found = (_NAME.match(line) for line in requirements)
    return {match.group().lower().replace("_", "-") for match in found if match}


def locked(text: str) -> dict[str, bool]:
    """Package name to whether a hash stands under it."""
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    return {block.split("==")[0]: "--hash=sha256:" in block for block in blocks if "==" in block}


def test_locks_hold_what_is_asked_for() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    runtime = wanted(project["dependencies"])
    assert runtime <= set(locked(read("requirements/runtime.txt")))
    assert runtime | wanted(project["optional-dependencies"]["dev"]) <= set(locked(read("requirements/dev.txt")))
    assert wanted(read("requirements/build.in").splitlines()) <= set(locked(read("requirements/build.txt")))


def test_locks_agree_have_hashes_and_no_addresses() -> None:
    dev = read("requirements/dev.txt")
    for name in ("runtime", "build", "dev"):
        text = read(f"requirements/{name}.txt")
        nothing([package for package, hashed in locked(text).items() if not hashed])
        assert "://" not in text
        pins = set(re.findall(r"^[a-z0-9.-]+==[^ ;\\]+", text, re.MULTILINE))
        assert pins <= set(re.findall(r"^[a-z0-9.-]+==[^ ;\\]+", dev, re.MULTILINE)), "not from one resolution"


def test_an_entry_without_a_hash_is_seen() -> None:
    assert locked("alpha==1 \\\n    --hash=sha256:00\nbeta==2\n    # via alpha\n") == {"alpha": True, "beta": False}
    assert wanted(["# why", "psycopg[binary]>=3", "Typing_Extensions"]) == {"psycopg", "typing-extensions"}

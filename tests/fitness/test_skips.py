"""The rule of `tests/conftest.py` that a skip fails CI, shown on a small project of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fitness.sources import ROOT

SKIPS = "import pytest\n\ndef test_a():\n    pytest.skip('no server')\n\ndef test_b():\n    pass\n"
PASSES = "def test_b():\n    pass\n"


@pytest.mark.parametrize(("ci", "code", "ends"), [("true", SKIPS, 1), ("false", SKIPS, 0), ("true", PASSES, 0)])
def test_a_skip_fails_in_ci_and_only_there(tmp_path: Path, ci: str, code: str, ends: int) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_sample.py").write_text(code)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        env=os.environ | {"CI": ci}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )
    assert run.returncode == ends
    assert ("test_sample.py::test_a: Skipped: no server" in run.stdout) == (ends == 1)

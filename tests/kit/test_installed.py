"""Connectors are found by entry points; what is wrong with one is said by name."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from entrepot.errors import SetupError
from entrepot.kit import installed
from tests.kit.sample import MANIFEST

GOOD = """
from entrepot.kit.spec import Connector
async def probe(shop):
    return {}
CONNECTOR = Connector(streams=(), probe=probe)
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path in which connector packages can be laid."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    installed.load.cache_clear()
    return tmp_path


def lay(folder: Path, name: str, code: str = GOOD, manifest: str | None = MANIFEST) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(code)
    if manifest is not None:
        (folder / name / "manifest.toml").write_text(manifest)


def point(monkeypatch: pytest.MonkeyPatch, *values: str) -> None:
    points = [metadata.EntryPoint(value, value, installed.GROUP) for value in values]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points if group == installed.GROUP else [])


def test_a_connector_is_found(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(packages, "sample_a")
    point(monkeypatch, "sample_a")
    found = installed.find_installed()
    assert list(found) == ["SAMPLE"]
    assert found["SAMPLE"].package == "sample_a"


def test_a_deleted_folder_takes_only_that_platform_away(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(packages, "sample_b")
    point(monkeypatch, "sample_b", "sample_gone", "gone_package.sample")
    assert list(installed.find_installed()) == ["SAMPLE"]


@pytest.mark.parametrize(("code", "manifest", "says"), [
    ("import no_such_module_at_all", MANIFEST, "needs the missing module no_such_module_at_all"),
    ("raise RuntimeError('broken')", MANIFEST, "cannot be imported: RuntimeError: broken"),
    ("CONNECTOR = 1", MANIFEST, "has no CONNECTOR"),
    (GOOD, None, "has no manifest.toml"),
    (GOOD, "id = 1", "manifest.toml"),
])
def test_what_is_wrong_is_named(
    packages: Path, monkeypatch: pytest.MonkeyPatch, code: str, manifest: str | None, says: str,
) -> None:
    lay(packages, "sample_c", code, manifest)
    point(monkeypatch, "sample_c")
    with pytest.raises(SetupError, match=says):
        installed.find_installed()


def test_two_of_one_type_are_refused(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(packages, "sample_d")
    lay(packages, "sample_e")
    point(monkeypatch, "sample_d", "sample_e")
    with pytest.raises(SetupError, match="sample_d and sample_e both are SAMPLE"):
        installed.find_installed()

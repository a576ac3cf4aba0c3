"""Which connectors there are: found by the entry point group ``entrepot.connectors``, ours by the same door as others'.

An entry point names a package that holds ``CONNECTOR`` and a ``manifest.toml`` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata, resources

from entrepot.errors import SetupError
from entrepot.kit.manifest import Manifest, parse
from entrepot.kit.spec import Connector

GROUP = "entrepot.connectors"


@dataclass(frozen=True)
class Installed:
    """One connector that can be used here."""

    manifest: Manifest
    connector: Connector
    package: str
    """The Python package that it lives in."""


@cache
def load(package: str) -> Installed:
    """The connector of a package; SetupError when it is not one."""
    try:
        connector = getattr(import_module(package), "CONNECTOR", None)
    except ModuleNotFoundError:
        raise
    except Exception as error:
        raise SetupError(f"The connector {package} cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(connector, Connector):
        raise SetupError(f"{package} has no CONNECTOR of type entrepot.kit.spec.Connector")
    file = resources.files(package) / "manifest.toml"
    if not file.is_file():
        raise SetupError(f"{package} has no manifest.toml beside its __init__.py")
    return Installed(parse(file.read_bytes(), f"{package}/manifest.toml"), connector, package)


def find_installed() -> Mapping[str, Installed]:
    """Every connector by its integration type, in order of type.

    An entry point whose package is gone is passed over: deleting a connector's folder takes only that platform away.
    """
    found: dict[str, Installed] = {}
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        one = _load_if_there(point.value)
        if one is None:
            continue
        kind = one.manifest.integration_type
        if kind in found and found[kind].package != one.package:
            raise SetupError(f"{found[kind].package} and {one.package} both are {kind}: uninstall one of them")
        found[kind] = one
    return dict(sorted(found.items()))


def _load_if_there(package: str) -> Installed | None:
    try:
        return load(package)
    except ModuleNotFoundError as error:
        if error.name is not None and (package == error.name or package.startswith(error.name + ".")):
            return None
        raise SetupError(f"The connector {package} needs the missing module {error.name}") from error

"""A connector's recorded rows: the files of its ``fixtures`` folder.

``<stream>.json``, ``<stream>_<anything>.json`` or ``<stream>-<anything>.json`` holds one raw row of that stream, or a
list of rows. ``settings.json`` holds the connection's settings as they were when the rows were recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

import msgspec

from entrepot.kit.installed import Installed

FOLDER = "fixtures"
SETTINGS = "settings.json"

_ROWS = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw])
_SETTINGS = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True)
class Row:
    """One raw row, as a page of the stream carries it."""

    stream: str
    file: str
    raw: bytes


def settings_of(installed: Installed) -> Mapping[str, str]:
    """The settings that belong to the rows; empty when the connector needs none."""
    file = resources.files(installed.package) / FOLDER / SETTINGS
    return _SETTINGS.decode(file.read_bytes()) if file.is_file() else {}


def rows_of(installed: Installed) -> Iterator[Row]:
    """All recorded rows in order of file name. Files that are named after no stream are other people's business."""
    folder = resources.files(installed.package) / FOLDER
    if not folder.is_dir():
        return
    streams = sorted((stream.name for stream in installed.connector.streams), key=len, reverse=True)
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        stem, _, end = file.name.rpartition(".")
        stream = next((name for name in streams if _named_after(stem, name)), None)
        if end != "json" or stream is None:
            continue
        text = file.read_bytes()
        found = _ROWS.decode(text)
        for raw in found if isinstance(found, list) else [msgspec.Raw(text)]:
            yield Row(stream, file.name, bytes(raw))


def _named_after(stem: str, stream: str) -> bool:
    return stem == stream or (stem.startswith(stream) and stem[len(stream)] in "_-.")

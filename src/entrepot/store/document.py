"""A record as the JSON text that is hashed and kept."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from hashlib import blake2b

import msgspec
from isal import isal_zlib

from entrepot.errors import RowUnmappable
from entrepot.model import registry
from entrepot.model.base import Embedded, Record

HASH_BYTES = 16
_ENCODE = msgspec.json.Encoder(decimal_format="number").encode
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9.]+E[-+]?[0-9]+|-?s?NaN|-?Infinity')
# Half a microsecond per kilobyte each, because a pattern that begins with a letter is found by that letter.
_EXPONENT = re.compile(rb"E[-+][0-9]").search
_NOT_A_NUMBER = re.compile(rb"NaN").search
_INFINITE = re.compile(rb"Infinity").search
_NUL = re.compile(rb"(\\+)u0000")
_PERSONS = {noun.name: noun.name.encode()[:16] for noun in registry.NOUNS}


def encoded(record: Record) -> bytes:
    """The record's JSON: Decimals as plain numbers, defaults left out, U+0000 (which PostgreSQL's text refuses)
    replaced by U+FFFD. Raises RowUnmappable for NaN and infinities."""
    text = rough(record)
    return cleaned(text) if suspicious(text) else text


def rough(record: Record) -> bytes:
    """The record's JSON as the encoder has it, to be looked at by :func:`suspicious`."""
    try:
        return _ENCODE(record)
    except UnicodeEncodeError as error:
        raise RowUnmappable(f"a text that is not Unicode: {error}") from error


def suspicious(text: bytes) -> bool:
    """Whether the JSON of one record, or of a whole page of them, may hold something that has to be cleaned."""
    return bool(_EXPONENT(text) or _NOT_A_NUMBER(text) or _INFINITE(text)) or b"\\u0000" in text


def cleaned(text: bytes) -> bytes:
    """The JSON with plain numbers and without U+0000."""
    return _NUL.sub(_visible, _TOKEN.sub(_plain, text))


def _plain(match: re.Match[bytes]) -> bytes:
    token = match.group()
    if token.startswith(b'"'):
        return token
    if b"E" not in token:
        raise RowUnmappable("a number that is not finite")
    return format(Decimal(token.decode()), "f").encode()


def _visible(match: re.Match[bytes]) -> bytes:
    slashes = match.group(1)
    return slashes[:-1] + b"\\ufffd" if len(slashes) % 2 else match.group()


@cache
def _decoder(noun: str) -> msgspec.json.Decoder[Record]:
    return msgspec.json.Decoder(registry.noun(noun).type)


def decoded(noun: str, document: str | bytes) -> Record:
    """The record of a stored document, embedded ids and all."""
    return _decoder(noun).decode(document)


@cache
def embedded_fields(noun: str) -> tuple[str, ...]:
    """The names of a noun's lists of rows with ids of their own."""
    return tuple(field.name for field in registry.embedded_lists(registry.noun(noun).type))


def embedded_rows(noun: str, record: Record) -> list[Embedded]:
    """All rows of those lists."""
    return [row for name in embedded_fields(noun) for row in getattr(record, name)]


def without_ids(noun: str, record: Record) -> bytes:
    """The record's JSON with the embedded rows' ids left out; the record itself is as before."""
    rows = embedded_rows(noun, record)
    ids = [row.rootfi_id for row in rows]
    for row in rows:
        row.rootfi_id = None
    text = encoded(record)
    for row, ident in zip(rows, ids, strict=True):
        row.rootfi_id = ident
    return text


def data_hash(noun: str, own: bytes, children: list[bytes]) -> bytes:
    """The hash of a record: of its JSON without embedded ids and of its children's hashes, in no order."""
    text = own + b"".join(sorted(children)) if children else own
    return blake2b(text, digest_size=HASH_BYTES, person=_PERSONS[noun]).digest()


def raw_hash(raw: bytes) -> bytes:
    """The hash of a raw payload."""
    return blake2b(raw, digest_size=HASH_BYTES).digest()


def packed(data: bytes) -> bytes:
    """Compressed as raw payloads and replaced documents are kept: a seventh larger than the next level would make
    them, in half its time."""
    return isal_zlib.compress(data, 0)


def unpacked(data: bytes) -> bytes:
    """What :func:`packed` was given."""
    return isal_zlib.decompress(data)


def quoted(text: str) -> str:
    """A text as documents write it."""
    return msgspec.json.encode(text).decode()

"""Looks for what must not be there: every form that an id or a word takes, in every row and every byte of a folder."""

import base64
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

from penchant.core.database import Connection
from penchant.core.ids import format_id

Marker = UUID | int | str | bytes
_BLOCK = 1 << 20


def forms(marker: Marker) -> frozenset[bytes]:
    """How a marker may stand somewhere: as text, as bytes in either order, and as the hexadecimal of those."""
    match marker:
        case UUID():
            raw = {marker.bytes, marker.bytes_le, str(marker).encode(), marker.hex.encode()}
        case int():
            raw = {str(marker).encode(), marker.to_bytes(8, "big"), marker.to_bytes(8, "little")}
            raw.add(format_id(marker).encode())
        case str():
            plain = marker.encode()
            # As headers carry it: what begins with these letters, in whole groups of base 64.
            raw = {plain, marker.encode("unicode_escape"), base64.b64encode(plain[: len(plain) // 3 * 3])}
        case bytes():
            raw = {marker}
    return frozenset(raw | {one.hex().encode() for one in raw})


def rows_of(connection: Connection) -> Counter[str]:
    """Every row of every table as text, with its table; how often each."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    found: Counter[str] = Counter()
    for (name,) in connection.exec_driver_sql(tables).all():
        rows = connection.exec_driver_sql(f'SELECT t::text FROM "{name}" t')  # noqa: S608 - names of our own tables
        found.update(f"{name}: {row}" for row in rows.scalars())
    return found


def rows_with(rows: Iterable[str], markers: Iterable[Marker]) -> list[str]:
    """Those rows that hold one of the markers, cut short."""
    wanted = [form for marker in markers for form in forms(marker)]
    return [row[:300] for row in rows if any(form in row.encode() for form in wanted)]


def files_with(folder: Path, markers: Iterable[Marker], *, but: Iterable[str] = ()) -> list[str]:
    """Files below a folder that hold one of the markers, in their bytes or in their own name, with which.

    but: names of what is left out of the folder itself.
    """
    wanted = {form: marker for marker in markers for form in forms(marker)}
    left_out = set(but)
    found = []
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if place.parts[0] not in left_out and path.is_file():
            within = {wanted[form] for form in wanted if form in str(place).encode()}
            within |= {wanted[form] for piece in _pieces(path) for form in wanted if form in piece}
            found += [f"{place}: {marker!r}" for marker in sorted(within, key=str)]
    return found


def _pieces(path: Path) -> Iterator[bytes]:
    """A file's bytes in pieces that overlap by more than the longest form; none of a file that is gone meanwhile."""
    before = b""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        # What lives beside the search finishes its drafts: the next search finds the file by its own name.
        return
    with file:
        while block := file.read(_BLOCK):
            yield before + block
            before = (before + block)[-4096:]

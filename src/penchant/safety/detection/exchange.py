"""Hash lists as others write them, and as we hand them on. A line that cannot be read is told, and the next is read.

Read are: a PDQ hash a line, alone or in a CSV column, with or without a head; vPDQ as JSON, one video a line or one in
all; ThreatExchange's indicators as JSON or CSV; and `pdq HASH`, `vpdq JSON` as `threatexchange` keeps local files.
Source: Meta's ThreatExchange, python-threatexchange 1.2 (vpdq_util, file_api, simple_serialization).
"""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from penchant.safety.detection.pdq import LEAST_QUALITY, from_hex

MOST_FRAMES: Final = 10_000
_HEADS: Final = ("hash", "pdq", "pdq_hash", "indicator", "value", "signal")
_NAMES: Final = {"pdq": "pdq", "hash_pdq": "pdq", "video_pdq": "vpdq", "vpdq": "vpdq", "hash_video_pdq": "vpdq"}


class ListedFrame(NamedTuple):
    """One picture: of its own, or of a video."""

    hash: bytes
    """32 bytes."""
    quality: int
    """0 to 100."""
    at_ms: int


class Entry(NamedTuple):
    """One picture or video of a list."""

    name: str
    """What the list calls it; empty where it does not say."""
    frames: tuple[ListedFrame, ...]


class BadLine(NamedTuple):
    """A line that is not taken, counted from 1, and why."""

    number: int
    reason: str


def read_list(lines: Iterable[str]) -> Iterator[Entry | BadLine]:
    """Every entry of a list, in order, with what could not be read in its place."""
    rest = iter(lines)
    first = next(rest, "").removeprefix("\ufeff")
    if _begins_json(first):
        yield from _whole_json([first, *rest])
        return
    indicator = None
    for number, line in enumerate(_chain(first, rest), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if number == 1 and (column := _head(text)) is not None:
            indicator = column
            continue
        try:
            yield _line(text, indicator)
        except (ValueError, TypeError, KeyError) as error:
            yield BadLine(number, str(error) or "it cannot be read")


def write_list(entries: Iterable[Entry]) -> Iterator[str]:
    """Lines that `read_list` and `threatexchange`'s local files both read: `pdq HASH` and `vpdq JSON`."""
    for entry in entries:
        if len(entry.frames) == 1 and entry.frames[0].at_ms == 0:
            yield f"pdq {entry.frames[0].hash.hex()}\n"
        else:
            rows = [f"{frame.hash.hex()},{frame.quality},{frame.at_ms / 1000:.3f}" for frame in entry.frames]
            yield f"vpdq {json.dumps(rows)}\n"


def _begins_json(first: str) -> bool:
    """Whether a file is one JSON value with many entries, and not one value a line."""
    text = first.strip()
    if not text.startswith(("[", "{")):
        return False
    try:
        value = _json(text)
    except ValueError:
        return True  # it goes on in the next line
    return "data" in value if isinstance(value, dict) else any(isinstance(row, dict) for row in value)


def _json(text: str) -> Any:
    """Raises ValueError whatever is wrong with it."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _whole_json(lines: list[str]) -> Iterator[Entry | BadLine]:
    try:
        value = _json("".join(lines))
        records = value.get("data", [value]) if isinstance(value, dict) else value
        if isinstance(records, list) and records and all(isinstance(row, str | list) for row in records):
            yield Entry("", _video(records))
            return
    except (ValueError, TypeError) as error:
        yield BadLine(1, f"it is no JSON that is known here: {error}")
        return
    for number, record in enumerate(records, 1):
        try:
            yield _record(record)
        except (ValueError, TypeError, KeyError) as error:
            yield BadLine(number, f"record {number}: {error}")


def _line(text: str, column: int | None) -> Entry:
    if text.startswith("{"):
        return _record(_json(text))
    if text.startswith("["):
        return Entry("", _video(_json(text)))
    name, _, signal = text.partition(" ")
    if (kind := _NAMES.get(name.casefold())) and signal:
        return _signal(kind, signal, "")
    fields = [field.strip() for field in next(csv.reader([text]))]
    if column is not None:
        if column >= len(fields):
            raise ValueError("the column of the head is missing")
        return _signal("vpdq" if fields[column].startswith("[") else "pdq", fields[column], "")
    if fields[0].casefold() in _NAMES and len(fields) > 1:  # type, indicator, …
        return _signal(_NAMES[fields[0].casefold()], fields[1], "")
    quality = int(fields[1]) if len(fields) == 2 and fields[1].isdecimal() and int(fields[1]) <= 100 else 100
    return Entry("", (_frame(fields[0], quality, 0.0),))


def _record(record: Any) -> Entry:
    """A ThreatExchange indicator, or a video with its frames."""
    if not isinstance(record, dict):
        raise ValueError("it is no object")
    if record.get("should_delete"):
        raise ValueError("it says that it is to be deleted")
    name = str(record.get("id") or record.get("name") or "")
    if "indicator" in record:
        kind = _NAMES.get(str(record.get("type") or record.get("indicator_type") or "hash_pdq").casefold())
        if kind is None:
            raise ValueError(f"indicators of type {record.get('type')} are not PDQ")
        return _signal(kind, str(record["indicator"]), name)
    if "hash" in record and "frames" not in record:
        return Entry(name, _video([record]))
    frames = record.get("frames", record)
    # The older form of vPDQ: {"0": {"quality": …, "hash": …, "timestamp": …}, …}.
    return Entry(name, _video(list(frames.values()) if isinstance(frames, dict) else frames))


def _signal(kind: str, signal: str, name: str) -> Entry:
    return Entry(name, _video(_json(signal)) if kind == "vpdq" else (_frame(signal, 100, 0.0),))


def _video(rows: list[Any]) -> tuple[ListedFrame, ...]:
    if not 0 < len(rows) <= MOST_FRAMES:
        raise ValueError(f"a video has 1 to {MOST_FRAMES:,} frames")
    frames = []
    for row in rows:
        if isinstance(row, dict):
            frames.append(_frame(str(row["hash"]), int(row["quality"]), float(row.get("timestamp", 0))))
            continue
        if not isinstance(row, str) or row.count(",") != 2:
            raise ValueError("a frame of a video is written as HASH,QUALITY,SECONDS")
        hash_, quality, timestamp = row.split(",")
        frames.append(_frame(hash_, int(quality), float(timestamp)))
    return tuple(frames)


def _frame(hash_: str, quality: int, timestamp_s: float) -> ListedFrame:
    if not 0 <= quality <= 100 or not 0 <= timestamp_s < 1e6:
        raise ValueError("quality is 0 to 100, a timestamp in seconds from 0")
    try:
        return ListedFrame(from_hex(hash_.strip().lower()), quality, round(1000 * timestamp_s))
    except ValueError as error:
        raise ValueError(f"{hash_.strip()[:70]!r} is not a PDQ hash of 64 hexadecimal digits") from error


def telling(entry: Entry) -> tuple[ListedFrame, ...]:
    """The frames whose hash means something."""
    return tuple(frame for frame in entry.frames if frame.quality >= LEAST_QUALITY)


def _head(text: str) -> int | None:
    """The column with the hashes where a first line is a head."""
    fields = [field.strip().strip('"').casefold() for field in text.split(",")]
    for wanted in _HEADS:
        if wanted in fields:
            return fields.index(wanted)
    return None


def _chain(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest

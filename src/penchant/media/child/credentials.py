"""Validates the content credentials (C2PA) of a foreign file and keeps a bounded part of what they say.

The library is native code that reads foreign bytes, so it runs here and nowhere else. It has no network to fetch
manifests or revocations from, and is told not to try.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from c2pa import C2paError, Context, Reader

from penchant.catalog.provenance import (
    MADE_BY_AI,
    MOST_ACTIONS,
    MOST_FAILURES,
    NAME_CHARACTERS,
    SOURCES,
    Problem,
    Provenance,
    Status,
)
from penchant.media.messages import Judge, Verdict
from penchant.media.sniff import HEAD_BYTES, Demuxer, demuxer_of

OFFLINE: Final[dict[str, Any]] = {
    "core": {
        "allowed_network_hosts": [],
        # These identities are looked up on the network, whatever the line above says.
        "decode_identity_assertions": False,
        "max_decompressed_manifest_size_in_mb": 16,
    },
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
"""Settings of every call to the library."""
_FORMATS: Final[dict[Demuxer, str]] = {"mov": "video/mp4", "gif": "image/gif"}
"""What can carry credentials; for Matroska and WebM the specification has no place."""
_KINDS_OF_TRUST = ("manifest", "tsa")
"""Who may sign credentials, and who may say when."""
_LONGEST_REPORT = 16 << 20
"""Characters of the library's report on one file."""
_MARKS = (bytes.fromhex("d8fec3d61b0e483c92975828877ec481"), b"jumdc2pa")
"""The box that MP4 keeps credentials in, and how a store of them begins anywhere."""
_PIECE_BYTES = 1 << 20
_ACTION = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+){1,4}")
_FAILURE = re.compile(
    r"(algorithm|assertion|claim|claimSignature|general|hashedURI|ingredient|manifest|signingCredential|time[Ss]tamp)"
    r"(\.[A-Za-z0-9]+){1,3}"
)
_ELSEWHERE = "Remote:"
"""How the library begins to say that it would have to fetch them: of this it has no exception of its own."""
_UNTRUSTED = "signingCredential.untrusted"
_TIME_HOLDS = "timeStamp.trusted"
_PROBLEMS: tuple[tuple[Problem, re.Pattern[str]], ...] = (
    ("changed", re.compile(r"assertion\.(bmffHash|dataHash|boxesHash|collectionHash)\..*")),
    ("altered", re.compile(r"claimSignature\.mismatch|assertion\..*|claim\.(missing|multiple)|manifest\..*")),
    ("certificate", re.compile(r"signingCredential\..*|claimSignature\.outsideValidity|timeStamp\..*|timestamp\..*")),
    ("history", re.compile(r"ingredient\..*")),
)
"""The first that one of the failures matches is told."""


class _Code(msgspec.Struct):
    code: str = ""


class _Codes(msgspec.Struct):
    success: list[_Code] = []
    failure: list[_Code] = []


class _Delta(msgspec.Struct, rename="camel"):
    validation_deltas: _Codes = msgspec.field(default_factory=_Codes)


class _Results(msgspec.Struct, rename="camel"):
    active_manifest: _Codes = msgspec.field(default_factory=_Codes)
    ingredient_deltas: list[_Delta] = []


class _Generator(msgspec.Struct):
    name: str = ""
    version: str | None = None


class _Signature(msgspec.Struct):
    issuer: str | None = None
    common_name: str | None = None
    time: str | None = None


class _Assertion(msgspec.Struct):
    label: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Action(msgspec.Struct, rename="camel"):
    action: str = ""
    digital_source_type: str | None = None


class _Actions(msgspec.Struct):
    actions: list[_Action] = []


class _Manifest(msgspec.Struct):
    claim_generator: str | None = None
    claim_generator_info: list[_Generator] | None = None
    signature_info: _Signature | None = None
    assertions: list[_Assertion] = []


class _Report(msgspec.Struct):
    """The part of the library's report that is read; all else in it is skipped unseen."""

    active_manifest: str | None = None
    manifests: dict[str, _Manifest] = {}
    validation_results: _Results = msgspec.field(default_factory=_Results)
    validation_state: str = ""


def judge(request: Judge) -> Verdict:
    """The verdict on a foreign file; never an exception for what its credentials may be."""
    source = Path(request.source)
    with source.open("rb") as file:
        demuxer = demuxer_of(file.read(HEAD_BYTES))
    format_ = _FORMATS.get(demuxer) if demuxer is not None else None
    if format_ is None:
        return Verdict(Provenance("absent"))
    settings = dict(OFFLINE)
    if request.anchors is not None:
        anchors = Path(request.anchors).read_text("utf-8")
        settings["trust"] = {"anchors": [{"trust_anchors": anchors, "trust_kind": kind} for kind in _KINDS_OF_TRUST]}
    try:
        with (
            source.open("rb") as file,
            Context.from_dict(settings) as context,
            Reader(format_, file, context=context) as reader,
        ):
            report = reader.json()
    except C2paError.ManifestNotFound:
        return Verdict(Provenance("absent"))
    except C2paError as error:
        if str(error).startswith(_ELSEWHERE):
            return Verdict(Provenance("absent", problem="elsewhere"))
        # The library makes the same complaint about files that have no credentials at all.
        broken = _carries(source)
        return Verdict(Provenance("broken", problem="unreadable") if broken else Provenance("absent"))
    return Verdict(_told(report))


def _told(report: str) -> Provenance:
    if len(report) > _LONGEST_REPORT:
        return Provenance("broken", problem="unreadable")
    try:
        read = msgspec.json.decode(report, type=_Report)
    except (msgspec.DecodeError, RecursionError):
        return Provenance("broken", problem="unreadable")
    active = read.manifests.get(read.active_manifest or "")
    if active is None:
        return Provenance("broken", problem="unreadable")
    failures = _failures(read.validation_results)
    status: Status = "broken"
    if read.validation_state == "Trusted":
        status = "trusted"
    elif read.validation_state == "Valid":
        status = "unknown_issuer"
    signature = active.signature_info or _Signature()
    passed = {entry.code for entry in read.validation_results.active_manifest.success}
    return Provenance(
        status,
        problem=problem_of(failures) if status == "broken" else None,
        issuer=_words(signature.issuer or signature.common_name or ""),
        generator=_generator(active),
        signed_at=_moment(signature.time) if _TIME_HOLDS in passed else None,
        source=_source([active, *read.manifests.values()]),
        actions=tuple(name for name, _ in zip(_names(active), range(MOST_ACTIONS), strict=False)),
        failures=tuple(failures[:MOST_FAILURES]),
    )


def _failures(results: _Results) -> list[str]:
    """Each code once, in the library's order."""
    lists = [results.active_manifest, *(delta.validation_deltas for delta in results.ingredient_deltas)]
    codes = (entry.code for codes in lists for entry in codes.failure)
    return list(dict.fromkeys(code for code in codes if len(code) <= NAME_CHARACTERS and _FAILURE.fullmatch(code)))


def problem_of(failures: Iterable[str]) -> Problem:
    """What is wrong, for people, of several validation codes."""
    worse = [code for code in failures if code != _UNTRUSTED]
    for problem, pattern in _PROBLEMS:
        if any(pattern.fullmatch(code) for code in worse):
            return problem
    return "unreadable"


def _generator(manifest: _Manifest) -> str:
    for entry in manifest.claim_generator_info or ():
        return _words(f"{entry.name} {entry.version or ''}")
    return _words(manifest.claim_generator or "")


def _actions(manifest: _Manifest) -> Iterator[_Action]:
    for assertion in manifest.assertions:
        if assertion.label.startswith("c2pa.actions"):
            try:
                yield from msgspec.json.decode(assertion.data, type=_Actions).actions
            except (msgspec.DecodeError, RecursionError):
                continue  # an assertion of another shape says nothing that we could keep


def _names(manifest: _Manifest) -> Iterator[str]:
    return (entry.action for entry in _actions(manifest) if len(entry.action) <= 60 and _ACTION.fullmatch(entry.action))


def _source(manifests: Iterable[_Manifest]) -> str:
    """How it came to be, the newest manifest's word first; but what says AI anywhere in the history wins."""
    named = [(entry.digital_source_type or "").rpartition("/")[2] for one in manifests for entry in _actions(one)]
    known = [name for name in named if name in SOURCES]
    return next((name for name in known if name in MADE_BY_AI), known[0] if known else "")


def _words(text: str) -> str:
    """One line of printable characters, no longer than is kept."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:1000]).split())[:NAME_CHARACTERS]


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _carries(path: Path) -> bool:
    """Whether there is anything in the file that means to be content credentials."""
    tail = b""
    longest = max(map(len, _MARKS)) - 1
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            window = tail + piece
            if any(mark in window for mark in _MARKS):
                return True
            tail = window[-longest:]
    return False

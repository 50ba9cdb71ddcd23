"""The markets of a house: who they are, where they listen, whose signatures count. One file, without secrets."""

import re
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from penchant.core.errors import NotFound, SettingWrong

DIRECTORY = "directory"
"""Whom requests to the directory are addressed to; no market can be called that."""
_HEAD = "# The markets of one house. Nothing in here is secret; copy it to each machine that has one of them.\n"
_ID = "^[a-z][a-z0-9-]{0,30}$"


class Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A market, as the others know it."""

    id: Annotated[str, msgspec.Meta(pattern=_ID)]
    name: str
    address: Annotated[str, msgspec.Meta(pattern="^https?://[^/\\s]+$")]
    """Where it listens, without a slash at the end."""
    gateway_key: str
    """Its key, as people pass it on: `name+id+key`, a *vkey*."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    market: list[Peer] = []


class Peers:
    """The file, read anew whenever it is asked: a market that was added is known without a start."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> tuple[Peer, ...]:
        """Every market of the house, in the order in which they came.

        Raises:
            SettingWrong: the file is not right.
        """
        try:
            found = msgspec.convert(tomllib.loads(self._path.read_text("utf-8")), _File).market
        except FileNotFoundError:
            raise SettingWrong(f"PENCHANT_MARKETS: there is no {self._path}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
            raise SettingWrong(f"{self._path.name} cannot be read: {error}") from error
        if len({one.id for one in found}) < len(found) or any(one.id == DIRECTORY for one in found):
            raise SettingWrong(f"{self._path.name}: two markets have one id, or one is called {DIRECTORY}")
        return tuple(found)

    def get(self, market: str) -> Peer:
        """One of them.

        Raises:
            NotFound: there is no such market in the house.
        """
        for one in self.all():
            if one.id == market:
                return one
        raise NotFound(f"there is no market {market[:31]!r} here", code="unknown_market")

    def add(self, peer: Peer) -> None:
        """Write another one behind those that are there. Raises as `check`."""
        there = self.check(peer)
        draft = self._path.with_suffix(".new")
        draft.write_text("\n".join([_HEAD, *(_entry(one) for one in (*there, peer))]), "utf-8")
        draft.replace(self._path)

    def check(self, peer: Peer) -> tuple[Peer, ...]:
        """Whether another one could be added; returns those that are there.

        Raises:
            SettingWrong: there is one of that id, or it is not right.
        """
        try:
            msgspec.convert(msgspec.to_builtins(peer), Peer)
        except msgspec.ValidationError as error:
            raise SettingWrong(f"this cannot be a market: {error}") from error
        there = self.all() if self._path.exists() else ()
        if peer.id == DIRECTORY or any(one.id == peer.id for one in there):
            raise SettingWrong(f"there is a market {peer.id} already, or none may have that name")
        return there


def _entry(peer: Peer) -> str:
    lines = [f"{name} = {toml_text(value)}" for name, value in msgspec.structs.asdict(peer).items()]
    return "\n".join(["[[market]]", *lines, ""])


def toml_text(text: str) -> str:
    """A text as TOML has it: JSON's way of writing one is a way of TOML's, but for the character DEL."""
    return re.sub("\x7f", r"\\u007f", msgspec.json.encode(text).decode())

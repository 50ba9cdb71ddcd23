"""A small place in which everybody of `access.PEOPLE` lives, and the owner has one of everything.

Many of them fit into one database: their handles differ.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text
from tests.web.access import Row

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition
from penchant.core.database import metadata
from penchant.core.ids import AccountId, VideoId, format_id
from penchant.web.auth import COOKIE

PASSWORD = "correct horse"
TITLE = "the owner's waves"
_NAME = re.compile(r"\{(\w+)\}")
_places = itertools.count(1)
_UNSAID = {"rate_limits"}
"""Counts attempts: the one thing that a refused request may change."""


class Place:
    """People by kind with their session tokens, what the owner has, and a browser that can be anybody's."""

    def __init__(self, cell: Penchant, web: Litestar, *, listed: bool = True) -> None:
        self.cell = cell
        # A stream of news then says what it knows and ends.
        web.state["closing"] = True
        self._client = TestClient(web)
        self._number = next(_places)
        self._fresh = itertools.count(1)
        self.tokens = {"viewer": cell.accounts.welcome()[0]}
        self.accounts: dict[str, Account] = {}
        for kind in ("owner", "other", "suspended", "somebody"):
            token, viewer = cell.accounts.sign_up(None, self._handle(kind), PASSWORD, 1990)
            assert viewer.account is not None
            self.tokens[kind], self.accounts[kind] = token, viewer.account
        for kind in ("moderator", "admin"):
            account = cell.accounts.make_account(self._handle(kind), kind, kind)
            self.accounts[kind] = account
            self.tokens[kind] = cell.accounts.sign_in_by_link(cell.accounts.make_link(account, "sign_in")[0])[0]
        self.video, self.sound = self._publish(listed)
        self.upload = cell.media.uploads.create(self.accounts["owner"], 10, TITLE, [], "en")
        self.comment = self.note = ""
        if listed:
            own = cell.comments.write(self.accounts["owner"], self.video, "thank you")
            self.comment = format_id(own.id)
            # Where new accounts may write one.
            if cell.settings.note_account_days == 0:
                self.note = format_id(cell.notes.write(self.accounts["owner"], self.video, "satire", "a joke").id)
        self._suspend("suspended")
        cell.events.deliver()
        owner = cell.accounts.viewer(self.tokens["owner"])
        assert owner is not None
        self.partner, _ = cell.partners.add(f"partner {self._number}", 30)
        self.page = cell.feed.page(owner, uuid4()).id
        cell.ledger.sequencer.run_empty()

    def ask(self, kind: str, row: Row, values: Mapping[str, str] | None = None) -> Response:
        """The row's request as that kind of person sends it. `values` go before the place's own."""

        def fill(content: Any) -> Any:
            if isinstance(content, str):
                return _NAME.sub(lambda found: (values or {}).get(found[1]) or self.value(found[1]), content)
            return {key: fill(value) for key, value in content.items()} if isinstance(content, Mapping) else content

        method, path = row.route.split(" ")
        body = fill(row.body)
        self._client.cookies.clear()
        if kind in self.tokens:
            self._client.cookies.set(COOKIE, self.tokens[kind])
        headers = {name: fill(value) for name, value in row.headers.items()}
        if isinstance(body, dict):
            # Escaped, so that also what is no text at all gets through.
            headers["Content-Type"], body = "application/json", json.dumps(body).encode()
        return self._client.request(method, fill(path), headers=headers, params=fill(row.query), content=body)

    def value(self, name: str) -> str:
        """What stands for `{name}` in a row."""
        match name:
            case "video":
                return format_id(self.video)
            case "sound":
                return format_id(self.sound)
            case "comment_id":
                return self.comment
            case "note":
                return self.note
            case "page":
                return format_id(self.page)
            case "upload_id":
                return self.upload.id.hex
            case "sign_in_link" | "reset_link":
                purpose = "reset" if name == "reset_link" else "sign_in"
                return self.cell.accounts.make_link(self.accounts["somebody"], purpose)[0]
            case "handle":
                return self._handle("somebody")
            case "owner_handle":
                return self._handle("owner")
            case "profile":
                return "@" + self._handle("owner")
            case "fresh_handle":
                return self._handle(f"fresh_{next(self._fresh)}")
        known = {
            "case": format_id(1 << 59),
            "decision": format_id(1 << 59),
            "appeal": format_id(1 << 59),
            "order": format_id(1 << 59),
            "step": format_id(1 << 59),
            "notification": format_id(1 << 59),
            "session": "00" * 8,
            "mute_id": format_id(1 << 59),
            "password": PASSWORD,
            "language": "en",
            "tag": "sea",
            "file": "480p.mp4",
            "name": "penchant.svg",
            "path": "nothing",
            "view": "boosts",
            "partner_token": self.partner,
            "kind": "videos",
        }
        if name not in known:
            raise AssertionError(f"Place.value has to say what {{{name}}} stands for")
        return known[name]

    def everything(self) -> dict[str, str]:
        """Every table and the bytes of uploads, as digests: what is the same before and after has not been changed."""
        found = {}
        with self.cell.engine.connect() as connection:
            for name in sorted(set(metadata.tables) - _UNSAID):
                rows = connection.execute(text(f'SELECT t::text FROM "{name}" t ORDER BY 1')).scalars()
                found[name] = _digest("\n".join(rows).encode())
        for path in sorted((self.cell.settings.data / "uploads").rglob("*")):
            if path.is_file():
                found[path.name] = _digest(path.read_bytes())
        return found

    def _handle(self, kind: str) -> str:
        return f"{kind}_{self._number}"

    def _publish(self, listed: bool) -> tuple[VideoId, int]:
        cell = self.cell
        names = (("480p", "video/mp4", "01"), ("poster", "image/jpeg", "02"), ("cover-1", "image/jpeg", "03"))
        files = [Rendition(n, f"videos/{n}", kind, 5, digest * 32, 480, 854) for n, kind, digest in names]
        for file in files:
            cell.objects.put_bytes(file.object_key, b"bytes")
        with cell.engine.begin() as connection:
            video = cell.catalog.add(connection, AccountId(self.accounts["owner"].id), TITLE, ("sea",), "en")
            cell.catalog.start_processing(connection, video)
            if listed:
                cell.catalog.publish(
                    connection, video, duration_ms=6_000, width=480, height=854, files=files, encoder="t-1",
                    vector=bytes(64),
                )  # fmt: skip
            else:
                for file in files:
                    catalog.put_rendition(connection, video, file)
            found = catalog.video(connection, video)
            assert found is not None
            sound = cell.catalog.add_original_sound(connection, found[0], shared=True)
            vtt = "WEBVTT\n\n00:00.000 --> 00:01.000\nsecret words\n"
            cell.catalog.put_captions(connection, found[0], "en", vtt)
        return video, sound

    def _suspend(self, kind: str) -> None:
        """As it is in the moment when a request is on its way: suspended, and the session is still known."""
        with self.cell.engine.begin() as connection:
            held = connection.execute(
                text("SELECT * FROM sessions WHERE account_id = :id"), {"id": self.accounts[kind].id}
            )
            (row,) = held.mappings()
            self.cell.accounts.set_suspended(connection, self.accounts[kind], True)
            columns = ", ".join(row)
            connection.execute(
                text(f"INSERT INTO sessions ({columns}) VALUES ({', '.join(f':{name}' for name in row)})"), dict(row)
            )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

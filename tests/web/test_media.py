"""Files over HTTP: ranges, conditions, caches; what is removed is gone at once."""

from dataclasses import replace
from typing import get_args

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition, RenditionName
from penchant.core.ids import VideoId, format_id
from penchant.web.asgi import create_web
from penchant.web.schemas import media_file

pytestmark = pytest.mark.service

CONTENT = bytes(range(256)) * 4000
SHA256 = "ab" * 32
Client = TestClient[Litestar]


@pytest.fixture
def video(cell: Penchant) -> VideoId:
    """A listed video whose 480p is `CONTENT`."""
    _, viewer = cell.accounts.sign_up(None, "ada", "correct horse", 1980)
    assert viewer.account is not None
    cell.objects.put_bytes("videos/a/480p-ab.mp4", CONTENT)
    files = [Rendition("480p", "videos/a/480p-ab.mp4", "video/mp4", len(CONTENT), SHA256, 480, 854)]
    with cell.engine.begin() as connection:
        id_ = cell.catalog.add(connection, viewer.account.id, "waves", [], "en")
        cell.catalog.start_processing(connection, id_)
        cell.catalog.publish(
            connection, id_, duration_ms=6_000, width=480, height=854, files=files, encoder="t-1", vector=bytes(64)
        )
    return id_


def test_whole_part_and_conditions(client: Client, video: VideoId) -> None:
    where = f"/media/{format_id(video)}/480p.mp4"
    whole = client.get(where)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Content-Length"] == str(len(CONTENT))
    assert whole.headers["Cache-Control"] == "private, no-cache"
    etag = whole.headers["ETag"]

    part = client.get(where, headers={"Range": "bytes=700-300699"})
    assert (part.status_code, part.content) == (206, CONTENT[700:300_700])
    assert part.headers["Content-Range"] == f"bytes 700-300699/{len(CONTENT)}"
    assert part.headers["Content-Length"] == "300000"
    assert client.get(where, headers={"Range": "bytes=-5"}).content == CONTENT[-5:]

    assert client.get(where, headers={"Range": "bytes=0-4", "If-Range": etag}).status_code == 206
    assert client.get(where, headers={"Range": "bytes=0-4", "If-Range": '"old"'}).content == CONTENT
    beyond = client.get(where, headers={"Range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert beyond.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
    known = client.get(where, headers={"If-None-Match": etag})
    assert (known.status_code, known.content) == (304, b"")

    head = client.head(where)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(CONTENT))
    assert head.headers["ETag"] == etag


def test_unknown_files_are_not_found(client: Client, video: VideoId) -> None:
    for where in (
        f"/media/{format_id(video)}/720p.mp4",
        f"/media/{format_id(video)}/..%2Fsecret",
        f"/media/{format_id(VideoId(5))}/480p.mp4",
        "/media/nothing/480p.mp4",
    ):
        assert client.get(where).status_code == 404


def test_a_removed_video_is_gone_at_once_also_for_who_has_it_cached(
    client: Client, cell: Penchant, video: VideoId
) -> None:
    where = f"/media/{format_id(video)}/480p.mp4"
    etag = client.get(where).headers["ETag"]
    with cell.engine.begin() as connection:
        found = catalog.video(connection, video)
        assert found is not None
        cell.catalog.remove(connection, found[0], "moderation")
    for headers in ({}, {"Range": "bytes=0-4"}, {"Range": "bytes=0-4", "If-Range": etag}, {"If-None-Match": etag}):
        answer = client.get(where, headers=headers)
        assert answer.status_code == 410
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.json()["error"]["code"] == "removed"
    assert client.head(where).status_code == 410


def test_a_proxy_is_told_where_the_file_is(cell: Penchant, video: VideoId) -> None:
    behind_proxy = replace(cell, settings=msgspec.structs.replace(cell.settings, accel_prefix="/_objects/"))
    with TestClient(create_web(behind_proxy)) as client:
        answer = client.get(f"/media/{format_id(video)}/480p.mp4")
        assert answer.headers["X-Accel-Redirect"] == "/_objects/videos/a/480p-ab.mp4"
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.content == b""


def test_what_moves_is_mp4_and_all_else_jpeg():
    moving = [name for name in get_args(RenditionName) if media_file(name).endswith(".mp4")]
    assert moving == ["480p", "720p", "1080p", "preview"]

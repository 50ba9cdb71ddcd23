"""Words that try to become markup or script, and a place whose every stored text is one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from tests.browser.conftest import real_clip

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition
from penchant.catalog.provenance import Provenance
from penchant.core.database import Connection
from penchant.core.ids import VideoId, format_id
from penchant.safety.notes import repository as notes

# Each calls `hit()`, which the tests define, or asks for something elsewhere.
WORDS = (
    "<script>hit()</script>",
    "</title><script>hit()</script>",
    "--><script>hit()</script><!--",
    "]]><script>hit()</script>",
    "<img src=x onerror=hit()>",
    '"><img src=x onerror=hit()>',
    "'><img src=x onerror=hit()>",
    '" onfocus=hit() autofocus x="',
    "' onmouseover=hit() x='",
    "<svg onload=hit()>",
    "<svg><script>hit()</script></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.hit()</script>'></iframe>",
    '<iframe src="javascript:parent.hit()"></iframe>',
    '<math><mtext></form><form><mglyph><style></math><img src onerror="hit()">',
    '<noscript><p title="</noscript><img src=x onerror=hit()>">',
    "<details open ontoggle=hit()>x</details>",
    "<video><source onerror=hit()></video>",
    "<style>@import 'https://elsewhere.example/x.css';</style>",
    '<link rel=stylesheet href="https://elsewhere.example/x.css">',
    '<meta http-equiv=refresh content="0;url=https://elsewhere.example/">',
    '<base href="https://elsewhere.example/">',
    '<object data="https://elsewhere.example/x"></object>',
    "<img src=https://elsewhere.example/pixel>",
    '<form action="https://elsewhere.example/"><button autofocus>x</button></form>',
    "&lt;script&gt;hit()&lt;/script&gt;",
    "%3Cscript%3Ehit()%3C/script%3E",
    "\\u003cscript\\u003ehit()\\u003c/script\\u003e",
    "＜script＞hit()＜/script＞",
    "{{constructor.constructor('hit()')()}}${hit()}{hit()}{@html hit()}",
    "javascript:hit()",
    "\u202etpircs\u202c hit()",
)


@dataclass(frozen=True)
class Hostile:
    """A listed video whose title, creator, hashtag, sound, alt text, origin, captions, comment and note are all
    `words`."""

    words: str
    handle: str
    video: str
    sound: str


def fill(cell: Penchant, corpus: Sequence[str]) -> tuple[Account, list[Hostile]]:
    """One for each text of a corpus, and an account that owns a failed video for each.

    Written beneath the services, which would refuse or tidy much of it: what is shown must not depend on that.
    """
    owner = cell.accounts.make_account("failing")
    clip = real_clip("bikes.mp4").read_bytes()
    cell.objects.put_bytes("videos/hostile", clip)
    made = []
    for number, words in enumerate(corpus):
        account = cell.accounts.make_account(f"hostile_{number}", words)
        with cell.engine.begin() as connection:
            video, sound = _video(cell, connection, account, words, len(clip))
            _failed(cell, connection, owner, words)
        viewer = cell.accounts.viewer(cell.accounts.welcome()[0])
        assert viewer is not None
        comment = cell.comments.write(account, video, words)
        cell.safety.report(viewer, "video", video, "spam", words)
        cell.safety.report(viewer, "comment", comment.id, "spam", words)
        made.append(Hostile(words, account.handle, format_id(video), format_id(sound)))
    cell.events.deliver()
    return owner, made


def _video(cell: Penchant, connection: Connection, account: Account, words: str, size: int) -> tuple[VideoId, int]:
    video = cell.catalog.add(connection, account.id, "", (), "en")
    cell.catalog.start_processing(connection, video)
    file = Rendition("480p", "videos/hostile", "video/mp4", size, "ab" * 32, 480, 854)
    origin = Provenance("trusted", issuer=words, generator=words, actions=(words,))
    cell.catalog.publish(
        connection, video, duration_ms=9_000, width=480, height=854, files=[file], encoder="t-1", vector=bytes(64),
        provenance=origin,
    )  # fmt: skip
    found = catalog.video(connection, video)
    assert found is not None
    sound = cell.catalog.add_original_sound(connection, found[0], shared=True)
    values = {"words": words, "tags": [words], "video": video, "sound": sound}
    connection.execute(
        text("UPDATE videos SET title = :words, alt_text = :words, hashtags = :tags WHERE id = :video"), values
    )
    connection.execute(text("UPDATE sounds SET title = :words WHERE id = :sound"), values)
    moment = cell.catalog.now()
    note = {"id": video, "video_id": video, "author_id": account.id, "created_at": moment, "status_since": moment}
    notes.add_note(connection, **note, kind="satire", text=words, status="helpful", shown=True)
    cues = f"WEBVTT\n\n00:00.000 --> 00:09.000\n{words}\n"
    catalog.put_captions(connection, video, "en", 1, cues, moment)
    return video, sound


def _failed(cell: Penchant, connection: Connection, owner: Account, words: str) -> None:
    video = cell.catalog.add(connection, owner.id, "", (), "en")
    cell.catalog.start_processing(connection, video)
    cell.catalog.fail(connection, video, "crashed", words)
    connection.execute(
        text("UPDATE videos SET title = :words, alt_text = :words WHERE id = :video"), {"words": words, "video": video}
    )

"""Search, suggestions, and the videos of a hashtag. Nobody writes down who looked for what."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get
from litestar.params import FromPath, QueryParameter

from penchant.accounts.muting.model import Mutes
from penchant.catalog.search import Kind, Suggestion
from penchant.core.errors import NotFound
from penchant.core.ids import format_id, parse_id
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.schemas import SoundOut, VideoOut, VideosOut, sound_out
from penchant.web.threads import in_thread
from penchant.web.videos_view import videos_out

Ask = Request[Any, Any, Any]
Words = Annotated[str, QueryParameter(description="what to look for: 1 to 100 characters")]
Language = Annotated[
    str, QueryParameter(description="of who asks, as `en`: by its grammar the words are taken", max_length=35)
]


class PersonOut(msgspec.Struct, frozen=True):
    id: str
    handle: str
    name: str


class HashtagOut(msgspec.Struct, frozen=True):
    tag: str
    videos: int
    """That you may see, counted to 100."""


class SearchOut(msgspec.Struct, frozen=True):
    videos: list[VideoOut]
    people: list[PersonOut]
    hashtags: list[HashtagOut]
    sounds: list[SoundOut]
    next: str | None
    """`cursor` of the next page."""
    alike: bool
    """The words found little, so words that are spelt alike count, too."""


class SuggestionOut(msgspec.Struct, frozen=True):
    kind: Literal["person", "hashtag", "sound"]
    text: str
    """Handle, hashtag or title."""
    id: str | None
    name: str
    """Of a person, or the handle of a sound's creator."""


class SuggestionsOut(msgspec.Struct, frozen=True):
    suggestions: list[SuggestionOut]


@get("/api/search", tags=["search"], responses=refusals())
@in_thread
def find(
    penchant: Cell,
    viewer: Asking,
    request: Ask,
    q: Words,
    kind: Annotated[Kind, QueryParameter(description="the other lists stay empty")] = "videos",
    language: Language = "",
    cursor: Annotated[str | None, QueryParameter(description="the `next` of the page before")] = None,
) -> SearchOut:
    """What may be found by these words, the best first: 500 videos at most, 200 people or hashtags, 100 sounds. 422."""
    account = viewer.account if viewer else None
    found = penchant.search.find(kind, q, language, account, cursor)
    with penchant.engine.connect() as connection:
        return SearchOut(
            videos_out(penchant, request, connection, found.videos, account) if found.videos else [],
            [PersonOut(format_id(one.id), one.handle, one.name) for one in found.people],
            [HashtagOut(tag.tag, tag.videos) for tag in found.hashtags],
            [sound_out(sound) for sound in found.sounds],
            found.next,
            found.alike,
        )


@get("/api/search/suggestions", tags=["search"], responses=refusals())
@in_thread
def suggest(penchant: Cell, viewer: Asking, q: Words) -> SuggestionsOut:
    """Hashtags, people and sounds that begin like this, eight at most; `#` and `@` in front ask for one kind. 422."""
    mutes = penchant.muting.of(viewer)
    offered = [one for one in penchant.search.suggest(q, viewer.account if viewer else None) if not _muted(one, mutes)]
    return SuggestionsOut(
        [SuggestionOut(one.kind, one.text, None if one.id is None else format_id(one.id), one.name) for one in offered]
    )


def _muted(one: Suggestion, mutes: Mutes) -> bool:
    """What comes while somebody types is not asked for yet; what is searched for is."""
    match one.kind:
        case "person":
            return mutes.silence(creator=one.id or 0)
        case "hashtag":
            return mutes.silence(creator=0, hashtags=[one.text])
        case "sound":
            return mutes.silence(creator=0, sound=one.id, texts=[one.text])


@get("/api/hashtags/{tag:str}/videos", tags=["search"], responses=refusals(NotFound))
@in_thread
def show_tagged(
    penchant: Cell,
    viewer: Asking,
    request: Ask,
    tag: FromPath[str],
    before: Annotated[str | None, QueryParameter(description="the `next` of the page before")] = None,
) -> VideosOut:
    """Listed videos with a hashtag, newest first; none where there is no such hashtag."""
    account = viewer.account if viewer else None
    videos, following = penchant.search.tagged(tag, account, parse_id(before) if before else None)
    with penchant.engine.connect() as connection:
        shown = videos_out(penchant, request, connection, videos, account)
    return VideosOut(shown, None if following is None else format_id(following))


ROUTES = [find, suggest, show_tagged]

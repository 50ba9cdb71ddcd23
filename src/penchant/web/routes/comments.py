"""Comments: reading, saying, editing, liking, and what a video's creator may do with them."""

from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from penchant.accounts.limits import COMMENT, SOCIAL
from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.community.model import Comment, Order
from penchant.core.errors import Conflict, Forbidden, Gone, RateLimited, SignInNeeded
from penchant.core.ids import CommentId, VideoId, parse_id
from penchant.web.auth import signed_in
from penchant.web.comments_view import CommentOut, CommentsOut, comment_out, comments_out
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import ACTING, WATCHING, refusals
from penchant.web.schemas import LikeOut
from penchant.web.threads import in_thread


class NewComment(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    answers: str | None = None
    """The comment that it answers."""


class OtherWords(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class HeldWords(msgspec.Struct, forbid_unknown_fields=True):
    words: list[str]


class HeldWordsOut(msgspec.Struct, frozen=True):
    words: list[str]


@get("/api/videos/{video:str}/comments", tags=["comments"], responses=refusals(*WATCHING))
@in_thread
def show_comments(
    penchant: Cell,
    viewer: Asking,
    video: FromPath[str],
    order: Annotated[Order, QueryParameter(description="newest first, or those with most likes")] = "newest",
    before: Annotated[str | None, QueryParameter(description="the `next` of the page before")] = None,
) -> CommentsOut:
    """Comments that answer none: the pinned one, then the newest or most liked. Answers have their own route."""
    account = viewer.account if viewer else None
    listed = penchant.threads.page(account, VideoId(parse_id(video)), order, before)
    return comments_out(listed, account, penchant.muting.of(viewer))


@post(
    "/api/videos/{video:str}/comments",
    status_code=HTTP_201_CREATED,
    tags=["comments"],
    responses=refusals(*ACTING, Gone),
)
@in_thread
def write_comment(penchant: Cell, viewer: Asking, video: FromPath[str], data: JSONBody[NewComment]) -> CommentOut:
    """Say something, or answer a comment. 422 with fields, 429 `rate_limited`."""
    me = signed_in(viewer)
    penchant.limits.spend(COMMENT, me.handle)
    answers = CommentId(parse_id(data.answers)) if data.answers is not None else None
    return _examined(penchant, me, penchant.comments.write(me, VideoId(parse_id(video)), data.text, answers))


@put("/api/comments/{comment_id:str}", tags=["comments"], responses=refusals(*ACTING, Gone, Conflict))
@in_thread
def edit_comment(penchant: Cell, viewer: Asking, comment_id: FromPath[str], data: JSONBody[OtherWords]) -> CommentOut:
    """Say one's own comment otherwise, for 15 minutes; everybody sees that it was edited. 409 `too_late`."""
    me = signed_in(viewer)
    penchant.limits.spend(COMMENT, me.handle)
    return _examined(penchant, me, penchant.comments.edit(me, CommentId(parse_id(comment_id)), data.text))


@delete(
    "/api/comments/{comment_id:str}", status_code=HTTP_204_NO_CONTENT, tags=["comments"], responses=refusals(*ACTING)
)
@in_thread
def delete_comment(penchant: Cell, viewer: Asking, comment_id: FromPath[str]) -> None:
    """Delete one's own comment, or any below one's own video. Of one that was answered its place stays."""
    penchant.comments.delete(signed_in(viewer), CommentId(parse_id(comment_id)))


@get("/api/comments/{comment_id:str}/replies", tags=["comments"], responses=refusals(*WATCHING))
@in_thread
def show_replies(
    penchant: Cell,
    viewer: Asking,
    comment_id: FromPath[str],
    after: Annotated[str | None, QueryParameter(description="the `next` of the page before")] = None,
) -> CommentsOut:
    """What answers a comment, oldest first."""
    account = viewer.account if viewer else None
    listed = penchant.threads.replies(account, CommentId(parse_id(comment_id)), after)
    return comments_out(listed, account, penchant.muting.of(viewer))


@put("/api/comments/{comment_id:str}/like", tags=["comments"], responses=refusals(*ACTING, Gone))
@in_thread
def like_comment(penchant: Cell, viewer: Asking, comment_id: FromPath[str]) -> LikeOut:
    """Like a comment. The feed does not learn from it."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    return LikeOut(True, penchant.comments.like(me, CommentId(parse_id(comment_id)), True))


@delete(
    "/api/comments/{comment_id:str}/like",
    status_code=HTTP_200_OK,
    tags=["comments"],
    responses=refusals(*ACTING, Gone),
)
@in_thread
def unlike_comment(penchant: Cell, viewer: Asking, comment_id: FromPath[str]) -> LikeOut:
    """Take a like of a comment back."""
    return LikeOut(False, penchant.comments.like(signed_in(viewer), CommentId(parse_id(comment_id)), False))


@put(
    "/api/comments/{comment_id:str}/pin",
    status_code=HTTP_204_NO_CONTENT,
    tags=["comments"],
    responses=refusals(*ACTING, Conflict),
)
@in_thread
def pin_comment(penchant: Cell, viewer: Asking, comment_id: FromPath[str]) -> None:
    """Put one comment before all others below one's own video, in the place of the one before. 409 for an answer."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    penchant.comments.pin(me, CommentId(parse_id(comment_id)), True)


@delete(
    "/api/comments/{comment_id:str}/pin",
    status_code=HTTP_204_NO_CONTENT,
    tags=["comments"],
    responses=refusals(*ACTING),
)
@in_thread
def unpin_comment(penchant: Cell, viewer: Asking, comment_id: FromPath[str]) -> None:
    """Let a comment go back to its place."""
    penchant.comments.pin(signed_in(viewer), CommentId(parse_id(comment_id)), False)


@put(
    "/api/comments/{comment_id:str}/hidden",
    status_code=HTTP_204_NO_CONTENT,
    tags=["comments"],
    responses=refusals(*ACTING),
)
@in_thread
def hide_comment(penchant: Cell, viewer: Asking, comment_id: FromPath[str]) -> None:
    """Hide a comment below one's own video; its author sees it, and that it is hidden."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    penchant.comments.hide(me, CommentId(parse_id(comment_id)), True)


@delete(
    "/api/comments/{comment_id:str}/hidden",
    status_code=HTTP_204_NO_CONTENT,
    tags=["comments"],
    responses=refusals(*ACTING),
)
@in_thread
def unhide_comment(penchant: Cell, viewer: Asking, comment_id: FromPath[str]) -> None:
    """Let a hidden comment be seen again."""
    penchant.comments.hide(signed_in(viewer), CommentId(parse_id(comment_id)), False)


@delete(
    "/api/comments/{comment_id:str}/held",
    status_code=HTTP_204_NO_CONTENT,
    tags=["comments"],
    responses=refusals(*ACTING),
)
@in_thread
def let_comment_in(penchant: Cell, viewer: Asking, comment_id: FromPath[str]) -> None:
    """Let everybody see a comment that one's words held back."""
    penchant.comments.let_in(signed_in(viewer), CommentId(parse_id(comment_id)))


@get("/api/me/comments/held", tags=["comments"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_held(penchant: Cell, viewer: Asking) -> CommentsOut:
    """What waits below one's own videos because of one's words, the oldest first, 30 at most."""
    me = signed_in(viewer)
    return CommentsOut([comment_out(one, me) for one in penchant.threads.held(me)], None, True)


@get("/api/me/comments/words", tags=["comments"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_held_words(penchant: Cell, viewer: Asking) -> HeldWordsOut:
    """Words that hold comments below one's own videos back until one has looked."""
    return HeldWordsOut(penchant.comments.held_words(signed_in(viewer)))


@put("/api/me/comments/words", tags=["comments"], responses=refusals(SignInNeeded, Forbidden, RateLimited))
@in_thread
def set_held_words(penchant: Cell, viewer: Asking, data: JSONBody[HeldWords]) -> HeldWordsOut:
    """Choose those words; they count from now on. 422 with fields."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    return HeldWordsOut(penchant.comments.set_held_words(me, data.words))


def _examined(penchant: Penchant, me: Account, said: Comment) -> CommentOut:
    """A comment that detectors have read as it is now."""
    with penchant.engine.begin() as connection:
        penchant.detection.examiner.read(connection, "comment", said.id, {"comment": said.text}, creator=me.id)
    penchant.events.deliver()
    return comment_out(said, me)


ROUTES = [
    show_comments,
    write_comment,
    edit_comment,
    delete_comment,
    show_replies,
    like_comment,
    unlike_comment,
    pin_comment,
    unpin_comment,
    hide_comment,
    unhide_comment,
    let_comment_in,
    show_held,
    show_held_words,
    set_held_words,
]

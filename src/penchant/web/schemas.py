"""What goes over the wire, and how it is made from what the rooms return."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

import msgspec

from penchant.accounts.model import Account, Profile
from penchant.catalog.model import Captions, Rendition, Sound, Video
from penchant.catalog.provenance import Provenance
from penchant.core.ids import AccountId, VideoId, format_id
from penchant.media.reasons import reason_for


class AccountOut(msgspec.Struct, frozen=True):
    id: str
    handle: str
    name: str
    role: str
    age_band: str


class MarketOut(msgspec.Struct, frozen=True):
    id: str
    name: str
    signup: str
    minimum_age: int
    adult_age: int
    """Years under which more is protected."""
    languages: list[str]
    state: str
    """Of its life cycle; `/api/market` says more."""


class LimitsOut(msgspec.Struct, frozen=True):
    upload_bytes: int
    upload_seconds: int
    title_characters: int
    alt_text_characters: int
    comment_characters: int


class DemoOut(msgspec.Struct, frozen=True):
    made: int
    wanted: int


class SessionOut(msgspec.Struct, frozen=True):
    signed_in: bool
    account: AccountOut | None
    market: MarketOut
    limits: LimitsOut
    demo: DemoOut | None


class SourceOut(msgspec.Struct, frozen=True):
    url: str
    name: str
    width: int
    height: int
    size_bytes: int
    content_type: str


class CreatorOut(msgspec.Struct, frozen=True):
    id: str
    handle: str
    name: str
    following: bool
    self: bool


class SoundOut(msgspec.Struct, frozen=True):
    id: str
    title: str
    """Empty: "original sound", in whatever language."""
    creator: str
    """Handle of whom to credit."""


class CaptionsOut(msgspec.Struct, frozen=True):
    language: str
    cues: int
    url: str
    automatic: bool
    """Written by a program that listened, and not looked at by anybody."""


class ProvenanceOut(msgspec.Struct, frozen=True):
    status: str
    problem: str | None
    ai: bool
    source: str | None
    issuer: str | None
    generator: str | None
    signed_at: datetime | None
    actions: list[str]


class VideoOut(msgspec.Struct, frozen=True):
    id: str
    title: str
    alt_text: str
    language: str
    hashtags: list[str]
    duration_ms: int
    width: int
    height: int
    created_at: datetime
    demo: bool
    state: str
    creator: CreatorOut
    sound: SoundOut | None
    poster_url: str | None
    strip_url: str | None
    preview_url: str | None
    sources: list[SourceOut]
    captions: list[CaptionsOut]
    provenance: ProvenanceOut | None
    warnings: list[str]
    """What is said with it: labels of the policy, as `synthetic`."""
    liked: bool
    like_count: int
    comment_count: int
    share_url: str
    note: str | None
    """The words of its shown note, where people who usually disagree found one helpful."""


class FailureOut(msgspec.Struct, frozen=True):
    code: str
    text: str
    retry: bool


class CoverOut(msgspec.Struct, frozen=True):
    name: str
    url: str
    chosen: bool


class OwnVideoOut(msgspec.Struct, frozen=True):
    id: str
    title: str
    alt_text: str
    state: str
    reason: FailureOut | None
    poster_url: str | None
    created_at: datetime
    step: str
    progress: float | None
    renditions: list[str]
    covers: list[CoverOut]
    captions: list[CaptionsOut]
    speech: str | None
    """Where this place can listen to the video: `none`, `waiting`, `written`, `silent`, `kept` or `failed`."""
    provenance: ProvenanceOut | None
    sound: SoundOut | None
    sound_shared: bool | None
    """Whether others may use it; null where the sound is somebody else's, or there is none."""
    reach: int
    """Per cent of viewers whom the feed may show it to; 0: it waits for somebody to look at it."""
    adults_only: bool
    warnings: list[str]


class ProfileOut(msgspec.Struct, frozen=True):
    id: str
    handle: str
    name: str
    follower_count: int
    following_count: int
    video_count: int
    private: bool
    """Only followers whom they accepted see their videos."""
    following: bool
    requested: bool
    """The viewer asked to follow."""
    blocked: bool
    self: bool


class AuthorOut(msgspec.Struct, frozen=True):
    id: str
    handle: str
    name: str


class VideosOut(msgspec.Struct, frozen=True):
    videos: list[VideoOut]
    next: str | None


class LikeOut(msgspec.Struct, frozen=True):
    liked: bool
    like_count: int


class CreatedOut(msgspec.Struct, frozen=True):
    id: str


def account_out(account: Account) -> AccountOut:
    return AccountOut(format_id(account.id), account.handle, account.name, account.role, account.age_band)


def media_file(name: str) -> str:
    """The name under which a rendition is served: what moves is MP4, what does not JPEG."""
    moves = name == "preview" or name.removesuffix("p").isdigit()
    return f"{name}.mp4" if moves else f"{name}.jpg"


def media_url(video: VideoId, file: str, sha256: str) -> str:
    """Address of a file; the hash in it makes a new file a new address."""
    return f"/media/{format_id(video)}/{file}?v={sha256[:12]}"


def video_out(
    video: Video,
    base_url: str,
    *,
    viewer: Account | None,
    following: frozenset[AccountId],
    liked: frozenset[VideoId],
    note: str | None = None,
) -> VideoOut:
    poster = video.poster
    is_own = viewer is not None and viewer.id == video.creator.id
    return VideoOut(
        id=format_id(video.id),
        title=video.title,
        alt_text=video.alt_text,
        language=video.language,
        hashtags=list(video.hashtags),
        duration_ms=video.duration_ms,
        width=video.width,
        height=video.height,
        created_at=video.created_at,
        demo=video.is_demo,
        state=video.state,
        creator=CreatorOut(
            format_id(video.creator.id),
            video.creator.handle,
            video.creator.name,
            video.creator.id in following,
            is_own,
        ),
        sound=sound_out(video.sound) if video.sound else None,
        poster_url=media_url(video.id, "poster.jpg", poster.sha256) if poster else None,
        strip_url=media_url(video.id, "strip.jpg", video.strip.sha256) if video.strip else None,
        preview_url=media_url(video.id, "preview.mp4", video.preview.sha256) if video.preview else None,
        sources=[
            SourceOut(
                media_url(video.id, f"{file.name}.mp4", file.sha256),
                file.name,
                file.width,
                file.height,
                file.size_bytes,
                file.content_type,
            )
            for file in video.renditions
        ],
        captions=[captions_out(video.id, captions) for captions in video.captions],
        provenance=provenance_out(video.provenance, own=is_own),
        warnings=list(video.restrictions.warnings),
        liked=video.id in liked,
        like_count=video.like_count,
        comment_count=video.comment_count,
        share_url=f"{base_url}/v/{format_id(video.id)}",
        note=note,
    )


def sound_out(sound: Sound) -> SoundOut:
    return SoundOut(format_id(sound.id), sound.title, sound.creator.handle)


def own_video_out(
    video: Video,
    way: tuple[str, float] | None = None,
    covers: Sequence[Rendition] = (),
    speech: str | None = None,
    sound_shared: bool | None = None,
) -> OwnVideoOut:
    """way: the step that its file has reached, and the share of the next that is done; None where it has no file."""
    reason = None
    if video.state == "failed":
        known = reason_for(video.failure_code or "crashed")
        reason = FailureOut(known.code, video.failure_text or known.text, known.retry)
    return OwnVideoOut(
        id=format_id(video.id),
        title=video.title,
        alt_text=video.alt_text,
        state=video.state,
        reason=reason,
        poster_url=media_url(video.id, "poster.jpg", video.poster.sha256) if video.poster else None,
        created_at=video.created_at,
        step=way[0] if way else "complete",
        progress=way[1]
        if way and video.state in ("uploaded", "processing", "ready") and way[0] != "complete"
        else None,
        renditions=[file.name for file in video.renditions],
        covers=[
            CoverOut(
                cover.name,
                media_url(video.id, f"{cover.name}.jpg", cover.sha256),
                video.poster is not None and video.poster.object_key == cover.object_key,
            )
            for cover in covers
        ],
        captions=[captions_out(video.id, captions) for captions in video.captions],
        speech=speech,
        provenance=provenance_out(video.provenance, own=True),
        sound=sound_out(video.sound) if video.sound else None,
        sound_shared=sound_shared,
        reach=video.restrictions.reach,
        adults_only=video.restrictions.adults_only,
        warnings=list(video.restrictions.warnings),
    )


def provenance_out(provenance: Provenance | None, *, own: bool) -> ProvenanceOut | None:
    """own: for the creator. Others are shown the names only where somebody vouches for them."""
    if provenance is None:
        return None
    named = own or provenance.status == "trusted"
    return ProvenanceOut(
        provenance.status,
        provenance.problem,
        provenance.made_by_ai,
        provenance.source or None,
        (provenance.issuer or None) if named else None,
        (provenance.generator or None) if named else None,
        provenance.signed_at if named else None,
        list(provenance.actions) if named else [],
    )


def captions_out(video: VideoId, captions: Captions) -> CaptionsOut:
    # The address changes with the captions, as that of a file does with its bytes.
    version = int(captions.changed_at.timestamp())
    return CaptionsOut(
        captions.language,
        captions.cues,
        f"/media/{format_id(video)}/captions/{captions.language}?v={version}",
        captions.automatic,
    )


def profile_out(profile: Profile, video_count: int) -> ProfileOut:
    return ProfileOut(
        format_id(profile.account.id),
        profile.account.handle,
        profile.account.name,
        profile.follower_count,
        profile.following_count,
        video_count,
        profile.account.private,
        profile.following,
        profile.requested,
        profile.blocked,
        profile.is_self,
    )


def path_of(handle: str) -> str:
    return f"/@{quote(handle)}"

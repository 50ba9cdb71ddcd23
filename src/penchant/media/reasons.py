"""Why an upload failed: a code for programs, words to act on, and whether trying again can help."""

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """One way for an upload to fail, as its owner sees it."""

    code: str
    text: str
    retry: bool
    """True if the same file may succeed another time (the fault was ours), False if it needs another file."""


_WORDS: tuple[Reason, ...] = (
    Reason("empty", "The file is empty. Choose the video again.", False),
    Reason("not_a_video", "This is not a video that we can read. Send an MP4, MOV, WebM, MKV or GIF file.", False),
    Reason(
        "truncated",
        "The file breaks off before its end. Save or export the video again, then upload it.",
        False,
    ),
    Reason("damaged", "Too much of this video is damaged. Save or export it again, then upload it.", False),
    Reason(
        "too_long", "The video is longer than allowed here. Choose a shorter part of it and upload it again.", False
    ),
    Reason(
        "trim_outside",
        "The part that you chose does not lie within the video. Choose it anew and upload the video again.",
        False,
    ),
    Reason(
        "too_short",
        "The video has no length: it holds at most one moment. Record at least half a second.",
        False,
    ),
    Reason("no_picture", "The file has sound but no picture. Send a video.", False),
    Reason(
        "unsupported_codec",
        "The video is written in a format we do not play. Export it as MP4 (H.264).",
        False,
    ),
    Reason("too_large_picture", "The picture is too large. Export the video at 4K or smaller.", False),
    Reason("too_small_picture", "The picture is too small to show: it needs at least 16 pixels a side.", False),
    Reason("too_many_frames", "The video has too many pictures a second. Export it at 60 or fewer.", False),
    Reason(
        "sound_gone",
        "The sound you chose can no longer be used. Post the video again with another sound, or with its own.",
        False,
    ),
    Reason("timed_out", "Converting this video took too long and was stopped. You can try again.", True),
    Reason("crashed", "Converting this video failed on our side. You can try again.", True),
    Reason("out_of_memory", "This video needs more memory than a conversion may use. Export it smaller.", False),
    Reason("check_failed", "The converted video did not play back in our check. You can try again.", True),
    Reason("no_space", "The server has no room for the converted video right now. Try again later.", True),
    Reason("sandbox_off", "This server may not convert videos until its operator has mended something.", True),
    Reason("gave_up", "Converting this video failed several times. Try again, or export it anew.", True),
)

REASONS: dict[str, Reason] = {reason.code: reason for reason in _WORDS}


def reason_for(code: str) -> Reason:
    """The reason behind a stored code; a code this version does not know reads like `crashed`."""
    known = REASONS.get(code)
    if known is not None:
        return known
    return Reason(code, REASONS["crashed"].text, True)

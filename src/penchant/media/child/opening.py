"""Opens a file with the one demuxer its first bytes allow, local only, and finds picture and sound."""

from pathlib import Path
from typing import NamedTuple

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from penchant.media.limits import MediaLimits
from penchant.media.sniff import HEAD_BYTES, Demuxer, breaks_off, demuxer_of

VIDEO_DECODERS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "h263", "gif"})
AUDIO_DECODERS = frozenset({"aac", "alac", "opus", "vorbis", "flac", "mp3", "mp3float", "ac3", "eac3"}) | {
    "amrnb",
    "amrwb",
    "pcm_s16le",
    "pcm_s16be",
    "pcm_s24le",
    "pcm_s24be",
    "pcm_f32le",
    "pcm_u8",
    "pcm_mulaw",
    "pcm_alaw",
}

DAMAGE = (
    av.error.InvalidDataError,
    av.error.ArgumentError,
    av.error.PatchWelcomeError,
    av.error.UndefinedError,  # numbers that some decoders make up
    av.error.PermissionError,  # the −1 of old decoders, which is EPERM's number
)
"""What a decoder says of bytes that it cannot make sense of."""

_FFMPEG_NAMES: dict[Demuxer, str] = {"mov": "mov", "matroska": "matroska", "gif": "gif"}


class Refusal(Exception):
    """The file cannot be used; `code` is one of `media.reasons`, the text is for our log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


class Opened(NamedTuple):
    """A foreign file with its picture and, if it has one that we read, its sound."""

    container: InputContainer
    demuxer: Demuxer
    video: VideoStream
    sound: AudioStream | None
    breaks_off: bool


def open_foreign(source: str, limits: MediaLimits) -> Opened:
    """Open a file that nobody has vouched for.

    Raises:
        Refusal: it is empty, no video, cut off, without picture, or in a format that is not on the list.
    """
    with Path(source).open("rb") as file:
        head = file.read(HEAD_BYTES)
        if not head:
            raise Refusal("empty")
        demuxer = demuxer_of(head)
        if demuxer is None:
            raise Refusal("not_a_video", f"starts with {head[:12].hex()}")
        if demuxer == "gif":
            _check_screen(head, limits)
        cut = breaks_off(file, demuxer)
    try:
        container = _open(source, demuxer, limits)
    except (av.error.FFmpegError, ValueError) as error:
        if isinstance(error, MemoryError):
            raise
        raise Refusal("truncated" if cut else "not_a_video", repr(error)) from error
    try:
        if len(container.streams) > limits.streams:
            raise Refusal("not_a_video", f"{len(container.streams)} tracks")
        return Opened(container, demuxer, _picture(container, cut), _sound(container), cut)
    except BaseException:
        container.close()
        raise


def _check_screen(head: bytes, limits: MediaLimits) -> None:
    """A GIF says how large it is in its first ten bytes; FFmpeg does not before its first picture, and then fails."""
    width, height = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    if max(width, height) > limits.side or width * height > limits.pixels:
        raise Refusal("too_large_picture", f"{width}x{height}")


def open_own(rendition: str) -> InputContainer:
    """Open an MP4 that a child of ours wrote, as strictly as a foreign one."""
    return _open(rendition, "mov", MediaLimits())


def _open(path: str, demuxer: Demuxer, limits: MediaLimits) -> InputContainer:
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,gif",
        # Applies to the decoders that the demuxer itself opens while it looks for parameters, too.
        "codec_whitelist": ",".join(sorted(VIDEO_DECODERS | AUDIO_DECODERS)),
        "max_pixels": str(limits.pixels),
        "max_streams": str(4 * limits.streams),
    }
    if demuxer == "mov":
        options |= {"enable_drefs": "0", "use_absolute_path": "0"}
    if demuxer == "gif":
        options |= {"ignore_loop": "1"}
    # "file:" because FFmpeg would read a bare name with a colon as a protocol.
    return av.open(f"file:{path}", mode="r", format=_FFMPEG_NAMES[demuxer], options=options, metadata_errors="ignore")


def _picture(container: InputContainer, cut: bool) -> VideoStream:
    streams = [s for s in container.streams.video if not Disposition(s.disposition) & Disposition.attached_pic]
    if not streams:
        # Of a table of contents that breaks off its first tracks may be left, or none.
        raise Refusal("truncated" if cut else "no_picture", "no video track")
    readable = [s for s in streams if s.codec_context is not None and s.codec_context.name in VIDEO_DECODERS]
    if not readable:
        context = streams[0].codec_context
        raise Refusal("unsupported_codec", context.name if context is not None else "unknown video codec")
    return max(readable, key=lambda s: s.codec_context.width * s.codec_context.height)


def _sound(container: InputContainer) -> AudioStream | None:
    for stream in container.streams.audio:
        context = stream.codec_context
        if context is not None and context.name in AUDIO_DECODERS and context.channels > 0:
            return stream
    return None

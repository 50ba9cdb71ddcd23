"""Plays a rendition back, first frame to last, before anybody may see it."""

from pathlib import Path

import av.error
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from penchant.media.child.opening import Refusal, open_own
from penchant.media.messages import Check, Checked

_LONGEST_GOP_S = 2.05
_SOUND_SLACK_S = 0.5


def check(request: Check) -> Checked:
    """Decode everything and compare with what the encoder promised.

    Raises:
        Refusal: `check_failed`, and in which respect.
    """
    expected = request.expected
    if not starts_with_contents(Path(request.rendition)):
        raise Refusal("check_failed", "the table of contents is not at the front")
    frames = 0
    sound_s = 0.0
    last_key_s = 0.0
    end_s = 0.0
    with open_own(request.rendition) as container:
        video = container.streams.video[0]
        video.codec_context.thread_type = "AUTO"
        sound = container.streams.audio[0] if container.streams.audio else None
        _expect(sound is not None, expected.has_sound, "sound track")
        _expect(len(container.streams), 1 + expected.has_sound, "tracks")
        try:
            for packet in container.demux(*(stream for stream in (video, sound) if stream is not None)):
                for frame in packet.decode():
                    if isinstance(frame, AudioFrame):
                        sound_s += frame.samples / frame.sample_rate
                    elif isinstance(frame, VideoFrame):
                        at_s = float(frame.time or 0.0)
                        if frame.key_frame:
                            last_key_s = at_s
                        if at_s - last_key_s > _LONGEST_GOP_S or (frames == 0 and not frame.key_frame):
                            raise Refusal("check_failed", f"no key frame between {last_key_s} and {at_s} s")
                        _expect((frame.width, frame.height), (expected.width, expected.height), "size")
                        _expect(frame.format.name, "yuv420p", "pixel format")
                        frames += 1
                        end_s = at_s
        except av.error.FFmpegError as error:
            raise Refusal("check_failed", repr(error)) from error
        frame_s = float(1 / (video.average_rate or 30))
    _expect(frames, expected.frames, "frames")
    duration_ms = round((end_s + frame_s) * 1000)
    if abs(duration_ms - expected.duration_ms) > 2000 * frame_s:
        raise Refusal("check_failed", f"{duration_ms} ms instead of {expected.duration_ms}")
    if sound_s > expected.duration_ms / 1000 + _SOUND_SLACK_S:
        raise Refusal("check_failed", f"sound of {sound_s} s")
    return Checked(frames=frames, duration_ms=duration_ms)


def starts_with_contents(path: Path) -> bool:
    """True if `moov` stands before `mdat`, so that a player may start before the file is whole."""
    with path.open("rb") as file:
        at = 0
        while len(header := file.read(8)) == 8:
            if header[4:] == b"moov":
                return True
            if header[4:] == b"mdat":
                return False
            at += max(8, int.from_bytes(header[:4], "big"))
            file.seek(at)
    return False


def _expect(got: object, wanted: object, what: str) -> None:
    if got != wanted:
        raise Refusal("check_failed", f"{what}: {got!r} instead of {wanted!r}")

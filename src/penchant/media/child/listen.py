"""The sound of a rendition as bare samples, for who listens and may open no media."""

from itertools import chain
from pathlib import Path

from av.audio.resampler import AudioResampler

from penchant.media.child.opening import open_own
from penchant.media.messages import Listen, Samples
from penchant.media.transcriber import SPEECH_RATE


def listen(request: Listen) -> Samples:
    """Write int16 samples, mono, `SPEECH_RATE` a second, from the clip's first moment on; none where it is silent."""
    written = 0
    mono = AudioResampler(format="s16", layout="mono", rate=SPEECH_RATE)
    with open_own(request.rendition) as container, Path(request.target).open("wb") as file:
        for stream in container.streams.audio[:1]:
            for frame in chain(container.decode(stream), [None]):
                for piece in mono.resample(frame):
                    written += piece.samples
                    file.write(piece.to_ndarray().tobytes())
    return Samples(written)

"""What a sound is known by: pairs of peaks of its spectrum, which survive coding, noise and cutting. Pure.

Source: Wang, "An industrial-strength audio search algorithm", ISMIR 2003, sections 2.1 to 2.3. The constants are ours;
`penchant bench sounds` measures what they are good for.
"""

from collections.abc import Hashable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from penchant.media.transcriber import SPEECH_RATE

MOST_S: Final = 60
"""Of a longer sound, only so much of its beginning is known: this bounds memory (30 MB), time and rows."""
HOP: Final = 512
FRAME_MS: Final = 1000 * HOP / SPEECH_RATE
"""32 ms: how exactly an offset is known."""
_WINDOW = 2048
"""128 ms: bins of 7.8 Hz tell neighbouring semitones apart from 130 Hz on, and four frames see each moment."""
_LOWEST, _HIGHEST = 16, 512
"""125 Hz, below which phones play and record little, to 4 kHz, above which coders of 24 kbit/s invent."""
_AROUND = (7, 11)
"""A peak is the largest within ±3 frames and ±5 bins."""
_FLOOR_DB = -70.0
"""Of full scale: the noise of a silent recording has peaks, too, and they are nobody's sound."""
_EMPHASIS = 0.97
"""First difference: without it, nearly all of the strongest peaks are bass."""

_STORED_PEAKS, _ASKED_PEAKS = 8, 16
"""Peaks a second. Who asks looks at twice as many: noise that drowns a peak seldom drowns its rank by half."""
_STORED_PAIRS, _ASKED_PAIRS = 3, 5
"""Pairs that a peak begins. Storing is dear (a row each), asking is not."""
_MOST_APART, _MOST_BINS = 63, 127
"""A pair is at most 2 s and 1 kHz apart: 9 bits for each frequency and 6 for the time make a hash of 24 bits."""

_PHASES = 2
"""Who asks does so on grids of frames that lie between each other: a cut is seldom on the grid of what is stored."""

MOST_HITS_BY_CHANCE: Final = 19
"""Different hashes at one offset. Tunes that share bars reach 17 with half of the seconds of a short cut."""
LEAST_SHARE: Final = 0.5
"""Of the seconds that are heard: a video uses a sound if most of what is heard in it is that sound."""
_BESIDE_THE_BEST = 0.5
"""Of the hits of the best match: with fewer, it is only the same bars or the same voice."""
_HITS_IN_A_SECOND = 2
"""One may be chance."""
LEAST_S: Final = 3.0
"""Shorter sounds are nobody's: a beep, a click, a word."""


class Fingerprint(NamedTuple):
    """Hashes and when their first peak is, in frames of `FRAME_MS`; sorted by time, then hash, each once.

    hashes: (N,) int32; at: (N,) int32; seconds: how much was heard that is no silence.
    """

    hashes: NDArray[np.int32]
    at: NDArray[np.int32]
    seconds: int

    @property
    def is_telling(self) -> bool:
        """Whether it may be found, and be found by: neither silence nor very short, nor the same all along."""
        return self.seconds >= LEAST_S and len(np.unique(self.hashes)) > MOST_HITS_BY_CHANCE


Whole = NDArray[np.int64]
Name = TypeVar("Name", bound=Hashable)


class Hit(NamedTuple, Generic[Name]):
    """A hash that both have: in which sound, at which frame of it, and at which frame of what was asked."""

    sound: Name
    there: int
    here: int
    hash: int


class Match(NamedTuple, Generic[Name]):
    """Why two sounds are held to be the same."""

    sound: Name
    offset_ms: int
    """Where in that sound what was asked begins; negative: it begins before it."""
    hits: int
    """Different hashes at that offset."""
    share: float
    """Of the seconds heard in what was asked: those in which at least two different hashes agree."""


def stored(samples: NDArray[np.int16]) -> Fingerprint:
    """What is kept of a sound: about 20 hashes a second.

    samples: (N,) int16, mono, `SPEECH_RATE` a second.
    """
    at, bins = _peaks(samples, _STORED_PEAKS)
    return _fingerprint(*_pairs(at, bins, _STORED_PEAKS, _STORED_PAIRS), at)


def asked(samples: NDArray[np.int16]) -> Fingerprint:
    """What is looked for among those that are kept: some hundred hashes a second. Samples as above."""
    peaks = [_peaks(samples[HOP * phase // _PHASES :], _ASKED_PEAKS) for phase in range(_PHASES)]
    pairs = [_pairs(at, bins, _ASKED_PEAKS, _ASKED_PAIRS) for at, bins in peaks]
    hashes, at = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    return _fingerprint(hashes, at, peaks[0][0])


def matches(
    question: Fingerprint,
    hits: Sequence[Hit[Name]],
    *,
    least_hits: int = MOST_HITS_BY_CHANCE + 1,
    least_share: float = LEAST_SHARE,
) -> list[Match[Name]]:
    """Sounds that are the same as what was asked, the most certain first.

    For each sound the offset at which most different hashes agree (Wang, section 2.3), ±1 frame, since a cut seldom
    falls between two frames. What is far behind the best is none.
    """
    if not question.is_telling:
        return []
    by_sound: dict[Name, list[Hit[Name]]] = {}
    for hit in hits:
        by_sound.setdefault(hit.sound, []).append(hit)
    found = [_best(question, name, of_sound) for name, of_sound in by_sound.items()]
    same = [match for match in found if match.hits >= least_hits and match.share >= least_share]
    most = max((match.hits for match in same), default=0)
    return sorted((match for match in same if match.hits >= _BESIDE_THE_BEST * most), key=lambda match: -match.hits)


def _best(question: Fingerprint, name: Name, hits: list[Hit[Name]]) -> Match[Name]:
    table = np.array([(hit.there - hit.here, hit.hash, hit.here) for hit in hits], np.int64)
    offsets, counts = np.unique(table[:, 0], return_counts=True)
    around = np.array([counts[np.abs(offsets - offset) <= 1].sum() for offset in offsets])
    # Of equal ones the middle one: where the cut falls between two frames, both sides have their share.
    best = max(range(len(offsets)), key=lambda place: (around[place], counts[place]))
    agree = table[np.abs(table[:, 0] - offsets[best]) <= 1]
    different = np.unique(agree[:, 1:], axis=0)
    _, first = np.unique(different[:, 0], return_index=True)
    _, hits_in = np.unique(_second(different[first, 1]), return_counts=True)
    covered = int((hits_in >= _HITS_IN_A_SECOND).sum())
    offset_ms = round(float(offsets[best]) * FRAME_MS)
    return Match(name, offset_ms, len(first), round(min(1.0, covered / max(question.seconds, 1)), 3))


def _fingerprint(hashes: Whole, at: Whole, heard: Whole) -> Fingerprint:
    both = np.unique(np.stack([at, hashes], axis=1), axis=0)
    return Fingerprint(both[:, 1].astype(np.int32), both[:, 0].astype(np.int32), len(_seconds(heard)))


def _pairs(at: Whole, bins: Whole, peaks_per_s: int, pairs: int) -> tuple[Whole, Whole]:
    """(H,) hashes and (H,) frames of what each peak begins.

    at, bins: (P,) as `_peaks` gives them.
    """
    # (P, D): the peaks after each one; those too near, too far or too high are no partners.
    following = np.arange(len(at))[:, None] + np.arange(1, 4 * peaks_per_s + 1)
    inside = following < len(at)
    following = np.where(inside, following, 0)
    apart, rise = at[following] - at[:, None], bins[following] - bins[:, None]
    fit = inside & (apart >= 1) & (apart <= _MOST_APART) & (np.abs(rise) <= _MOST_BINS)
    chosen = fit & (np.cumsum(fit, axis=1) <= pairs)
    first, second = np.nonzero(chosen)
    partner = following[first, second]
    return bins[first] << 15 | bins[partner] << 6 | (at[partner] - at[first]), at[first]


def _peaks(samples: NDArray[np.int16], per_s: int) -> tuple[Whole, Whole]:
    """(P,) frames and (P,) bins of the constellation, sorted by both."""
    wave = samples[: MOST_S * SPEECH_RATE].astype(np.float32) / 32_768
    none = np.zeros(0, np.int64)
    if len(wave) < _WINDOW:
        return none, none
    wave = wave - _EMPHASIS * np.concatenate([wave[:1], wave[:-1]])
    rows = np.lib.stride_tricks.sliding_window_view(wave, _WINDOW)[::HOP]
    window = np.hanning(_WINDOW).astype(np.float32)
    power = np.abs(np.fft.rfft(rows * window, axis=1)[:, _LOWEST:_HIGHEST]) / window.sum() * 2
    level = (20 * np.log10(power + 1e-9)).astype(np.float32)
    # A quarter of a second, which only who listens should wait for.
    from scipy.ndimage import maximum_filter

    is_peak = (level == maximum_filter(level, _AROUND, mode="nearest")) & (level > _FLOOR_DB)
    at, bins = np.nonzero(is_peak)
    # The strongest within half a second to both sides; no grid of seconds, which a cut would shift.
    strength = level[at, bins]
    half = round(SPEECH_RATE / HOP / 2)
    begins, ends = np.searchsorted(at, at - half), np.searchsorted(at, at + half, side="right")
    louder = [
        np.count_nonzero(strength[begin:end] > own) for begin, end, own in zip(begins, ends, strength, strict=True)
    ]
    kept = np.array(louder, np.int64) < per_s
    return at[kept], bins[kept] + _LOWEST


def _seconds(frames: Whole) -> Whole:
    return np.unique(_second(frames))


def _second(frames: Whole) -> Whole:
    return (frames * FRAME_MS).astype(np.int64) // 1000

"""How well a sound is known again: after coding, cutting, in noise, under speech, faster; and how often wrongly.

Without a database: the look-up here gives the same hits as the one in SQL. Sounds are drawn by `lab.sound_world`.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from penchant.lab import sound_world as world
from penchant.media.fingerprint import FRAME_MS, Fingerprint, Hit, asked, matches, stored

Tell = Callable[[str, int, int], None]
Samples = NDArray[np.int16]

_SECONDS = 30.0
_CODERS = {"AAC 64 kbit/s": ("aac", 64_000), "Opus 24 kbit/s": ("libopus", 24_000)}


class Found(msgspec.Struct, frozen=True):
    """What became of the known sounds, and of as many that nobody knows, after one treatment."""

    treatment: str
    seconds: float
    """Of what is asked, from 3 to 10 s into the sound on where it is less than all."""
    asked: int
    found: int
    """The same sound, at an offset that is right by one frame."""
    wrong_offset: int
    wrong_sound: int
    of_strangers: int
    """Matches of sounds that are not known."""
    median_hits: float
    most_wrong_hits: int
    """Different hashes at the best offset of the worst wrong pair, whatever was made of it."""


class Report(msgspec.Struct, frozen=True):
    """All treatments, and what a fingerprint costs."""

    sounds: int
    strangers: int
    treatments: list[Found]
    hashes_per_minute: float
    fingerprint_ms_per_minute: float
    """Both ways, of one minute of sound."""


def measure(sounds: int, seed: int, tell: Tell) -> Report:
    """Half of the sounds are tunes, half voices; as many strangers are asked for."""
    known = [_draw(number, seed) for number in range(sounds)]
    strangers = [_draw(number, seed + 1) for number in range(sounds)]
    index = Index([stored(world.samples(wave)) for wave in known])
    treatments = _treatments(seed)
    found = []
    for number, (name, seconds, treat) in enumerate(treatments):
        tell("treatments", number, len(treatments))
        found.append(_run(name, seconds, treat, known, strangers, index, seed))
    return Report(sounds, sounds, found, *_cost(known))


class Index:
    """What the table of hashes is in the database."""

    def __init__(self, prints: Sequence[Fingerprint]) -> None:
        hashes = np.concatenate([one.hashes for one in prints])
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._at = np.concatenate([one.at for one in prints])[order]
        self._sound = np.repeat(np.arange(len(prints)), [len(one.hashes) for one in prints])[order]

    def hits(self, question: Fingerprint) -> list[Hit[int]]:
        begins = np.searchsorted(self._hashes, question.hashes)
        ends = np.searchsorted(self._hashes, question.hashes, side="right")
        return [
            Hit(int(self._sound[place]), int(self._at[place]), int(here), int(hash_))
            for hash_, here, begin, end in zip(question.hashes, question.at, begins, ends, strict=True)
            for place in range(begin, end)
        ]


_Treat = Callable[[list[world.Wave]], list[Samples]]


def _treatments(seed: int) -> list[tuple[str, float, _Treat]]:
    def each(change: Callable[[world.Wave], world.Wave], gain_db: float = 0.0) -> _Treat:
        return lambda waves: [world.samples(change(wave), gain_db) for wave in waves]

    def coded(name: str, change: Callable[[world.Wave], world.Wave] = lambda wave: wave) -> _Treat:
        return lambda waves: _recoded([world.samples(change(wave)) for wave in waves], *_CODERS[name])

    def over(other: world.Wave, ratio_db: float) -> Callable[[world.Wave], world.Wave]:
        return lambda wave: world.mixed(wave, other, ratio_db)

    talk, hiss = world.voice(seed + 9_999, 20), world.noise(seed, 20)
    return [
        ("whole, AAC 64 kbit/s", _SECONDS, coded("AAC 64 kbit/s")),
        ("whole, Opus 24 kbit/s", _SECONDS, coded("Opus 24 kbit/s")),
        ("cut", 10, each(lambda wave: wave)),
        ("cut", 5, each(lambda wave: wave)),
        ("cut, AAC 64 kbit/s", 10, coded("AAC 64 kbit/s")),
        ("cut, Opus 24 kbit/s", 10, coded("Opus 24 kbit/s")),
        ("cut, Opus 24 kbit/s", 5, coded("Opus 24 kbit/s")),
        ("cut, 20 dB softer", 10, each(lambda wave: wave, -20)),
        ("cut, 12 dB louder, clipped", 10, each(lambda wave: wave, 12)),
        ("cut, noise at 10 dB", 10, each(over(hiss, 10))),
        ("cut, noise at 0 dB", 10, each(over(hiss, 0))),
        ("cut, speech at 10 dB", 10, each(over(talk, 10))),
        ("cut, speech at 5 dB", 10, each(over(talk, 5))),
        ("cut, speech at 0 dB", 10, each(over(talk, 0))),
        ("cut, speech at -5 dB", 10, each(over(talk, -5))),
        ("cut, speech at 5 dB, Opus 24 kbit/s", 10, coded("Opus 24 kbit/s", over(talk, 5))),
        ("cut, 0.5 % faster", 10, each(lambda wave: world.faster(wave, 1.005))),
        ("cut, 1 % faster", 10, each(lambda wave: world.faster(wave, 1.01))),
        ("cut, 2 % faster", 10, each(lambda wave: world.faster(wave, 1.02))),
        ("cut, 5 % faster", 10, each(lambda wave: world.faster(wave, 1.05))),
    ]


def _run(
    name: str,
    seconds: float,
    treat: _Treat,
    known: list[world.Wave],
    strangers: list[world.Wave],
    index: Index,
    seed: int,
) -> Found:
    rng = np.random.default_rng(seed)
    starts = rng.integers(3 * world.RATE, 10 * world.RATE, len(known)) * (seconds < _SECONDS)
    cut = [wave[start : start + int(seconds * world.RATE)] for wave, start in zip(known, starts, strict=True)]
    found = wrong_offset = wrong_sound = of_strangers = most_wrong = 0
    hits: list[int] = []
    for number, samples in enumerate(treat(cut)):
        question = asked(samples)
        same, near = _answers(question, index)
        most_wrong = max([most_wrong, *(count for sound, count in near.items() if sound != number)])
        hits.append(near.get(number, 0))
        for sound, offset_ms in same:
            if sound != number:
                wrong_sound += 1
            elif abs(offset_ms - 1000 * starts[number] / world.RATE) <= 1.5 * FRAME_MS:
                found += 1
            else:
                wrong_offset += 1
    for samples in treat([wave[: int(seconds * world.RATE)] for wave in strangers]):
        same, near = _answers(asked(samples), index)
        most_wrong = max([most_wrong, *near.values()])
        of_strangers += len(same)
    return Found(
        name, seconds, len(known), found, wrong_offset, wrong_sound, of_strangers, float(np.median(hits)), most_wrong
    )


def _answers(question: Fingerprint, index: Index) -> tuple[list[tuple[int, int]], dict[int, int]]:
    """(sound, offset) of all matches; and for each sound the hits at its best offset, if it were a match or not."""
    hits = index.hits(question)
    near = {match.sound: match.hits for match in matches(question, hits, least_hits=0, least_share=0.0)}
    return [(match.sound, match.offset_ms) for match in matches(question, hits)], near


def _draw(number: int, seed: int) -> world.Wave:
    return (world.tune if number % 2 else world.voice)(1000 * seed + number, _SECONDS)


def _recoded(samples: list[Samples], codec: str, bits_per_s: int) -> list[Samples]:
    with tempfile.TemporaryDirectory(prefix="penchant-bench-") as folder:
        files = [Path(folder) / f"{number}.npy" for number in range(len(samples))]
        for file, one in zip(files, samples, strict=True):
            np.save(file, one)
        command = [sys.executable, "-m", "penchant.lab.child.recode", codec, str(bits_per_s), *map(str, files)]
        subprocess.run(command, check=True)
        return [np.load(file) for file in files]


def _cost(known: list[world.Wave]) -> tuple[float, float]:
    prints, began = [], time.process_time()
    for wave in known:
        prints.append(stored(world.samples(wave)))
        asked(world.samples(wave))
    minutes = sum(len(wave) for wave in known) / world.RATE / 60
    hashes = sum(len(one.hashes) for one in prints)
    return round(hashes / minutes, 1), round(1000 * (time.process_time() - began) / minutes, 1)

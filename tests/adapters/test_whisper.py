"""The real speech model on speech that espeak-ng made, where both are there: ./dev speech installs them."""

import re
import shutil
import subprocess
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from litestar.testing import TestClient
from numpy.typing import NDArray
from scipy.signal import resample_poly
from tests.media.conftest import make_clip as make_clip
from tests.media.test_process import wait_until, worker

from penchant.accounts import repository as accounts
from penchant.adapters import whisper
from penchant.adapters.whisper.transcriber import WhisperTranscriber
from penchant.adapters.whisper.weights import PINS, WeightsWrong, read_weights, weights_folder
from penchant.app import Penchant, build
from penchant.core.settings import Settings
from penchant.media.cues import cues_of
from penchant.media.transcriber import SPEECH_RATE, TranscriberFailed
from penchant.web.asgi import create_web

Maker = Callable[..., Path]

SENTENCES = """
The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.
It's easy to tell the depth of a well. These days a chicken leg is a rare dish.
Rice is often served in round bowls. The juice of lemons makes fine punch.
The box was thrown beside the parked truck. The hogs were fed chopped corn and garbage.
Four hours of steady work faced us. A large size in stockings is hard to sell.
"""
"""Source: IEEE Recommended Practice for Speech Quality Measurements (1969), list 1 of the Harvard sentences."""

needs_model = pytest.mark.skipif(not whisper.is_installed(), reason="the extra speech is not installed: ./dev speech")
needs_voice = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no espeak-ng here: ./dev speech")


def speak(text: str, path: Path, voice: str = "en-us") -> Path:
    """A WAV file at 22,050 Hz, 16 bit, mono."""
    subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", str(path)], input=text.encode(), check=True)
    return path


def samples_of(path: Path) -> NDArray[np.int16]:
    """As the media child would hand them out."""
    with wave.open(str(path)) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return np.rint(resample_poly(heard, SPEECH_RATE, file.getframerate())).clip(-32_768, 32_767).astype(np.int16)


def words_in(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def error_rate(said: list[str], heard: list[str]) -> float:
    """Word error rate: the fewest words to replace, add and leave out, of those that were said."""
    costs = list(range(len(heard) + 1))
    for number, word in enumerate(said, 1):
        before, costs[0] = costs[0], number
        for at, other in enumerate(heard, 1):
            before, costs[at] = costs[at], min(before + (word != other), costs[at] + 1, costs[at - 1] + 1)
    return costs[-1] / len(said)


def test_the_yardstick_itself():
    assert error_rate(["a", "b", "c"], ["a", "b", "c"]) == 0
    assert error_rate(["a", "b", "c", "d"], ["a", "x", "c"]) == 0.5
    assert error_rate(["a"], []) == 1


@pytest.mark.slow
@needs_model
@needs_voice
@pytest.mark.parametrize("voice", ["en-us", "en-gb"])
def test_most_words_are_found_when_they_are_said(voice: str, tmp_path: Path):
    samples = samples_of(speak(SENTENCES, tmp_path / "speech.wav", voice))
    began = time.perf_counter()
    heard = WhisperTranscriber().transcribe(samples)
    took_s, length_s = time.perf_counter() - began, len(samples) / SPEECH_RATE
    rate = error_rate(words_in(SENTENCES), words_in(" ".join(word.text for word in heard)))
    print(f"{voice}: word error rate {rate:.3f}, {took_s:.2f} s for {length_s:.1f} s of speech")
    assert rate < 0.35
    moments = [moment for word in heard for moment in (word.start_ms, word.end_ms)]
    assert moments == sorted(moments)
    assert 0 <= moments[0] < 1_000
    assert moments[-1] <= 1000 * length_s
    assert len(cues_of(heard)) >= 10, "a cue for each sentence at least"


@pytest.mark.slow
@needs_model
def test_nobody_speaks_in_silence_noise_and_music():
    rng = np.random.default_rng(7)
    at = np.arange(8 * SPEECH_RATE) / SPEECH_RATE
    beat = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * 2 * at))
    music = 4_000 * beat * sum(np.sin(2 * np.pi * hertz * at) for hertz in (220, 277, 330, 440))
    transcriber = WhisperTranscriber()
    for sound in (np.zeros_like(at), 3_000 * rng.standard_normal(len(at)), music):
        assert transcriber.transcribe(sound.clip(-32_768, 32_767).astype(np.int16)) == []


@pytest.mark.slow
def test_a_model_that_takes_too_long_is_ended():
    transcriber = WhisperTranscriber(limit_s=lambda duration_ms: 0.05)
    with pytest.raises(TranscriberFailed) as failed:
        transcriber.transcribe(np.zeros(SPEECH_RATE, np.int16))
    assert failed.value.code == "timed_out"


@pytest.mark.slow
@pytest.mark.skipif(whisper.is_installed(), reason="the extra speech is installed")
def test_a_model_that_is_not_there_is_told():
    with pytest.raises(TranscriberFailed):
        WhisperTranscriber().transcribe(np.zeros(SPEECH_RATE, np.int16))


def test_weights_that_are_not_those_that_were_pinned_are_refused(tmp_path: Path):
    with pytest.raises(WeightsWrong, match=r"config\.json cannot be read"):
        read_weights(tmp_path)
    for name in PINS:
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(WeightsWrong, match=r"config\.json is not the file"):
        read_weights(tmp_path)


@needs_model
def test_the_installed_weights_are_those_that_were_pinned():
    assert set(read_weights(weights_folder())) == set(PINS)


@pytest.mark.service
@pytest.mark.media
@needs_model
@needs_voice
def test_an_upload_in_which_somebody_speaks_gets_captions(
    cell: Penchant, database_url: str, make_clip: Maker, tmp_path: Path
):
    said = "Good morning everyone. Today I want to show you how to paint a wooden chair."
    heard = speak(said, tmp_path / "speech.wav")
    clip = make_clip(
        tmp_path / "clip.mp4", sound_file=str(heard), sample_rate=22_050, channels=1, frames=150
    ).read_bytes()
    listening = build(
        Settings(data=cell.settings.data, automatic_captions=True), clock=cell.clock, database_url=database_url
    )
    try:
        client = TestClient(create_web(listening))
        signed_up = {"handle": "ada", "password": "correct horse", "birth_year": 1980}
        assert client.post("/api/accounts", json=signed_up).status_code == 201
        with listening.engine.connect() as connection:
            ada = accounts.account_by_handle(connection, "ada")
        assert ada is not None
        uploads = listening.media.uploads
        new = uploads.create(ada, len(clip), "a chair", [], "en")
        with uploads.piece(new, 0) as piece:
            piece.write(clip)
        video = uploads.settle(new).video
        assert video is not None

        def own() -> dict[str, Any]:
            return client.get("/api/me/videos").json()["videos"][0]

        with worker(listening, database_url, automatic_captions="true"):
            wait_until(lambda: own()["speech"] in ("written", "silent", "failed"))
        assert (own()["speech"], [entry["automatic"] for entry in own()["captions"]]) == ("written", [True])
        text = client.get(own()["captions"][0]["url"]).text
        assert text.startswith("WEBVTT\n\n00:00:0")
        assert error_rate(words_in(said), words_in(re.sub(r"[\d:.]+ --> [\d:.]+|WEBVTT", "", text))) < 0.4
    finally:
        listening.close()

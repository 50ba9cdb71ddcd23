"""What the sequence encoder would add to the learner's work: the same log once more, through its training alone."""

import time

import msgspec

from penchant.events.model import Watch
from penchant.lab.bench_taste import Learning
from penchant.lab.bench_world import Cell, Progress
from penchant.lab.encoded import trainer_of
from penchant.taste.labels import Outcome, outcome

ASKED_EVENTS_PER_S = 5_000.0
_READ = 2_000


class Encoding(msgspec.Struct, frozen=True):
    """The encoder on the stream; it is not a part of the live learner."""

    long_views: int
    """What it learns from, of all events."""
    steps: int
    cpu_s: float
    """Of the steps; the first one, which is compiled, is not in it."""
    events_per_s_per_core: float
    """Events over the processor time of learner and encoder together."""
    asked: float


def encode(cell: Cell, learned: Learning, progress: Progress) -> Encoding:
    """Goes through the log that the learner has followed. Raises DeepMissing."""
    found = _long_views(cell)
    places = {video: place for place, video in enumerate(dict.fromkeys(video for _, video in found))}
    trainer = trainer_of(len(places))
    numbers: dict[int, int] = {}
    began, counted = time.process_time(), 0
    for number, (subject, video) in enumerate(found):
        if number % 500 == 0:
            progress("long views learned from by the encoder", number, len(found))
        if trainer.steps == 0:
            began, counted = time.process_time(), number
        trainer.take(numbers.setdefault(subject, len(numbers)), places[video])
    trainer.encoder()
    # As if the first step had cost what the others do.
    cpu = (time.process_time() - began) * len(found) / max(len(found) - counted - 1, 1)
    return Encoding(
        long_views=len(found),
        steps=trainer.steps,
        cpu_s=round(cpu, 2),
        events_per_s_per_core=round(learned.events / (learned.stream_cpu_s + cpu)),
        asked=ASKED_EVENTS_PER_S,
    )


def _long_views(cell: Cell) -> list[tuple[int, int]]:
    """(subject, video) of each video that is new to its viewer's long views, in the order of the log."""
    found: dict[tuple[int, int], None] = {}
    offset = 0
    while stored := cell.events.log.read(offset, _READ):
        offset = stored[-1].offset
        for one in stored:
            event = one.event
            if isinstance(event, Watch) and outcome(event.watched_ms, event.duration_ms) is Outcome.LONG:
                found.setdefault((one.subject.int, event.video))
    return list(found)

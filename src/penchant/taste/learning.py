"""How well the blend learns, as the newest epoch says: for people who look on, not for pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from penchant.taste.epochs import POINTER
from penchant.taste.folders import Folder, FolderCorrupt, read_folder
from penchant.taste.trainer import BATCH


@dataclass(frozen=True, slots=True)
class Learning:
    """The learner at its newest epoch."""

    epoch: str
    position: int
    """Log position of the epoch."""
    published_at_ms: int
    examples: int
    """Lists that the blend has learned from."""
    rolled_back: int
    """How often the watchdog took weights back."""
    losses: list[float]
    """Prequential loss in nats: of each example before it was learned from, as means of equal stretches."""
    stretch: int
    """Examples that each of them is of."""
    calibration: dict[str, list[tuple[float, float, float]]]
    """Head → (mean predicted chance, mean outcome, examples of late) for each bin of chances that has any."""


def read_learning(folder: Path) -> Learning | None:
    """From the folder of the taste engine; None before the first epoch, or where it cannot be read."""
    pointer = folder / POINTER
    try:
        published_at_ms = pointer.stat().st_mtime_ns // 1_000_000
        epoch = read_folder(folder / "epochs", pointer.read_text("utf-8").strip())
        blend = read_folder(folder / "parts", epoch.text("blend"))
        return Learning(
            epoch=epoch.digest,
            position=epoch.number("position"),
            published_at_ms=published_at_ms,
            examples=blend.number("examples"),
            rolled_back=blend.number("rolled_back"),
            losses=blend.array("curve").tolist(),
            stretch=blend.number("curve_stride") * BATCH,
            calibration=_calibration(blend),
        )
    except (FolderCorrupt, OSError):
        return None


def _calibration(blend: Folder) -> dict[str, list[tuple[float, float, float]]]:
    count, predicted, observed = blend.array("calibration")
    return {
        head: [
            (predicted[place, bin_] / number, observed[place, bin_] / number, number)
            for bin_, number in enumerate(count[place].tolist())
            if number >= 1
        ]
        for place, head in enumerate(blend.text("heads").split())
    }

"""Measures models by their authors' packages on the split of the evaluation. `./dev yardsticks` runs it.

python compare.py FOLDER --python SIDE [--models als,bpr] [--from DATE] > docs/reference/quality-yardsticks.json
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from penchant.core.errors import PenchantError
from penchant.lab import bench_report
from penchant.lab.dataset import DataRefused, day_ms, read_dataset
from penchant.lab.evaluate import last_third
from penchant.lab.yardsticks import GRID, Settings, compare

HERE = Path(__file__).parent
PACKAGES = {"als": "implicit", "bpr": "implicit", "item_knn": "implicit", "sasrec": "rectools"}


def main() -> None:
    """Reads the arguments, prints the report."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--python", type=Path, required=True, help="of the side environment")
    arguments.add_argument("--models", default=",".join(GRID), help="by comma")
    arguments.add_argument("--from", dest="start", help="date from which is measured; the last third otherwise")
    arguments.add_argument("--beside", type=Path, help="an earlier report of the same folder; its other models stay")
    given = arguments.parse_args()
    models = given.models.split(",")
    if unknown := set(models) - set(GRID):
        sys.exit(f"no such model: {', '.join(sorted(unknown))}; there are {', '.join(GRID)}")
    check_environment(given.python, {PACKAGES[model] for model in models})
    earlier = json.loads(given.beside.read_text("utf-8")) if given.beside else None
    began, machine = time.perf_counter(), bench_report.this_machine()

    def fit(model: str, settings: Settings, folder: Path, answer: Path) -> Mapping[str, str]:
        command = [given.python, HERE / "fit.py", model, json.dumps(dict(settings)), folder, answer]
        one_thread = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(command, env=one_thread, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise DataRefused(f"{model} with {dict(settings)} failed, see above")
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def tell(words: str, done: int, total: int) -> None:
        print(f"{time.perf_counter() - began:6.0f} s  {words} ({done + 1} of {total})", file=sys.stderr, flush=True)

    try:
        data = read_dataset(given.folder)
        start_ms = 0
        if not len(data.train):
            if not len(data.events):
                raise DataRefused(f"{given.folder} has neither events nor train")
            start_ms = day_ms(given.start) if given.start else last_third(data.events)
        found = compare(data, data.events, start_ms, models, fit, tell)
    except PenchantError as error:
        sys.exit(f"error: {error}")
    report = {
        "data": data.name,
        "videos": len(data.videos.ids),
        "measured_from_ms": start_ms,
        **found,
        "seconds": round(time.perf_counter() - began, 1),
        "machine": msgspec.to_builtins(machine),
        "versions": bench_report.versions(),
    }
    print(json.dumps(report if earlier is None else beside(earlier, report), indent=1))


def beside(earlier: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """One report of both; ends with words where they are not of the same targets."""
    for name in ("data", "videos", "measured_from_ms", "targets", "refit_hours"):
        if earlier[name] != report[name]:
            sys.exit(f"the earlier report has another {name}: {earlier[name]}, not {report[name]}")
    both = {name: earlier["protocols"][name] | found for name, found in report["protocols"].items()}
    joined = {name: earlier[name] | report[name] for name in ("tried", "packages")}
    return report | joined | {"protocols": both, "seconds": round(earlier["seconds"] + report["seconds"], 1)}


def check_environment(python: Path, packages: set[str]) -> None:
    """Ends with words where the side environment or a package is absent."""
    if not python.is_file():
        sys.exit(f"there is no side environment at {python}: run ./dev yardsticks, which makes it")
    asked = "import importlib.util, sys; print(*[n for n in sys.argv[1:] if importlib.util.find_spec(n) is None])"
    gone = subprocess.run([python, "-c", asked, *sorted(packages)], capture_output=True, text=True, check=True)
    if gone.stdout.strip():
        sys.exit(f"the side environment has no {gone.stdout.strip()}: run ./dev yardsticks, or leave its models out")


if __name__ == "__main__":
    main()

"""What the page on community notes says, from the rules in the code and the kept report of `penchant bench notes`."""

import ast
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from columns import table

from penchant.safety.notes import model

REPORT = Path(__file__).resolve().parent / "reference" / "bench-notes.json"
_GOALS = {"show_bad": "show a bad note", "hide_good": "hide a good one"}
_HISTORIES = {"fresh": "fresh: ratings without a look", "one_camp": "as one camp", "both_camps": "as both camps"}
_TACTICS = {"one": "one", "five": "the same five", "half_of_ten": "five of ten, by lot"}


def rules() -> str:
    """Every number that decides about a note, with what its docstring says."""
    (body,) = ast.parse(inspect.getsource(model.Rules)).body
    assert isinstance(body, ast.ClassDef)
    said: dict[str, str] = {}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            is_text = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            said[statement.target.id] = str(ast.literal_eval(following.value)) if is_text else ""
    rows = [
        (f"`{name}`", f"{value:g}", said.get(name, "")) for name, value in msgspec.structs.asdict(model.Rules()).items()
    ]
    return table(("rule", "is", "what it says"), *rows)


def attacks() -> str:
    """How many sybils it takes."""
    report = _report()
    found = report["found"]
    rows = [
        (
            _GOALS[row["goal"]],
            _HISTORIES[row["history"]],
            _TACTICS[row["tactic"]],
            _count(row["plain"], found),
            _count(row["guarded"], found),
        )
        for row in found["attacks"]
    ]
    heads = ("to", "history of the accounts", "notes aimed at", "published alone", "with the safeguards")
    return f"{_where(report)}\n\n{table(heads, *rows)}"


def honest() -> str:
    """What becomes of honest notes."""
    found = _report()["found"]
    heads = ("people", "notes", "", "good notes shown", "others shown", "people taken for a clique")
    rows = [
        (
            f"{row['people']}",
            f"{row['notes']}",
            _kind(row["safeguards"]),
            *(f"{row[key]:.1%}" for key in ("good_shown", "others_shown", "in_cliques")),
        )
        for row in found["shown"]
    ]
    late = [
        (_kind(row["safeguards"]), f"{row['good_shown']:.0%}", f"{row['median_hours']:g}", f"{row['mean_hours']:g}")
        for row in found["delay"]
    ]
    after = table(("", "good notes shown at some time", "hours (median)", "hours (mean)"), *late)
    return f"{table(heads, *rows)}\n\n{after}"


def _report() -> dict[str, Any]:
    return dict(json.loads(REPORT.read_text("utf-8")))


def _where(report: dict[str, Any]) -> str:
    found, machine = report["found"], report["machine"]
    return (
        f"{found['people']} honest raters, {found['notes']} notes, {len(report['seeds'])} worlds, at most "
        f"{found['most_tried']} sybils; {machine['processor']}, NumPy {report['versions']['numpy']}."
    )


def _count(count: int | None, found: dict[str, Any]) -> str:
    return f"not with {found['most_tried']}" if count is None else str(count)


def _kind(safeguards: bool) -> str:
    return "with the safeguards" if safeguards else "published alone"


BLOCKS: dict[str, Callable[[], str]] = {"noterules": rules, "noteattacks": attacks, "notehonest": honest}

"""Writes what the documentation says of settings, commands, routes and tables from the code itself.

    .venv/bin/python docs/generate.py     rewrites every block between <!-- generated: … --> and <!-- /generated -->

A test compares, so a page cannot fall behind the code; what is outside the blocks is written by hand.
"""

import dataclasses
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import typer

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs"), str(ROOT / "docs" / "images")]

import frontier  # noqa: E402
import noted  # noqa: E402
import quality  # noqa: E402
import rooms  # noqa: E402
import simulated  # noqa: E402
import simulation  # noqa: E402
from columns import table  # noqa: E402
from tests.web import access  # noqa: E402

from penchant.accounts import limits  # noqa: E402
from penchant.app import build  # noqa: E402
from penchant.cli.main import app  # noqa: E402
from penchant.core.database import KEY, PERSONAL, SENSITIVE  # noqa: E402
from penchant.core.settings import ENVIRONMENT_PREFIX, Settings, describe_settings  # noqa: E402
from penchant.ledger.leaves import KINDS  # noqa: E402
from penchant.media.reasons import REASONS  # noqa: E402
from penchant.operations.privacy.export import UNEXPORTED  # noqa: E402
from penchant.operations.privacy.inventory import FOLDERS, LIBRARY_TABLES, tables  # noqa: E402
from penchant.taste.parts import DEFAULT, TABLE  # noqa: E402
from penchant.taste.recipe import SERVED  # noqa: E402
from penchant.web.asgi import create_web  # noqa: E402

_BLOCK = re.compile(r"(<!-- generated: ([a-z]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def pages() -> list[Path]:
    """Every page of the documentation."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def filled(text: str) -> str:
    """A page with its blocks as they should be."""
    return _BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found[2]]()}\n{found[3]}", text)


def leaf_table() -> str:
    """Kinds of leaves with their fields, and what each says."""
    found = [("kind", "name", "fields", "says")]
    for number, type_ in sorted(KINDS.items()):
        own = [field.name for field in dataclasses.fields(type_) if field.name != "at_ms"]
        fields = ", ".join(f"{place} `{name}`" for place, name in enumerate(own, 3))
        found.append((str(number), type_.__name__, fields, " ".join((type_.__doc__ or "").split())))
    return table(*found)


def room_table() -> str:
    """Rows and rooms with links, as seen from the root."""
    rows = rooms.layers()
    found = [("row", "rooms")]
    for number, row in zip(range(len(rows) - 1, -1, -1), rows, strict=True):
        cells = [f"[`{room}`](src/penchant/{rooms.place(room).name}) {rooms.words(room)}" for room in row]
        found.append((str(number), "<br>".join(cells)))
    return table(*found)


def settings() -> str:
    """Each setting with its variable, its default and what it means."""
    examples = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    parts = []
    for name, meaning, default in describe_settings():
        value = "none" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        if default == "":
            value = "empty"
        bounds = _bounds(examples[name])
        parts.append(
            f"### {name}\n\n{meaning[0].upper()}{meaning[1:]}{bounds}.\n\n"
            f"Environment: `{ENVIRONMENT_PREFIX}{name.upper()}` · default: {value}\n"
        )
    return "\n" + "\n".join(parts)


def _bounds(kind: Any) -> str:
    for meta in getattr(kind, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta):
            said = [
                f"at least {meta.ge:,}" if meta.ge is not None else "",
                f"at most {meta.le:,}" if meta.le is not None else "",
            ]
            if said := [part for part in said if part]:
                return f" ({', '.join(said)})"
    return ""


def commands() -> str:
    """Each command with its arguments and options."""
    return "\n" + "\n".join(_command(name, command) for name, command in all_commands())


def all_commands() -> Iterator[tuple[str, Any]]:
    """(name, command) of everything that can be called, such as ("penchant taste rebuild", …)."""

    def walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield name, command
        for child, below in getattr(command, "commands", {}).items():
            yield from walk(f"{name} {child}", below)

    root = typer.main.get_command(app)
    for child, command in root.commands.items():  # type: ignore[attr-defined]
        yield from walk(f"penchant {child}", command)


def _command(name: str, command: Any) -> str:
    text = f"### {name}\n\n{(command.help or '').strip()}\n"
    rows = [("option", "default", "what it is")]
    for option in command.params:
        if option.hidden:
            continue
        names = ", ".join(f"`{word}`" for word in [*option.opts, *option.secondary_opts])
        if option.param_type_name == "argument":
            names = f"`{option.name.upper()}`"
        default = "needed" if option.required else "" if option.default is None else f"`{option.default}`"
        rows.append((names, default.replace("`False`", "off").replace("`True`", "on"), option.help or ""))
    return text if len(rows) == 1 else f"{text}\n{table(*rows)}\n"


def routes() -> str:
    """Every documented route by tag."""
    with tempfile.TemporaryDirectory() as folder:
        cell = build(Settings(data=Path(folder)), database_url="postgresql://nobody@127.0.0.1:1/nothing")
        try:
            schema = create_web(cell).openapi_schema
        finally:
            cell.close()
    by_tag: dict[str, list[tuple[str, ...]]] = {}
    for path, item in (schema.paths or {}).items():
        for method in ("get", "head", "post", "put", "patch", "delete", "options"):
            operation = getattr(item, method)
            if operation is None:
                continue
            refused = ", ".join(status for status in sorted(operation.responses or {}) if status >= "4")
            words = " ".join((operation.description or "").partition("\n\n")[0].split())
            row = (f"`{method.upper()} {path}`", words, refused)
            by_tag.setdefault((operation.tags or ["other"])[0], []).append(row)
    parts = [
        f"### {tag}\n\n{table(('route', 'what it does', 'refused with'), *sorted(rows))}\n"
        for tag, rows in sorted(by_tag.items())
    ]
    return "\n" + "\n".join(parts)


def who_may() -> str:
    """Every route with who may use it, and what others get."""
    rows = [("route", "who may", "the others get")]
    for row in access.ROWS:
        by_words: dict[str, list[str]] = {}
        for kind, words in row.refused.items():
            by_words.setdefault(words, []).append(kind)
        refused = "; ".join(f"{', '.join(kinds)}: `{words}`" for words, kinds in by_words.items())
        if (line := (f"`{row.route}`", row.who, refused)) not in rows:
            rows.append(line)
    return table(*rows)


def failures() -> str:
    """Why an upload can fail, in the words that its owner reads."""
    rows = [(f"`{reason.code}`", reason.text, "yes" if reason.retry else "no") for reason in REASONS.values()]
    return table(("code", "what the owner reads", "worth a retry"), *rows)


def rates() -> str:
    """Rate limits."""
    found = [limit for limit in vars(limits).values() if isinstance(limit, limits.Limit)]
    return table(
        ("what", "at most", "within"), *((limit.name, str(limit.attempts), f"{limit.seconds} s") for limit in found)
    )


def holdings() -> str:
    """Which table holds what, what for and how long, from what tables and columns say of themselves."""
    rows = [("table", "what for", "how long", "personal", "sensitive", "keys")]
    for found, said in tables():
        named = {
            kind: ", ".join(column.name for column in found.columns if column.info.get("class") == kind)
            for kind in (PERSONAL, SENSITIVE, KEY)
        }
        words = (said.purpose, said.kept.in_words())
        rows.append((f"`{found.name}`", *words, named[PERSONAL], named[SENSITIVE], named[KEY]))
    for place in LIBRARY_TABLES:
        rows.append((f"`{place.name}…`", place.holds, place.kept.in_words(), place.about_people, "", ""))
    return table(*rows)


def unexported() -> str:
    """What an export leaves out."""
    return table(("what", "why not"), *((f"`{name}`", why) for name, why in UNEXPORTED.items()))


def folders() -> str:
    """What lies in the data folder, what for and how long."""
    rows = [("in the data folder", "what it is", "of people", "how long")]
    rows += [(f"`{place.name}`", place.holds, place.about_people, place.kept.in_words()) for place in FOLDERS]
    return table(*rows)


def _bench(name: str) -> dict[str, Any]:
    return dict(json.loads((ROOT / "docs" / "reference" / f"bench-{name}.json").read_text("utf-8")))


def _quality(name: str) -> dict[str, Any]:
    return dict(json.loads((ROOT / "docs" / "reference" / f"quality-{name}.json").read_text("utf-8")))


def _stream_table(name: str) -> str:
    report = _quality(name)
    found = [("model", "HR@10", "NDCG@10", "inside", "coverage@10", "top 1 %", "diversity", "behind by (95 %)")]
    for model, figures in report["models"].items():
        if model.startswith("spread "):
            continue
        gain = report["gains"].get(model)
        found.append(
            (
                model,
                f"{figures['hr_at_10']:.4f} ± {figures['hr_at_10_se']:.4f}",
                f"{figures['ndcg_at_10']:.4f} ± {figures['ndcg_at_10_se']:.4f}",
                *(f"{figures[key]:.3f}" for key in ("candidate_recall", "coverage_at_10", "top1_share", "diversity")),
                f"{gain['hr_at_10']:.4f} ({gain['low']:.4f} to {gain['high']:.4f})" if gain else "",
            )
        )
    return _measured(report) + "\n\n" + table(*found)


def _measured(report: dict[str, Any], targets: int | None = None) -> str:
    machine, versions = report["machine"], report["versions"]
    count = report["targets"] if targets is None else targets
    size = f"{count:,} targets, {report['videos']:,} videos; {report['seconds']:.0f} s"
    where = f"{machine['processor']}, {machine['cores']} cores, load {machine['load_average_at_start']}"
    return f"{size}, {where}; Python {versions['python']}, NumPy {versions['numpy']}, SciPy {versions['scipy']}."


def quality_replay() -> str:
    """The replay with its variants and baselines."""
    return _stream_table("replay")


def quality_heads() -> str:
    """What the heads say against what became of every impression."""
    rows = ["| head | happened | said | AUC | calibration error |", "| --- | --- | --- | --- | --- |"]
    for name, head in _quality("replay").get("heads", {}).items():
        rows.append(
            f"| `{name}` | {head['rate']:.4f} | {head['chance']:.4f} | {head['auc']:.3f} | "
            f"{head['calibration_error']:.4f} |"
        )
    return "\n" + "\n".join(rows) + "\n"


def quality_frontier() -> str:
    """The default recipe's order at several prices on being served often."""
    report = _quality("replay")
    priced = {name: figures for name, figures in report["models"].items() if name.startswith("spread ")}
    best = max(priced.values(), key=lambda figures: float(figures["hr_at_10"]))
    enough = float(best["hr_at_10"]) - float(best["hr_at_10_se"])
    close = {name: figures for name, figures in priced.items() if figures["hr_at_10"] >= enough}
    least = min(close, key=lambda name: float(close[name]["top1_share"]))
    found = [("spread", "HR@10", "NDCG@10", "coverage@10", "top 1 %", "")]
    for name, figures in priced.items():
        found.append(
            (
                name.removeprefix("spread "),
                f"{figures['hr_at_10']:.4f} ± {figures['hr_at_10_se']:.4f}",
                f"{figures['ndcg_at_10']:.4f}",
                f"{figures['coverage_at_10']:.3f}",
                f"{figures['top1_share']:.3f}",
                "least concentrated within one standard error of the best" if name == least else "",
            )
        )
    return _measured(report) + "\n\n" + table(*found)


def quality_ablation() -> str:
    """The default recipe without each group of columns."""
    return _stream_table("ablation")


def quality_temporal() -> str:
    """The split in time."""
    return _stream_table("temporal")


def quality_ranking() -> str:
    """What was shown, ordered."""
    report = _quality("ranking")
    measures = ("primary", "gauc", "ndcg_at_5")
    found = [("model", "primary", "GAUC", "nDCG@5")]
    for model, figures in report["models"].items():
        found.append((model, *(f"{figures[key]:.4f} ± {figures[f'{key}_se']:.4f}" for key in measures)))
    return _measured(report) + "\n\n" + table(*found)


def quality_topk() -> str:
    """Undated pairs."""
    return _pairs("topk")


def quality_cold() -> str:
    """Undated pairs of videos made new."""
    return _pairs("cold")


def quality_fresh() -> str:
    """Receivers that begin with more or with less of what was learned."""
    report = _quality("fresh")
    names = list(report["hr_at_10"])
    found = [("hours after", "targets", *(f"`{name}`" for name in names), "±", "whose viewer has a profile of `own_log`")]
    for one in report["stretches"]:
        cells = [f"{one['hr_at_10'][name]:.4f}" for name in names]
        known = f"{100 * one['known_to_own_log']:.0f} %"
        found.append((str(one["from_hours"]), f"{one['targets']:,}", *cells, f"{one['standard_error']:.4f}", known))
    found.append(("all", f"{report['targets']:,}", *(f"{report['hr_at_10'][name]:.4f}" for name in names), "", ""))
    return _measured(report) + "\n\n" + table(*found)


def _pairs(name: str) -> str:
    report = _quality(name)
    found = [("model", "Recall@20", "NDCG@20")]
    for model, figures in report["models"].items():
        cells = (f"{figures[key]:.4f} ± {figures[f'{key}_se']:.4f}" for key in ("recall_at_20", "ndcg_at_20"))
        found.append((model, *cells))
    return _measured(report) + "\n\n" + table(*found)


def bench_content() -> str:
    """New clips and new pictures, ranked by some of their vectors."""
    reports = [_bench("content"), _bench("content-pictures")]
    rows = [{row["by"]: row for row in report["found"]["rankings"]} for report in reports]
    heads = [f"{of}: {what}" for of in ("demo", "photographs") for what in ("before others", "of the first ten")]
    found = [("ranked by", *heads)]
    for by in rows[0]:
        cells = (f"{row[by][key]:.3f} ± {row[by][f'{key}_se']:.3f}" for row in rows for key in ("auc", "first"))
        found.append((by, *cells))
    said = "; ".join(
        f"{name}: {one['clips']} of {one['kinds']} kinds, {one['people']} people, {one['chance']:.3f} of what is new is "
        f"of their kind"
        for name, one in zip(("demo", "photographs"), (report["found"] for report in reports), strict=True)
    )
    costs = reports[0]["found"]
    spent = (
        f"A clip of 8 s is encoded in {costs['encode_ms']:.0f} ms of processor time, "
        f"{costs['encode_without_network_ms']:.0f} of them without the network."
    )
    return f"{said[0].upper()}{said[1:]}. {spent}\n\n" + table(*found)


def bench_safety_hashes() -> str:
    """Known clips after each change, against a bank made here and an imported one."""
    found = _bench("safety")["found"]
    rows = [("changed", "house: queued", "stopped", "list: queued", "stopped", "strangers", "queued wrongly, house")]
    lists = {row["alteration"]: row for row in found["hashes"] if row["bank"] == "list"}
    for row in found["hashes"]:
        if row["bank"] == "house":
            other, of = lists[row["alteration"]], row["asked"]
            cells = (f"{one[key]} of {of}" for one in (row, other) for key in ("queued", "stopped"))
            wrong = str(max(row["strangers_queued"] + row["wrong_entry"], 0))
            rows.append((row["alteration"], *cells, str(row["strangers"]), wrong))
    costs = found["costs"]
    return (
        table(*rows)
        + f"\n\nA clip is hashed in {costs['hash_ms']:.0f} ms of processor time, looked up among a million hashes in "
        f"{costs['look_up_ms']:.0f} ms, and kept in {costs['stored_bytes'] / 1000:.0f} KB. {found['flat']} of "
        f"{found['known']} known clips are too flat to be known by."
    )


def bench_safety_nudity() -> str:
    """The detector of nudity on harmless clips."""
    found = _bench("safety")["found"].get("nudity")
    if found is None:
        return "Not measured in this run: the extra `detect` was not installed."
    return (
        f"Of {found['clips']} harmless clips {found['clips_found']} were found wrongly; of {found['pictures']} pictures "
        f"of theirs {found['over_half']} had a score of 0.5 or more, the highest was {found['highest']:.2f} (a picture "
        f"counts from 0.8 on). Recall is not measured: no lawful labelled set is here."
    )


def bench_safety_on_screen() -> str:
    """What of drawn texts is read and found."""
    found = _bench("safety")["found"].get("on_screen")
    if found is None:
        return "Not measured in this run: the extra `detect` was not installed."
    rows = [("size of letters", "outlined", "letters read", "texts found")]
    for row in found["rows"]:
        read = f"{row['letters_read'] / 10:.0f} %"
        outlined = "yes" if row["outlined"] else "no"
        rows.append((f"{row['size_px']} px of 480", outlined, read, f"{row['found']} of {row['texts']}"))
    return (
        table(*rows) + f"\n\nOf {found['clips']} clips without words {found['clips_found']} were found wrongly; in "
        f"{found['pictures_with_lines']} of their {found['pictures']} pictures something was read. A picture takes "
        f"{found['picture_s']:.1f} s, loading the model included."
    )


def bench_safety_texts() -> str:
    """Lists of words and links on labelled texts."""
    rows = [("detector", "language", "label", "found", "harmless", "found wrongly")]
    for row in _bench("safety")["found"]["texts"]:
        share = f"{row['found']} of {row['of']}"
        rows.append(
            (row["detector"], row["language"], row["label"], share, str(row["harmless"]), str(row["false_positives"]))
        )
    return table(*rows)


def quality_encoder() -> str:
    """The default recipe with and without the sequence encoder."""
    return _stream_table("encoder")


def yardsticks_stream() -> str:
    """Models by other packages in the replay and split in time."""
    report = _quality("yardsticks")
    found = [("protocol", "model", "HR@10", "NDCG@10", "coverage@10", "top 1 %", "settings")]
    for protocol in ("replay", "temporal"):
        for model, figures in report["protocols"][protocol].items():
            errors = (f"{figures[key]:.4f} ± {figures[f'{key}_se']:.4f}" for key in ("hr_at_10", "ndcg_at_10"))
            shares = (f"{figures[key]:.3f}" for key in ("coverage_at_10", "top1_share"))
            found.append((protocol, model, *errors, *shares, _settled(figures)))
    return _measured(report, report["targets"]["replay"]) + _packages(report) + "\n\n" + table(*found)


def yardsticks_pairs() -> str:
    """Models by other packages on undated pairs."""
    report = _quality("yardsticks-topk")
    found = [("model", "Recall@20", "NDCG@20", "settings")]
    for model, figures in report["protocols"]["topk"].items():
        cells = (f"{figures[key]:.4f} ± {figures[f'{key}_se']:.4f}" for key in ("recall_at_20", "ndcg_at_20"))
        found.append((model, *cells, _settled(figures)))
    return _measured(report, report["targets"]["topk"]) + _packages(report) + "\n\n" + table(*found)


def _settled(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures["settings"].items())


def _packages(report: dict[str, Any]) -> str:
    return " Side environment: " + ", ".join(f"{name} {said}" for name, said in report["packages"].items()) + "."


def bench_rows() -> str:
    """Rows by neighbourhoods beside the exact ones."""
    found = _bench("rows")["found"]
    lines = [f"\n{found['videos']:,} videos, {found['plays']:,} long views, {found['targets']:,} targets.\n"]
    lines += ["| regressed on | seconds | HR@10 | behind by (95 %) |", "| --- | --- | --- | --- |"]
    for rows in found["rows"]:
        behind = f"{rows['behind']:.4f} ({rows['behind_low']:.4f} to {rows['behind_high']:.4f})" if rows["near"] else ""
        near = rows["near"] or "everything"
        lines.append(f"| {near} | {rows['cpu_s']:.1f} | {rows['hr_at_10']:.4f} | {behind} |")
    return "\n".join(lines) + "\n"


def bench_ledger() -> str:
    """What the ledger costs a page."""
    report = _bench("ledger")
    page, size, ordering = report["page"], report["page_bytes"], report["ordering"]
    before, after = report["machine"]["load_average_at_start"], report["load_average_at_end"]
    rows = [("page", "p50 ms", "p99 ms")]
    for name, times in (("without", page["without"]), ("with the ledger", page["with_ledger"])):
        rows.append((name, f"{times['p50_ms']:.2f}", f"{times['p99_ms']:.2f}"))
    said = (
        f"p50 {page['p50_percent_more']:+.1f} % (asked: at most {page['asked_p50_percent_more']:g}), "
        f"p99 {page['p99_ms_more']:+.2f} ms (asked: at most {page['asked_p99_ms_more']:g}). "
        f"{size['for_the_ledger']} bytes a page for the ledger (leaf, tiles, salt, seal), {size['in_all']:,} with the "
        f"record of {size['candidates']} candidates (asked: {size['asked_most']:,} for all of it). "
        f"{ordering['leaves_per_s']:,.0f} leaves a second are ordered and signed; a proof takes "
        f"{ordering['proof_p50_ms']:.1f} ms."
    )
    head = f"{page['with_ledger']['count']:,} pages each way, in turn; load {before} before and {after} after."
    return f"\n{head}\n\n{table(*rows)}\n\n{said}\n"


def columns() -> str:
    """The columns of the blend."""
    found = [("column", "group", "says", "brings", "popularity", "in the recipe")]
    for column in TABLE:
        brings, popular = str(column.quota or ""), "yes" if column.popularity else ""
        kept = "yes" if column in DEFAULT else ""
        found.append((f"`{column.name}`", column.group, column.says, brings, popular, kept))
    return table(*found)


def served_columns() -> str:
    """The columns that pages are made by."""
    found = [("column", "says", "brings", "in steps of")]
    found += [
        (f"`{column.name}`", column.says, str(column.quota or ""), f"1/{1 << column.places}")
        for column in SERVED.columns
    ]
    return table(*found)


BLOCKS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "access": who_may,
    "failures": failures,
    "folders": folders,
    "holdings": holdings,
    "rates": rates,
    "rooms": room_table,
    "routes": routes,
    "settings": settings,
    "servedcolumns": served_columns,
    "unexported": unexported,
    "leaves": leaf_table,
    "benchrows": bench_rows,
    "benchledger": bench_ledger,
    "qualityreplay": quality_replay,
    "qualityheads": quality_heads,
    "qualityfrontier": quality_frontier,
    "qualityablation": quality_ablation,
    "qualitytemporal": quality_temporal,
    "qualityranking": quality_ranking,
    "qualitytopk": quality_topk,
    "qualitycold": quality_cold,
    "qualityfresh": quality_fresh,
    "benchcontent": bench_content,
    "benchsafetyhashes": bench_safety_hashes,
    "benchsafetynudity": bench_safety_nudity,
    "benchsafetyonscreen": bench_safety_on_screen,
    "benchsafetytexts": bench_safety_texts,
    "qualityencoder": quality_encoder,
    "yardsticksstream": yardsticks_stream,
    "yardstickspairs": yardsticks_pairs,
    "blendcolumns": columns,
    **simulated.BLOCKS,
    **noted.BLOCKS,
}


def main() -> None:
    """Rewrite the pictures and every page whose blocks have changed."""
    rooms.PICTURE.write_text(rooms.draw(), "utf-8")
    quality.PICTURE.write_text(quality.draw(), "utf-8")
    simulation.PICTURE.write_text(simulation.draw(), "utf-8")
    frontier.PICTURE.write_text(frontier.draw(), "utf-8")
    for page in pages():
        text = page.read_text("utf-8")
        if (wanted := filled(text)) != text:
            page.write_text(wanted, "utf-8")
            print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()

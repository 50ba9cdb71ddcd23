"""Are there known vulnerabilities in what the locks name? Run by `./dev audit`, in an environment of its own.

    0  nothing known, and both databases knew the vulnerability that they were asked for as a test
    1  something is known, or this program itself is at fault
    3  it could not be found out: no network, a database that does not answer, a package that it does not know

Both tools say 1 also where they could not ask, and pip-audit says 0 where it was told of no package; so it is their
reports that count, and not their statuses. 3 is never a pass: what is not known may be anything.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LOCKS = (*sorted(ROOT.glob("requirements*.lock")), *sorted((ROOT / "tools" / "yardsticks").glob("*.txt")))
PAGE = ROOT / "ui"
CLEAN, FOUND, UNKNOWN = 0, 1, 3
_PATIENCE_S = 900

# Vulnerable for ever, and of no use to anybody: who does not know these has not looked.
_BAD_PYTHON = "jinja2==2.4.1 --hash=sha256:" + "0" * 64 + "\n"
_BAD_NODE = {"name": "minimist", "version": "0.0.8"}


class Report(NamedTuple):
    """What one database said: what is known, and what it could not say."""

    found: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def read_pip_audit(text: str) -> Report:
    """The JSON of `pip-audit --format json`; anything else is no answer."""
    try:
        packages = list(json.loads(text)["dependencies"])
    except (ValueError, KeyError, TypeError):
        return Report(unknown=("no report",))
    found = [
        f"{package['name']} {package['version']}: {_known_as(flaw)}"
        for package in packages
        for flaw in package.get("vulns", ())
    ]
    skipped = [f"{package['name']}: {package['skip_reason']}" for package in packages if "skip_reason" in package]
    return Report(tuple(found), tuple(skipped) if packages else ("no package was looked at",))


def read_npm(text: str) -> Report:
    """The JSON of `npm audit --json`; its errors are JSON as well, of another shape."""
    try:
        report = json.loads(text)
        if "message" in report:
            return Report(unknown=(f"no report ({report['message'][:200]})",))
        packages, looked_at = report["vulnerabilities"], report["metadata"]["dependencies"]["total"]
    except (ValueError, KeyError, TypeError):
        return Report(unknown=("no report",))
    found = [f"{name} {package['range']}: {package['severity']}" for name, package in sorted(packages.items())]
    return Report(tuple(found), () if looked_at else ("no package was looked at",))


def _known_as(flaw: dict[str, Any]) -> str:
    names = [flaw["id"], *flaw.get("aliases", ())]
    mended = flaw.get("fix_versions") or ["no version yet"]
    return f"{', '.join(names)}; mended in {', '.join(mended)}"


def ask_about_python(lock: Path, options: Sequence[str]) -> Report:
    """What is known of the packages that one lock names."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement", str(lock)]
    command += ["--format", "json", "--progress-spinner", "off", "--vulnerability-service", "osv", *options]
    return _ask(command, ROOT, read_pip_audit)


def ask_about_page(folder: Path) -> Report:
    """What is known of the packages that the page's lock names."""
    return _ask(["npm", "audit", "--package-lock-only", "--json"], folder, read_npm)


def _ask(command: Sequence[str], folder: Path, read: Any) -> Report:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Report(unknown=(f"{command[0]} did not answer ({type(error).__name__})",))
    report: Report = read(done.stdout)
    if report.unknown == ("no report",):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return Report(unknown=(f"no report ({last[:200]})",))
    return report


def ask_for_what_is_known(options: Sequence[str]) -> Report:
    """Whether both databases know what everybody knows. One that answers "nothing" to everything is no answer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lock = folder / "requirements.txt"
        lock.write_text(_BAD_PYTHON, "utf-8")
        _write_npm_lock(folder)
        silent = []
        for what, report in (
            (_BAD_PYTHON.split(" ")[0], ask_about_python(lock, options)),
            (f"{_BAD_NODE['name']}@{_BAD_NODE['version']}", ask_about_page(folder)),
        ):
            if not report.found:
                silent.append(f"{what} is not known to be vulnerable: {', '.join(report.unknown) or 'nothing found'}")
    return Report(unknown=tuple(silent))


def _write_npm_lock(folder: Path) -> None:
    name, version = _BAD_NODE["name"], _BAD_NODE["version"]
    package = {"name": "known-bad", "version": "1.0.0", "dependencies": {name: version}}
    packages = {"": package, f"node_modules/{name}": {"version": version}}
    lock = {"name": "known-bad", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    (folder / "package.json").write_text(json.dumps(package), "utf-8")
    (folder / "package-lock.json").write_text(json.dumps(lock), "utf-8")


def conclude(reports: Iterable[tuple[str, Report]]) -> int:
    """Say everything, and return the status: what is known weighs more than what is not."""
    found = unknown = 0
    for where, report in reports:
        for line in report.found:
            print(f"FOUND    {where}: {line}")
        for line in report.unknown:
            print(f"UNKNOWN  {where}: {line}")
        if not report.found and not report.unknown:
            print(f"clean    {where}")
        found, unknown = found + len(report.found), unknown + len(report.unknown)
    if found:
        return FOUND
    if unknown:
        print("It could not be found out whether anything is known. This is not a pass.", file=sys.stderr)
        return UNKNOWN
    return CLEAN


def main() -> int:
    """Ask about every lock."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--osv-url", help="a database of vulnerabilities of your own, in the protocol of OSV")
    chosen = parser.parse_args()
    options = ["--osv-url", chosen.osv_url] if chosen.osv_url else []
    test = ask_for_what_is_known(options)
    if test.unknown:
        # Then nothing else that they would say is worth anything.
        return conclude([("the databases", test)])
    reports = [(str(lock.relative_to(ROOT)), ask_about_python(lock, options)) for lock in LOCKS]
    return conclude([*reports, ("ui/package-lock.json", ask_about_page(PAGE))])


if __name__ == "__main__":
    sys.exit(main())

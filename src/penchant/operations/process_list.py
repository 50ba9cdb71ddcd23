"""The children of a process by name, from `/proc` where there is one, else from `ps`."""

import subprocess
from contextlib import suppress
from pathlib import Path


def children_of(parent: int) -> list[str]:
    """Names of the running children, such as `web` for `python -m penchant web`."""
    return sorted(_name(words) for parent_, words in _processes() if parent_ == parent and words)


def _processes() -> list[tuple[int, list[str]]]:
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(["ps", "-A", "-o", "ppid=,command="], capture_output=True, text=True, check=False)
        split = [line.split() for line in listed.stdout.splitlines()]
        return [(int(words[0]), words[1:]) for words in split if words and words[0].isdigit()]
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            # The name in brackets may hold anything; the parent is the second field after the last bracket.
            parent = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
            found.append((parent, words if words != [""] else []))
    return found


def _name(words: list[str]) -> str:
    if words[1:3] == ["-m", "penchant"] and len(words) > 3:
        return words[3]
    return Path(words[0]).name

"""A system-call filter (seccomp) that leaves what decoding needs: memory, threads, clocks, files already in reach.

An allow-list, assembled here for the kernel's classic BPF, so that no library is needed. What is not named is refused
with EPERM: sockets, new programs and processes, ptrace, mounts, keys, io_uring, links, device control. Standard
library only.

Source: linux/seccomp.h, linux/filter.h; numbers from the kernel's tables for x86_64 and for aarch64 (generic).
"""

import ctypes
import errno
import os
import platform
import struct
from typing import Final, NamedTuple

_LOAD_WORD, _JUMP_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_CLONE_THREAD = 0x00010000
_PROT_EXEC = 4
_PR_SET_NAME = 15

ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Machine: (the kernel's name for it, its column below)."""

_PLAIN: Final[dict[str, tuple[int | None, int | None]]] = {
    # Files: which ones is Landlock's business.
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "pwrite64": (18, 68), "lseek": (8, 62), "close": (3, 57), "dup": (32, 23), "fcntl": (72, 25),
    "open": (2, None), "openat": (257, 56), "stat": (4, None), "fstat": (5, 80), "lstat": (6, None),
    "newfstatat": (262, 79), "statx": (332, 291), "access": (21, None), "faccessat": (269, 48),
    "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78), "getcwd": (79, 17),
    "ftruncate": (77, 46), "fallocate": (285, 47), "fsync": (74, 82), "fdatasync": (75, 83),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "unlink": (87, None),
    "unlinkat": (263, 35), "poll": (7, None), "ppoll": (271, 73),
    # Memory.
    "munmap": (11, 215), "mremap": (25, 216), "madvise": (28, 233), "brk": (12, 214),
    # Threads and signals.
    "futex": (202, 98), "set_robust_list": (273, 99), "set_tid_address": (218, 96), "rseq": (334, 293),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    "restart_syscall": (219, 128), "exit": (60, 93), "exit_group": (231, 94),
    # Clocks, and who and where it is.
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None), "getrandom": (318, 278),
    "getpid": (39, 172), "gettid": (186, 178), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "uname": (63, 160), "sysinfo": (99, 179),
    "getrusage": (98, 165), "getrlimit": (97, 163),
}  # fmt: skip


class _Rule(NamedTuple):
    numbers: tuple[int, int]
    argument: int
    test: str
    """`any` of the bits of `value` set, `none` of them, or `equal` to it."""
    value: int


def _conditional(pid: int) -> tuple[_Rule, ...]:
    return (
        _Rule((56, 220), 0, "any", _CLONE_THREAD),  # clone: threads, no processes
        _Rule((9, 222), 2, "none", _PROT_EXEC),  # mmap: no new code
        _Rule((10, 226), 2, "none", _PROT_EXEC),  # mprotect
        _Rule((234, 131), 0, "equal", pid),  # tgkill: abort() may end this process, nothing else
        _Rule((157, 167), 0, "equal", _PR_SET_NAME),  # prctl: threads name themselves
        _Rule((302, 261), 2, "equal", 0),  # prlimit64: look, not change
    )


_CLONE3: Final = 435
"""Its flags lie in memory, out of a filter's sight; ENOSYS makes the C library take `clone` instead."""


def filter_system_calls() -> bool:
    """Install the filter for this process, for ever; False where the kernel or the machine has none.

    Needs `no_new_privs` or CAP_SYS_ADMIN, and a process with one thread: those that it starts inherit it.
    """
    known = ARCHITECTURES.get(platform.machine())
    if known is None:
        return False
    code = assemble(*known, pid=os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    return bool(ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def assemble(architecture: int, column: int, *, pid: int) -> bytes:
    """The filter as BPF instructions of 8 bytes."""
    lines = [
        _line(_LOAD_WORD, _ARCHITECTURE_AT),
        _line(_JUMP_EQUAL, architecture, 1, 0),
        _line(_RETURN, _KILL_PROCESS),  # 32-bit calls have other numbers
        _line(_LOAD_WORD, _NUMBER_AT),
    ]
    for numbers in _PLAIN.values():
        number = numbers[column]
        if number is not None:
            lines += [_line(_JUMP_EQUAL, number, 0, 1), _line(_RETURN, _ALLOW)]
    lines += [_line(_JUMP_EQUAL, _CLONE3, 0, 1), _line(_RETURN, _ERRNO | errno.ENOSYS)]
    for rule in _conditional(pid):
        test = _test(rule)
        lines += [_line(_JUMP_EQUAL, rule.numbers[column], 0, len(test)), *test]
    lines.append(_line(_RETURN, _ERRNO | errno.EPERM))
    return b"".join(lines)


def _test(rule: _Rule) -> list[bytes]:
    """Loads an argument and returns a verdict either way."""
    low = _ARGUMENTS_AT + 8 * rule.argument  # both machines are little-endian
    verdicts = [_line(_RETURN, _ALLOW), _line(_RETURN, _ERRNO | errno.EPERM)]
    if rule.test == "any":
        return [_line(_LOAD_WORD, low), _line(_JUMP_ANY_BIT, rule.value, 0, 1), *verdicts]
    if rule.test == "none":
        return [_line(_LOAD_WORD, low), _line(_JUMP_ANY_BIT, rule.value, 1, 0), *verdicts]
    return [
        _line(_LOAD_WORD, low),
        _line(_JUMP_EQUAL, rule.value, 0, 3),
        _line(_LOAD_WORD, low + 4),
        _line(_JUMP_EQUAL, 0, 0, 1),
        *verdicts,
    ]


def _line(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)

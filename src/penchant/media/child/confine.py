"""What the child gives up before it opens a file: user, namespaces, capabilities, files, system calls, excess.

Runs after all imports (an unprivileged user may not even be able to read our own code) and before the first foreign
byte, while the process has one thread: the kernel refuses a user namespace to a threaded one, and filters only the
thread that asks. A kernel that refuses is reported, not fought: `Confined.missing`. Standard library only.
"""

import ctypes
import os
import resource
import signal
import sys

from penchant.media.child.landlock import restrict_files
from penchant.media.child.system_calls import filter_system_calls
from penchant.media.limits import NOBODY, ChildLimits
from penchant.media.messages import Confined

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_CLONE_NEWIPC = 0x08000000
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522


def confine(limits: ChildLimits) -> Confined:
    """Give up everything but the current folder; returns what was really granted."""
    os.umask(0o077)
    if sys.platform != "linux":
        os.nice(10)
        return Confined(limits=_limit(limits, count_processes=False), unprivileged=os.geteuid() != 0)
    folder = os.open(".", os.O_PATH | os.O_DIRECTORY)
    unprivileged = _leave_root()
    namespaces, shut_in = _enter_namespaces()
    limited = _limit(limits, count_processes=namespaces)
    os.nice(10)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_DUMPABLE, 0)
    # After the changes of user: they clear it. The child must not outlive a killed worker.
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    files = restrict_files(folder)
    os.close(folder)
    return Confined(
        unprivileged=unprivileged,
        user_namespace=namespaces,
        network_namespace=namespaces,
        files=files or shut_in,
        limits=limited,
        system_calls=filter_system_calls(),  # last: the filter refuses all of the above
    )


def _leave_root() -> bool:
    """A root becomes nobody for good, outside the namespace too."""
    if os.geteuid() != 0:
        return True
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:
        return False
    return True


def _enter_namespaces() -> tuple[bool, bool]:
    """Own user, network and IPC namespace, and the current folder as the root of all paths."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) != 0:
        return False, False
    shut_in = libc.chroot(b".") == 0
    _drop_capabilities(libc)
    return True, shut_in


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """A new user namespace grants every capability inside itself; keep none."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    libc.capset(header, nothing)


def _limit(limits: ChildLimits, *, count_processes: bool) -> bool:
    wanted = {
        resource.RLIMIT_CPU: limits.cpu_s,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: limits.files,
    }
    if sys.platform == "linux":  # macOS refuses address-space limits
        wanted[resource.RLIMIT_AS] = limits.memory_bytes
    if count_processes:
        # Outside an own namespace this counts all of the user's processes; x264 could not start threads.
        wanted[resource.RLIMIT_NPROC] = limits.processes
    complete = True
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (ceiling, ceiling))
        except (OSError, ValueError):
            complete = False
    return complete


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)

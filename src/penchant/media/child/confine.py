"""What the child gives up before it opens anything: namespaces, capabilities, limits. Standard library only.

Runs while the process has one thread (the kernel refuses a user namespace to a threaded one), so nothing that
starts threads may be imported before it. A kernel that refuses is reported, not fought: `Confined.weak`.
"""

import ctypes
import os
import resource
import signal
import sys

from penchant.media.limits import ChildLimits
from penchant.media.messages import Confined

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_CLONE_NEWIPC = 0x08000000
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522


def confine(limits: ChildLimits) -> Confined:
    """Give up network, capabilities and excess; returns what was really granted."""
    os.umask(0o077)
    namespaces = _enter_namespaces()
    limited = _limit(limits, count_processes=namespaces)
    if hasattr(os, "nice"):
        os.nice(10)
    if sys.platform == "linux":
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _prctl(_PR_SET_DUMPABLE, 0)
        # After the namespace: changing credentials clears it. The child must not outlive a killed worker.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    return Confined(user_namespace=namespaces, network_namespace=namespaces, limits=limited)


def _enter_namespaces() -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) != 0:
        return False
    _drop_capabilities(libc)
    return True


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

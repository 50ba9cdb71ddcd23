"""Shuts the file system but for one folder (Landlock, Linux 5.13 and newer). Standard library only.

Source: Documentation/userspace-api/landlock.rst; linux/landlock.h.
"""

import ctypes
import os
import struct

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

_WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_FILE, _MAKE_REGULAR = (1 << bit for bit in (1, 2, 3, 5, 8))
_TRUNCATE = 1 << 14
_IN_THE_FOLDER = _WRITE_FILE | _READ_FILE | _READ_DIR | _REMOVE_FILE | _MAKE_REGULAR | _TRUNCATE
"""No links, pipes, sockets, devices or folders: what the child leaves there, others open."""
_RIGHTS_OF_VERSION = (13, 14, 15, 15, 16)
"""How many file rights the versions 1, 2, 3, 4 and 5 know; none came since."""
_ALL_TCP = 0b11
_ALL_SCOPES = 0b11
"""Abstract sockets, and signals to processes outside."""


def restrict_files(folder: int) -> bool:
    """Leave this process and its threads nothing but the files in `folder`, a descriptor; False where it cannot be.

    Needs `no_new_privs`, and a process with one thread. What is open already stays usable.
    """
    libc = ctypes.CDLL(None)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    known = (1 << _RIGHTS_OF_VERSION[min(version, len(_RIGHTS_OF_VERSION)) - 1]) - 1
    handled = struct.pack("<Q", known)
    if version >= 4:
        handled += struct.pack("<Q", _ALL_TCP)
    if version >= 6:
        handled += struct.pack("<Q", _ALL_SCOPES)
    rules = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return False
    try:
        rule = struct.pack("<Qi", _IN_THE_FOLDER & known, folder)
        added = libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0) == 0
        return added and bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)

"""Walls round a worker process: what it may use, read, write and reach. The two kernel walls stand where Linux has
them; `walls` tells which do.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Wall = Literal["limits", "network", "files"]

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Landlock's system calls: the same numbers on every architecture."""
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_ALL = (1 << 13) - 1
"""Every access right of Landlock's first version: none is left out, so that what is not granted is refused."""
_MOST_OPEN_FILES = 1_024
_SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime"),
    *("/dev/null", "/dev/zero", "/dev/urandom", "/sys/devices/system/cpu"),
)
"""Libraries and harmless devices: what any program reads."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What judging may use: address space and written bytes of a worker, seconds of one file by CPU and by clock."""

    memory: int = 3_000_000_000
    written: int = 4_000_000_000
    cpu_seconds: int = 900
    seconds: int = 600


def limit_resources(bounds: Bounds) -> None:
    """Memory, files and core dumps of this process and of every child it starts."""
    for what, most in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_FSIZE, bounds.written),
        (resource.RLIMIT_NOFILE, _MOST_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))


def limit_cpu(seconds: int) -> None:
    """Seconds of CPU from now: the kernel counts from the process's start, and a worker judges many files."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    asked = int(used) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (asked if hard == resource.RLIM_INFINITY else min(asked, hard), hard))


def confine(bounds: Bounds, readable: Iterable[Path], writable: Iterable[Path]) -> frozenset[Wall]:
    """Put up every wall this machine has round the calling process, for good; which of them stand."""
    limit_resources(bounds)
    walls: set[Wall] = {"limits"}
    if sys.platform == "linux":
        if _leave_network():
            walls.add("network")
        if _leave_files(readable, writable):
            walls.add("files")
    return frozenset(walls)


def needed_folders() -> list[Path]:
    """What a worker reads besides the submission: the interpreter, libraries, our data, ffmpeg, system files."""
    from pipeline.media import ffmpeg
    from pipeline.specs import cache_folder, data_root

    found = {Path(each) for each in (*sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix) if each}
    found |= {data_root() / "specs", data_root() / "assets", Path(__file__).parents[1], cache_folder() / "specs"}
    found |= {ffmpeg.executable().resolve().parent}
    found |= {Path(each) for each in _SYSTEM}
    return sorted(each for each in found if each.exists())


def _leave_network() -> bool:
    """Move into a network that has no interface but a dead loopback."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    # Without a map every file we make would belong to nobody, and making one would fail.
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path(f"/proc/self/{name}").write_text(line, encoding="ascii")
    return True


def _leave_files(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Refuse every file that is not beneath one of these folders (or is one of these files), by Landlock."""
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = struct.pack("=Q", _ALL)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        for paths, rights in ((readable, _READ), (writable, _ALL), ([Path("/dev/null")], _READ_FILE | _WRITE_FILE)):
            for path in paths:
                _grant(libc, ruleset, path, rights)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _grant(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    if not path.is_dir():
        rights &= _EXECUTE | _WRITE_FILE | _READ_FILE
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        attributes = struct.pack("=Qi", rights, descriptor)
        libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, attributes, 0)
    finally:
        os.close(descriptor)

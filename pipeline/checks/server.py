"""The process that workers are forked from. This module imports nothing of ours, so that it can be the first."""

from __future__ import annotations

import os
import pkgutil
import signal
from multiprocessing.context import BaseContext
from pathlib import Path

from pipeline.checks import rules

_LONGEST_FOLDER = 60
_SHORT_FOLDER = "/tmp"  # noqa: S108  # only for a folder that mkdtemp makes for us alone


def start_server() -> BaseContext:
    """Have the fork server under way: workers are forked from it, warm and without our threads and open files.

    It loads our modules beside whatever the caller does next.
    """
    import multiprocessing.forkserver
    import multiprocessing.resource_tracker

    from pipeline.checks.launch import Context

    _lay_sockets_shortly()
    context = Context()
    named = [f"{rules.__name__}.{module.name}" for module in pkgutil.iter_modules(rules.__path__)]
    context.set_forkserver_preload(["pipeline.checks.judge", *named])
    # Ctrl-C reaches the whole group of processes; the server, while it loads, would answer with a traceback.
    # The tracker comes first: on starting it, Python unblocks the signal again.
    multiprocessing.resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context


def _lay_sockets_shortly() -> None:
    """Have multiprocessing choose its folder now: the path of a socket may not be longer than a hundred bytes, and
    that of the system's temporary folder may.
    """
    import multiprocessing.util
    import tempfile

    asked = tempfile.gettempdir()
    if len(os.fsencode(asked)) > _LONGEST_FOLDER and Path(_SHORT_FOLDER).is_dir():
        tempfile.tempdir = _SHORT_FOLDER
    try:
        multiprocessing.util.get_temp_dir()
    finally:
        tempfile.tempdir = asked

"""How worker processes are started: forked from a server, and without the program that asked for the check."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.popen_forkserver import Popen
from multiprocessing.process import BaseProcess
from threading import Lock
from types import ModuleType

_one_at_a_time = Lock()


class _Process(ForkServerProcess):
    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Popen:  # noqa: N802  # multiprocessing's name
        with _no_main_module():
            return Popen(process_obj)


class Context(ForkServerContext):
    """Workers that never load the caller's main module.

    multiprocessing runs it again in each process that it starts, since what is handed over may be defined there. Ours
    never is; a script without `if __name__ == "__main__":` would begin its check anew in each worker, and a program
    that came from standard input has no file to load.
    """

    Process = _Process


@contextmanager
def _no_main_module() -> Iterator[None]:
    with _one_at_a_time:
        ours = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = ours

"""Work on independent pieces in forked copies of this process, so that one large package uses more than one core."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PR_SET_PDEATHSIG = 1


def side_by_side(work: Callable[[int], T], parts: int) -> list[T]:
    """`[work(0), work(1), …]`; all but the first in children, which share our limits and end with us.

    What a child fails at is done again here, so that it fails where it is noticed. Results are pickled.
    """
    children = [_Child(work, part) for part in range(1, parts)]
    try:
        first = work(0)
        return [first, *(child.result(work) for child in children)]
    finally:
        for child in children:
            child.end()


class _Child:
    def __init__(self, work: Callable[[int], T], part: int) -> None:
        self._part = part
        self._answers, writing = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            self._answer(work, writing)
        os.close(writing)

    def _answer(self, work: Callable[[int], T], writing: int) -> None:
        # Whatever happens, this copy must not go on with what its parent was doing.
        status = 1
        try:
            if sys.platform == "linux":
                ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(work(self._part), pipe, pickle.HIGHEST_PROTOCOL)
            status = 0
        finally:
            os._exit(status)

    def result(self, work: Callable[[int], T]) -> T:
        with os.fdopen(self._answers, "rb") as pipe:
            answer = pipe.read()
        self._answers = -1
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        if status != 0:
            return work(self._part)
        found: T = pickle.loads(answer)  # noqa: S301  # written by this very program, a moment ago
        return found

    def end(self) -> None:
        """Leave nothing behind, also when the work was called off half-way."""
        if self._answers >= 0:
            os.close(self._answers)
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)

"""However the interrupt falls, a command ends with one exit code and without Python's words about it."""

from __future__ import annotations

import subprocess
import sys

import pytest

INTERRUPTED = """
import os, signal
from pipeline.cli import main

def work(**_):
    {how}

main.telesabaq.main = work
main.main()
"""


@pytest.mark.parametrize(
    "how",
    [
        "raise KeyboardInterrupt",
        # As where a library makes a dataclass: Python takes note of it, and would end itself by the signal.
        "exec('raise KeyboardInterrupt')",
        "os.kill(os.getpid(), signal.SIGTERM)",
    ],
)
def test_an_interrupted_command_ends_with_130(how: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED.format(how=how)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")

"""A draft voice for timing a lesson before anyone has read it: espeak-ng, if the machine has it."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Literal

_PROGRAM = "espeak-ng"
_TIME_LIMIT = 60
_MOST_CHARACTERS = 20_000


def draft_available() -> bool:
    """Whether a draft voice can be made here."""
    return shutil.which(_PROGRAM) is not None


@cache
def draft_version() -> str:
    """Which espeak-ng this is, for cache keys; empty without one."""
    program = shutil.which(_PROGRAM)
    if program is None:
        return ""
    done = subprocess.run(
        [program, "--version"],
        capture_output=True,
        text=True,
        timeout=_TIME_LIMIT,
        check=False,
        start_new_session=True,
    )
    return done.stdout.partition("Data at")[0].strip()


def speak(text: str, language: Literal["kk", "ru"], target: Path) -> bool:
    """Read `text` aloud into a WAV file; False when espeak-ng is missing, fails or takes too long.

    The text goes in by standard input: nothing of it is ever an argument. Square brackets become round
    ones, since espeak-ng takes double square ones for phonemes.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        return False
    words = text[:_MOST_CHARACTERS].translate({ord("["): "(", ord("]"): ")", 0: " "})
    try:
        done = subprocess.run(
            [program, "-v", language, "-b", "1", "-w", str(target), "--stdin"],
            input=words.encode(),
            capture_output=True,
            timeout=_TIME_LIMIT,
            check=False,
            start_new_session=True,
        )
    except (subprocess.TimeoutExpired, OSError):
        return False
    return done.returncode == 0 and target.is_file()

"""Runs in a process of its own: draws an author's moviepy clip and writes raw RGB frames to standard output.

Arguments: the author's file, seconds, width, height, frames a second. The file defines
`animation(seconds, width, height)` and returns a moviepy clip.
"""

from __future__ import annotations

import os
import runpy
import sys
from fractions import Fraction


def main() -> None:
    path, seconds, width, height, fps = sys.argv[1:]
    # Whatever the author's code prints must not get among the frames.
    frames = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    clip = runpy.run_path(path)["animation"](float(seconds), int(width), int(height))
    for number in range(int(Fraction(seconds) * Fraction(fps))):
        frames.write(clip.get_frame(float(number / Fraction(fps))).astype("uint8").tobytes())
    frames.close()


if __name__ == "__main__":
    main()

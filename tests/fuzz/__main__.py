"""`make fuzz`: the same hunt for as many minutes as asked; what it finds is kept, with how to make it again."""

from __future__ import annotations

import argparse
import os
import sys
import time
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.hunt import hunt, kept

CHUNK = 100
FOUND = Path("out/fuzz").absolute()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="make this one file again and judge it")
    asked = parser.parse_args()
    end = time.monotonic() + asked.minutes * 60
    troubles = files = 0
    for first in count(0, CHUNK):
        numbers = range(first, first + CHUNK) if asked.only is None else range(asked.only, asked.only + 1)
        with TemporaryDirectory() as folder:
            os.chdir(folder)
            for trouble in hunt(asked.seed, numbers, Path(folder), jobs=os.cpu_count() or 1):
                troubles += 1
                print(f"seed {asked.seed}, file {trouble.number} ({trouble.name}): {trouble.what}")
                print(f"  kept as {kept(FOUND / str(asked.seed), asked.seed, trouble.number)}")
            os.chdir(FOUND.anchor)
        files += len(numbers)
        if asked.only is not None or time.monotonic() > end:
            break
    print(f"{files} files judged, {troubles} troubles")
    sys.exit(bool(troubles))


if __name__ == "__main__":
    main()

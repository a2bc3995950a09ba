"""Speeds that a cluster's size depends on: inputs read for their digests, clips measured, progress heard."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil

from pipeline.render.cache import file_sha256

MESSAGES = 4_000
WARM_UP = 200


def digesting(files: list[Path]) -> float:
    """Bytes a second of SHA-256 over files that are in memory already, on one core."""
    for path in files:
        path.read_bytes()
    started = time.perf_counter()
    for path in files:
        file_sha256(path)
    return sum(path.stat().st_size for path in files) / (time.perf_counter() - started)


def measuring(files: list[Path]) -> float:
    """Seconds of processor time that finding out a clip's facts takes: its beginning and its end are decoded."""
    from pipeline.media.probe import probe

    probe(files[0])
    before = _busy()
    for path in files:
        probe(path)
    return (_busy() - before) / len(files)


def hearing() -> float:
    """Seconds of processor time that one progress message costs scheduler and driver, which share this process."""
    from distributed import Client, LocalCluster

    from pipeline.batch.telling import TOPIC

    heard = []
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as client,
    ):
        client.subscribe_topic(TOPIC, heard.append)
        client.submit(_talk, WARM_UP, pure=False).result()
        _until(heard, WARM_UP)
        before = _busy()
        client.submit(_talk, MESSAGES, pure=False).result()
        _until(heard, WARM_UP + MESSAGES)
        return (_busy() - before) / MESSAGES


def _talk(count: int) -> None:
    from distributed import get_worker

    from pipeline.batch.telling import TOPIC

    worker = get_worker()
    for number in range(count):
        told = {"task": f"pieces-{number}", "lesson": "lesson", "worker": worker.address}
        worker.log_event(TOPIC, told | {"stage": "encode", "frames": number})
        # As messages of many workers come: one by one.
        time.sleep(0.002)


def _until(heard: list[Any], count: int) -> None:
    deadline = time.monotonic() + 60
    while len(heard) < count and time.monotonic() < deadline:
        time.sleep(0.05)


def _busy() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)

"""What a decoder might do to the worker it runs in; each stands in for `judge`."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import time

from pipeline.checks.judge import Judged
from pipeline.checks.subject import Task
from pipeline.errors import SpecError
from pipeline.reports.model import SubjectReport
from pipeline.rulebook import CheckProfile


def well(task: Task) -> Judged:
    return Judged(SubjectReport(task.file.shown, task.file.kind.value, "", 0, passed=("PIC-001",)))


def crash(task: Task, _: CheckProfile) -> Judged:
    if "bad" in task.file.name:
        ctypes.string_at(0)
    return well(task)


def hang(task: Task, _: CheckProfile) -> Judged:
    if "bad" in task.file.name:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
        try:
            (task.file.path.parent / "child").write_text(str(child.pid))
        except OSError:
            (task.scratch / "child").write_text(str(child.pid))
        try:
            child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
    return well(task)


def hang_where_no_signal_reaches(task: Task, _: CheckProfile) -> Judged:
    if "bad" in task.file.name:
        import signal

        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(60)
    return well(task)


def spin(task: Task, _: CheckProfile) -> Judged:
    while "bad" in task.file.name:
        pass
    return well(task)


def hoard(task: Task, _: CheckProfile) -> Judged:
    held = []
    while "bad" in task.file.name:
        held.append(bytes(50_000_000))
    return well(task)


def lose_sight(task: Task, _: CheckProfile) -> Judged:
    if "bad" in task.file.name:
        task.file.path.with_name("gone.png").read_bytes()
    return well(task)


def find_a_rule_half_made(_: Task, __: CheckProfile) -> Judged:
    raise SpecError.of("spec.rule-without-function", name="PIC-099")

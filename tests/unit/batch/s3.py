"""A real S3 server on a free port of this machine, told to its clients as people tell theirs: by the environment."""

from __future__ import annotations

import atexit
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection
from secrets import token_hex
from typing import Any

import pytest

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}


class S3Server:
    """moto's server in a process of its own. `requests`: everything asked of it, as `PUT /bucket/key`."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self._log: list[str] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._said(re.compile(r"Running on (http://\S+)"))
        self.environment = {**KEYS, "AWS_ENDPOINT_URL": self.url}

    @property
    def requests(self) -> list[str]:
        self._catch_up()
        with self._more:
            found = (re.search(r'"(?:\x1b\[\d+m)*([A-Z]+ \S+) HTTP', line) for line in self._log)
            return [match[1] for match in found if match and "/moto-api" not in match[1]]

    def forget(self) -> None:
        """Begin a new list of requests."""
        self._catch_up()
        with self._more:
            self._log.clear()

    def _catch_up(self) -> None:
        """Wait until everything asked before now is in the log."""
        mark = token_hex(8)
        self._ask("GET", f"/moto-api/?{mark}")
        self._said(re.compile(f"({mark})"))

    def _ask(self, method: str, path: str, body: str | None = None) -> int:
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        connection.request(method, path, body, {"Content-Type": "text/plain"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def ask_for_keys(self, after: float) -> None:
        """Refuse unknown keys after so many more requests; infinity: never."""
        assert self._ask("POST", "/moto-api/reset-auth", str(after)) == 200

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._more:
                self._log.append(line)
                self._more.notify_all()

    def _said(self, pattern: re.Pattern[str]) -> str:
        def found() -> str | None:
            return next((match[1] for line in self._log if (match := pattern.search(line))), None)

        with self._more:
            if not self._more.wait_for(lambda: found() or not self._reader.is_alive(), 60) or found() is None:
                raise RuntimeError(f"the S3 server does not say {pattern.pattern}: {self._log[-5:]}")
            return str(found())


@cache
def server() -> S3Server:
    """The one server of this test process: whichever module asks, clients know only one address."""
    started = S3Server()
    atexit.register(started.stop)
    return started


@contextmanager
def fresh_clients() -> Iterator[None]:
    """Clients read the environment when they are made: in this block and after it none from before is used."""
    forget_clients()
    yield
    forget_clients()


def forget_clients() -> None:
    from fsspec.asyn import sync
    from s3fs import S3FileSystem

    for each in S3FileSystem._cache.values():
        if each._s3 is not None:
            # Left to the garbage collector, an open connection is a warning in whatever test comes then.
            sync(each.loop, each._s3creator.__aexit__, None, None, None)
    S3FileSystem.clear_instance_cache()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server with the environment set to it. A test that sets another one needs `fresh_clients`.

    Other tests asked it things, too: `forget` them before looking at `requests`.
    """
    for name, value in server().environment.items():
        monkeypatch.setenv(name, value)
    return server()


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """The URL of an empty bucket of this test's own."""
    name = f"term-{token_hex(4)}"
    client().call_s3("create_bucket", Bucket=name)
    return f"s3://{name}"


def client() -> Any:
    """Another machine's client of the same server."""
    import fsspec

    return fsspec.filesystem("s3", use_listings_cache=False)


def put(url: str, files: dict[str, bytes]) -> None:
    """Put objects under a URL, as another machine would."""
    for name, data in files.items():
        client().pipe_file(f"{url}/{name}", data)

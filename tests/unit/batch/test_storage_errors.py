"""What can be wrong with a place is told in words with its address, in good time, and never as a traceback."""

from __future__ import annotations

import pickle
import socket
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from pipeline.batch.model import Source
from pipeline.batch.remote import Remote, UnreachableError
from pipeline.batch.storage import Output, fetch, find_sources, open_output
from pipeline.errors import Problem, UsageError
from pipeline.messages import remedy, what
from pipeline.render.cache import Cache
from tests.unit.batch.s3 import KEYS, S3Server, bucket, fresh_clients, put, s3
from tests.unit.batch.test_addresses import SECRETS

__all__ = ["bucket", "s3"]


def problem_of(attempt: Callable[[], object]) -> Problem:
    with pytest.raises(UsageError) as told:
        attempt()
    (problem,) = told.value.problems
    return problem


@pytest.mark.parametrize("place", ["warp://x/y", "simplecache::s3://x/y", "s3::https://x"])
def test_an_unknown_kind_of_storage(place: str):
    for attempt in (open_output, lambda url: find_sources([url])):
        problem = problem_of(partial(attempt, place))
        assert problem.code == "storage.unknown-scheme"
        assert problem.fields["place"] == place


def test_a_scheme_in_capitals_is_the_same_place():
    assert open_output("MEMORY://Term").url == "memory://Term"


def test_a_url_with_one_slash_is_no_folder_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert problem_of(lambda: open_output("s3:/term/out")).code == "storage.no-such-place"
    (tmp_path / "s3:").mkdir()
    assert open_output("s3:/").local == tmp_path / "s3:"


def test_a_missing_package_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch):
    # As if it were not installed, and nobody had asked for it yet.
    monkeypatch.setattr(sys.modules["fsspec.registry"], "registry", {})
    monkeypatch.setitem(sys.modules, "s3fs", None)
    problem = problem_of(lambda: open_output("s3://term/out"))
    assert problem.code == "storage.needs-package"
    assert 'pip install "telesabaq[s3]"' in remedy(problem, "en")


@pytest.mark.parametrize(("address", "_shown"), SECRETS)
def test_a_secret_in_an_address_is_refused_and_not_repeated(address: str, _shown: str):
    for attempt in (open_output, lambda url: find_sources([url])):
        problem = problem_of(partial(attempt, address))
        misspelt = ":/" in address and "://" not in address
        assert problem.code == ("storage.no-such-place" if misspelt else "storage.password-in-url")
        assert "word" not in str(problem.fields)


def test_what_a_library_says_shows_no_secrets(monkeypatch: pytest.MonkeyPatch):
    from fsspec.implementations.memory import MemoryFileSystem

    def fail(*_: object, **__: object) -> None:
        raise ConnectionError('cannot reach "http://key:word@127.0.0.1:9/term?X-Amz-Signature=word"')

    monkeypatch.setattr(MemoryFileSystem, "find", fail)
    problem = problem_of(lambda: Remote("memory://x").files())
    assert problem.fields["reason"] == 'cannot reach "http://key:***@127.0.0.1:9/term?…"'


def test_queries_are_used_and_not_shown():
    remote = Remote("memory://x?page=2")
    assert remote.address("a") == "memory://x?page=2/a"
    assert remote.shown("a") == "memory://x?…"
    assert open_output("memory://x?page=2").shown == "memory://x?…"
    remote.write("lesson.yaml", b"")
    [source] = find_sources(["memory://x?page=2"])
    assert (source.script, source.shown) == ("memory://x?page=2/lesson.yaml", "memory://x?…")


def ask(output: Output, tmp_path: Path) -> Iterator[Callable[[], object]]:
    """Everything that asks the store something."""
    made = tmp_path / "made"
    made.write_bytes(b"film")
    url = output.url
    yield lambda: output.write("batch.json", b"")
    yield lambda: output.publish({"film.mp4": made}, "algebra")
    yield lambda: find_sources([url])
    yield lambda: fetch(Source(f"{url}/l1/lesson.yaml", "l1"), Cache(tmp_path / "cache"))
    yield lambda: output.lease({}, beat=0.1).__enter__()


def test_a_missing_bucket(s3: S3Server, tmp_path: Path):
    output = open_output("s3://never-made/out")
    for attempt in ask(output, tmp_path):
        problem = problem_of(attempt)
        assert problem.code == "storage.no-such-place"
        assert str(problem.fields["place"]).startswith("s3://never-made/")
    assert output.read("batch.json") is None
    assert output.lease_holder() is None


def test_refused_keys(bucket: str, s3: S3Server, tmp_path: Path):
    put(bucket, {"l1/lesson.yaml": b""})
    output = open_output(bucket)
    s3.ask_for_keys(after=0)
    try:
        problems = [problem_of(attempt) for attempt in ask(output, tmp_path)]
        problems.append(problem_of(lambda: output.read("batch.json")))
    finally:
        s3.ask_for_keys(after=float("inf"))
    assert {problem.code for problem in problems} == {"storage.refused"}
    assert "s3://" in what(problems[0], "kk")


@pytest.mark.usefixtures("s3")
def test_no_keys_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with fresh_clients():
        problem = problem_of(lambda: find_sources(["s3://term/x"]))
    assert problem.code == "storage.refused"
    assert "credentials" in str(problem.fields["reason"])


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An address at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        for name, value in KEYS.items():
            monkeypatch.setenv(name, value)
        with fresh_clients():
            yield


@pytest.mark.slow
@pytest.mark.usefixtures("deaf")
def test_a_server_that_is_not_there(tmp_path: Path):
    output = open_output("s3://term/out")
    for attempt in ask(output, tmp_path):
        began = time.monotonic()
        with pytest.raises(UnreachableError, match=r"storage\.unreachable"):
            attempt()
        assert time.monotonic() - began < 60


def test_the_reason_of_an_error_travels_between_processes():
    error = UnreachableError.of("storage.unreachable", place="s3://term", reason="no route")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), again.problems) == (UnreachableError, error.problems)


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (PermissionError(13, "no"), "storage.refused"),
        (TimeoutError(), "storage.unreachable"),
        (ConnectionResetError(), "storage.unreachable"),
        (OSError(16, "Please reduce your request rate"), "storage.unreachable"),
        (OSError(5, "broken"), "storage.unreachable"),
        (OSError(22, "The specified bucket is not valid"), "storage.failed"),
        (ValueError(""), "storage.failed"),
        (type("SSHException", (Exception,), {})("banner"), "storage.unreachable"),
        (type("AuthenticationException", (type("SSHException", (Exception,), {}),), {})("no"), "storage.refused"),
    ],
)
def test_whatever_a_library_raises_becomes_words(monkeypatch: pytest.MonkeyPatch, raised: Exception, code: str):
    from fsspec.implementations.memory import MemoryFileSystem

    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(MemoryFileSystem, "find", fail)
    problem = problem_of(lambda: Remote("memory://x").files())
    assert problem.code == code
    assert all(problem.fields.values())


def test_more_bytes_than_expected_are_not_read(bucket: str):
    remote = Remote(bucket)
    remote.write("a", b"x" * 1000)
    remote.write("empty", b"")
    assert remote.read("a", 1000) == b"x" * 1000
    assert remote.read("empty", 10) == b""
    assert problem_of(lambda: remote.read("a", 999)).code == "storage.file-too-big"


@pytest.mark.usefixtures("s3")
def test_options_of_an_installation_are_kept(monkeypatch: pytest.MonkeyPatch):
    from fsspec.config import conf

    monkeypatch.setitem(conf, "s3", {"config_kwargs": {"s3": {"addressing_style": "path"}, "read_timeout": 7}})
    with fresh_clients():
        config = Remote("s3://term/x").store.config_kwargs
    assert (config["s3"], config["read_timeout"], config["connect_timeout"]) == ({"addressing_style": "path"}, 7, 10)


def test_an_address_told_in_the_way_of_fsspec_is_used(bucket: str, s3: S3Server, monkeypatch: pytest.MonkeyPatch):
    from fsspec.config import conf, set_conf_env

    put(bucket, {"lesson.yaml": b""})
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setitem(conf, "s3", {})
    set_conf_env(conf, {"FSSPEC_S3_ENDPOINT_URL": s3.url})
    with fresh_clients():
        assert len(find_sources([bucket])) == 1

"""Well-known libraries are told by their content."""

from __future__ import annotations

import re

import pytest

from pipeline.package import libraries
from pipeline.specs import load_yaml, specs_folder


def test_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    plain = libraries.fingerprint(b"a();\nb();\n")
    assert plain == libraries.fingerprint(b"\xef\xbb\xbfa();\r\nb();")
    assert plain != libraries.fingerprint(b"a();\nb(); \n")


def test_a_listed_file_is_known_by_name_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    digest = libraries.fingerprint(b"var sample = 1;")
    monkeypatch.setattr(libraries, "_by_hash", lambda: {digest: "sample 1.0"})
    assert libraries.known_library(b"var sample = 1;\r\n") == "sample 1.0"
    assert libraries.known_library(b"var sample = 2;\r\n") is None


def test_the_list_holds_whole_fingerprints_each_once() -> None:
    listed = load_yaml(specs_folder() / "known_libraries.yaml")
    digests = [digest for versions in listed.values() for each in versions.values() for digest in each]
    assert len(digests) > 200
    assert len(digests) == len(set(digests))
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in digests)

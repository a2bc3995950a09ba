"""Where URLs lead, as a browser would have it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.package.resolve import Resolver, is_private, site_without_scheme

NAMES = (
    "index.html",
    "img/a.png",
    "img/Сурет 1.png",
    "Big/Name.JS",
    "sub/index.html",
    "sub/b.html",
    "sub/deep/c.html",
    "100%.png",
    "d e.png",
    "ү\u0439.png",
)


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return Resolver(NAMES)


@pytest.mark.parametrize(
    ("file", "url", "name"),
    [
        ("index.html", "img/a.png", "img/a.png"),
        ("index.html", "./img/./a.png", "img/a.png"),
        ("index.html", "img\\a.png", "img/a.png"),
        ("index.html", " img/\na.png\t", "img/a.png"),
        ("index.html", "img/a.png?v=1#x", "img/a.png"),
        ("index.html", "img/%61.png", "img/a.png"),
        ("index.html", "IMG/../img/a.png", "img/a.png"),
        ("index.html", "%2e/img/a.png", "img/a.png"),
        ("index.html", "img/Сурет%201.png", "img/Сурет 1.png"),
        ("index.html", "img/%D0%A1%D1%83%D1%80%D0%B5%D1%82 1.png", "img/Сурет 1.png"),
        ("index.html", "100%.png", "100%.png"),
        ("index.html", "100%25.png", "100%.png"),
        ("index.html", "d e.png", "d e.png"),
        ("index.html", "sub", "sub/index.html"),
        ("index.html", "sub/", "sub/index.html"),
        ("index.html", ".", "index.html"),
        ("index.html", "/", "index.html"),
        ("index.html", "?page=2", "index.html"),
        ("index.html", "http:img/a.png", "img/a.png"),
        ("index.html", "http://package.localhost/img/a.png", "img/a.png"),
        ("sub/deep/c.html", "../b.html", "sub/b.html"),
        ("sub/deep/c.html", "../../img/a.png", "img/a.png"),
        ("sub/deep/c.html", "/img/a.png", "img/a.png"),
        ("sub/deep/c.html", "..", "sub/index.html"),
        ("sub/b.html", "b.html", "sub/b.html"),
    ],
)
def test_a_url_leads_to_the_file_a_browser_would_ask_for(resolver: Resolver, file: str, url: str, name: str) -> None:
    found = resolver.resolve(file, url)
    assert (found.kind, found.name) == ("inside", name)
    assert not found.above


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        ("img/A.png", "case", "img/a.png"),
        ("big/name.js", "case", "Big/Name.JS"),
        ("SUB/", "case", "sub/index.html"),
        ("ү\u0438\u0306.png", "case", "ү\u0439.png"),
        ("img/b.png", "missing", "img/b.png"),
        ("img/", "missing", "img/index.html"),
        ("img/a.png/", "missing", "img/a.png/index.html"),
        ("%zz.png", "missing", "%zz.png"),
    ],
)
def test_names_that_are_not_there_are_told_apart(resolver: Resolver, url: str, kind: str, name: str) -> None:
    found = resolver.resolve("index.html", url)
    assert (found.kind, found.name) == (kind, name)


@pytest.mark.parametrize(
    ("url", "scheme", "host"),
    [
        ("https://a.kz/b", "https", "a.kz"),
        ("//a.kz/b", "http", "a.kz"),
        ("\\\\/a.kz/b", "http", "a.kz"),
        ("HTTPS:\\\\A.KZ\\b", "https", "a.kz"),
        ("ht\ntps://a.kz", "https", "a.kz"),
        ("wss://a.kz", "wss", "a.kz"),
        ("https://user:word@a.kz:8443/", "https", "a.kz"),
        ("http://сабақ.қаз/", "http", "xn--80aab0cd.xn--80ao21a"),
        ("http://0x7f.1/", "http", "127.0.0.1"),
        ("https://a.kz/{{id}}", "https", "a.kz"),
    ],
)
def test_a_url_leads_outside(resolver: Resolver, url: str, scheme: str, host: str) -> None:
    found = resolver.resolve("sub/b.html", url)
    assert found.kind == "outside"
    assert found.scheme == scheme
    assert found.host == host or "сабақ" in url


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("", "nothing"),
        ("#top", "nothing"),
        ("{{ url }}", "nothing"),
        ("img/${name}.png", "nothing"),
        ("http://{{host}}/a", "nothing"),
        ("img/%s.png", "nothing"),
        ("data:text/plain,x", "data"),
        (" DATA:,x", "data"),
        ("file:///C:/a.png", "disk"),
        ("C:\\a\\b.png", "disk"),
        ("c:/a/b.png", "disk"),
        ("\\\\server\\share\\a.png", "disk"),
        ("mailto:a@b.kz", "other"),
        ("javascript:void(0)", "other"),
        ("intent://x#Intent;end", "other"),
        ("https://", "invalid"),
        ("https://a b.kz/", "invalid"),
        ("a" * 20_000, "invalid"),
    ],
)
def test_the_rest_is_told_apart(resolver: Resolver, url: str, kind: str) -> None:
    assert resolver.resolve("index.html", url).kind == kind


def test_a_base_moves_relative_urls_and_only_these(resolver: Resolver) -> None:
    assert resolver.resolve("index.html", "b.html", "sub/").name == "sub/b.html"
    assert resolver.resolve("index.html", "/img/a.png", "sub/").name == "img/a.png"
    assert resolver.resolve("index.html", "b.html", "https://a.kz/").host == "a.kz"
    assert resolver.resolve("index.html", "img/a.png", "http://[").name == "img/a.png"


@pytest.mark.parametrize(
    ("file", "url"),
    [("index.html", "../img/a.png"), ("sub/b.html", "../../img/a.png"), ("sub/b.html", "%2E%2e/../img/a.png")],
)
def test_climbing_above_the_root_ends_there_and_is_told(resolver: Resolver, file: str, url: str) -> None:
    found = resolver.resolve(file, url)
    assert (found.kind, found.name, found.above) == ("inside", "img/a.png", True)


def test_paths_from_the_root_of_the_server_are_told(resolver: Resolver) -> None:
    assert resolver.resolve("index.html", "/img/a.png").rooted
    assert not resolver.resolve("index.html", "img/a.png").rooted


@given(st.text(max_size=40), st.sampled_from(NAMES), st.none() | st.text(max_size=10))
def test_no_url_raises(url: str, file: str, base: str | None) -> None:
    Resolver(NAMES).resolve(file, url, base)


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost", True),
        ("192.168.1.4", True),
        ("[::1]", True),
        ("printer", True),
        ("pc.local", True),
        ("a.kz", False),
        ("8.8.8.8", False),
    ],
)
def test_hosts_of_ones_own_network_are_known(host: str, private: bool) -> None:
    assert is_private(host) is private


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("www.example.kz", True),
        ("example.kz/a", True),
        ("www.a.info/b?c", True),
        ("a.html", False),
        ("img/example.kz.png", False),
        ("main.js", False),
    ],
)
def test_sites_without_scheme_are_recognised(url: str, site: bool) -> None:
    assert site_without_scheme(url) is site

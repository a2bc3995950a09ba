"""Whose hosts, calls and ids are a tracker's."""

from __future__ import annotations

import pytest

from pipeline.package.model import Call
from pipeline.package.scripts import read_script
from pipeline.package.trackers import ids_in, set_up_by, tracker_of_url


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.google-analytics.com/analytics.js", "Google Analytics"),
        ("//www.googletagmanager.com/gtag/js?id=G-1", "Google Analytics"),
        ("https://region1.google-analytics.com./g/collect", "Google Analytics"),
        ("https://MC.YANDEX.RU/watch/1", "Яндекс Метрика"),
        ("https://www.facebook.com/tr?id=1&ev=PageView", "Facebook (Meta) Pixel"),
        ("https://vk.com/rtrg?p=VK-RTRG-1", "VK (пиксель и ретаргетинг)"),
        ("https://c.zero.kz/z.png?u=1", "Zero.kz"),
        ("https://o1.ingest.sentry.io/api/1/envelope/", "Sentry"),
        ("https://stat.mektep.example/piwik.php?idsite=1", "Matomo (Piwik)"),
        ("https://metrics.articulate.com/v1/import", "Articulate"),
    ],
)
def test_an_address_of_a_tracker_is_known(url: str, name: str) -> None:
    found = tracker_of_url(url)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "url",
    [
        "https://vk.com/school15",
        "https://www.facebook.com/track",
        "https://policies.google.com/privacy",
        "https://notgoogle-analytics.com/",
        "https://google-analytics.com.example/",
        "https://yandex.ru/maps",
        "https://articulate.com/",
        "matomo.js",
        "../js/piwik.js",
        "data:text/plain,https://mc.yandex.ru/",
        "https://[bad/",
        "",
    ],
)
def test_other_addresses_are_nobodys(url: str) -> None:
    assert tracker_of_url(url) is None


@pytest.mark.parametrize(
    "text",
    [
        'gtag("config", "G-ABCDEF1234")',
        'ga("create", "UA-12345-6", "auto")',
        'window.ym(12345678, "init", {})',
        '(window._tmr || (window._tmr = [])).push({ id: "1" })',
        'fbq("init", "123456")',
        "Sentry.init({ dsn: d })",
        'mixpanel.init("0123456789abcdef")',
        'new VK.Pixel("VK-RTRG-1")',
    ],
)
def test_a_set_up_is_known_by_its_call(text: str) -> None:
    assert any(set_up_by(call) for call in read_script(text).calls)


@pytest.mark.parametrize(
    "text",
    [
        "ga(1)",
        "ym.init('x')",
        "fbq",
        "e.fn.init('abc')",
        "WordArray.init(1, 2)",
        "clarity(0.5)",
        "plausible(x)",
        "hj()",
    ],
)
def test_names_alike_set_nothing_up(text: str) -> None:
    assert not any(set_up_by(call) for call in read_script(text).calls)


def test_a_call_without_its_arguments_is_no_set_up() -> None:
    assert set_up_by(Call("ym", 1, 1, "12")) is None


def test_measurement_ids_are_found_among_strings() -> None:
    facts = read_script('var a = "UA-" + "12345-6", b = "GTM-AB12CD3", c = "G-force", d = "UA";')
    assert {text for _, text, _, _, alone in ids_in(facts) if not alone} == {"UA-12345-6", "GTM-AB12CD3"}


@pytest.mark.parametrize(
    ("text", "tracker"),
    [
        ('P.init("phc_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")', "PostHog"),
        ('E.init({ dsn: "https://0123456789abcdef0123456789abcdef@errors.school.kz/7" })', "Sentry"),
        (
            'L({ c: "InstrumentationKey=01234567-89ab-cdef-0123-456789abcdef;IngestionEndpoint=https://a.example/" })',
            "Azure Application Insights",
        ),
        ('r({ clientToken: "pub0123456789abcdef0123456789abcdef" })', "Datadog"),
        ('f({ measurementId: "G-ABCD123456" })', "Google Analytics"),
        ('gtag_config("G-ABCD123456")', "Google Analytics"),
    ],
)
def test_ids_of_any_length_tell_by_themselves(text: str, tracker: str) -> None:
    assert [each.name for each, _, _, _, alone in ids_in(read_script(text)) if alone] == [tracker]


@pytest.mark.parametrize(
    "text",
    [
        'function clarity(k, v) { return k + v }\nclarity("set", "water");',
        'var heap = new MinHeap(); heap.load("12345");',
        'var amplitude = { init: function (x) {} }; amplitude.init("sinusoid2024");',
        'var chord = "G-SEPTACCORD", model = "G-CLASS2020", force = "G-FORCE1234";',
    ],
)
def test_own_functions_and_words_that_look_like_a_trackers_are_none(text: str) -> None:
    facts = read_script(text)
    assert not [each for each in facts.calls if set_up_by(each)]
    assert not [text for _, text, _, _, alone in ids_in(facts) if alone]


def test_queue_that_a_snippet_makes_for_its_tracker_is_not_the_lessons_own() -> None:
    text = 'function gtag() { dataLayer.push(arguments) } gtag("config", "G-ABCDEF1234")'
    assert [each for each in read_script(text).calls if set_up_by(each)]
    assert [each for each in read_script('_paq.push(["setTrackerUrl", u + "m.php"])').calls if set_up_by(each)]

"""How sure a tracker is, and what well-known libraries are not blamed for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.checks.package import PackageSubject
from pipeline.checks.rules.privacy import no_watching_devices
from pipeline.checks.run import CheckOptions, check_paths
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.package import libraries
from pipeline.reports.model import Finding
from pipeline.rulebook import load_check_profile, rulebook

PAGE = """<!DOCTYPE html>
<html lang="kk">
<meta charset="utf-8">
<title>1/2</title>
<p>1/2</p>
<script src="app.js"></script>
"""


def findings(folder: Path, script: str, rule: str) -> list[Finding]:
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "app.js").write_text(script, encoding="utf-8")
    report = check_paths([folder], CheckOptions(profile=load_check_profile(select=[rule])))
    return [finding for _, finding in report.findings()]


def test_an_unused_address_in_a_large_script_is_a_warning(tmp_path: Path) -> None:
    filler = "var words = [\n" + '  "word",\n' * 8_000 + "];\n"
    (found,) = findings(tmp_path, filler + 'var endpoint = "https://api.mixpanel.com/track";\n', "PRV-001")
    assert (found.outcome, found.variant) == ("warn", "mentioned")


def test_the_same_address_in_a_script_of_ones_own_is_an_error(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, 'var endpoint = "https://api.mixpanel.com/track";\nsend(endpoint);\n', "PRV-001")
    assert found.outcome == "fail"
    assert found.place is not None
    assert (found.place.line, found.place.column) == (1, 16)


def test_one_finding_a_service_however_often_it_is_met(tmp_path: Path) -> None:
    script = 'ym(12345678, "init");\nnew Image().src = "https://mc.yandex.ru/watch/12345678";\n'
    (found,) = findings(tmp_path, script, "PRV-001")
    assert found.fields["places"] == 2


def test_what_a_well_known_library_can_do_is_no_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "navigator.geolocation.getCurrentPosition(show);\n"
    assert [each.rule for each in findings(tmp_path, script, "PRV-003")] == ["PRV-003"]
    # In this process: a worker would read the real list.
    digest = libraries.fingerprint(script.encode())
    monkeypatch.setattr(libraries, "_by_hash", lambda: {digest: "sample 1.0"})
    package = PackageSubject(Task(Submitted(tmp_path, "work", "work", Kind.PACKAGE), tmp_path))
    assert package.library("app.js") == "sample 1.0"
    assert list(no_watching_devices(package, rulebook()["PRV-003"].limits)) == []


def test_a_beacon_to_a_known_tracker_is_told_once(tmp_path: Path) -> None:
    script = 'navigator.sendBeacon("https://www.google-analytics.com/collect", "a");\n'
    assert findings(tmp_path, script, "PRV-002") == []
    assert [each.rule for each in findings(tmp_path, script, "PRV-001")] == ["PRV-001"]


@pytest.mark.parametrize(("script", "variant"), [("eval(atob(x));", "fail"), ("_0x1a2b", "")])
def test_only_sure_signs_of_hidden_code_are_errors(tmp_path: Path, script: str, variant: str) -> None:
    found = findings(tmp_path, script, "SMW-002")
    assert [each.outcome for each in found] == ([variant] if variant else [])

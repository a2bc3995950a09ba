"""Rules of a lesson scenario (D)."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checks.registry import Limits, rule
from pipeline.checks.scenario import ScenarioSubject
from pipeline.checks.subject import Blocked
from pipeline.reports.model import Finding


@rule("SCN-001")
def follows_its_form(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: scenario.yaml is YAML of the form in specs/schemas/scenario.schema.json."""
    for problem in scenario.form.problems:
        yield Finding(problem=problem, place=problem.place)


@rule("SCN-002")
def has_enough_stages(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: at least six stages."""
    if len(scenario.stages) < limits["stages"]:
        yield Finding(measured=len(scenario.stages), expected=limits["stages"], place=scenario.form.place("stages"))


@rule("SCN-003")
def lasts_long_enough(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: at least ten minutes in all."""
    if any(stage.minutes is None for stage in scenario.stages):
        raise Blocked("SCN-004")
    minutes = sum(stage.minutes or 0 for stage in scenario.stages)
    if minutes < limits["minutes"]:
        yield Finding(measured=float(minutes), expected=limits["minutes"], place=scenario.form.place("stages"))


@rule("SCN-004")
def every_stage_has_name_and_duration(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: every stage has a name and a duration."""
    for stage in scenario.stages:
        if not stage.name:
            yield Finding(fields={"number": stage.number}, place=stage.place)
        if stage.minutes is None:
            yield Finding(variant="duration", fields={"number": stage.number}, place=stage.place)


@rule("SCN-005")
def activities_are_varied(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: at least five kinds of activity."""
    kinds = {stage.activity.casefold() for stage in scenario.stages}
    if len(kinds) < limits["kinds"]:
        yield Finding(measured=len(kinds), expected=limits["kinds"], place=scenario.form.place("stages"))


@rule("SCN-006")
def holds_the_required_materials(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: video or sound, text, an interactive task, an assessment-style task, test items."""
    there = {kind for item in scenario.items for kind in item.kinds}
    for variant, kinds in limits["materials"].items():
        if not there & set(kinds):
            yield Finding(variant=variant, expected=", ".join(kinds), place=scenario.form.place("stages"))


@rule("SCN-007")
def every_medium_has_a_task(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: there are tasks on each medium."""
    media = set(limits["media"])
    for item in scenario.items:
        if item.kinds & media and not item.has_task:
            name = item.files[0][0] if item.files else ""
            yield Finding(fields={"file": name[:120]}, place=item.place)


@rule("SCN-008")
def every_block_ends_with_a_self_check(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: a self-check follows each block; a stage without content is none."""
    for stage in scenario.stages:
        if stage.items and not stage.has_self_check:
            yield Finding(fields={"number": stage.number, "stage": stage.name}, place=stage.place)


@rule("SCN-009")
def letters_are_large_enough(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: letters of at least 22 pt, on a slide 540 pt high."""
    lines_a_point = limits["screen_lines"] / limits["slide_points"]
    for name, points, place in scenario.letters:
        if points < limits["points"]:
            yield Finding(
                measured=float(points),
                expected=limits["points"],
                fields={
                    "text": name[:60],
                    "pixels": float(points) * lines_a_point,
                    "expected_pixels": limits["points"] * lines_a_point,
                },
                place=place,
            )


@rule("SCN-010")
def letters_stand_out(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §42, D: letter and ground colours clearly apart; the ratios are the project's (WCAG 2)."""
    for pair in scenario.colours:
        if pair.ratio >= limits["good_ratio"]:
            continue
        weak = pair.ratio >= limits["least_ratio"]
        yield Finding(
            # Rounded down: 4.46 must not read as the 4.5 it is not.
            measured=int(pair.ratio * 100) / 100,
            expected=limits["good_ratio"] if weak else limits["least_ratio"],
            variant="weak" if weak else "",
            severity="warning" if weak else None,
            fields={"text": pair.text, "background": pair.background},
            place=pair.place,
        )


@rule("SCN-011")
def named_files_are_there(scenario: ScenarioSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: every file that the scenario names is in its folder."""
    for problem in scenario.file_problems():
        if not scenario.told_beside(problem):
            yield Finding(problem=problem, place=problem.place)

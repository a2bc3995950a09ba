"""Binds rule functions to their ids."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from pipeline.errors import SpecError
from pipeline.reports.model import Finding

Limits = Mapping[str, Any]
"""The limits of a rule as the profile has them."""

RuleFunction = Callable[[Any, Limits], Iterator[Finding]]

_functions: dict[str, RuleFunction] = {}


def rule(identity: str) -> Callable[[RuleFunction], RuleFunction]:
    """Makes a function the judge of a rule: `(subject, limits) -> findings`; none means the subject passes."""

    def register(function: RuleFunction) -> RuleFunction:
        if identity in _functions:
            raise SpecError.of("spec.rule-judged-twice", name=identity)
        _functions[identity] = function
        return function

    return register


@cache
def rule_functions() -> Mapping[str, RuleFunction]:
    """Every rule function by id. Imports the modules of pipeline.checks.rules, which import nothing heavy."""
    import pipeline.checks.rules as package

    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return _functions

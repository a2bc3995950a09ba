# Two commands are enough on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SAMPLE := sample_lessons/kk-8-algebra-quadratic

.PHONY: demo test test-fast fuzz lint format bench bench-check bench-batch docs lock clean

demo: $(VENV)/.installed
	$(BIN)/telesabaq build $(SAMPLE) -o out

test: $(VENV)/.dev
	bash tests/install_tools
	$(BIN)/pytest -n auto

test-fast: $(VENV)/.dev
	$(BIN)/pytest -n auto -m "not slow"

# Mutated files of every kind, for as many minutes as asked: make fuzz MINUTES=60 SEED=7
MINUTES ?= 10
SEED ?= 1
fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES) --seed $(SEED)

lint: $(VENV)/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(VENV)/.dev .venv-moviepy/.installed
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.check
	$(BIN)/python -m benchmarks.batch

bench-check: $(VENV)/.dev
	$(BIN)/python -m benchmarks.check

# A season; its parts can be run apart, see docs/scale.md.
bench-batch: $(VENV)/.dev
	$(BIN)/python -m benchmarks.batch

# Pictures in the documents, drawn from the samples; the rules with what they say of the corpus.
docs: $(VENV)/.installed
	$(BIN)/python docs/images/cards.py
	$(BIN)/python docs/images/formulas.py
	$(BIN)/python -m docs.rule_examples
	$(BIN)/telesabaq --lang en rules --format markdown -o docs/rules.md

# Pinned versions of everything, for every supported Python and platform.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) out build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "telesabaq needs Python 3.11 or newer (PYTHON=...)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@

# MoviePy wants an older Pillow than ours; it is only measured, so it has an environment of its own.
.venv-moviepy/.installed:
	$(PYTHON) -m venv .venv-moviepy
	.venv-moviepy/bin/python -m pip install -q --disable-pip-version-check moviepy==2.2.1
	touch $@

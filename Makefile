# make demo · make test · make check · make bench · make docs
# Each sets up what it needs in .venv (nothing but Python >= 3.11 and pip) and does that only once per pyproject.toml.

VENV ?= .venv
REPORT ?= report
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: help demo test check docs bench clean
.DEFAULT_GOAL := help

help:
	@sed -n '1,2s/^# //p' Makefile

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer found" >&2; \
		echo "  -> install one (https://www.python.org/downloads/) or name it: make demo PYTHON=/path/to/python3" >&2; exit 2; }
	@echo "setting up $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "error: $(PYTHON) cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 2; }

$(RUN_STAMP): pyproject.toml | $(BIN)/python
	@echo "installing kefu-audit into $(VENV)"
	@$(PIP) --editable .
	@touch $@

$(DEV_STAMP): pyproject.toml | $(BIN)/python
	@echo "installing kefu-audit and what its tests need into $(VENV)"
	@$(PIP) --editable '.[dev]'
	@touch $(RUN_STAMP) $@

demo: $(RUN_STAMP)
	@$(BIN)/audit run sample_transcripts --policy auto --out $(REPORT)
	@echo
	@echo "report: $(abspath $(REPORT))/report.html"

test: $(DEV_STAMP)
	$(BIN)/python -m pytest -q $(ARGS)

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/audit rules docs --check

docs: $(DEV_STAMP)
	$(BIN)/audit rules docs

# bench/out/ holds the generated messages and bench.json; docs/performance.md is written from the latter.
bench: $(DEV_STAMP)
	$(BIN)/python bench/run.py $(ARGS)
	$(BIN)/python bench/report.py

clean:
	rm -rf build dist report bench/out .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

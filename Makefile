# GridWhistle 网格哨. Every target does its own set-up; a second run starts in seconds.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check bench clean ready lock format

HOST ?= 127.0.0.1
PORT ?= 8080
export HOST PORT

BIN := .venv/bin
PACKAGES := bpmn handlers webapp tools tests
# What to give pytest: make test ARGS="tests/unit -x"
ARGS ?=
# What to measure: make bench NAME=completions
NAME ?= all

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: ready ## serve the demo town (PORT=8080, HOST=127.0.0.1)
	@exec $(BIN)/gridwhistle run

test: ready ## run all tests (ARGS="tests/unit -x" for some)
	@tools/setup.sh browser
	@$(BIN)/python -m pytest -n logical $(ARGS)

check: ready ## lint, layout, types and import rules; all are run even when one fails
	@failed=0; \
	$(BIN)/ruff check $(PACKAGES) || failed=1; \
	$(BIN)/ruff format --check $(PACKAGES) || failed=1; \
	$(BIN)/mypy || failed=1; \
	$(BIN)/lint-imports || failed=1; \
	exit $$failed

bench: ready ## measure (NAME=completions for one benchmark)
	@$(BIN)/python -m tools.bench $(NAME)

format: ready ## lay the code out
	@$(BIN)/ruff check --fix-only $(PACKAGES)
	@$(BIN)/ruff format $(PACKAGES)

lock: ## make requirements.lock anew from pyproject.toml
	@tools/setup.sh python
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --quiet --extra dev --extra bench --generate-hashes \
	  --no-emit-index-url --no-header --universal --python-version 3.11 -o requirements.lock

clean: ## remove everything that set-up and runs have made
	@if [ -x $(BIN)/gridwhistle ]; then $(BIN)/gridwhistle db stop || true; fi
	@rm -rf .venv var webapp/frontend/node_modules webapp/static/dist
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info build dist
	@find $(PACKAGES) -name __pycache__ -prune -exec rm -rf {} +
	@find webapp -name '*.mo' -delete

ready:
	@tools/setup.sh python frontend translations

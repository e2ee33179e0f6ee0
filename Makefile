# `make demo` and `make test` need Python 3.11 or newer and the package registries, nothing else.

PYTHON ?= python3
BIN := .venv/bin
# uv installs ten times as fast; where it cannot be had, pip does.
INSTALL = if $(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv 2>/dev/null; \
	then $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --compile-bytecode $(1); \
	else $(BIN)/python -m pip install --quiet $(1); fi

.DEFAULT_GOAL := help

.PHONY: help setup demo run test lint types contracts tests browser picture transcripts lock

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/installed ## Make .venv with .venv/bin/ntars in it

demo: .venv/installed ## Show the main job: a phone and two inboxes, no account needed
	$(BIN)/python -m bot.demo $(ARGS)

run: .venv/installed ## Serve for real, as .env says
	$(BIN)/ntars serve

test: .venv/ready lint types contracts tests ## Lint, types, import contracts and all tests

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/deptry .

types: .venv/ready
	$(BIN)/mypy

contracts: .venv/ready
	$(BIN)/lint-imports

tests: .venv/ready browser
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

browser: .venv/ready
	@command -v "$${CHROMIUM:-chromium}" chromium-browser google-chrome >/dev/null \
		|| $(BIN)/playwright install chromium \
		|| echo "No Chromium here, and Playwright's own cannot be had: the browser tests will not run."

picture: .venv/ready browser ## Take docs/demo.png anew, from the running demo
	$(BIN)/python -m tests.demo.picture

transcripts: .venv/ready ## Rewrite the conversations under tests/ as they go today; review the diff
	$(BIN)/python -m tests.conversations.transcript

lock: .venv/ready ## Lock the newest versions that pyproject.toml allows
	$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --upgrade --extra demo pyproject.toml -o requirements.lock
	$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --upgrade --extra demo --group pyproject.toml:dev pyproject.toml -o requirements-dev.lock

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "NTARS needs Python 3.11 or newer; try: make PYTHON=python3.12 setup")'
	$(PYTHON) -m venv .venv

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@$(call INSTALL,--require-hashes --no-deps -r requirements.lock)
	@$(call INSTALL,--no-deps --editable .)
	@touch $@

.venv/ready: requirements-dev.lock .venv/installed
	@$(call INSTALL,--require-hashes --no-deps -r requirements-dev.lock)
	@touch $@

# `make demo` and `make test` are all that a newcomer needs; both install what is missing first.
PYTHON ?= python3
UV ?= uv
PORT ?= 8080
BIN := .venv/bin
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
CODE := src tests benchmarks requirements

.PHONY: help setup demo test check fmt openapi bench crash requirements clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-14s%s\n", $$1, $$2}'

setup: $(DEV) ## install everything for developing (asks the network only when a lock file changed)

demo: $(RUNTIME) ## a shop, the API and a company connected to it, on this machine: PORT=8080 ARGS="--orders 5000"
	@$(BIN)/entrepot demo --port $(PORT) $(ARGS)

test: $(DEV) ## all tests that this machine can run: ARGS="-k orders"
	@$(BIN)/python -m pytest $(ARGS)

check: $(DEV) ## style, types and the fitness tests
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/fitness

fmt: $(DEV) ## sort imports and apply ruff's safe fixes (no reflowing: compact signatures are kept on purpose)
	@$(BIN)/ruff check --fix $(CODE)

openapi: $(DEV) ## freeze the documents of the API as they are now (docs/openapi), and say what that changed
	@$(BIN)/python -m tests.api.frozen

bench: $(DEV) ## the budgets of docs/performance.md, in full: ARGS="--small"
	@$(BIN)/python -m benchmarks $(ARGS)

crash: $(DEV) ## kill -9 at many points and compare with an undisturbed run: ROUNDS=100
	@ENTREPOT_TEST_CRASH_ROUNDS=$(or $(ROUNDS),100) $(BIN)/python -m pytest -m crash $(ARGS)

LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

requirements: ## lock the dependencies anew (needs uv; writes hashes, never addresses)
	$(LOCK) --upgrade --extra dev pyproject.toml -o requirements/dev.txt
	$(LOCK) --constraint requirements/dev.txt pyproject.toml -o requirements/runtime.txt
	$(LOCK) --constraint requirements/dev.txt requirements/build.in -o requirements/build.txt

clean: ## remove the environment and caches; data in .entrepot stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

$(RUNTIME): requirements/runtime.txt requirements/build.txt requirements/install.py pyproject.toml
	@$(PYTHON) requirements/install.py runtime
	@touch $@

$(DEV): requirements/dev.txt requirements/install.py pyproject.toml
	@$(PYTHON) requirements/install.py dev
	@touch $@ $(RUNTIME)

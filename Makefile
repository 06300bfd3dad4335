# `make` alone lists what there is. Every target sets up by itself; a second time costs nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SERVICES := ingest chunker uploader

.DEFAULT_GOAL := help
.PHONY: help setup demo check test test-full simulate bench build clean lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with everything in it (Python 3.11 or newer)
	@echo "Ready: $(VENV). Next: make demo"

demo: $(READY) ## carry seven segments through a local cloud: ROWS=, SPEED=, SEED=
	@$(BIN)/sluice demo $(if $(ROWS),--rows $(ROWS)) $(if $(SPEED),--speed $(SPEED)) $(if $(SEED),--seed $(SEED))

check: $(READY) ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# What only computes takes every core. What starts servers that keep time mostly waits: three groups at once of four, named in tests/conftest.py.
test: $(READY) ## run the tests, under ten minutes; ARGS= instead goes to pytest
	$(if $(ARGS),$(BIN)/pytest $(ARGS),$(BIN)/pytest -n auto tests/unit tests/simulation tests/docs)
	$(if $(ARGS),,$(BIN)/pytest -n 3 --dist loadscope tests/contract tests/infra tests/flow)

test-full: $(READY) ## also the long runs: every fault at every effect, and SEEDS=10000 schedules
	$(BIN)/pytest -n auto -m "full or not full" tests/unit tests/simulation tests/docs
	$(BIN)/pytest -n 3 --dist loadscope -m "full or not full" tests/contract tests/infra tests/flow
	@$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),10000)

simulate: $(READY) ## play schedules of faults: SEEDS=1000, START=0; SEED=17 ONLY=d0,e4 plays one again
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED) $(if $(ONLY),--only $(ONLY)),--seeds $(or $(SEEDS),1000) --start $(or $(START),0))

bench: $(READY) ## run the scripts in benchmarks/
	@set -e; for script in $(basename $(notdir $(wildcard benchmarks/*.py))); do echo "== $$script"; $(BIN)/python -m benchmarks.$$script; done

build: $(READY) ## build what is deployed: build/{ingest,chunker,uploader}.zip; prints sizes and SHA-256
	@$(BIN)/python -m infra.bundle build

clean: ## remove what can be made again, but for .venv
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# uv does it in seconds. pip does it in about a minute from the same files, where uv cannot run.
# --system-certs: a company's own certificate authority is known to the system, not to uv.
$(READY): requirements/dev.txt requirements/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Sluice needs Python 3.11 or newer. Name one: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@{ $(PIP) --require-hashes -r requirements/uv.txt && $(UV) --require-hashes -r requirements/dev.txt; } || \
		{ echo "uv cannot install here; pip can, but takes a minute"; $(PIP) --require-hashes -r requirements/dev.txt; }
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python

LOCK := $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

lock: $(READY) ## pin requirements/*.in again; UPGRADE=1 takes newer versions
	$(LOCK) requirements/uv.in -o requirements/uv.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	@# The services take their versions from dev.txt: what was tested is what is deployed.
	set -e; for service in $(SERVICES); do $(LOCK) -c requirements/dev.txt requirements/$$service.in -o requirements/$$service.txt; done

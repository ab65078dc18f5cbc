# SPDX-License-Identifier: Apache-2.0
# Two commands matter: `make run` and `make test`. Both set up what is missing and redo nothing that is up to date.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= configs/spread_sample.yaml
LOCK := requirements.lock
EXTRAS := .[backtrader,cluster,paper,search]

# The first interpreter on PATH that is Python 3.11 or newer; or say: make run PYTHON=/path/to/python
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$name"; break; }; done)

# uv where it can be had, pip where it cannot (uv does not read pip's own configuration of the index). The certificates are
# those of the system, as pip has them.
export UV_SYSTEM_CERTS := true
install = ( $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint $(LOCK) $(1) \
	|| $(BIN)/python -m pip install --quiet --constraint $(LOCK) $(1) )

.PHONY: help run test check format slow chaos mutants bench lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.run-ready ## backtest the spread trade on the sample market (CONFIG=... for another)
	@$(BIN)/tandem backtest $(CONFIG)
	@echo; echo "The command is $(BIN)/tandem; \`source $(BIN)/activate\` puts it on the PATH of this shell"

# With bytecode that is kept no worker writes anew what pytest makes of every assert, six seconds of each.
test: check $(VENV)/.clients-ready ## every check and every test
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n 2

check: $(VENV)/.test-ready ## lint, format, layers, types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/.test-ready ## let ruff format and mend what it can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

slow: $(VENV)/.test-ready ## the long tests: chaos, large sweeps
	$(BIN)/pytest -n 2 -m slow

chaos: $(VENV)/.test-ready ## the bridge and the broker killed a thousand times, judged by the broker's books; half an hour
	OPENBLAS_NUM_THREADS=1 JE_ARROW_MALLOC_CONF=background_thread:false nice $(BIN)/python -m tests.paper.chaos.run all --kills 200

mutants: $(VENV)/.mutants-ready ## mistakes in a decision that no test would find (STRATEGY=...); half an hour
	nice $(BIN)/python -m tests.mutation.run $(STRATEGY) --jobs 2

bench: $(VENV)/.test-ready ## every benchmark; wants a quiet machine
	$(BIN)/python -m benchmarks all

lock: $(VENV)/.test-ready ## pin every dependency for Python 3.11 to 3.14 (UPGRADE=--upgrade for the newest)
	$(BIN)/uv pip compile --quiet $(UPGRADE) --universal --fork-strategy fewest --python-version 3.11 --all-extras --group dev --group mutants \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml --output-file $(LOCK)

clean: ## remove the environment and every cache; results stay
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Tandem needs Python 3.11 or newer on PATH (or: make PYTHON=/path/to/python)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info >= (3, 15))' \
		|| echo "This Python is newer than 3.14, the newest that Tandem is tested with; a pinned library may have no wheel for it" >&2
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.tools-ready: $(LOCK) | $(BIN)/python
	@echo "Setting up $(VENV)"
	@$(BIN)/python -m pip install --quiet --upgrade --constraint $(LOCK) "pip>=25.1" uv
	@touch $@

$(VENV)/.run-ready: pyproject.toml $(LOCK) | $(VENV)/.tools-ready
	@echo "Installing what a run needs"
	@$(call install,--editable .)
	@touch $@

$(VENV)/.test-ready: pyproject.toml $(LOCK) | $(VENV)/.tools-ready
	@echo "Installing what the tests need"
	@$(call install,--editable '$(EXTRAS)' --group dev)
	@touch $(VENV)/.run-ready $@

# Clients of the broker's protocol that cannot share an environment: ib_insync and ib_async both bring a module `eventkit`,
# and ibapi has a licence of its own. The sandbox's tests start them as programs. Systems such as Debian 13 do not know the
# zone US/Eastern by themselves, which the broker's times have.
$(VENV)/.clients-ready: $(VENV)/.test-ready
	@echo "Installing other clients of the broker's protocol"
	@for client in ib_insync==0.9.86 ibapi==9.81.1.post1; do \
		home=$(VENV)/clients/$${client%%==*}; \
		$(BIN)/python -m venv --without-pip $$home \
		&& { $(BIN)/uv pip install --quiet --python $$home/bin/python --constraint $(LOCK) $$client tzdata \
			|| $(BIN)/python -m pip --python $$home/bin/python install --quiet --constraint $(LOCK) $$client tzdata; } || exit 1; \
	done
	@touch $@

$(VENV)/.mutants-ready: pyproject.toml $(LOCK) $(VENV)/.test-ready
	@echo "Installing what makes the mutants"
	@$(call install,--group mutants)
	@touch $@

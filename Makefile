# Customs Exchange. `make` alone explains every target; `make run` and `make test` set up by themselves.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(firstword $(foreach v,3.11 3.12 3.13,$(shell command -v python$(v) 2>/dev/null)) $(shell command -v python3 2>/dev/null) python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
LANGUAGES := en es fr
CATALOGUES := $(foreach l,$(LANGUAGES),translations/$(l)/LC_MESSAGES/messages.mo)
EXTRACT := $(BIN)/pybabel -q extract -F babel.cfg -k lazy_gettext -k lazy_ngettext:1,2 --no-location --sort-output --project=portal --version=1
export PORT ?= 5000
export DATA ?= var

.PHONY: help run test lint bench setup browser translations migration format clean

help: ## Explain the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(BIN)/portal $(CATALOGUES) $(VENV)/.assets ## Set up and run the portal with the demo world on PORT (5000), data in DATA (var)
	@$(BIN)/portal run --demo

test: $(VENV)/.dev $(BIN)/portal $(CATALOGUES) $(VENV)/.assets browser ## Set up and run every test, on SQLite and PostgreSQL, in a real browser too
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal $(or $(ARGS),--cov --cov-report=term)

lint: $(VENV)/.dev $(CATALOGUES) ## Check style, types, imports between rooms, templates and translations
	@$(BIN)/ruff check portal tests benchmarks migrations wsgi.py
	@$(BIN)/ruff format --check -q portal tests benchmarks migrations wsgi.py
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --quiet --lint portal/templates
	@$(BIN)/python -m pytest -q -p no:randomly tests/test_translations.py tests/test_architecture.py
	@echo "lint: everything is in order"

bench: $(VENV)/.dev $(BIN)/portal $(CATALOGUES) $(VENV)/.assets ## Measure, one figure a line, each beside its baseline
	@for b in benchmarks/*_bench.py; do $(BIN)/python -W ignore -m benchmarks.$$(basename $$b .py) || exit 1; done

setup: $(VENV)/.dev $(BIN)/portal $(CATALOGUES) $(VENV)/.assets ## Set up everything for working on the portal
	@echo "ready: source $(BIN)/activate"

translations: $(VENV)/.dev ## Collect the messages into the three catalogues; English fills itself
	@$(EXTRACT) -o $(VENV)/messages.pot .
	@for l in $(LANGUAGES); do $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --no-wrap -i $(VENV)/messages.pot -d translations -l $$l; done
	@$(BIN)/python -m translations.english

migration: $(VENV)/.dev ## Write a migration for what changed in the models: make migration m="say why"
	@$(BIN)/alembic revision --autogenerate -m "$(m)"

format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff check --fix -q portal tests benchmarks migrations wsgi.py; $(BIN)/ruff format -q portal tests benchmarks migrations wsgi.py

clean: ## Remove what was built (not DATA)
	rm -rf $(VENV) portal/static/build $(CATALOGUES) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage*

# The lock names everything that is needed, so pip is not to look further: it would take a newer release of a
# package that is asked for with an extra, and then refuse it for want of a hash.
$(VENV)/.run: requirements.txt
	@echo "Setting up (about a minute, once)"
	@$(PYTHON) -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] < (3,14))' || { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-deps --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.txt
	@$(PIP) check
	@touch $@

$(BIN)/portal: $(VENV)/.run
	@printf '#!/bin/sh\ncd "$(CURDIR)" && exec "$(CURDIR)/$(BIN)/python" -m portal "$$@"\n' > $@ && chmod +x $@

$(VENV)/.assets: $(VENV)/.run portal/static/theme.css portal/core/assets.py $(wildcard portal/static/js/*.js) $(wildcard portal/static/*.svg)
	@$(BIN)/python -W ignore -m portal.core.assets
	@touch $@

%.mo: %.po $(VENV)/.run
	@$(BIN)/pybabel -q compile -i $< -o $@

browser: $(VENV)/.dev
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || $(BIN)/playwright install chromium

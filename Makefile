# The commands that matter. They need Python 3.11 to 3.13 with venv, and nothing else on the machine.
SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check lint types arrows fast docs honesty reports lock audit clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/installed ## Search the example data and print where the report is
	@"$(BIN)/automl-text" search examples/support_tickets.csv --preset quick --overwrite

test: $(VENV)/installed-dev ## Run all tests
	@"$(BIN)/python" -m pytest -q -n 2

fast: $(VENV)/installed-dev ## Run the tests that take no more than a few seconds each
	@"$(BIN)/python" -m pytest -q -n 2 -m "not slow"

check: lint types arrows test ## Lint, types, import arrows, and all tests with the docs

lint: $(VENV)/installed-dev ## Ruff: rules and format
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .

types: $(VENV)/installed-dev ## Mypy, strict
	@"$(BIN)/mypy"

arrows: $(VENV)/installed-dev ## Imports run down only
	@"$(BIN)/lint-imports"

honesty: $(VENV)/installed-dev ## Hold a few samples of four populations against their promises (needs AUTOML_TEXT_DATA)
	@"$(BIN)/python" benchmarks/honesty.py --samples 30 20 --keep build/honesty

docs: $(VENV)/installed-dev ## The pages that follow from the code, and the site in build/site
	@"$(BIN)/python" scripts/make_reference.py
	@"$(BIN)/python" scripts/make_licences.py
	@NO_MKDOCS_2_WARNING=1 "$(BIN)/python" -m mkdocs build --strict --quiet

reports: $(VENV)/installed-dev ## Make the gallery's report again, and the README's picture of it (needs Chromium)
	@"$(BIN)/automl-text" search examples/support_tickets.csv --preset quick --overwrite
	@mkdir -p reports/gallery && cp reports/support_tickets/report.html reports/gallery/support_tickets.html
	@"$(BIN)/python" scripts/make_report_picture.py reports/gallery/support_tickets.html reports/gallery/report.png

COMPILE := pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

lock: $(VENV)/installed-dev ## Resolve the lock files anew, for every supported Python
	@"$(BIN)/uv" $(COMPILE) pyproject.toml --extra encoder -o requirements.lock
	@"$(BIN)/uv" $(COMPILE) pyproject.toml --all-extras --group dev -c requirements.lock -o requirements-dev.lock

audit: $(VENV)/installed-dev ## Known vulnerabilities in the locked packages; fails where one cannot be looked up
	@"$(BIN)/python" -m pip install --quiet pip-audit && "$(BIN)/pip-audit" --strict --require-hashes -r requirements.lock

$(VENV)/installed: requirements.lock pyproject.toml
	@sh scripts/make_venv.sh "$(VENV)" requirements.lock
	@touch "$(VENV)/installed"

$(VENV)/installed-dev: requirements-dev.lock pyproject.toml
	@sh scripts/make_venv.sh "$(VENV)" requirements-dev.lock
	@touch "$(VENV)/installed-dev" "$(VENV)/installed"

clean: ## Delete the virtual environment and every cache
	@rm -rf "$(VENV)" .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

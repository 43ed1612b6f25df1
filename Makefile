# `make serve` runs the service, `make test` the tests. Both set everything up first.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve test check lock clean

serve: .venv/installed
	@exec $(BIN)/python server.py serve

test: .venv/installed-dev
	$(BIN)/pytest -q

# Everything that .ci/run checks besides the tests.
check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/python server.py schema | diff schema.graphql -

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Istmo needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv

# A stamp is made last, so an installation that was broken off is done again.
.venv/installed: requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/installed-dev: requirements-dev.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ .venv/installed

# Resolve the dependencies anew; needs uv. No address of a registry gets into the files.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--upgrade pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv

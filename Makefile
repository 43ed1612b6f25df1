# `make serve` runs the service, `make test` the tests. Both set everything up first.

PYTHON ?= python3
IN_VENV := .venv/bin/python -m
INSTALL := $(IN_VENV) pip install --quiet --disable-pip-version-check --require-hashes
CLIENTS := tests/clients/node_modules/.installed

PAGES := web/dist/.built
# Node 20 or newer with npm, which only the pages and some tests need.
NODE = $(shell command -v npm >/dev/null && node -p 'parseInt(process.versions.node) >= 20 || ""' 2>/dev/null)

# One process more than processors, since some tests wait for time limits.
TEST_PROCESSES := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PYTEST := $(IN_VENV) pytest -q -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

.PHONY: serve test test-database browser-test install check check-python check-clients check-pages pages bench bench-peers soak lock clean

serve: .venv/installed
	@if [ -z '$(NODE)' ]; then echo 'No Node 20 or newer with npm here: the API is served with the pages as they are, or without pages.'; \
	else $(MAKE) --no-print-directory $(PAGES) || echo 'The pages could not be built: only the API is served.'; fi
	@exec .venv/bin/python server.py serve

test: .venv/installed-dev $(CLIENTS)
	$(PYTEST)

# The tests that depend on the PostgreSQL under test: TEST_DATABASE_URL names it. TESTS are all of them by default.
test-database: .venv/installed-dev
	$(PYTEST) -m database $(TESTS)

# The pages in Debian's Chromium, with the real service, whose log but for requests is printed when something fails.
browser-test: .venv/installed $(PAGES)
	cd web && npm run --silent test:browser || { grep -v '"event":"request"' test-results/service.log | tail -n 60; exit 1; }

# Everything that is checked and tested needs: `make --jobs=3 install` lets the three installations run at once.
install: .venv/installed-dev $(CLIENTS) web/node_modules/.installed

# Everything that .ci/run checks besides the tests; `make --jobs=2 check` uses two processors.
check: check-python check-clients check-pages

check-python: .venv/installed-dev
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	$(IN_VENV) mypy .
	.venv/bin/python server.py schema | diff schema.graphql -

check-clients: $(CLIENTS)
	cd tests/clients && npm run --silent lint

check-pages: web/node_modules/.installed
	cd web && npm run --silent check && npm run --silent test

# Measurements against peers, some twenty-five minutes on a quiet machine, and ten more once for the data; needs wrk, npm
# and 12 GB.
bench: .venv/installed-dev bench-peers
	$(IN_VENV) bench.run

bench-peers: bench/peers/postgraphile/node_modules/node/bin/node bench/peers/mercurius/node_modules/.installed

bench/peers/postgraphile/node_modules/node/bin/node: bench/peers/postgraphile/package-lock.json
	cd bench/peers/postgraphile && npm ci --silent --ignore-scripts
	cd bench/peers/postgraphile/node_modules/node && node installArchSpecificPackage.js
	@touch $@

bench/peers/mercurius/node_modules/.installed: bench/peers/mercurius/package-lock.json
	cd bench/peers/mercurius && npm ci --silent && touch node_modules/.installed

# The long runs: 20,000 random documents, whose answers are compared with ordinary execution; server, worker and PostgreSQL
# killed while they work; 100,000 answers through a PgBouncer (which must be installed); 5,000 random operations; attacks
# while honest clients are measured.
soak: .venv/installed-dev
	ISTMO_SOAK_DOCUMENTS=20000 $(IN_VENV) pytest -q tests/projection/test_property.py
	$(IN_VENV) bench.kills
	$(IN_VENV) bench.moving
	$(IN_VENV) bench.faults
	$(IN_VENV) bench.failover --rounds 3 --clients 4
	ISTMO_SOAK_OPERATIONS=5000 $(IN_VENV) pytest -q tests/test_schemathesis.py
	$(IN_VENV) bench.hostile

# venv installs pip last, so an environment without pip is incomplete and is made again.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Istmo needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	@$(PYTHON) -c 'import ensurepip' || { echo 'This Python has no ensurepip; on Debian: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv

# The stamp is written last, so an interrupted installation is repeated.
.venv/installed: requirements.lock | .venv/bin/pip
	@echo 'Installing what Istmo needs into .venv, once'
	@$(INSTALL) -r requirements.lock
	@touch $@

.venv/installed-dev: requirements-dev.lock | .venv/bin/pip
	@echo 'Installing what Istmo and its tests need into .venv, once'
	@$(INSTALL) -r requirements-dev.lock
	@touch $@ .venv/installed

# Clients by other people, for tests that are skipped without them (but not in CI).
$(CLIENTS): tests/clients/package-lock.json
	@if command -v npm >/dev/null; then \
		echo "Installing the tests' clients in Node into tests/clients/node_modules, once"; \
		cd tests/clients && npm ci --silent && touch node_modules/.installed; \
	else echo 'No npm here: the tests with clients in Node are skipped.'; fi

web/node_modules/.installed: web/package-lock.json
	@echo 'Installing what building the pages needs into web/node_modules, once'
	@cd web && npm ci --silent && touch node_modules/.installed

pages: $(PAGES)

$(PAGES): web/node_modules/.installed schema.graphql $(shell find web -type f \
		-not -path '*/node_modules/*' -not -path 'web/dist/*' -not -path 'web/test*' -not -path '*/generated/*')
	@echo 'Building the pages'
	@cd web && npm run --silent build && touch dist/.built

# Resolve the dependencies again; needs uv. The files name no registry.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--upgrade pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv web/dist web/node_modules

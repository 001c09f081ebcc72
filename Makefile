# Two commands to begin with: `make demo` shows the product, `make test` tests it. Both install what they need.
PYTHON ?= python3.11
BIN := .venv/bin
PORT ?= 8000
DEMO_ARGS ?=
TEST_ARGS ?=

.PHONY: install demo test check fix bench fuzz docs clean

# The locked packages, the project itself in place, and its kernels compiled; made anew only when the lock or the project's facts change.
.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m throughline.science.scan
	touch $@

# Front-end packages, served as they are; npm comes from a Python wheel.
node_modules/installed: package-lock.json | .venv/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --ignore-scripts --no-audit --no-fund --silent
	touch $@

install: .venv/installed node_modules/installed

demo: export THROUGHLINE_SIMULATED = yes
demo: export THROUGHLINE_NAME = Halvern (simulated)
demo: export THROUGHLINE_HOME = var/demo
demo: install
	$(BIN)/throughline demo --port $(PORT) $(DEMO_ARGS)

# Everything on SQLite; then what touches the database again, on a PostgreSQL that the tests start themselves.
test: install
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup $(TEST_ARGS)
	TEST_DATABASE=postgresql $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup -m "not slow and not browser" \
		tests/apps tests/journeys $(TEST_ARGS)

check: .venv/installed
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	THROUGHLINE_DEBUG=yes $(BIN)/python -m django makemigrations --check --dry-run --settings throughline.config.settings

fix: .venv/installed
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

bench: .venv/installed
	for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(BIN)/python $$benchmark || exit 1; done

# Ten minutes of damaged files for each format; FUZZ_SECONDS says otherwise. What a format fails on is kept in var/fuzz.
fuzz: .venv/installed
	$(BIN)/python fuzz/formats.py

docs: .venv/installed
	THROUGHLINE_DEBUG=yes $(BIN)/python docs/generate.py

clean:
	rm -rf .venv node_modules var

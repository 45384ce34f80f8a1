# Two commands do everything: make run, make test. Each sets up what is missing first.
PY := .venv/bin/python
PYTEST_ARGS ?= -n 2 --dist loadfile

.PHONY: setup setup-tests run test check bench faults explore lock translations clean

setup:
	@tools/system-packages.sh
	@tools/python-environment.sh
	@tools/browser-assets.sh
	@$(PY) tools/translations.py

setup-tests: setup
	@tools/system-packages.sh tests

run: setup
	@.venv/bin/motcua serve

test: setup-tests
	@$(PY) -m pytest $(PYTEST_ARGS)

check: setup
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) -m pytest -q tests/house

bench: setup-tests
	@.venv/bin/motcua bench

faults: setup-tests
	@MOTCUA_FAULTS=whole $(PY) -m pytest -q tests/faults

# The property tests with cases that no run has drawn before.
explore: setup-tests
	@MOTCUA_PROPERTIES=explore $(PY) -m pytest $(PYTEST_ARGS) $$(grep -rl "from hypothesis" tests --include="test_*.py")

# The lock file carries hashes and no registry address.
lock:
	.venv/bin/uv pip compile -q --generate-hashes --no-emit-index-url --overrides requirements-overrides.in \
	  --python-version 3.11 --universal requirements-dev.in -o requirements.lock

translations:
	$(PY) tools/translations.py --extract

clean:
	rm -rf .venv node_modules webapp/static/vendor build dist *.egg-info

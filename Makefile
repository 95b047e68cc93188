# Set-up is part of every target: the environment is made on first use, from pinned versions.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := @$(VENV)/bin/uv pip install --compile-bytecode --python $(VENV)/bin/python --constraint constraints.txt

.DEFAULT_GOAL := help
UNIT_TESTS := $(addprefix tests/,azure catalog client core http inference job_files jobs openai_api rendering sweeps wire workflow)
LOWEST_TESTS := $(UNIT_TESTS) tests/cli tests/operations \
	$(addprefix tests/mock_server/test_,server.py jobs.py endpoints.py blobs.py management.py state.py admin.py) \
	$(addprefix tests/transfers/uploads/test_,journal.py plan.py reader.py sizes_and_progress.py) \
	$(addprefix tests/datasets/test_,convert_parquet.py tokens_reference.py tokens_tokenizers.py)

.PHONY: help demo test test-all test-cp1252 test-loaded test-pythons test-python test-lowest check format docs assumptions messages chaos attack bench exports lock mutants oracles audit licences sbom dist release-dry-run clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(VENV)/.runtime: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@echo "Creating the environment $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "Installing maas_client, the mock server and what they need (under 100 MB) ..."
	$(INSTALL) --editable '.[mock]'
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	@echo "Installing what the tests need ..."
	$(INSTALL) --group test
	@touch $@

$(VENV)/.check: $(VENV)/.test
	@echo "Installing linters, type checkers and what else is checked ..."
	$(INSTALL) --group check --group test-all
	@touch $@

demo: $(VENV)/.runtime ## run the whole job against the embedded server
	@echo "Running maas demo ..."
	@$(BIN)/maas demo

test: $(VENV)/.test ## run the tests that need nothing but Python: minutes
	$(BIN)/python -m pytest -n auto

# Two versions of the library that the service loads data with, each in an environment of its own.
ORACLES := 2.21.0 5.2.0
$(VENV)/.oracles: $(VENV)/.runtime Makefile
	@for version in $(ORACLES); do \
		$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/oracle-$$version && \
		$(BIN)/uv pip install --quiet --python $(VENV)/oracle-$$version/bin/python datasets==$$version jinja2==3.1.6 pyarrow==26.0.1 || exit 1; \
	done
	@touch $@

oracles: $(VENV)/.oracles ## install the `datasets` versions that the check is compared with

test-all: $(VENV)/.check $(VENV)/.oracles ## run every test, with Microsoft's SDKs, a browser, Azurite and the long forms
	MAAS_TESTS=all $(BIN)/python -m pytest -n auto

# Apart from the rest: PyTorch, TRL and Olive. Where they cannot be had, the tests are skipped with the reason.
$(VENV)/.exports: $(VENV)/.test $(wildcard tests/exports_run/*.txt) tests/exports_run/environment.py
	@echo "Installing what exports run with, in an environment of its own (1.8 GB) ..."
	@$(BIN)/python -m tests.exports_run.environment
	@test -e $(VENV)/exports-missing.txt || touch $@

exports: $(VENV)/.exports ## train the exports of the example job on the CPU, with a model of two layers: minutes
	MAAS_TESTS=all MAAS_EXPORTS=run $(BIN)/python -m pytest -n auto tests/exports_run

# Without terminals, which are UTF-8 on Windows, too, and what takes minutes.
test-cp1252: $(VENV)/.test ## run the command line's tests with the encoding of a pipe on Windows
	PYTHONIOENCODING=cp1252 $(BIN)/python -m pytest -q -n auto --ignore-glob '*_on_a_terminal.py' tests/cli

test-loaded: $(VENV)/.test ## run `make test` beside four busy loops
	$(BIN)/python -m tests.loaded

test-pythons: ## run the unit tests on every other supported Python that can be had
	@for version in 3.12 3.13 3.14; do $(MAKE) --no-print-directory test-python PYTHON_VERSION=$$version || exit 1; done

test-python: $(VENV)/.runtime
	@python=$$($(BIN)/uv python find $(PYTHON_VERSION) 2>/dev/null \
		|| ls -d $$HOME/.pyenv/versions/$(PYTHON_VERSION)*/bin/python 2>/dev/null \
		|| ($(BIN)/uv python install --quiet $(PYTHON_VERSION) && $(BIN)/uv python find $(PYTHON_VERSION)) 2>/dev/null); \
	if [ -z "$$python" ]; then echo "skipped: Python $(PYTHON_VERSION) is not installed and cannot be downloaded"; exit; fi; \
	echo "Python $(PYTHON_VERSION): $$python" && \
	$(BIN)/uv venv --quiet --clear --python $$python $(VENV)/python-$(PYTHON_VERSION) && \
	$(BIN)/uv pip install --quiet --python $(VENV)/python-$(PYTHON_VERSION)/bin/python --constraint constraints.txt \
		--editable '.[mock]' --group test && \
	$(VENV)/python-$(PYTHON_VERSION)/bin/python -m pytest -q -n auto $(UNIT_TESTS)

test-lowest: $(VENV)/.runtime ## run a part of the tests with the lowest versions that pyproject.toml declares
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/lowest
	$(BIN)/uv pip install --quiet --python $(VENV)/lowest/bin/python --resolution lowest-direct \
		--editable '.[fsspec,mock,parquet,plot,tokens]' --group test
	env -u MAAS_THOROUGH $(VENV)/lowest/bin/python -m pytest -n auto --ignore-glob '*_on_a_terminal.py' $(LOWEST_TESTS)

check: $(VENV)/.check ## lint, format, layers and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 maas_client mock_server
	$(BIN)/pyright

format: $(VENV)/.check ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.check ## build the documentation into dist/docs
	$(BIN)/python docs/build.py dist/docs

chaos: $(VENV)/.check ## run the whole job 2,000 times under random faults
	$(BIN)/python -m tests.chaos

attack: $(VENV)/.check ## attack clients and mock server for four minutes: answers, cancellation, kills, foreign pages
	$(BIN)/python -m tests.attack

bench: $(VENV)/.test ## measure against peers, as ratios
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --group bench --group judges
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.servers
	$(BIN)/python -m benchmarks.dataset_check
	$(BIN)/python -m benchmarks.uploads

lock: $(VENV)/.test ## pin what development installs
	$(BIN)/uv pip compile --quiet --universal --upgrade --no-annotate --all-extras \
		--group test --group test-all --group check --group bench --output-file constraints.txt pyproject.toml

mutants: $(VENV)/.check ## break each guard in turn, and see that a test notices
	$(BIN)/python -m tests.mutants

audit: $(VENV)/.check ## look for known vulnerabilities in what is pinned
	$(BIN)/python -m tests.supply audit

licences: $(VENV)/.test ## list what comes with an installation, and under which licences
	$(BIN)/python -m tests.supply licences

sbom: $(VENV)/.test ## write dist/sbom.json (CycloneDX): what a user's installation consists of
	mkdir -p dist
	$(BIN)/uv venv --quiet --clear dist/sbom
	$(BIN)/uv pip install --quiet --python dist/sbom/bin/python --constraint constraints.txt '.[mock]'
	$(BIN)/uv tool run --from cyclonedx-bom==7.5.0 cyclonedx-py environment --output-reproducible \
		--pyproject pyproject.toml --output-file dist/sbom.json dist/sbom/bin/python
	rm -r dist/sbom

assumptions: $(VENV)/.runtime ## write docs/assumptions.md from the marks in the code
	@PYTHONPATH=docs $(BIN)/python -m generated.assumptions

messages: $(VENV)/.runtime ## list every text that a person may read, to read them through as a whole
	@$(BIN)/python docs/generated/messages.py

# The wheel is built from the source distribution, which thereby proves to be complete.
dist: $(VENV)/.test ## build dist/*.whl and dist/*.tar.gz, and check them as the index would
	$(INSTALL) --group dist
	rm -f dist/*.whl dist/*.tar.gz
	$(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python --out-dir dist
	$(BIN)/twine check --strict dist/*.whl dist/*.tar.gz

release-dry-run: dist sbom ## do what a release does, except for the upload
	$(BIN)/python -m release notes > dist/release-notes.md
	$(BIN)/python -m release checksums dist > dist/SHA256SUMS
	@echo "ready: a tag v$$($(BIN)/python -c 'import maas_client; print(maas_client.__version__)') would upload dist/*.whl and dist/*.tar.gz"

clean: ## forget the environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

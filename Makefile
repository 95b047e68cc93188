# Set-up is part of every target: the environment is made on first use, from pinned versions.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
LOWEST_TESTS := $(addprefix tests/,azure catalog client core http inference job_files jobs openai_api rendering sweeps wire workflow) tests/cli tests/operations \
	$(addprefix tests/mock_server/test_,server.py jobs.py endpoints.py blobs.py management.py state.py admin.py) \
	$(addprefix tests/transfers/uploads/test_,journal.py plan.py reader.py sizes_and_progress.py) \
	$(addprefix tests/datasets/test_,convert_parquet.py tokens_reference.py tokens_tokenizers.py)

.PHONY: help demo test test-lowest check format docs chaos attack bench lock mutants audit licences sbom clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt \
		--editable '.[mock]' --group test --group check
	@touch $@

$(VENV)/.judges: $(VENV)/.ready
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt \
		--group docs --group judges
	@touch $@

demo: $(VENV)/.ready ## run the whole job against the embedded server
	$(BIN)/maas demo

test: $(VENV)/.judges ## run the tests
	$(BIN)/python -m pytest -n auto

test-lowest: $(VENV)/.ready ## run a part of the tests with the lowest versions that pyproject.toml declares
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/lowest
	$(BIN)/uv pip install --quiet --python $(VENV)/lowest/bin/python --resolution lowest-direct \
		--editable '.[fsspec,mock,parquet,plot,tokens,yaml]' --group test
	env -u MAAS_THOROUGH $(VENV)/lowest/bin/python -m pytest -n auto --ignore-glob '*_on_a_terminal.py' $(LOWEST_TESTS)

check: $(VENV)/.judges ## lint, format, layers and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/mypy
	$(BIN)/pyright

format: $(VENV)/.ready ## rewrite the code in the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.judges ## build the documentation into dist/docs
	$(BIN)/python docs/build.py dist/docs

chaos: $(VENV)/.judges ## run the whole job 2,000 times under random faults
	$(BIN)/python -m tests.chaos

attack: $(VENV)/.judges ## attack clients and mock server for four minutes: answers, cancellation, kills, foreign pages
	$(BIN)/python -m tests.attack

bench: $(VENV)/.ready ## measure against peers, as ratios
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --group bench --group judges
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.servers
	$(BIN)/python -m benchmarks.dataset_check
	$(BIN)/python -m benchmarks.uploads

lock: $(VENV)/.ready ## pin what development installs
	$(BIN)/uv pip compile --quiet --universal --upgrade --no-annotate --all-extras \
		--group test --group check --group bench --group docs --group judges --output-file constraints.txt pyproject.toml

mutants: $(VENV)/.judges ## break each guard in turn, and see that a test notices
	$(BIN)/python -m tests.mutants

audit: $(VENV)/.judges ## look for known vulnerabilities in what is pinned
	$(BIN)/python -m tests.supply audit

licences: $(VENV)/.ready ## list what comes with an installation, and under which licences
	$(BIN)/python -m tests.supply licences

sbom: $(VENV)/.ready ## write dist/sbom.json (CycloneDX): what a user's installation consists of
	mkdir -p dist
	$(BIN)/uv venv --quiet --clear dist/sbom
	$(BIN)/uv pip install --quiet --python dist/sbom/bin/python --constraint constraints.txt '.[mock]'
	$(BIN)/uv tool run --from cyclonedx-bom==7.5.0 cyclonedx-py environment --output-reproducible \
		--pyproject pyproject.toml --output-file dist/sbom.json dist/sbom/bin/python
	rm -r dist/sbom

clean: ## forget the environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

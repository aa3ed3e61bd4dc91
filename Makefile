# Everything a person does here. `make` alone lists it.
#
# Needs Python 3.11 or newer with its venv module, and make; the rest goes into .venv from
# constraints.txt, without root. Another Python: make setup PYTHON=/path/to/python3.12

PYTHON ?= $(or $(shell command -v python3.11),python3)
WORKERS ?= 2
PORT ?= 8000
# The browser of the tests in tests/browser, if there is one.
CHROMIUM ?= $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
ZOO := $(VENV)/zoo
PEERS := $(VENV)/peers
ZENSICAL := $(VENV)/zensical
# PyTorch's own index of its builds for the CPU.
CPU_INDEX := https://download.pytorch.org/whl/cpu
EXPLORER := tracer/render/explorer/web
# What make test and make tests run, apart from the tests in a browser.
SUITE := not zoo and not nightly

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# Relative, for pip splits the value at spaces. The second name is that of newer pips, for the
# build backend, which the first no longer reaches there.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
# The tests start many processes, and each would compile the sources of the tracer anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup site serve quick test check lint types layers tests nightly wheel browser zoo docs explorer outdated fmt golden cover bench versions address release-check release hooks clean distclean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv and install everything, pinned; does nothing when up to date
	@:

$(READY): $(BIN)/pip pyproject.toml constraints.txt
	@echo "Installing into $(VENV), PyTorch among it: a few minutes the first time ..."
	@$(BIN)/pip config list | grep index >/dev/null || [ -n "$$PIP_EXTRA_INDEX_URL" ] || \
	  echo "On Linux that is the build for CUDA, 5 GB. For the one for the CPU: PIP_EXTRA_INDEX_URL=$(CPU_INDEX)"
	@$(BIN)/pip install -qq --progress-bar off -e '.[all,dev]' || { \
	  echo "Not everything could be installed into $(VENV); pip's own messages are above." >&2; \
	  echo "If the package index cannot be reached, name another: PIP_INDEX_URL=... make setup" >&2; \
	  echo "Then run the same command again; what is installed already is kept." >&2; exit 1; }
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "unet-trace needs Python 3.11 or newer, and '$(PYTHON)' is not." >&2; \
	  echo "Name one that is: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	  $(PYTHON) -m venv --clear $(VENV); \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install -qq pip; \
	else \
	  echo "'$(PYTHON)' has neither ensurepip nor pip, so it cannot fill a virtual environment." >&2; \
	  echo "Debian and Ubuntu keep ensurepip in a package of its own: apt-get install python3-venv" >&2; \
	  echo "Without root, name another Python: make setup PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi

site: docs ## Trace the reference UNet, build the site in both languages, print the table of shapes
	@$(BIN)/unet-trace show ddpm-cifar10 --depth 2
	@echo
	@echo "The site is in site/. To read it, open site/index.html in a browser, or run 'make serve'."

serve: docs ## Build the site and serve it at http://127.0.0.1:8000 (PORT=...)
	@echo "http://127.0.0.1:$(PORT)/  (Ctrl-C stops)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory site $(PORT)

quick: lint types ## Between edits: lint, types, and the fast tests
	@$(BIN)/pytest -q -n $(WORKERS) -m 'not slow and not nightly and not browser and not zoo'

# The tests look at the site that make docs has built, instead of building it once more. That takes
# longest, so it begins first.
test: setup ## All checks: lint, types, layers, strict docs build, tests
	@$(MAKE) --no-print-directory -j2 docs types lint layers
	@UNET_TRACE_SITE='$(CURDIR)/site' $(MAKE) --no-print-directory tests

check: test ## The same as test

lint: setup ## Lint and formatting (ruff)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: setup ## Types (mypy, strict)
	@$(BIN)/mypy

layers: setup ## Which module may import which (import-linter)
	@$(BIN)/lint-imports --no-logo

# In continuous integration (CI=true) tests that lack a browser fail.
tests: setup ## The tests alone, a few of those in a browser included (WORKERS=0 for one process)
ifneq ($(CHROMIUM)$(CI),)
	@UNET_TRACE_CHROMIUM='$(CHROMIUM)' $(BIN)/pytest -n $(WORKERS) -m '$(SUITE) and (not browser or smoke)'
else
	@$(BIN)/pytest -n $(WORKERS) -m '$(SUITE) and not browser'
	@echo "Not run: the tests in a browser, because there is no Chromium on this machine."
	@echo "To run them: apt-get install chromium, or make test CHROMIUM=/path/to/chrome"
endif

nightly: $(ZENSICAL) ## All tests, with 20 times as many random examples
	@$(BIN)/pytest -n $(WORKERS) -m 'not zoo and not browser' --hypothesis-profile=nightly

wheel: setup ## Try the wheel in an environment of its own, and record what an install takes
	@$(BIN)/pytest -m nightly tests/test_wheel.py tests/test_wheel_notebook.py --update-golden

# What make test builds is enough where one command asks for both.
browser: $(or $(filter test check,$(MAKECMDGOALS)),docs) $(ZENSICAL) ## All tests that look at pages in a browser
	@UNET_TRACE_SITE='$(CURDIR)/site' UNET_TRACE_CHROMIUM='$(CHROMIUM)' \
	  $(BIN)/pytest -n $(WORKERS) -m browser tests/browser

$(ZENSICAL): $(READY) constraints-zensical.txt
	@echo "Installing Zensical, the other builder of sites, into $(VENV) ..."
	@$(BIN)/pip install -qq --progress-bar off -c constraints-zensical.txt zensical
	@touch $@

zoo: $(ZOO) ## Try the tracer on UNets of published packages (RECORD=1: write docs/zoo and its pages)
	@$(BIN)/pytest -m zoo tests/zoo -n $(WORKERS) $(if $(RECORD),--update-golden)
	@$(if $(RECORD),$(BIN)/pytest tests/zoo/test_page.py --update-golden)

# The UNets of these packages need no more than PyTorch and what the extra zoo names. What the packages
# ask for beside it would bring a build of torchvision that the CPU build of PyTorch cannot load, and
# that other packages would then try to load.
ALONE := azula cellpose cleanunet denoiser dynamic-network-architectures make-a-video-pytorch \
  neuraloperator pytorch3dunet tardis-em

$(ZOO): $(READY) constraints-zoo.txt
	@echo "Installing the packages of the zoo into $(VENV) ..."
	@$(BIN)/pip install -qq --progress-bar off -c constraints-zoo.txt -e '.[all,dev,zoo]'
	@$(BIN)/pip install -qq --progress-bar off -c constraints-zoo.txt --no-deps $(ALONE)
	@touch $@

docs: setup ## The site alone, in both languages, strict: a warning is an error
	@$(BIN)/unet-trace site

# npm installs what package-lock.json names, without the install scripts of packages.
explorer: ## Build the explorer's script from its sources (needs Node.js 20 or newer)
	@cd $(EXPLORER) && npm ci --silent --ignore-scripts && npm run --silent types && npm run --silent build

outdated: ## Which libraries of the explorer have newer versions (needs Node.js and the registry)
	@cd $(EXPLORER) && npm outdated || echo "To update: change package.json there, then make explorer."

fmt: setup ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

golden: setup ## Rewrite the golden files and lock files, then show what changed
	@$(BIN)/pytest -n $(WORKERS) -m '$(SUITE) and not browser' --update-golden --shape-lock-update
	@git --no-pager diff --stat -- tests/golden tests/locks

cover: setup ## The tests with coverage, line by line in htmlcov/
	@$(BIN)/pytest -n $(WORKERS) -m '$(SUITE) and not browser' --cov --cov-report=term --cov-report=html

bench: $(PEERS) ## Measure against other tools, and write the page; needs a quiet machine (PARTS="models memory")
	@$(BIN)/python -m tests.benchmarks $(PARTS)

$(PEERS): $(READY) constraints-bench.txt constraints-zoo.txt
	@echo "Installing what the tracer is measured against into $(VENV) ..."
	@$(BIN)/pip install -qq --progress-bar off -c constraints-zoo.txt -c constraints-bench.txt -e '.[all,dev,bench]'
	@touch $@

versions: setup ## Try each Python with the oldest and newest PyTorch, and record the results (PAIRS="3.12/newest")
	@$(BIN)/pip install -qq --progress-bar off nox
	@env -u PIP_CONSTRAINT -u PIP_BUILD_CONSTRAINT WORKERS=$(WORKERS) $(BIN)/python -m tests.versions $(PAIRS)

address: ## Write the address of the repository everywhere (URL=https://github.com/account/unet-trace), and of the site (SITE=https://...)
ifneq ($(URL)$(if $(SITE),,none),)
	@$(PYTHON) .ci/release.py address '$(URL)'
endif
ifneq ($(SITE),)
	@$(PYTHON) .ci/release.py site '$(SITE)'
endif

release-check: ## Whether a release can be cut
	@$(PYTHON) .ci/release.py check

release: setup release-check ## Build the distribution in dist/ and check it; CONTRIBUTING.md has the steps
	@$(BIN)/pip install -qq --progress-bar off build twine
	@rm -rf dist
	@$(BIN)/python -m build --outdir dist
	@$(BIN)/twine check --strict dist/*

hooks: setup ## Check each commit with ruff and import-linter (pre-commit)
	@$(BIN)/pre-commit install

clean: ## Remove build output and caches
	@rm -rf site build dist htmlcov .cache docs/*/generated
	@rm -rf .coverage .coverage.* .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find tracer reference_model tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove .venv as well
	@rm -rf $(VENV)

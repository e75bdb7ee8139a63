# labbook: `make report` studies what params.yaml asks for; `make test` checks labbook itself.
CORES ?= all
PARAMS ?= $(or $(LABBOOK_PARAMS),params.yaml)
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export LABBOOK_PARAMS := $(PARAMS)
export DVC_NO_ANALYTICS := 1
# This folder's code, wherever .venv leads (docs/certificate.md, "Whose code runs").
export LABBOOK_SRC := 1
# Compiled afterwards by all cores: pip uses one. What some libraries carry is no Python, and stays.
PIP := python -m pip install --quiet --disable-pip-version-check --no-compile
COMPILED := python -W ignore -m compileall -qq -j 0 .venv/lib || true
LOCK := --upgrade
COMPILE := pip-compile --quiet --generate-hashes --strip-extras --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links
# What the second file pins and the first does not, with its hashes; without comments and labbook.
WITHOUT := awk '/^(\#|$$|labbook )/ {next} {name = $$1; sub(/[+].*/, "", name)} NR == FNR {known[name]; next} \
  /^[^ ]/ {kept = !(name in known)} kept'
.DEFAULT_GOAL := help

.PHONY: help report install moved remotes test quick test-avx2 lint scripts pictures lint-scripts bench bench-tunings gpu gpu-wheels calibrate golden reference lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

report: install ## run what params.yaml asks for (CORES=4 PARAMS=other.yaml) and write the report
	@labbook check
	@python -m labbook.running.starter --cores $(CORES) results/report.html
	@echo && labbook summary && echo && echo "The report: results/report.html"

install: $(BIN)/.installed moved ## make .venv with the locked dependencies

moved: # .venv holds the path of its folder, which may have been renamed or copied
	@test ! -x $(BIN)/python || python src/labbook/housekeeping/environment.py

$(BIN)/.installed: | moved

$(BIN)/.installed: requirements.lock requirements-torch.lock pyproject.toml
	@test ! -L .venv || { echo ".venv is a link to $$(readlink .venv), an environment of another folder:" \
	  "make install would change it. Remove the link to have one here, or run make install there."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "labbook needs Python 3.11 or newer, found: $$($(PYTHON) --version). Use make PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the locked dependencies into .venv (a few minutes the first time)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) -r requirements-torch.lock
	@$(PIP) --no-deps --editable .
	@$(COMPILED)
	@python -m labbook.engines.compiled.library
	@touch $@

remotes: $(BIN)/.remotes ## also what DVC needs for S3 and ssh (docs/remotes.md)

$(BIN)/.remotes: requirements-remotes.lock $(BIN)/.installed
	@$(PIP) --no-deps --require-hashes -r requirements-remotes.lock
	@$(COMPILED)
	@touch $@

test: install remotes lint ## linters, types and all tests
	@PYTHONPATH=. python -m bench.processor
	pytest -n auto --dist loadfile --no-loadscope-reorder

quick: install lint ## for the day: linters, types, and the tests that are soon done (no Snakemake, DVC, browser, Slurm)
	pytest -n auto --dist worksteal -m "not slow and not thorough and not browser and not slurm"

# By their own variables: labbook's compiled engine (and so Numba), torch, oneDNN, MKL, OpenBLAS.
AVX2 := LABBOOK_AVX2=1 ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 \
  MKL_ENABLE_INSTRUCTIONS=AVX2 OPENBLAS_CORETYPE=Haswell

test-avx2: install ## the tests of numbers of the engines again, as on a processor with AVX2 alone
	@$(AVX2) PYTHONPATH=. python -m bench.processor
	$(AVX2) pytest -n auto --dist worksteal -m "vectors and not gpu" tests/engines

lint: install ## ruff, snakefmt, mypy; tsc and biome for the page's scripts, where there is npm
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile src/labbook/workflow src/labbook/starting/folder/Snakefile
	mypy
	@if $(MAKE) -s $(PAGE)/node_modules/.installed 2> /dev/null; then $(MAKE) -s lint-scripts; else echo "the page's scripts were not checked: no npm, or its registry cannot be reached"; test -z "$$LABBOOK_CI"; fi

# What checks the report's scripts; the report needs nothing of it.
PAGE := tests/page
SCRIPTS := src/labbook/report/page/scripts

scripts: $(PAGE)/node_modules/.installed ## write the report's page.js anew from its modules
	@python -m tests.page.build

pictures: install ## take the README's pictures of results/report.html, with chromium
	@python -m tests.page.pictures

lint-scripts:
	cd $(PAGE) && npx tsc --project .
	$(PAGE)/node_modules/.bin/biome lint --error-on-warnings --config-path=$(PAGE) $(SCRIPTS)

$(PAGE)/node_modules/.installed: $(PAGE)/package-lock.json
	@command -v npm > /dev/null
	@npm ci --prefix $(PAGE) --no-audit --no-fund --loglevel error > /dev/null
	@touch $@

bench: install ## time the engines beside rivals and 10,000 runs (QUICK=1: minutes; SIZE=1: the latter alone)
ifndef SIZE
	@$(PIP) --no-deps --require-hashes -r bench/requirements.txt
	@PYTHONPATH=. python -m bench $(if $(QUICK),--quick)
endif
	@PYTHONPATH=. python -m bench.size $(if $(QUICK),--quick)

bench-tunings: install ## go the six steps on four data sets from good and bad starts (an hour of a core)
	@PYTHONPATH=. python -m bench.tunings

# On a machine with a card and without a network, nothing is installed: see bench/wheels.py.
GPU_PYTHON ?= $(PYTHON)
GPU_PATH := PYTHONPATH=src:.:.gpu

gpu: ## the gpu tests and the benchmark on a card, without a network (docs/engine-cuda.md)
	$(GPU_PYTHON) -m pip install --quiet --no-index --no-deps --upgrade --target .gpu gpu-wheels/*.whl
	$(GPU_PATH) $(GPU_PYTHON) -m bench.processor
	$(GPU_PATH) $(GPU_PYTHON) -m pytest -m gpu -W default tests/engines/test_cuda_engine.py tests/training/test_pack.py
	$(GPU_PATH) $(GPU_PYTHON) -m bench.gpu

gpu-wheels: install ## collect beforehand what `make gpu` needs, into gpu-wheels (64 MB at most)
	@PYTHONPATH=. python -m bench.wheels

calibrate: install ## check verdicts and intervals on made data; writes docs/calibration.md
	python -m tests.calibration

golden: install ## compare the numbers of small runs with those recorded; release the code that makes them
	python -m tests.golden

reference: install ## write docs/params.md and docs/params.schema.json anew
	labbook reference

lock: install ## resolve all dependencies anew, with hashes, into the lock files (LOCK= keeps versions)
	cat requirements.lock requirements-torch.lock > lock.tmp
	cp requirements-remotes.lock remotes.tmp
	cp bench/requirements.txt bench.tmp
	$(COMPILE) $(LOCK) --extra dev --allow-unsafe --output-file lock.tmp pyproject.toml
	sed -n 's/^\(torch==[0-9.]*\).*/\1/p' lock.tmp > torch.tmp
	sed -i '/^torch==/d' requirements-torch.lock && cat torch.tmp >> requirements-torch.lock
	$(WITHOUT) torch.tmp lock.tmp > requirements.lock
	$(COMPILE) $(LOCK) --extra remotes-test --constraint requirements.lock --constraint torch.tmp \
	  --output-file remotes.tmp pyproject.toml
	cat requirements.lock torch.tmp | $(WITHOUT) - remotes.tmp > requirements-remotes.lock
	$(COMPILE) $(LOCK) --constraint requirements.lock --output-file bench.tmp bench/requirements.in
	cat requirements.lock torch.tmp | $(WITHOUT) - bench.tmp > bench/requirements.txt
	rm lock.tmp torch.tmp remotes.tmp bench.tmp

clean: ## remove results/ and data/ with all that is in them, and work files; keeps .venv and what DVC has cached
	rm -rf results data .labbook .snakemake

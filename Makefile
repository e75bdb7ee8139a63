# labbook: `make report` studies what params.yaml asks for; `make test` checks labbook itself.
CORES ?= all
PARAMS ?= params.yaml
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export LABBOOK_PARAMS := $(PARAMS)
export DVC_NO_ANALYTICS := 1
# This folder's code, wherever .venv leads (docs/certificate.md, "Whose code runs").
export LABBOOK_SRC := 1
PIP := python -m pip install --quiet --disable-pip-version-check
LOCK := --upgrade
COMPILE := pip-compile --quiet --generate-hashes --strip-extras --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links
# What the second file pins and the first does not, with its hashes; without comments and labbook.
WITHOUT := awk '/^(\#|$$|labbook )/ {next} {name = $$1; sub(/[+].*/, "", name)} NR == FNR {known[name]; next} \
  /^[^ ]/ {kept = !(name in known)} kept'
.DEFAULT_GOAL := help

.PHONY: help report install remotes test lint bench calibrate reference lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

report: install ## run what params.yaml asks for (CORES=4 PARAMS=other.yaml) and write the report
	@labbook check
	@snakemake --cores $(CORES) results/report.html
	@echo && labbook summary && echo && echo "The report: results/report.html"

install: $(BIN)/.installed ## make .venv with the locked dependencies

$(BIN)/.installed: requirements.lock requirements-torch.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "labbook needs Python 3.11 or newer, found: $$($(PYTHON) --version). Use make PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the locked dependencies into .venv (a few minutes the first time)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) -r requirements-torch.lock
	@$(PIP) --no-deps --editable .
	@python -m labbook.engines.compiled.library
	@touch $@

remotes: $(BIN)/.remotes ## also what DVC needs for S3 and ssh (docs/remotes.md)

$(BIN)/.remotes: requirements-remotes.lock $(BIN)/.installed
	@$(PIP) --no-deps --require-hashes -r requirements-remotes.lock
	@touch $@

test: install remotes lint ## linters, types and all tests
	pytest -n auto --dist worksteal

lint: install ## ruff, snakefmt, mypy
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow
	mypy

bench: install ## time the engines beside rivals and 10,000 runs (QUICK=1: minutes; SIZE=1: the latter alone)
ifndef SIZE
	@$(PIP) --no-deps --require-hashes -r bench/requirements.txt
	@PYTHONPATH=. python -m bench $(if $(QUICK),--quick)
endif
	@PYTHONPATH=. python -m bench.size $(if $(QUICK),--quick)

calibrate: install ## check verdicts and intervals on made data; writes docs/calibration.md
	python -m tests.calibration

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

clean: ## remove results, data and work files; keeps .venv and what DVC has cached
	rm -rf results data .labbook .snakemake

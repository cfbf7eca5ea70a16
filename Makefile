# Litopys. `make help` lists what can be done; every target sets up what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SETUP  := $(VENV)/.setup
TESTS  ?=
# Workers that run tests side by side, each with servers of its own; for tests of one file they are not worth their start.
WORKERS ?= $(if $(findstring .py,$(TESTS)),0,$(shell echo $$(( $$(nproc) + 1 ))))

.PHONY: help setup demo test up down status logs bench lint format lock dashboards image sbom trial deploy-check k8s-test clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SETUP) ## make .venv, install pinned requirements, fetch Kafka's jars, Postgres if the machine has none

$(SETUP): requirements-test.txt requirements-postgres.txt pyproject.toml deploy/local/kafka-pom.xml deploy/local/kafka-jars.sha256 deploy/local/setup.sh
	@PYTHON=$(PYTHON) VENV=$(VENV) deploy/local/setup.sh
	@touch $@

demo: $(SETUP) ## show the whole ledger at work in a network of its own, from nothing to found forgeries
	@$(BIN)/python -m deploy.local.demo

test: $(SETUP) ## run all tests (TESTS=tests/unit for a part, WORKERS=0 one after another)
	@$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

up: $(SETUP) ## start the lasting network under var/, or whatever of it is not running
	@$(BIN)/python -m deploy.local up

down: $(SETUP) ## stop the lasting network; its data stays
	@$(BIN)/python -m deploy.local down

status: $(SETUP) ## show what runs and how far the ledger is
	@$(BIN)/python -m deploy.local status

logs: $(SETUP) ## follow the logs of the lasting network (Ctrl-C ends it)
	@$(BIN)/python -m deploy.local logs

bench: $(SETUP) ## measure imports, commands, receipts and catching up beside the floor of Kafka and Postgres alone
	@$(BIN)/python -m tests.bench.bench

lint: $(SETUP) ## ruff and mypy
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(SETUP) ## let ruff put the code in order
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/ruff format .

deploy-check: $(SETUP) ## check everything under deploy/ against schemas, policies and the code that it starts
	@PYTHON=$(PYTHON) deploy/k8s/tools.sh && $(BIN)/python -m pytest -n0 tests/deploy tests/unit/deploy

k8s-test: $(SETUP) ## apply the overlays to the cluster that KUBECONFIG names (docs/kubernetes.md)
	@$(BIN)/python -m pytest -n0 tests/k8s

lock: $(SETUP) ## pin the requirements anew, with hashes
	@deploy/local/lock.sh $(BIN)/pip-compile

dashboards: $(SETUP) ## write Grafana's dashboards anew from deploy/grafana
	@$(BIN)/python -m deploy.grafana

image: $(SETUP) ## build the container image, with docker or podman where one works, else without an engine
	@PYTHON=$(BIN)/python deploy/docker/image.sh

trial: ## run the built image as docker-compose.yml says, without an engine, until imported events are final
	@$(BIN)/python -m deploy.trial

sbom: $(SETUP) ## write var/sbom.json: every Python package of the image, as CycloneDX
	@$(BIN)/python -m deploy.docker.sbom

clean: ## stop the lasting network and remove everything that was made, its data included
	@if [ -x $(BIN)/python ] && [ -d var ]; then $(BIN)/python -m deploy.local down || true; fi
	@rm -rf var build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis $(VENV)
	@find . -name __pycache__ -prune -exec rm -rf {} +

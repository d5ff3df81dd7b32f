# Each target is a line or two; what it does stands in packaging/setup/.
.DEFAULT_GOAL := help
.PHONY: help run test demo dev check bench dist api packages env frontend ready clean
PORT ?= 9090
SETUP := packaging/setup
BIN := .venv/bin

help: ## These lines
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do printf 'make %-9s %s\n' "$$name" "$$text"; done

run: ## Install what is missing, build, and serve this host on https://localhost:9090 (PORT=9443 for another port)
	@$(SETUP)/system-packages build run && $(SETUP)/environment run && $(SETUP)/frontend && $(SETUP)/serve $(PORT)

demo: ## Serve a made-up host of libvirt's test driver: no root, no KVM, no libvirtd
	@$(SETUP)/system-packages build && $(SETUP)/environment run && $(SETUP)/frontend
	@exec $(BIN)/quarterdeck demo --port $(PORT) --host-file tests/hosts/demo.xml

dev: ## Serve the made-up host with hot reload of both sides
	@$(SETUP)/system-packages build && $(SETUP)/environment dev && $(SETUP)/frontend modules && $(SETUP)/develop $(PORT)

test: ## Install what is missing and run every test: unit, real libvirtd and QEMU, browser (ARGS='-k name' for some)
	@$(SETUP)/system-packages build
	@$(MAKE) -s -j2 packages ready
	@$(SETUP)/test $(ARGS)

# Beside the system's packages, which take as long.
ready:
	@$(SETUP)/environment dev && $(SETUP)/frontend

check: ## Linters, types and the rules of the house
	@$(SETUP)/system-packages build && $(SETUP)/environment dev && $(SETUP)/frontend modules && $(SETUP)/check

bench: ## Measure it beside raw libvirt, websockify, virt-install and virsh: a table and build/bench.json
	@$(SETUP)/system-packages build run test && $(SETUP)/environment dev && $(SETUP)/frontend && $(BIN)/python -m tests.bench $(ARGS)

dist: ## Wheel and Debian package in dist/
	@$(SETUP)/system-packages build && $(SETUP)/environment dev && $(SETUP)/frontend && packaging/build

api: ## Write the API document and the page's types anew
	@$(SETUP)/environment dev && $(SETUP)/frontend modules && $(SETUP)/api

packages: ## The system packages of run and test
	@$(SETUP)/system-packages build run test

env: ## Python's environment with the tools of tests and checks
	@$(SETUP)/environment dev

frontend: ## The page
	@$(SETUP)/environment run && $(SETUP)/frontend

clean: ## Remove what was built; the environment and Node's modules stay
	rm -rf build dist backend/quarterdeck/static backend/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# The recipes that hand, hook and CI share. `make run` is all that a first visitor needs.
SHELL := /bin/sh
VENV := .venv
PYTHON := $(VENV)/bin/python
# The lists are closed: nothing is resolved anew, so what a registry offers later changes nothing (`pip check` proves them whole).
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
FRONT := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/cut/*' 2>/dev/null)
WORDS := $(wildcard antin/locale/*/LC_MESSAGES/django.po)
ARGS ?=

.PHONY: help setup run demo-nodes test check fix bench requirements words front-end
help:
	@echo 'make run [ARGS=--no-demo]  set up and run the node      make test   every test'
	@echo 'make setup                 leave .venv/bin/antin         make check  what must hold before a commit'
	@echo 'make fix                   lay the code out              make bench  how fast'
	@echo 'make demo-nodes            three nodes exchanging: cluster, leaf, by hand'
	@echo 'make requirements          pin what *.in asks for        make words  gather the words of the screens'

# Setting up: each step leaves a stamp, so a second call costs nothing.
setup: $(VENV)/run.stamp $(VENV)/bin/antin antin/web/static/dist/manifest.json $(WORDS:.po=.mo)

$(VENV)/run.stamp: requirements/run.txt
	@python=$$(tools/find-python) || exit 1; \
	if ! $(PYTHON) -c '' 2>/dev/null; then echo "• $(VENV) ($$python)"; "$$python" -m venv $(VENV); fi
	@echo '• Python packages'
	@$(PIP) -r requirements/run.txt
	@touch $@

$(VENV)/test.stamp: requirements/test.txt $(VENV)/run.stamp
	@echo '• Python packages for tests'
	@$(PIP) -r requirements/test.txt
	@touch $@

$(VENV)/bin/antin: tools/antin $(VENV)/run.stamp
	@cp tools/antin $@

front-end: antin/web/static/dist/manifest.json

frontend/node_modules/.stamp: frontend/package-lock.json | $(VENV)/run.stamp
	@echo '• Front-end packages'
	@tools/front-end install
	@touch $@

antin/web/static/dist/manifest.json: frontend/node_modules/.stamp $(FRONT)
	@echo '• Front end'
	@tools/front-end build
	@touch $@

%.mo: %.po | $(VENV)/run.stamp
	@$(VENV)/bin/pybabel --quiet compile --input-file $< --output-file $@

run: setup
	@exec $(VENV)/bin/antin run $(ARGS)

demo-nodes: setup
	@exec $(PYTHON) -m tools.demo_nodes

# Working on it.
# A worker takes one file after another, in their order (browsers last): what a file's tests share is made once, and none is left alone at the end.
BY_FILE := --dist loadfile --no-loadscope-reorder
test: setup $(VENV)/test.stamp
	@tools/test-tools
	$(PYTHON) -m pytest -n 2 $(BY_FILE) $(ARGS)

check: setup $(VENV)/test.stamp
	$(PYTHON) -m pip check
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	tools/front-end check
	$(PYTHON) -m pytest tests/house

fix: $(VENV)/test.stamp
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: setup $(VENV)/test.stamp
	$(PYTHON) -m bench $(ARGS)

words: $(VENV)/test.stamp
	$(PYTHON) -m tools.words

UV := var/uv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal
requirements: $(VENV)/run.stamp
	@test -x var/uv/bin/uv || { $(PYTHON) -m venv var/uv && var/uv/bin/pip install --quiet uv; }
	for each in run test node; do $(UV) requirements/$$each.in -o requirements/$$each.txt; done

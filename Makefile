# The recipes that hand, hook and CI share.
PYTHON := .venv/bin/python

.PHONY: check fix test

check:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-logo
	.venv/bin/mypy
	$(PYTHON) manage.py makemigrations --check --dry-run

fix:
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

test:
	$(PYTHON) -m pytest -n 2

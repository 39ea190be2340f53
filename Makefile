# Each target does its own set-up in .venv; only python3 and make are needed.
PYTHON ?= python3
BIN := .venv/bin
# Each file in one process, in the order of tests/conftest.py.
WORKERS := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: fit test test-anndata quick lint docs bench clean

fit: .venv/installed
	$(BIN)/kvae fit --latent 2 $(ARGS)

test: .venv/installed-test
	$(BIN)/pytest -q $(WORKERS) $(ARGS)

# .h5ad and .parquet files, and tables with the older pandas that anndata wants: an environment of
# their own.
ANNDATA_TESTS := tests/data/sources tests/data/tables tests/runs/test_annotated.py \
	tests/command_line/test_score.py tests/command_line/test_bad_input.py
test-anndata: .venv-anndata/installed
	.venv-anndata/bin/pytest -q $(WORKERS) $(ANNDATA_TESTS) $(ARGS)

# All but what is marked slow.
quick: .venv/installed-test
	$(BIN)/pytest -q $(WORKERS) -m "not slow" $(ARGS)

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# A site in docs/_build/html: a warning is an error, and so is a link inside that leads nowhere.
docs: .venv/installed-docs
	rm -rf docs/_build
	$(BIN)/sphinx-build -W --keep-going -q -E -c docs . docs/_build/html
	$(BIN)/python docs/check_links.py docs/_build/html

bench: .venv/installed
	$(BIN)/python benchmarks/mnist_two_latents.py $(ARGS)

clean:
	rm -rf .venv .venv-anndata build docs/_build docs/generated *.egg-info

.venv/bin/pip:
	$(PYTHON) -m venv .venv

.venv/installed: setup.py pyproject.toml | .venv/bin/pip
	$(BIN)/pip install -q -e .
	touch $@

.venv/installed-test: setup.py pyproject.toml | .venv/bin/pip
	$(BIN)/pip install -q -e '.[test]'
	touch $@

.venv/installed-docs: setup.py pyproject.toml | .venv/bin/pip
	$(BIN)/pip install -q -e '.[docs]'
	touch $@

.venv-anndata/installed: setup.py pyproject.toml
	$(PYTHON) -m venv .venv-anndata
	.venv-anndata/bin/pip install -q -e '.[test,anndata,parquet]'
	touch $@

# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench docs install install-dev clean

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/.installed

$(VENV)/.graphics: $(VENV)/.installed-dev ## the tests draw worlds: OpenGL in software, where there is none
	$(BIN)/python -c "import moderngl; moderngl.create_context(standalone=True, backend='egl')" 2>/dev/null \
		|| (apt-get update -qq && apt-get install -qq -y --no-install-recommends libegl1 libgl1-mesa-dri)
	touch $@

demo: install ## install, then animate a shipped photo into out/demo.mp4
	$(BIN)/stillmotion demo

check: install-dev ## style, types and import contracts
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install-dev $(VENV)/.graphics check ## everything that CI runs
	$(BIN)/pytest -n 2 --dist loadfile

bench: install-dev ## measure speed and memory; prints the table that docs/benchmarks.md holds
	$(BIN)/python -m benchmarks

docs: install-dev ## write the generated reference pages again
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) out

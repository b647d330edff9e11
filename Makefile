# The two commands: `make book` builds the site, `make test` proves it. Both set up their own .venv.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := book
.PHONY: book test lab serve check accept lock basemap clean

book: $(STAMP)  ## build the site into _build/html
	@$(RUN) tools/build.py

test: $(STAMP)  ## run every test: lint, types, data, library, notebooks, the built book in a browser
	@$(RUN) tools/test.py

lab: $(STAMP)  ## open the chapters in JupyterLab
	@$(VENV)/bin/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/chapters

serve: book  ## serve the built site on http://localhost:8000
	@$(RUN) -m http.server --directory _build/html --bind 127.0.0.1 8000

check: $(STAMP)  ## validate data/ and references.bib
	@$(RUN) -m pactbook check

accept: $(STAMP)  ## run chapters and store their outputs: make accept CHAPTERS="chapters/03-*.ipynb"
	@$(RUN) tools/notebooks.py accept $(or $(CHAPTERS),chapters/*.ipynb)

lock: $(STAMP)  ## pin requirements.txt anew from requirements.in
	@$(VENV)/bin/uv pip compile --universal --python-version 3.11 --upgrade --no-header --no-emit-index-url requirements.in -o requirements.txt

basemap: $(STAMP)  ## derive data/basemap from Natural Earth (needs npm)
	@$(RUN) tools/derive_basemap.py

clean:  ## remove everything that was built, the virtual environment too
	rm -rf _build $(VENV) .pytest_cache .mypy_cache .ruff_cache

# The stamp is written last, so an interrupted set-up is taken up again.
$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed: install it, or run make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv module is missing: on Debian or Ubuntu run  sudo apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once; a few minutes)"
	@test -x $(RUN) && $(RUN) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(RUN) -m pip install --disable-pip-version-check -r requirements.txt
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

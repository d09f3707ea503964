# make app serves the lab (HOST=0.0.0.0: to other machines too), make hub serves it with logins; make test runs every
# check; make bench measures how fast it is; make pins raises all pins. Each sets up what it needs in .venv, once a
# change of the pins.

PORT ?= 8866
HOST ?= localhost
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check
TEMPLATE := .venv/share/jupyter/voila/templates/attention-scores
# Tried by running: a name on the path may be a shim of a version manager that only prints an error.
PYTHONS := python3.13 python3.12 python3.11 python3
FITS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
# JupyterHub's proxy comes from npm and runs on Node 18 or newer: the machine's, else this one.
PROXY := configurable-http-proxy@5.1.0
NODE := 22.22.0
# What is run again as older processors would round: numpy's and torch's oldest way. Both take AVX-512 by themselves
# where a processor has it. Left out: what measures memory or time, texts too short to round, and what rounds as in
# another test (settings, other models). One thread a process.
NUMERIC := $(addprefix tests/unit/test_,averaging.py capture.py compare.py distributions.py entropy.py predictions.py study.py \
  tables.py tasks.py) $(addprefix tests/integration/test_,default_capture.py default_model.py \
  difference_programs.py export_parity.py programs.py)
NUMERIC_TESTS := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile -q \
  -k "not long_text and not megabyte and not one_token and not every_setting and not no_gpt2" $(NUMERIC)
NODE_FITS := process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)

.PHONY: app hub test bench lint pins clean

app: .venv/app.done
	@$(BIN)/python -m voila app.ipynb --no-browser --Voila.ip=$(HOST) --port=$(PORT)

# The hub keeps its secrets and who has logged in where only its own user may look.
hub: .venv/hub.done
	@: "$${HUB_PASSWORD:?It is not set: choose the password of the class, 8 characters or more}"
	mkdir -p -m 700 .venv/hub
	cd .venv/hub && ../bin/jupyterhub -f "$(CURDIR)/binder/hub/jupyterhub_config.py" --port=$(PORT)

test: lint
	@$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest -n 3 --dist loadfile
	OPENBLAS_CORETYPE=Prescott ATEN_CPU_CAPABILITY=default $(NUMERIC_TESTS)

bench: .venv/test.done
	@$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.bench

lint: .venv/test.done
	$(BIN)/ruff check
	$(BIN)/mypy

# Nothing is installed: `make test` does that, and judges.
pins: | $(BIN)/pip
	$(BIN)/python -m tests.pins

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@for python in $(PYTHONS); do \
	  $$python -c "$(FITS)" >/dev/null 2>&1 && exec $$python -m venv .venv; \
	done; \
	echo "Python 3.11 or newer with its venv module is needed; tried: $(PYTHONS)." >&2; exit 1

# pip asks every index for every package. So torch goes first, alone, where the index of its CPU builds serves: little
# patience for an index that does not answer, and nothing else is ever asked of it (nothing at all outside Linux).
.venv/pins.done: requirements.txt | $(BIN)/pip
ifeq ($(shell uname -s),Linux)
	$(PIP) --retries 1 --timeout 10 --no-deps $$(grep -hoE '^(--extra-index-url|torch==)[^#]*' binder/requirements.txt $<)
endif
	$(PIP) -r $<
	touch $@

# The lab itself, built by the setuptools that torch brings, so that nothing is fetched. What Jupyter finds of it are
# copies. (Earlier set-ups had a link in the template's place; pip would write through it.)
.venv/app.done: .venv/pins.done pyproject.toml voila.json binder/jupyter_server_config.json $(wildcard widgets/page/template/*)
	test ! -L $(TEMPLATE) || rm $(TEMPLATE)
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

.venv/hub.done: binder/hub/requirements.txt .venv/pins.done | .venv/app.done
	$(PIP) -r $<
	node -e "$(NODE_FITS)" && npm --version || $(BIN)/nodeenv --python-virtualenv .venv --node=$(NODE)
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --no-audit --no-fund --global --prefix .venv $(PROXY)
	touch $@

.venv/test.done: requirements-test.txt .venv/hub.done | .venv/app.done
	$(PIP) -r $<
	touch $@

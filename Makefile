# Everything a newcomer needs: make run, make test. `make help` tells the rest.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
NODE = $(shell web/scripts/node.sh)
export HMIS_DATA_DIR ?= var

.PHONY: run test check bench wheel release pictures dev web docs lock help clean
.DEFAULT_GOAL := help

run: .venv/ready hmis/web/app.html ## set everything up, then serve http://127.0.0.1:5000 on SQLite with demo data
	@$(BIN)/hmis init
	@$(BIN)/hmis demo --if-empty
	@echo "HMIS is at http://127.0.0.1:$${HMIS_PORT:-5000} - sign in as doctor, nurse, pharmacist, recordofficer or admin, password hmis-demo"
	@$(BIN)/hmis serve

test: .venv/ready hmis/web/app.html ## run the whole suite on SQLite, and on MariaDB where it is installed
	@$(BIN)/python -m tests.run

check: .venv/ready web/node_modules/ready hmis/web/app.html ## style, types, import rules, fresh generated files, weight of the pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m hmis.docs_tables --check
	PATH="$(NODE):$$PATH" $(BIN)/python web/scripts/client.py --check
	cd web && PATH="$(NODE):$$PATH" npm run --silent check
	cd web && PATH="$(NODE):$$PATH" npm run --silent test
	$(BIN)/python web/scripts/contrast.py
	$(BIN)/python web/scripts/weight.py

bench: .venv/ready ## measure ours against bare Flask and bare executemany, side by side
	$(BIN)/python -m bench

wheel: .venv/ready hmis/web/app.html ## build this working copy into dist/: one wheel with the pages in it, which needs no Node
	@rm -rf build dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist .

release: .venv/ready web/node_modules/ready ## make a release of the last commit into dist/, signed: KEY=..., docs/releases.md
	@$(BIN)/python deploy/release.py $(if $(KEY),--key "$(KEY)") $(if $(TRIAL),--trial)

pictures: .venv/ready hmis/web/app.html ## take the pictures of the screens for README and docs anew
	$(BIN)/python -m tests.browser.pictures

dev: .venv/ready ## serve with reload on every change
	@$(BIN)/hmis init
	$(BIN)/flask --app hmis.app run --debug

web: .venv/ready web/node_modules/ready ## write the browser's types of the API, then build the pages anew
	PATH="$(NODE):$$PATH" $(BIN)/python web/scripts/client.py
	@rm -f hmis/web/app.html
	@$(MAKE) --no-print-directory hmis/web/app.html

docs: .venv/ready ## write the generated files: pages of docs/, and the rules shared with the browser
	$(BIN)/python -m hmis.docs_tables

lock: .venv/ready ## resolve the dependencies anew into requirements.lock
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra mysql-fast --extra build -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o deploy/requirements.lock

clean: ## remove the virtual environment, the built pages and the local data
	rm -rf .venv var web/node_modules web/.svelte-kit hmis/web

help: ## show this
	@grep -hE '^[a-z]+:.*## ' Makefile | awk -F ':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

.venv/ready: requirements.lock pyproject.toml
	@echo "setting up .venv (a minute, once)"
	@test -n "$(PYTHON)" || { echo "HMIS needs Python 3.11 or newer: sudo apt-get install python3 python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

hmis/web/app.html: web/node_modules/ready $(shell find web/src web/static -type f 2>/dev/null) web/svelte.config.js web/vite.config.ts web/scripts/french.mjs web/scripts/said.mjs
	@echo "building the pages (half a minute, after each change of web/)"
	@cd web && PATH="$(NODE):$$PATH" npm run --silent build -- --logLevel error
	@touch $@

web/node_modules/ready: web/package-lock.json | .venv/ready
	@echo "fetching what builds the pages (once)"
	@cd web && PATH="$(NODE):$$PATH" npm ci --silent
	@touch $@

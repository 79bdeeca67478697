# Two commands matter: `make inspect` shows Delist at work, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: inspect test lint types suite setup lock clean sanitize bench bench-crawl bench-store bench-console mutations fuzz drill test-real test-browser test-api wapiti lighthouse tables likeness help

help:            ## what can be made
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed 's/:.*##/ \t/' | expand -t 16

setup: $(READY)  ## a local virtual environment with the locked dependencies

$(READY): requirements.lock pyproject.toml $(wildcard hatch_build.py scanner/kernels/*.[ch])
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Delist needs Python 3.11 or newer; say which with: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'from scanner import kernels; print("Matching in", kernels.status())'
	@touch $@

inspect: $(READY)  ## crawl the simulated marketplace and show the queue
	@$(BIN)/delist inspect --demo

test: lint types suite test-browser  ## everything that must pass

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

suite: $(READY)
	$(BIN)/pytest -n 2 --dist worksteal --ignore=tests/browser

test-browser: $(READY)  ## the console in a real browser; pictures of it in build/browser
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || [ -n "$$CHROMIUM" ] \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get install -y -qq chromium fonts-noto-cjk; } \
		|| echo "*** NO CHROMIUM: the console is not tried in a browser. Debian: apt-get install chromium ***" >&2
	$(BIN)/pytest tests/browser

# Python itself is built without sanitizers, so they are loaded before it. It keeps what it has until it ends.
SANITIZED = LD_PRELOAD="$$(cc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 DELIST_KERNELS=$(CURDIR)/build/sanitized.so

# These tools want other versions of what Delist uses, so each has an environment of its own.
TOOLS := build/tools

test-api: $(READY)  ## schemathesis against the HTTP API: no 5xx, answers as the OpenAPI document says
	@test -x $(TOOLS)/schemathesis/bin/st || { $(PYTHON) -m venv $(TOOLS)/schemathesis \
		&& $(TOOLS)/schemathesis/bin/pip install --quiet --disable-pip-version-check 'schemathesis>=4.32,<5'; }
	@# A cursor or a reason code may be none of ours though its form is right: that 422 is no fault (the excluded check).
	$(BIN)/python -m tests.served $(TOOLS)/schemathesis/bin/st run '{url}/api/v1/openapi.json' \
		--header 'Authorization: Bearer {token}' --exclude-checks positive_data_acceptance --warnings off \
		--max-examples $(or $(EXAMPLES),50) --continue-on-failure --no-color

wapiti: $(READY)  ## wapiti against the console, logged in; its report in build/wapiti
	@test -x $(TOOLS)/wapiti/bin/wapiti || { $(PYTHON) -m venv $(TOOLS)/wapiti \
		&& $(TOOLS)/wapiti/bin/pip install --quiet --disable-pip-version-check 'wapiti3>=3.2,<4'; }
	@# Left out: what asks a server elsewhere (ssrf, xxe, log4shell …), and lists of other products' addresses.
	@mkdir -p build/wapiti
	$(BIN)/python -m tests.served $(TOOLS)/wapiti/bin/wapiti --url '{url}/' --scope folder --header 'Cookie: {cookie}' \
		--module cookieflags,csp,csrf,crlf,exec,file,http_headers,inconsistent_redirection,methods,permanentxss,redirect,sql,xss \
		--exclude '{url}/logout' --depth 4 --max-links-per-page 30 --max-files-per-dir 8 --max-parameters 12 \
		--max-scan-time $(or $(SECONDS),600) --max-attack-time 60 --tasks 4 --no-bugreport --flush-session \
		--store-session build/wapiti --format txt --output build/wapiti/report.txt

lighthouse: $(READY)  ## Lighthouse on the main pages, 95 or more; reports in build/lighthouse (needs npm and Chromium)
	@test -x $(TOOLS)/lighthouse/node_modules/.bin/lighthouse \
		|| npm install --no-fund --no-audit --silent --prefix $(TOOLS)/lighthouse lighthouse@12.8.2
	$(BIN)/python -m tests.served $(BIN)/python -m tests.lighthouse \
		$(TOOLS)/lighthouse/node_modules/.bin/lighthouse '{url}' '{cookie}'

test-real: $(READY)  ## crawl, take down and restore in real shops: django-oscar and Vendure (minutes; needs npm)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[real]'
	$(BIN)/pytest --timeout=900 -s tests/real

bench: $(READY)  ## speed and memory side by side; peers need: pip install .[bench]
	@$(BIN)/python -m benchmarks.matching

mutations: $(READY)  ## every term and lawful titles through the evasions of the catalogue
	@$(BIN)/python -m benchmarks.mutations

fuzz: $(READY)   ## ten minutes of hostile listings and broken rule files
	@$(BIN)/python -m benchmarks.fuzz

sanitize: $(READY)  ## the suite of the compiled kernels, and hostile listings, under address and undefined-behaviour sanitizers
	@mkdir -p build
	$(BIN)/python hatch_build.py build/sanitized.so -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
	$(SANITIZED) $(BIN)/pytest tests/kernels tests/text tests/rulebook tests/likeness
	$(SANITIZED) $(BIN)/python -m benchmarks.fuzz --patience 5 --minutes $(or $(MINUTES),5)

bench-crawl: $(READY)  ## a crawl beside bare Scrapy and a BeautifulSoup spider; PAGES=200000: its memory beside 10,000
	@$(BIN)/python -m benchmarks.crawl $(if $(PAGES),--memory $(PAGES))

bench-store: $(READY)  ## how a store of 100,000 cases answers, on SQLite and PostgreSQL; CASES=1000000 FOLDER=kept-there
	@$(BIN)/python -m benchmarks.store --cases $(or $(CASES),100000) $(if $(FOLDER),--keep --folder $(FOLDER))

bench-console: $(READY)  ## twenty moderators over 100,000 cases on one core, SQLite and PostgreSQL; CASES=1000000 for more
	@$(BIN)/python -m benchmarks.console --cases $(or $(CASES),100000) $(if $(FOLDER),--folder $(FOLDER) --keep)

tables: $(READY)  ## renew the character table (needs: pip install .[tables])
	@$(BIN)/python -m scanner.text.build_tables

likeness: $(READY)  ## fit anew what listings are likened to (needs: pip install .[learn])
	@$(BIN)/python -m scanner.likeness.learn

drill: $(READY)  ## 200 kills of console, intake, sender and verifier at work; fifty moderators at 20,000 cases; do and undo (hours)
	DRILL_KILLS=200 $(BIN)/pytest -o log_cli=true --log-cli-level=INFO tests/test_kill_house.py
	DRILL_CASES=20000 $(BIN)/pytest -o log_cli=true --log-cli-level=INFO tests/store/test_many_people.py
	DRILL_KILLS=200 $(BIN)/pytest --timeout=3600 tests/test_kill_drill.py -k intake
	DRILL_KILLS=50 DRILL_PAGES=3000 $(BIN)/pytest --timeout=3600 tests/test_kill_drill.py -k crawls
	DRILL_EXAMPLES=200 $(BIN)/pytest --timeout=3600 tests/moderation/test_reverting.py tests/takedown/test_takedown_machine.py
	DRILL_RESTARTS=1 $(BIN)/pytest tests/takedown/test_outages.py

lock:            ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--extra dev pyproject.toml -o requirements.lock

clean:           ## remove the environment and what runs have left
	rm -rf $(VENV) data build dist .mypy_cache .ruff_cache .pytest_cache

# Everything that is done with this repository, by name. `make` alone lists the targets.
#
#   JOBS=2        how many compiler processes run at once (default: the number of processors)
#   FILTER=regex  which tests `make test-only` runs
#   KILLS=200     how often `make kill-loop` and `make daemon-kill-loop` kill
#   REQUESTS=10000  how many requests `make http-fuzz` and `make http-schemathesis` send
#   ROUNDS=200    how often each server is cut off in each way in `make server-campaign`; killed and held, a quarter each
#   LOCKS=10000   how often `make lock-campaign` takes each lock

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
FILTER ?= .
KILLS ?= 200
ROUNDS ?= 200
LOCKS ?= 10000
REQUESTS ?= 10000
BUILD := swift build -j $(JOBS)
SWIFT_SOURCES := Sources Plugins Tests Package.swift

# The suite under a sanitizer leaves out what needs another process or a release build to mean anything.
SANITIZE_SKIP ?= HoldfastCommandTests|HouseStyleTests|FileLogPluginTests.KillTests|Exhaustive
# Simulations on one thread, where Thread Sanitizer has nothing to see and takes a quarter of an hour for it.
SINGLE_THREADED := FileLogPluginTests.(CrashTests|DamageTests|FaultTests|SalvageTests)

.PHONY: help
help: ## List the targets.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: deps-build build ## Install what is missing, build, and serve ./storage.yaml over HTTP until Ctrl-C.
	@printf '%s\n' 'Try, in another terminal:' \
	    "  curl --json '{\"role\":\"user\",\"content\":\"hello\"}' http://127.0.0.1:7474/v1/sessions/first/messages" \
	    '  curl http://127.0.0.1:7474/v1/sessions/first/messages' \
	    '  .build/release/holdfast status'
	.build/release/holdfast serve

.PHONY: demo
demo: deps-build build ## Install what is missing, build, and show that nothing is lost, on conversations of its own.
	.build/release/holdfast demo

.PHONY: test
test: deps-test ## Install what is missing, build, and run every test.
	.ci/test

.PHONY: test-only
test-only: ## Run the tests whose name matches FILTER.
	$(BUILD) --build-tests
	swift test --skip-build --filter '$(FILTER)' --experimental-maximum-parallelization-width $(JOBS)

.PHONY: build
build: ## Build the executable and every plugin for release, into .build/release.
	$(BUILD) -c release

.PHONY: deps-build
deps-build: ## Install the system packages that building needs.
	@.ci/install build

.PHONY: deps-test
deps-test: ## Install the system packages that the tests need.
	@.ci/install test

.PHONY: format
format: ## Format every Swift file in place.
	swift format --in-place --recursive --parallel $(SWIFT_SOURCES)

.PHONY: lint
lint: ## Check the format of every Swift file.
	swift format lint --strict --recursive --parallel $(SWIFT_SOURCES)

.PHONY: sanitize
sanitize: export HOLDFAST_SANITIZE = 1
sanitize: deps-test ## Run the suite under Thread Sanitizer and under Address Sanitizer.
	# A plugin resolves the sanitizer's runtime from the executable, so that one must export it.
	$(BUILD) --build-tests --sanitize thread --scratch-path .build-tsan -Xlinker --export-dynamic
	swift test --skip-build --sanitize thread --scratch-path .build-tsan -Xlinker --export-dynamic \
	    --skip '$(SANITIZE_SKIP)|$(SINGLE_THREADED)' --experimental-maximum-parallelization-width $(JOBS)
	$(BUILD) --build-tests --sanitize address --scratch-path .build-asan
	swift test --skip-build --disable-xctest --sanitize address --scratch-path .build-asan \
	    --skip '$(SANITIZE_SKIP)' --experimental-maximum-parallelization-width $(JOBS)

.PHONY: bench
bench: build ## Measure the ratios that the project promises.
	$(BUILD) -c release --package-path Benchmarks
	Benchmarks/.build/release/holdfast-bench --check

.PHONY: bench-http
bench-http: deps-test ## Measure what the daemon costs beside routes that do nothing; needs wrk.
	$(BUILD) -c release --scratch-path .build-bench --build-tests -Xswiftc -enable-testing
	HOLDFAST_BENCH_HTTP=1 swift test -c release --skip-build --scratch-path .build-bench -Xswiftc -enable-testing \
	    --filter ServingBenchmark --no-parallel

.PHONY: kill-loop
kill-loop: ## Kill an import at KILLS random moments (200), and compare every message each time.
	$(BUILD) --build-tests
	HOLDFAST_KILL_COUNT=$(KILLS) swift test --skip-build --filter HoldfastCommandTests.KillTests

.PHONY: daemon-kill-loop
daemon-kill-loop: ## Kill a daemon KILLS times (200) under 64 connections; compare every write that it answered.
	$(BUILD) --build-tests
	HOLDFAST_DAEMON_KILLS=$(KILLS) swift test --skip-build --filter DaemonKillTests

.PHONY: lock-campaign
lock-campaign: ## Let three processes fight for a lock, LOCKS acquisitions (10000) on each store, stopped beyond the lease.
	$(BUILD) --build-tests
	HOLDFAST_LOCK_COUNT=$(LOCKS) swift test --skip-build --filter LockCampaignTests

.PHONY: server-campaign
server-campaign: ## Cut servers off ROUNDS times (200) in each way under load, and kill them; compare every message.
	$(BUILD) --build-tests
	HOLDFAST_CAMPAIGN_ROUNDS=$(ROUNDS) swift test --skip-build --filter ServerChainTests --no-parallel

.PHONY: follow-campaign
follow-campaign: ## Let 2000 clients follow 200 sessions under 1000 appends/s; compare every event.
	$(BUILD) -c release --scratch-path .build-bench --build-tests -Xswiftc -enable-testing
	HOLDFAST_FOLLOW_CAMPAIGN=1 swift test -c release --skip-build --scratch-path .build-bench -Xswiftc -enable-testing \
	    --filter FollowCampaignTests

.PHONY: python-tests
python-tests: ## Run the clients of others that are written in Python against a daemon.
	$(BUILD) --build-tests
	swift test --skip-build --filter PythonClientTests

.PHONY: http-fuzz
http-fuzz: ## Send REQUESTS malformed requests (10000) to a daemon: no defect, no crash, flat memory.
	$(BUILD) --build-tests
	HOLDFAST_FUZZ_REQUESTS=$(REQUESTS) swift test --skip-build --filter HoldfastHTTPTests.FuzzTests

.PHONY: http-schemathesis
http-schemathesis: ## Have schemathesis (PyPI) hold REQUESTS answers (10000) of a daemon against its /openapi.json.
	$(BUILD)
	Tests/Python/schemathesis .build/debug $(REQUESTS)

.PHONY: clean
clean: ## Remove everything that was built.
	rm -rf .build .build-tsan .build-asan .build-exploration .build-bench Benchmarks/.build

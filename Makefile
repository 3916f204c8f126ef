# edgepack: `make` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test test-fast bench check fuzz format clean sizes install uninstall
SHELL := /bin/bash

# One configuration for tests, demo and use: optimised, as the portable kernels need it, and open to @testable. Tests are built by
# `swift build` too: `swift test` would build everything once more, with flags of its own.
SWIFT_FLAGS := -c release -Xswiftc -enable-testing
# Generated code is neither linted nor formatted.
SWIFT_FILES = $(shell find Package.swift Sources Tests -name '*.swift' -not -path '*/Generated/*')
# Suites that start other programs are named in one file; the fast tests skip them.
SKIP_SLOW = $(addprefix --skip ,$(shell sed -e 's/\#.*//' -e '/^ *$$/d' Scripts/slow-suites.txt))

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (apt with root or sudo), the emulated machine's kernel, test peers in .venv
	@Scripts/setup.sh

# The device sources travel as resources. The package manager copies such folders once and does not see later changes in them.
.PHONY: fresh-resources
fresh-resources:
	@rm -rf .build/release/edgepack_*.resources

build: fresh-resources ## build edgepack and its tests
	swift build $(SWIFT_FLAGS) --build-tests

# Where `make install` puts the program; DESTDIR is for packagers, who install into a folder that becomes the root.
PREFIX ?= /usr/local
DESTDIR ?=

install: fresh-resources ## install into PREFIX (/usr/local): program, profiles, device sources, manual page, completions
	swift build $(SWIFT_FLAGS) --product edgepack
	Scripts/install.sh "$(DESTDIR)$(PREFIX)"

uninstall: ## remove what `make install` with the same PREFIX put there
	Scripts/install.sh --remove "$(DESTDIR)$(PREFIX)"

demo: setup fresh-resources ## pack, prove and use a real model in an emulated 512 MiB arm64 machine
	swift build $(SWIFT_FLAGS) --product edgepack
	Examples/digits/demo.sh

test: setup fresh-resources ## all tests, emulators and compilers included
	swift build $(SWIFT_FLAGS) --build-tests
	swift test --skip-build $(SWIFT_FLAGS) --disable-xctest

test-fast: fresh-resources ## the tests that start no other program
	swift build $(SWIFT_FLAGS) --build-tests
	swift test --skip-build $(SWIFT_FLAGS) --disable-xctest $(SKIP_SLOW)

# The rivals live in an environment of their own, made anew when their list changes.
.venv-bench/requirements.txt: Benchmarks/requirements.txt
	rm -rf .venv-bench
	python3 -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check -r $<
	cp $< $@

bench: .venv-bench/requirements.txt fresh-resources ## time packed programs and their rivals: make bench MODELS=FOLDER [THREADS=N]
	@test -n "$(MODELS)" || { echo "say where the networks are: make bench MODELS=FOLDER (Benchmarks/bench.py --help)" >&2; exit 2; }
	swift build $(SWIFT_FLAGS) --product edgepack
	.venv-bench/bin/python Benchmarks/bench.py --edgepack .build/release/edgepack --models $(MODELS) \
	  $(if $(NETWORKS),--networks $(NETWORKS)) --threads $(or $(THREADS),1) -o build-bench

check: ## what a reviewer runs: format, architecture, fast tests
	swift format lint --strict --parallel $(SWIFT_FILES)
	$(MAKE) test-fast

fuzz: ## feed a reader with libFuzzer: make fuzz FORMAT=onnx|npz|yaml|epk [TIME=60]
	@Scripts/fuzz.sh "$(FORMAT)" "$(or $(TIME),60)"

format: ## format the sources in place
	swift format --in-place --parallel $(SWIFT_FILES)

clean: ## remove what was built; packed folders stay
	rm -rf .build

sizes: ## lines a file and share of comments
	@Scripts/sizes.sh

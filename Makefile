# Hookswitch. `make run` opens the window, `make test` proves that all of it works; both see to what they need first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Where the distribution's Go is missing, the one from go.dev is found where its instructions put it.
export PATH := $(PATH):/usr/local/go/bin
# One set of flags for the program, its tests and the linters, so that Fyne is compiled once for all of them.
export GOFLAGS := -tags=nolibopusfile -buildvcs=false

TOOLS := $(CURDIR)/.cache/bin
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FYNE := fyne.io/tools/cmd/fyne@v1.7.4

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
EXE := $(shell go env GOEXE 2>/dev/null)

.PHONY: help build run test short bench fuzz lint package deps deps-test clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## see that Go and the libraries to build with are there (asks before sudo)
	@.ci/packages build run
	@.ci/go-version

deps-test: # what the tests need beside: a virtual screen, sound server and browser, Kamailio, JsSIP
	@.ci/packages build run test
	@.ci/go-version
	@.ci/peers

build: deps ## build bin/hookswitch
	@mkdir -p bin
	@.ci/progress "Building; the first time it takes about three minutes, most of it the window's C code" \
	  go build -ldflags "-X main.version=$(VERSION)" -o bin/hookswitch$(EXE) .

run: build ## open the window; with no account it offers a demo
	@bin/hookswitch$(EXE)

# The devices' and the peers' tests measure sound in real time, so nothing else runs beside them.
test: deps-test build ## all tests with the race detector, real peers and the real window included
	@echo "Checking the form of the code"
	@unformatted=$$(gofmt -l $$(find . -name '*.go' -not -path './.*')); \
	  [ -z "$$unformatted" ] || { echo "Not formatted (gofmt -w helps): $$unformatted"; exit 1; }
	@.ci/progress "Vetting" go vet ./...
	@echo "Testing each package; the first compilation with the race detector takes about five minutes"
	@.ci/progress "Testing" go test -race -timeout 10m $$(go list ./... | grep -v -e /phone/interop -e /devices/native)
	@.ci/progress "Testing" go test -race -timeout 10m ./devices/native
	@echo "Testing with real peers: servers, browsers, desk phones, NATs, the window on a virtual screen"
	@.ci/progress "Testing" env HOOKSWITCH_PEERS=required go test -race -count=1 -timeout 12m ./phone/interop

short: deps ## the tests that need no peer and no screen
	@go test -race -short ./...

bench: deps ## the benchmarks, with allocations
	@go test -run '^$$' -bench . -benchmem ./...

# go test may call it a failure that its time ended in the middle of an input; a finding says more than that.
FUZZTIME := 60s
fuzz: deps ## every parser against chance, a minute each (FUZZTIME=5s: shorter)
	@said=$$(mktemp); trap 'rm -f "$$said"' EXIT; for package in $$(go list ./...); do \
	  for target in $$(go test -run '^$$' -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package | tee "$$said" || grep -qx ' *context deadline exceeded' "$$said"; \
	  done; \
	done

lint: deps $(TOOLS)/staticcheck $(TOOLS)/golangci-lint ## gofmt, vet, staticcheck, golangci-lint
	@gofmt -l $$(find . -name '*.go' -not -path './.*') | { ! grep .; }
	@.ci/progress "Vetting" go vet ./...
	@.ci/progress "staticcheck" $(TOOLS)/staticcheck ./...
	@.ci/progress "golangci-lint" $(TOOLS)/golangci-lint run ./...

# fyne counts its runs in FyneApp.toml; ours stays as it is. A path that is not absolute would have it build anew.
package: build $(TOOLS)/fyne ## the program packed for this system, in dist/
	@rm -rf dist && mkdir -p dist && cp FyneApp.toml dist/
	@trap 'mv $(CURDIR)/dist/FyneApp.toml $(CURDIR)/' EXIT; cd dist; \
	  $(TOOLS)/fyne package --source-dir .. --executable $(CURDIR)/bin/hookswitch$(EXE) --release
	@ls -l dist

# The tools are built from source, apart from go.mod: they are no part of the program.
$(TOOLS)/%:
	@.ci/progress "Building $*, once" env GOFLAGS= GOBIN=$(TOOLS) go install $(call source-of,$*)
source-of = $(if $(filter staticcheck,$1),$(STATICCHECK),$(if $(filter fyne,$1),$(FYNE),$(GOLANGCI)))

clean: ## forget what was built; .cache (tools, peers) stays
	@rm -rf bin dist screenshots

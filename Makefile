# make lab    on a bare Debian machine: a Docker engine, the program, and the course on the screen
# make test   sets up what the tests need and runs them        make e2e    real Docker and a real kind cluster
# make lint   what a change must pass                          make bench  how fast ticks are
# make robot  an hour of anything at all at the screen and at a terminal; ROBOT=5m for ten minutes
SHELL      := /bin/bash
GO         ?= go
KUBERNETES := v1.37.0
VERSION    ?= $(shell git describe --always --dirty 2>/dev/null || echo unknown)
CONTENT    ?= content/ko
K8S_X      := k8s.io/component-base/version
LDFLAGS    := -s -w -X main.version=$(VERSION) -X $(K8S_X).gitVersion=$(KUBERNETES) -X $(K8S_X).gitMajor=1 -X $(K8S_X).gitMinor=37
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
export CGO_ENABLED = 0

.PHONY: lab build engine images packages test e2e lint bench robot clean

# The engine is installed and started while the program compiles.
lab:
	@$(MAKE) --no-print-directory -j2 engine build
	@bin/kubelab

build:
	@echo "▸ 프로그램 만들기 (처음에는 2~3분)"
	@$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/kubelab ./cmd/kubelab 2> >(grep -v '^go: downloading' >&2)

engine:
	@images/engine.sh

images: engine build
	@bin/kubelab images

# What the tests need beside Go: a terminal to drive, and the shells that learners have.
packages:
	@.ci/packages

test: packages engine build
	@bin/kubelab images busybox node registry
	KUBELAB_ROBOT=30s $(GO) test ./...

e2e: packages engine build
	@.ci/e2e

lint: build
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "gofmt -w these files"; exit 1; }
	$(GO) vet ./...
	$(GO) mod tidy -diff
	$(GO) run $(STATICCHECK) ./...
	bin/kubelab lint --strict $(CONTENT)

bench: packages engine build
	@.ci/bench

# Half of the time each: the screen with every frame looked at, and the program on a terminal with a real shell.
ROBOT ?= 30m
robot: packages
	KUBELAB_ROBOT=$(ROBOT) $(GO) test -count 1 -timeout 24h -run TestRandomRobot -v ./runner/tui ./cmd/kubelab

clean:
	rm -rf bin

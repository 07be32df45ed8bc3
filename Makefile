# Everything a contributor does, by name. `make` alone lists it.
# Needed: Go, make, bash, git. Containers on this machine also want root on Debian or Ubuntu; nothing else has to be installed before.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

IMG     ?= ecs-operator:dev
# What containers that need the launcher get it from.
LAUNCHER_IMG ?= ecs-launcher:dev
# Where the development cluster lives. Demo and e2e have clusters of their own beside it.
STATE   ?= $(CURDIR)/.state/dev
# Where install-plugin puts kubectl-ecs.
PREFIX  ?= /usr/local
# More arguments for go test, as in: make test-unit TESTFLAGS="-run Rolling -v"
TESTFLAGS ?=

BIN            := $(CURDIR)/bin
LOCALCLUSTER   := $(BIN)/localcluster
CONTROLLER_GEN := $(BIN)/controller-gen
GOLANGCI_LINT  := $(BIN)/golangci-lint
KUBECTL        := $(LOCALCLUSTER) kubectl
NESTED_MODULES := $(patsubst %/go.mod,%,$(shell git ls-files '*/go.mod'))

export PATH := $(BIN):$(PATH)
# Programs are static, and tests share what is compiled for them.
export CGO_ENABLED := 0
export NODES

.PHONY: help
help: ## Show this list
	@if [ -t 1 ]; then bold=$$'\e[1m' name=$$'\e[36m' off=$$'\e[0m'; else bold= name= off=; fi; \
	awk -v b="$$bold" -v n="$$name" -v o="$$off" 'BEGIN { FS = ":.*## "; print "\nUsage: make TARGET" } \
		/^## / { printf "\n%s%s%s\n", b, substr($$0, 4), o } \
		/^[a-z0-9-]+:.*## / { printf "  %s%-23s%s %s\n", n, $$1, o, $$2 }' $(firstword $(MAKEFILE_LIST)); echo

## Try it

.PHONY: demo
demo: $(BIN)/localcluster ## See a service run, roll without a lost request, scale and heal (ten minutes the first time, then one)
	@go run ./hack/demo up

.PHONY: demo-clean
demo-clean: $(BIN)/localcluster ## Undo the demo: cluster, processes, mounts, addresses
	@go run ./hack/demo clean

## Test

.PHONY: test
test: test-unit test-integration test-localcluster test-placement test-e2e ## Run every test, with all set-up

.PHONY: test-unit
test-unit: ## Test what needs no cluster, in all modules
	@hack/test-unit.sh $(TESTFLAGS)

.PHONY: test-integration
test-integration: $(BIN)/localcluster ## Test against a real apiserver, and a real Prometheus; pods are moved by hand
	@LOCALCLUSTER="$(LOCALCLUSTER)" hack/test-integration.sh $(TESTFLAGS)

.PHONY: corpus
corpus: $(BIN)/localcluster ## Run a folder of ECS files through convert, admission and translation (DIR=folder)
	@KUBEBUILDER_ASSETS=$$($(LOCALCLUSTER) binaries); export KUBEBUILDER_ASSETS; \
	go run ./test/corpus $(or $(DIR),test/corpus/testdata)

.PHONY: test-localcluster
test-localcluster: $(BIN)/localcluster ## Test the cluster that the tests run on: faults, repair, and that it leaves nothing behind
	@if [ "$$(id -u)" = 0 ]; then cd hack/localcluster && LOCALCLUSTER_SMOKE=1 go test -count=1 -timeout 20m ./test/ $(TESTFLAGS); \
	else echo "test-localcluster: NOT RUN: it starts nodes with containers, which needs root"; fi

.PHONY: test-e2e
test-e2e: $(BIN)/localcluster ## Test with real containers, on a cluster of its own or on KUBECONFIG's (KEEP=1 leaves it running)
	@hack/test-e2e.sh -ginkgo.label-filter='!aborts' $(TESTFLAGS)

.PHONY: test-placement
test-placement: $(BIN)/localcluster ## Test where tasks go, on a real scheduler with simulated nodes; no root needed (KEEP=1 leaves it running)
	@hack/test-placement.sh $(TESTFLAGS)

.PHONY: test-karpenter
test-karpenter: $(BIN)/localcluster ## Test that tasks without a place make Karpenter add nodes (builds it from its module: five minutes, once)
	@echo "building Karpenter"; cd test/karpenter && go build -o $(BIN)/karpenter .
	@KARPENTER=$(BIN)/karpenter hack/test-placement.sh -v -ginkgo.label-filter=karpenter $(TESTFLAGS)

.PHONY: test-gateway
test-gateway: $(BIN)/localcluster ## Test deployments through a real Gateway under load (builds Traefik from its module: ten minutes, once; DEPLOYMENTS=n of each strategy)
	@TRAEFIK=$$(hack/traefik.sh) hack/test-e2e.sh -v -ginkgo.label-filter=gateway -timeout 120m $(TESTFLAGS)

.PHONY: bench
bench: $(BIN)/localcluster ## Measure what docs/benchmarks.md states (about 10 minutes)
	@hack/bench.sh $(TESTFLAGS)

.PHONY: bench-placement
bench-placement: ## Measure placement decisions on one core, beside a scan of all instances (a minute and a half)
	@GOMAXPROCS=1 go test ./internal/placement -run '^$$' -bench . -benchmem $(TESTFLAGS)

.PHONY: bench-placement-cluster
bench-placement-cluster: $(BIN)/localcluster ## Measure placement on simulated nodes beside plain Deployments: instances, skew, rate, memory (40 minutes)
	@hack/bench-placement.sh $(TESTFLAGS)

.PHONY: bench-services
bench-services: $(BIN)/localcluster ## Measure 1,000 services redeployed at once, 20 times, beside Deployments and Argo Rollouts (two to three hours)
	@hack/bench-services.sh $(TESTFLAGS)

.PHONY: bench-deployments
bench-deployments: $(BIN)/localcluster ## Count requests that fail during redeployments, beside a Deployment and Argo Rollouts (15 minutes)
	@hack/bench-deployments.sh $(TESTFLAGS)

.PHONY: bench-translation
bench-translation: ## Measure translation on one core, beside decoding and copying a task definition (half a minute)
	@GOMAXPROCS=1 go test ./internal/podspec -run '^$$' -bench Translate -benchmem $(TESTFLAGS)

.PHONY: fuzz
fuzz: ## Let every fuzz target look for what breaks it (FUZZTIME=20s each, FUZZ=pattern)
	@hack/fuzz.sh

.PHONY: verify
verify: $(CONTROLLER_GEN) $(GOLANGCI_LINT) ## Regenerate, format, lint, tidy; fail if that changes anything
	@hack/verify.sh

## Develop

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Write generated code and the documents that tests print
	@$(CONTROLLER_GEN) object:headerFile=hack/boilerplate.go.txt paths=./api/...
	@hack/update-goldens.sh

.PHONY: manifests
manifests: $(CONTROLLER_GEN) ## Write the CRDs and the manager's role
	@$(CONTROLLER_GEN) crd paths=./api/... output:crd:artifacts:config=config/crd/bases
	@$(CONTROLLER_GEN) rbac:roleName=ecs-operator-manager paths=./controllers/... output:rbac:artifacts:config=config/rbac

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the code
	@for m in . $(NESTED_MODULES); do (cd $$m && { [ -z "$$(find . -name '*.go' -print -quit)" ] || $(GOLANGCI_LINT) fmt; }); done

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run the linters on all modules, and the API linter on the types
	@hack/lint.sh

.PHONY: build
build: ## Build manager, launcher and kubectl-ecs into bin/
	@go build -ldflags "-s -w" -o $(BIN)/ ./cmd/manager ./cmd/launcher ./cmd/kubectl-ecs

.PHONY: install-plugin
install-plugin: build ## Install kubectl-ecs and its tab completion into PREFIX/bin (/usr/local), where kubectl finds it
	@install -d $(PREFIX)/bin && install -m 755 $(BIN)/kubectl-ecs $(PREFIX)/bin/kubectl-ecs && \
	printf '#!/bin/sh\nexec kubectl-ecs __complete "$$@"\n' > $(PREFIX)/bin/kubectl_complete-ecs && chmod 755 $(PREFIX)/bin/kubectl_complete-ecs && \
	echo "installed: kubectl ecs --help"

.PHONY: clean
clean: ## Remove what was built (clusters stay: cluster-down, demo-clean)
	@rm -rf $(BIN)

## Cluster

cluster-up cluster-down deploy undeploy: export LOCALCLUSTER_STATE := $(STATE)

.PHONY: cluster-up
cluster-up: $(BIN)/localcluster ## Start Kubernetes on this machine (NODES="--real 2 --simulated 9")
	@$(LOCALCLUSTER) up $(NODES)

.PHONY: cluster-down
cluster-down: $(BIN)/localcluster ## Stop it, leaving nothing behind
	@$(LOCALCLUSTER) down

.PHONY: image
image: $(BIN)/localcluster ## Make images without Docker: operator, launcher and sample application, archives in bin/
	@IMG=$(IMG) LAUNCHER_IMG=$(LAUNCHER_IMG) hack/images.sh

.PHONY: bin/ecs-web.tar bin/ecs-probe.tar
bin/ecs-web.tar bin/ecs-probe.tar: bin/ecs-%.tar: $(BIN)/localcluster
	@hack/images.sh $*

.PHONY: docker-build
docker-build: ## Make the manager's and the launcher's image with Docker
	@docker build -t $(IMG) .
	@docker build -t $(LAUNCHER_IMG) --target launcher .

.PHONY: deploy
deploy: image ## Install CRDs and operator on the development cluster
	@$(LOCALCLUSTER) load-image $(BIN)/ecs-operator.tar $(BIN)/ecs-launcher.tar $(BIN)/ecs-web.tar
	@KUBECTL="$(KUBECTL)" IMG=$(IMG) LAUNCHER_IMG=$(LAUNCHER_IMG) hack/deploy.sh

.PHONY: undeploy
undeploy: $(BIN)/localcluster ## Remove operator and CRDs, and with them every ECS object
	@KUBECTL="$(KUBECTL)" hack/undeploy.sh

.PHONY: kind-up
kind-up: ## The same steps with kind and Docker
	@hack/kind/up.sh

.PHONY: kind-down
kind-down: ## Delete the kind cluster
	@kind delete cluster --name ecs-operator

# Tools. Go's build cache decides what there is to do.

.PHONY: $(BIN)/localcluster
$(BIN)/localcluster:
	@cd hack/localcluster && go build -o $@ .

$(CONTROLLER_GEN): hack/tools/go.mod
	@echo "building controller-gen"; cd hack/tools && go build -o $@ sigs.k8s.io/controller-tools/cmd/controller-gen && touch $@

$(GOLANGCI_LINT): hack/tools/go.mod
	@echo "building golangci-lint (two minutes, once)"; cd hack/tools && go build -o $@ sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter && touch $@

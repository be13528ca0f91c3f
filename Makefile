# Overread. `make` alone lists the targets; `make demo` and `make test` each work on a fresh machine.

# One set of flags for the program and for the tests, so that they share one build folder and nothing is built twice.
# Release, because numeric Swift is tens of times slower in debug; testable, because the tests read internal names.
FLAGS := -c release -Xswiftc -enable-testing
SOURCES := Sources Tests Package.swift Benchmarks/Sources Benchmarks/Package.swift

.DEFAULT_GOAL := help
.PHONY: help demo test review-browser build bench lint format setup clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "%-22s %s\n", $$1, $$2 }'

demo: build ## set up what is missing, build, run the main job on a real model, say where the report is
	@scripts/fetch-model.sh
	@scripts/demo.sh

test: setup ## build and pass every test (needs no model and no network once the packages are there)
	swift build $(FLAGS) --build-tests
	swift test $(FLAGS) --skip-build --skip 'ReviewServerTests|MessageListenerTests'
	@# By themselves: their clients wait for answers while other tests would keep every core busy.
	swift test $(FLAGS) --skip-build --filter 'ReviewServerTests|MessageListenerTests'

review-browser: setup ## drive the review page in a real browser (needs chromium; says so where it cannot run)
	@scripts/review-browser.sh $(FLAGS)

build: setup ## build the program: .build/release/overread
	swift build $(FLAGS) --product overread

bench: setup ## measure speed and memory; PEER_PYTHON=… measures the peers beside it (Benchmarks/README.md)
	@scripts/fetch-model.sh
	swift build -c release --package-path Benchmarks
	Benchmarks/.build/release/overread-bench all $(if $(PEER_PYTHON),--peer-python $(PEER_PYTHON))

lint: ## check format, layers and forbidden words
	swift format lint --strict --parallel --recursive --configuration .swift-format $(SOURCES)
	scripts/check-layers.sh --self-test
	scripts/check-layers.sh

format: ## format every Swift file in place
	swift format --in-place --parallel --recursive --configuration .swift-format $(SOURCES)

setup: ## install the Debian packages that are missing
	@scripts/setup-packages.sh

clean: ## remove what was built; the model, stores and reports stay
	rm -rf .build Benchmarks/.build

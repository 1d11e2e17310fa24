# `make demo` and `make test` set everything up by themselves; a second run reuses the environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

CXX_SOURCES = $(wildcard native/*.cpp native/*.h native/*.inl native/simd/*.h)

.PHONY: dev demo docs test test-base fuzz test-classics wheels check format bench bench-accuracy clean asan ubsan tsan neon

# Layers: build/demo runs the package, .venv also develops it, build/test-base-3.12 tests it without torch.
# A Python that is asked for replaces another one; without it what is there goes on.
ENVIRONMENT = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Gatework needs Python 3.11 or later; try: make PYTHON=python3.12")' && $(PYTHON) packaging/environment.py $(if $(filter file,$(origin PYTHON)),,--this-python)

dev:
	@$(ENVIRONMENT) dev >/dev/null

demo:
	@bin=$$($(ENVIRONMENT) demo) && $$bin/gatework forecast --demo --seed 1

# What needs no torch, in an environment without it and with a wheel, of the Python that is asked for.
test-base:
	@bin=$$($(ENVIRONMENT) test-base) && PYTHONDONTWRITEBYTECODE= $$bin/python -m pytest tests/base tests/runtime tests/storage tests/system

# Modules are compiled once, whatever the environment says: many tests start processes.
test: dev
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

# Fifty times the mutants of files that `make test` tries, from a seed of today.
fuzz: dev
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest tests/fuzz --numprocesses 2 --timeout 7200 --fuzz 50 --fuzz-seed $$(date +%Y%m%d)

# statsforecast wants pandas below 3, so its models are tested beside the rivals of the benchmarks.
test-classics:
	$(PYTHON) -m venv build/rivals
	build/rivals/bin/python -m pip install --quiet -r benchmarks/rivals/requirements.txt
	PYTHONPATH=src build/rivals/bin/python -m pytest tests/forecast/baselines

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/clang-format --dry-run --Werror $(CXX_SOURCES)

# The site, with pictures that its chapter draws; into build/docs.
docs: dev
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs

# For Linux, into dist; MACHINE=aarch64 compiles for that one. Each is tried on every Python found.
MACHINE ?= $(shell uname -m)
wheels:
	$(PYTHON) packaging/wheels.py --machine $(MACHINE)
	$(PYTHON) packaging/trial.py

bench: dev
	$(BIN)/python benchmarks/kernels.py
	$(BIN)/python benchmarks/lanl.py
	$(BIN)/python benchmarks/startup.py

# With GATEWORK_DATA naming the folder of data; benchmarks/rivals has the other libraries.
bench-accuracy: dev
	$(BIN)/python benchmarks/failures.py
	$(BIN)/python benchmarks/m3.py
	$(BIN)/python benchmarks/cmapss.py

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(CXX_SOURCES)

# The kernels by themselves, checked against plain code under a sanitizer or an emulator.
asan: SANITIZE = address
ubsan: SANITIZE = undefined
tsan: SANITIZE = thread
asan ubsan tsan: dev
	$(BIN)/cmake -S native -B build/$@ -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja -DGATEWORK_CHECK=ON -DGATEWORK_TARGETS=native -DGATEWORK_SANITIZE=$(SANITIZE)
	$(BIN)/cmake --build build/$@
	build/$@/gatework_check

neon: dev
	$(BIN)/cmake -S native -B build/neon -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja -DGATEWORK_CHECK=ON -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_EXE_LINKER_FLAGS=-static
	$(BIN)/cmake --build build/neon
	$(shell command -v qemu-aarch64 || echo qemu-aarch64-static) build/neon/gatework_check --quick

clean:
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis dist

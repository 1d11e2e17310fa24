# `make demo` and `make test` set everything up by themselves; a second run reuses the environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

CXX_SOURCES = $(wildcard native/*.cpp native/*.h native/*.inl native/simd/*.h)
NATIVE = $(CXX_SOURCES) native/CMakeLists.txt

.PHONY: demo docs test fuzz test-classics check format bench bench-accuracy clean asan ubsan tsan neon

# The kernels are built against the environment's own torch, so without isolation.
$(READY): pyproject.toml constraints.txt $(NATIVE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Gatework needs Python 3.11 or later; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --upgrade pip
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --group dev
	PATH="$(abspath $(BIN)):$$PATH" PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[forecast]'
	@touch $@

demo: $(READY)
	$(BIN)/gatework forecast --demo --seed 1

# Modules are compiled once, whatever the environment says: many tests start processes.
test: $(READY)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

# Fifty times the mutants of files that `make test` tries, from a seed of today.
fuzz: $(READY)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest tests/fuzz --numprocesses 2 --timeout 7200 --fuzz 50 --fuzz-seed $$(date +%Y%m%d)

# statsforecast wants pandas below 3, so its models are tested beside the rivals of the benchmarks.
test-classics:
	$(PYTHON) -m venv build/rivals
	build/rivals/bin/python -m pip install --quiet -r benchmarks/rivals/requirements.txt
	PYTHONPATH=src build/rivals/bin/python -m pytest tests/forecast/baselines

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/clang-format --dry-run --Werror $(CXX_SOURCES)

# The site, with pictures that its chapter draws; into build/docs.
docs: $(READY)
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs

bench: $(READY)
	$(BIN)/python benchmarks/kernels.py
	$(BIN)/python benchmarks/lanl.py
	$(BIN)/python benchmarks/startup.py

# With GATEWORK_DATA naming the folder of data; benchmarks/rivals has the other libraries.
bench-accuracy: $(READY)
	$(BIN)/python benchmarks/failures.py
	$(BIN)/python benchmarks/m3.py
	$(BIN)/python benchmarks/cmapss.py

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(CXX_SOURCES)

# The kernels by themselves, checked against plain code under a sanitizer or an emulator.
asan: SANITIZE = address
ubsan: SANITIZE = undefined
tsan: SANITIZE = thread
asan ubsan tsan: $(READY)
	$(BIN)/cmake -S native -B build/$@ -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja -DGATEWORK_CHECK=ON -DGATEWORK_SANITIZE=$(SANITIZE)
	$(BIN)/cmake --build build/$@
	build/$@/gatework_check

neon: $(READY)
	$(BIN)/cmake -S native -B build/neon -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja -DGATEWORK_CHECK=ON -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_EXE_LINKER_FLAGS=-static
	$(BIN)/cmake --build build/neon
	qemu-aarch64 build/neon/gatework_check --quick

clean:
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis dist

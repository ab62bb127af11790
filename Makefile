# The two commands of a newcomer are `make demo` and `make check`; both install
# what is missing and build first. Everything else is CMake: see CONTRIBUTING.md.

PRESET ?= release
BUILD ?= build
CMAKE_FLAGS ?=
JOBS ?= $(shell nproc)

.PHONY: all build check cuda-tools demo deps docs bundle format clean

all: build

deps:
	@scripts/install-deps.sh

# For tests that want them; nothing needs them.
cuda-tools:
	@scripts/install-cuda-tools.sh

$(BUILD)/build.ninja: CMakeLists.txt | deps
	cmake --preset $(PRESET) -B $(BUILD) $(CMAKE_FLAGS)

build: deps $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j$(JOBS)

check: build
	@python3 scripts/check.py --build-dir $(BUILD)

demo: build
	@python3 scripts/demo.py --build-dir $(BUILD)

docs: $(BUILD)/build.ninja
	@ninja -C $(BUILD) docs

bundle: build
	@scripts/make-bundle.sh $(BUILD)

format:
	@scripts/install-deps.sh clang-format-22
	@git ls-files '*.cpp' '*.h' | xargs clang-format-22 -i

clean:
	rm -rf $(BUILD)

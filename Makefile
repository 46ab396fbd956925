# A front for CMake: `make` leaves build/explaint.
PREFIX ?= /usr/local

all: build/build.ninja
	cmake --build build

build/build.ninja:
	cmake --preset release -DCMAKE_INSTALL_PREFIX=$(PREFIX)

test: all
	ctest --preset release

bench: all
	bench/run

install: build/build.ninja
	cmake -B build -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	cmake --build build
	cmake --install build

# The manual and the completion are made from the option tables; a test compares them.
manual: all
	build/tests/explaint_fake --man > docs/explaint.1
	build/tests/explaint_fake --completion > docs/explaint.bash

format:
	scripts/format

lint: all
	scripts/lint

clean:
	rm -rf build build-*

.PHONY: all test bench install manual format lint clean

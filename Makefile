# A front for CMake: `make` leaves build/explaint and the library, and needs the build packages of scripts/packages alone.
PREFIX ?= /usr/local

all: build/build.ninja
	cmake --build build --target product

build/build.ninja:
	cmake -B build -G Ninja

test:
	cmake -B build -G Ninja -DEXPLAINT_TESTS=ON
	cmake --build build
	ctest --preset release

bench: all
	bench/run

install:
	cmake -B build -G Ninja -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	cmake --build build --target product
	cmake --install build

# What the last `make install` put there; with DESTDIR as it was then.
uninstall:
	cmake -P cmake/uninstall.cmake

# The manual and the completion are made from the option tables; a test compares them.
manual: all
	build/explaint --man > docs/explaint.1
	build/explaint --completion > docs/explaint.bash

format:
	scripts/format

lint: all
	scripts/lint

clean:
	rm -rf build build-*

.PHONY: all test bench install uninstall manual format lint clean

# `make demo` shows what corund does, `make test` runs all tests, `make docs` builds the documentation of the libraries;
# README.md has the rest.

PREFIX ?= /usr/local
override PREFIX := $(PREFIX:%/=%)
SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
UNITDIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=

# The Swift runtime is linked in, so that the binaries run where no Swift is installed, and start in milliseconds.
# Overlapping access to a variable is checked in every test run; in the released binaries that check would take a sixth
# of the time of a short job.
RELEASE := -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked
# Root, who installs, need not have Swift in the PATH of the user who builds.
RELEASE_DIR = $(or $(shell swift build $(RELEASE) --show-bin-path 2>/dev/null),.build/release)
SOURCES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources \
	Examples/Package.swift Examples/Sources Examples/Tests

# `make deb` has its own: debhelper strips what it installs, and keeps the symbols in a package beside it.
INSTALL_PROGRAM ?= install -s
# The group that may connect to the system's daemons, where there is one: sysusers.d/corund.conf makes the group corund.
SOCKET_GROUP ?=

.PHONY: bench demo docs examples test check build man install deb format clean
.PHONY: test-crashes test-install test-package test-systemd

demo: build
	scripts/demo "$(RELEASE_DIR)"

# Runs the programs of Examples/, and checks that each prints what it says.
examples:
	scripts/install-dependencies
	scripts/test-examples

build:
	scripts/install-dependencies
	swift build $(RELEASE) --product corund
	swift build $(RELEASE) --product corund-ctl

# One after another: tests that block a thread on real sockets and processes starve one another on a small machine.
test:
	scripts/install-dependencies test
	swift build --build-tests
	swift test --skip-build --no-parallel

# The stress test, for ten seconds instead of one.
stress:
	swift build --build-tests
	CORUND_STRESS_SECONDS=10 swift test --skip-build --filter StressTests

# The loop, the runner and the service under the thread sanitizer and the address sanitizer: a build for each.
test-sanitize:
	scripts/install-dependencies test
	scripts/test-sanitize

# What must hold before a change lands: format, a test for each promise, no warning, all tests.
check:
	scripts/install-dependencies test
	swift format lint --strict --parallel --recursive $(SOURCES)
	scripts/check-promises
	CORUND_WARNINGS_AS_ERRORS=1 swift build --build-tests
	CORUND_WARNINGS_AS_ERRORS=1 swift test --skip-build --no-parallel

# What the loop and the runner cost; see Benchmarks/README.md.
bench:
	swift build --package-path Benchmarks $(RELEASE)
	Benchmarks/.build/release/corund-bench

# The libraries' documentation, in .build-docs/site. Warnings are errors, and so are a public symbol without a comment
# and a program in the text that does not do what the text says.
docs:
	scripts/install-dependencies test
	scripts/docs

# Kills a daemon ROUNDS times while clients submit, cancel and wait, and counts what is left; SEED replays one run.
ROUNDS ?= 200
test-crashes:
	scripts/install-dependencies test
	swift build --build-tests
	Tests/crashes/run "$(shell swift build --show-bin-path)" --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED))

# Needs root on a machine that systemd has booted, or a command that provides one: WITH_SYSTEMD=COMMAND.
test-systemd: deb
	swift build $(RELEASE) --product WedgeDaemon
	scripts/test-systemd "$(RELEASE_DIR)"

# The man pages, in .build-man; `make install` writes them itself.
man: build
	scripts/man-pages "$(RELEASE_DIR)" .build-man

# Installs what `make build` has built: run that first, as the user who builds.
install:
	scripts/install "$(RELEASE_DIR)"
install: export PREFIX := $(PREFIX)
install: export SYSCONFDIR := $(SYSCONFDIR)
install: export UNITDIR := $(UNITDIR)
install: export DESTDIR := $(DESTDIR)
install: export INSTALL_PROGRAM := $(INSTALL_PROGRAM)
install: export SOCKET_GROUP := $(SOCKET_GROUP)

# Checks what that installs, in a temporary folder.
test-install: build
	scripts/test-install "$(RELEASE_DIR)"

# The package for Debian and its relatives, in .build-deb.
deb:
	scripts/install-dependencies package
	scripts/build-package

# Checks that package, without installing it.
test-package: deb
	scripts/test-package .build-deb

format:
	swift format --in-place --parallel --recursive $(SOURCES)

clean:
	swift package clean
	rm -rf .build-* Benchmarks/.build Examples/.build

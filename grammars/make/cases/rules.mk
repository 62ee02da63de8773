# Builds.
CC = gcc
.PHONY: all
all: build test ## Does all
	echo
build/%.o: src/%.c
	cc
define X
endef

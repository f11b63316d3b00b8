#!/bin/sh
# Prints its runfiles.
cat "$0.runfiles/$1/programs/beside.txt" "$0.runfiles/ext/sub/needed.txt" "$0.runfiles/$1/tree/a"

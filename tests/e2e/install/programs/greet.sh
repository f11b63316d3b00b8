#!/bin/sh
# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Prints its runfiles.
cat "$0.runfiles/$1/programs/beside.txt" "$0.runfiles"/ext*/sub/needed.txt "$0.runfiles/$1/tree/a"

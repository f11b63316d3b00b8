# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# For checks of pure Starlark functions: fails the load.

def expect(what, got, wanted):
    if got != wanted:
        fail("%s: %r, not %r" % (what, got, wanted))

#!/bin/sh
# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Runs the installer that is one of its files.
exec "$0.runfiles/$WORKSPACE/install_site" "$@"

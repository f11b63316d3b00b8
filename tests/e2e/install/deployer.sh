#!/bin/sh
# Runs the installer that is one of its files.
exec "$0.runfiles/$WORKSPACE/install_site" "$@"

# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The flag that lets Bazel keep the tool running from one action to the next.

WorkerFlagInfo = provider(
    doc = "What the flag `@materialize//rules:worker` says.",
    fields = {"enabled": "Whether actions may run in a persistent worker."},
)

def _worker_flag_impl(ctx):
    return [WorkerFlagInfo(enabled = ctx.build_setting_value)]

worker_flag = rule(
    implementation = _worker_flag_impl,
    attrs = {},
    build_setting = config.bool(flag = True),
    doc = "A flag for the command line, `--LABEL`.",
)

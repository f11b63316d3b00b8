# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# .npmrc files: what is read, which registry has a package, what logs in where.

load("//rules/private:npmrc.bzl", "authorization_of", "parse_npmrc", "registry_of")
load(":expect.bzl", "expect")

_NPMRC = """
# a comment = 1
; another = 2
registry = https://one.example/npm
@scope:registry="https://two.example"
//two.example/:_authToken=${TOKEN}
//one.example/npm/:_auth=abc=
unknown=${NOT_THERE}x
flag
"""

def npmrc_checks():
    settings = parse_npmrc(_NPMRC, {"TOKEN": "t"})
    expect("npmrc", settings, {
        "registry": "https://one.example/npm",
        "@scope:registry": "https://two.example",
        "//two.example/:_authToken": "t",
        "//one.example/npm/:_auth": "abc=",
        "unknown": "${NOT_THERE}x",
    })
    expect("registry", registry_of("a", settings, ""), "https://one.example/npm")
    expect("the default counts more", registry_of("a", settings, "https://d.example"), "https://d.example")
    expect("a scope's counts most", registry_of("@scope/a", settings, "https://d.example"), "https://two.example")
    expect("another scope", registry_of("@other/a", settings, "https://d.example"), "https://d.example")
    expect("none", registry_of("a", {}, ""), "")

    token = authorization_of("https://two.example/@scope/a/-/a-1.tgz", settings)
    expect("token", (token["pattern"], token["password"]), ("Bearer <password>", "t"))
    basic = authorization_of("https://one.example/npm/a/-/a-1.tgz", settings)
    expect("basic", (basic["pattern"], basic["password"]), ("Basic <password>", "abc="))
    expect("elsewhere on the host", authorization_of("https://one.example/other/a-1.tgz", settings), None)
    expect("a longer name of a host", authorization_of("https://two.example.evil/a", settings), None)

# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Every external repository as a release archive: for users' WORKSPACE files. Versions, addresses and checksums are those
# that the central registry records; tests/rules/archives compares the versions with MODULE.bazel.

load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")
load("@bazel_tools//tools/build_defs/repo:utils.bzl", "maybe")
load("//rules/private:debian.bzl", "system_openssl")

_GITHUB = "https://github.com/"

# name: (address below github.com, sha256, prefix to strip)
_ARCHIVES = {
    "bazel_skylib": (
        "bazelbuild/bazel-skylib/releases/download/1.7.1/bazel-skylib-1.7.1.tar.gz",
        "bc283cdfcd526a52c3201279cda4bc298652efa898b10b4db0837dc51652756f",
        "",
    ),
    "com_github_gflags_gflags": (
        "gflags/gflags/archive/refs/tags/v2.2.2.tar.gz",
        "34af2f15cf7367513b352bdcd2493ab14ce43692d2dcd9dfc499492966c64dcf",
        "gflags-2.2.2",
    ),
    "com_google_absl": (
        "abseil/abseil-cpp/releases/download/20240722.0/abseil-cpp-20240722.0.tar.gz",
        "f50e5ac311a81382da7fa75b97310e4b9006474f9560ac46f54a9967f07d4ae3",
        "abseil-cpp-20240722.0",
    ),
    "nlohmann_json": (
        "nlohmann/json/releases/download/v3.11.3/include.zip",
        "a22461d13119ac5c78f205d3df1db13403e58ce1bb1794edc9313677313f4a9d",
        "",
    ),
    "platforms": (
        "bazelbuild/platforms/releases/download/0.0.10/platforms-0.0.10.tar.gz",
        "218efe8ee736d26a3572663b374a253c012b716d8af0c07e842e82f238a0a7ee",
        "",
    ),
    # From 0.0.13 on its rules load @com_google_protobuf, which nothing here needs.
    "rules_cc": (
        "bazelbuild/rules_cc/releases/download/0.0.9/rules_cc-0.0.9.tar.gz",
        "2037875b9a4456dce4a79d112a8ae885bbc4aad968e6587dca6e64f3a0900cdf",
        "rules_cc-0.0.9",
    ),
}

def materialize_dependencies():
    """Declares the dependencies of //materialize as archives to download.

    Repositories that the caller has declared already are left alone. OpenSSL's archive has no BUILD files (the central
    registry adds its own), so that `@openssl` is the machine's static libcrypto, as pkg-config finds it.
    """
    for name, (address, sha256, strip_prefix) in _ARCHIVES.items():
        maybe(http_archive, name = name, sha256 = sha256, strip_prefix = strip_prefix, urls = [_GITHUB + address])
    system_openssl()

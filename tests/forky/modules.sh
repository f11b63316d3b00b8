# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# For scripts inside the chroot to source, with BASES set: bzlmod without the central registry, which is out of reach.
# Debian's rule sets and the repositories of a WORKSPACE build stand in for it.

readonly MODULES="$BASES/modules"
readonly SHARE=/usr/share/bazel

# module=repository of the WORKSPACE build
readonly LIBRARIES=(
  abseil-cpp=com_google_absl
  gflags=com_github_gflags_gflags
  googletest=com_google_googletest
  nlohmann_json=nlohmann_json
  openssl=openssl
)
# module=folder below /usr/share/bazel
readonly RULES=(
  bazel_features=tools/features
  bazel_skylib=tools/skylib
  platforms=tools/platforms
  rules_cc=rules/cc
  rules_java=rules/java
  rules_license=rules/license
  rules_proto=rules/proto
  rules_python=rules/python
)
# Those that only some workspaces use.
readonly EXTRA=(
  bazel_lib=tools/bazel_lib
  rules_pkg=rules/pkg
  rules_shell=rules/shell
)
# Asked for by name, never loaded.
readonly STUBS=(apple_support buildozer protobuf zlib)

library_module() {
  local module=$1 folder=$MODULES/$1
  cp -RL "$2" "$folder"
  rm -f "$folder/WORKSPACE"
  cat >"$folder/MODULE.bazel" <<END
module(name = "$module")
bazel_dep(name = "rules_cc", version = "0")
END
}

stub_module() {
  mkdir "$MODULES/$1"
  echo "module(name = \"$1\")" >"$MODULES/$1/MODULE.bazel"
}

# make_modules FOLDER: of external repositories
make_modules() {
  local entry
  rm -rf "$MODULES"
  mkdir -p "$MODULES"
  for entry in "${LIBRARIES[@]}"; do library_module "${entry%=*}" "$1/${entry#*=}"; done
  for entry in "${STUBS[@]}"; do stub_module "$entry"; done
}

# module_flags [MODULE]...: with those of what only some builds ask for.
module_flags() {
  local entry
  printf '%s\n' --enable_bzlmod --noenable_workspace --lockfile_mode=off --check_direct_dependencies=off
  for entry in "${LIBRARIES[@]}"; do
    [[ $entry == googletest=* && " $* " != *" googletest "* ]] || echo "--override_module=${entry%=*}=$MODULES/${entry%=*}"
  done
  for entry in "${STUBS[@]}"; do echo "--override_module=$entry=$MODULES/$entry"; done
  for entry in "${RULES[@]}"; do echo "--override_module=${entry%=*}=$SHARE/${entry#*=}"; done
  for entry in "${EXTRA[@]}"; do
    [[ " $* " != *" ${entry%=*} "* ]] || echo "--override_module=${entry%=*}=$SHARE/${entry#*=}"
  done
}

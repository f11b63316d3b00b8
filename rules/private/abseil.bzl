# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Abseil's public targets, by package. Its pkg-config modules are named after the targets, all in one row.
# A target that a release does not have yet is no error until somebody depends on it.

_TARGETS = {
    "algorithm": ["algorithm", "container"],
    "base": ["base", "config", "core_headers", "dynamic_annotations", "endian", "log_severity", "no_destructor", "nullability", "prefetch"],
    "cleanup": ["cleanup"],
    "container": ["btree", "fixed_array", "flat_hash_map", "flat_hash_set", "inlined_vector", "layout", "node_hash_map", "node_hash_set"],
    "crc": ["crc32c"],
    "debugging": ["failure_signal_handler", "leak_check", "stacktrace", "symbolize"],
    "functional": ["any_invocable", "bind_front", "function_ref", "overload"],
    "hash": ["hash"],
    "memory": ["memory"],
    "meta": ["type_traits"],
    "numeric": ["bits", "int128"],
    "random": ["bit_gen_ref", "distributions", "random", "seed_sequences"],
    "status": ["status", "statusor"],
    "strings": ["cord", "has_absl_stringify", "str_format", "string_view", "strings"],
    "synchronization": ["synchronization"],
    "time": ["time"],
    "types": ["any", "compare", "optional", "span", "variant"],
    "utility": ["utility"],
}

# Where the module's name is not absl_ and the target's.
_MODULES = {
    "//absl/algorithm:container": "absl_algorithm_container",
    "//absl/random:bit_gen_ref": "absl_random_bit_gen_ref",
    "//absl/random:distributions": "absl_random_distributions",
    "//absl/random:random": "absl_random_random",
    "//absl/random:seed_sequences": "absl_random_seed_sequences",
}

def _modules():
    labels = ["//absl/%s:%s" % (package, name) for package, names in _TARGETS.items() for name in names]
    return {label: _MODULES.get(label, "absl_" + label.partition(":")[2]) for label in labels}

ABSEIL_MODULES = _modules()

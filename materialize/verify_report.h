// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// In what a destination and a manifest differ: a plain struct, and its forms
// for people and for programs.

#ifndef MATERIALIZE_VERIFY_REPORT_H_
#define MATERIALIZE_VERIFY_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "materialize/digest.h"
#include "materialize/report.h"

namespace materialize {

// In the order in which the differences of one entry are told.
enum class Aspect : uint8_t {
  kMissing,
  kExtra,
  kType,
  kUser,
  kGroup,
  kMode,
  kLinks,
  kSize,
  kTime,
  kTarget,
  kMd5,  // the algorithms of digest.h, in their order
  kSha1,
  kSha256,
  kSha384,
  kSha512,
};

// mtree(8)'s words: "missing", "extra", "type", "user", "gid", "permissions",
// "link count", "size", "modification time", "link ref", "sha256", ...
absl::string_view AspectName(Aspect aspect);
Aspect AspectOf(DigestAlgorithm algorithm);

struct Difference {
  std::string path;  // relative to the destination; "" is the destination
  Aspect aspect = Aspect::kMissing;
  // As a manifest writes them: "file", "dir", "link", octal modes,
  // seconds.nanoseconds, hexadecimal digests (a|b where either would do);
  // targets are bytes. Of what is missing or extra: its type.
  std::string wanted = {};
  std::string found = {};
};

struct VerifyReport {
  std::string manifest;
  std::string destination;
  std::string format;  // of the manifest: "mtree", "digests", "yarn.lock"
  std::vector<Difference> differences;  // by path, then by aspect
  std::vector<Failure> failures;        // what could not be looked at
  int64_t entries = 0;                  // that the manifest says something of
  int64_t files_read = 0;
  int64_t bytes_read = 0;
  double seconds = 0;

  bool equal() const { return differences.empty() && failures.empty(); }
};

// "./a/b: size (10, 12)" (wanted, found), "missing: ./a", "extra: ./b"; names
// in vis(3), one line, without a newline.
std::string DifferenceText(const Difference& difference);

// "139,915 entries, 1,249 files read (48 MB): equal; 0.4 s".
std::string VerifySummary(const VerifyReport& report);

// The whole report as one JSON object. Paths and targets are vis(3)-encoded.
std::string VerifyJson(const VerifyReport& report);

}  // namespace materialize

#endif  // MATERIALIZE_VERIFY_REPORT_H_

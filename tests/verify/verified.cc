// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/verify/verified.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "materialize/verify.h"

namespace materialize {

std::string Verified(const std::string& manifest,
                     const std::string& destination, Sys& sys) {
  const absl::StatusOr<VerifyReport> report = Verify(
      {.manifest = manifest, .destination = destination, .jobs = 2}, sys);
  if (!report.ok()) return absl::StrCat("!! ", report.status().message(), "\n");
  std::string text;
  for (const Failure& failure : report->failures)
    absl::StrAppend(&text, "! ", failure.text, "\n");
  for (const Difference& difference : report->differences)
    absl::StrAppend(&text, DifferenceText(difference), "\n");
  return text;
}

std::string VerifiedText(const std::string& text,
                         const std::string& destination, Sys& sys) {
  const std::string manifest = destination + ".manifest";
  std::ofstream(manifest) << text;
  const std::string lines = Verified(manifest, destination, sys);
  std::filesystem::remove(manifest);
  return absl::StrReplaceAll(lines, {{manifest, "m"}});
}

}  // namespace materialize

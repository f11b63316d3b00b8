// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/verify.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/exec/uninterrupted.h"
#include "materialize/jobs.h"
#include "materialize/os/fd.h"
#include "materialize/os/io.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/stopwatch.h"
#include "materialize/verify/check.h"
#include "materialize/verify/expectation.h"

namespace materialize {
namespace {

absl::StatusOr<Expectation> Read(Sys& sys, const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(sys, path);
  if (!text.ok()) return text.status();
  absl::StatusOr<Expectation> expectation = ReadExpectation(*text, path);
  if (expectation.ok()) return expectation;
  // It is the manifest that is wrong, not what the caller asked.
  return absl::FailedPreconditionError(expectation.status().message());
}

// Where the comparison begins.
struct Place {
  Fd root;
  std::string path;
};

// A receipt of a single file lists it by its name: what is beside it is not
// part of the destination.
bool IsOneFile(const Expectation& expectation, const std::string& name) {
  return expectation.entries.size() == 1 &&
         expectation.entries[0].said.entry.path == name;
}

absl::StatusOr<Place> OpenPlace(Sys& sys, const std::string& destination,
                                Expectation* expectation) {
  const auto open = [&](const std::string& path) {
    return Fd(sys, OpenPatiently(sys, AT_FDCWD, path.c_str(),
                                 O_RDONLY | O_DIRECTORY, 0));
  };
  Fd root = open(destination);
  if (root.ok()) return Place{.root = std::move(root), .path = destination};
  const int error = -root.get();
  const SplitPath split = Split(destination);
  if (error != ENOTDIR || !IsOneFile(*expectation, split.name))
    return ErrnoStatus(error, "open", destination);
  root = open(split.directory);
  if (!root.ok()) return ErrnoStatus(-root.get(), "open", split.directory);
  expectation->extras = Extras::kAllowed;
  return Place{.root = std::move(root), .path = split.directory};
}

}  // namespace

absl::StatusOr<VerifyReport> Verify(const VerifyRequest& request, Sys& sys,
                                    Progress* progress) {
  Stopwatch watch;
  Uninterrupted calls(sys, request.cancel);
  absl::StatusOr<Expectation> expectation = Read(calls, request.manifest);
  if (!expectation.ok()) return expectation.status();
  absl::StatusOr<Place> place =
      OpenPlace(calls, request.destination, &*expectation);
  if (!place.ok()) return place.status();
  VerifyReport report;
  report.manifest = request.manifest;
  report.destination = request.destination;
  report.format = expectation->format;
  report.entries = static_cast<int64_t>(expectation->named);
  const CheckOptions options = {.jobs = JobsFor(request.jobs),
                                .cancel = request.cancel,
                                .progress = progress};
  if (absl::Status status = Check(calls, *expectation, place->root.get(),
                                  place->path, options, &report);
      !status.ok())
    return status;
  report.seconds = watch.Lap();
  return report;
}

}  // namespace materialize

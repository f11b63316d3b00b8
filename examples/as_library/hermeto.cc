// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// hermeto's copy_directory: a work copy of a source tree, to be changed at
// will. Reflinks where the filesystem has them, else copies; symlinks are kept,
// the dangling too; a copy made inside of its origin is not copied into itself.

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/materialize.h"
#include "scene.h"

namespace {

using materialize::Into;
using materialize::Materialize;
using materialize::Method;
using materialize::Report;
using materialize::Request;

// All or nothing: `destination`, which must not be there (or be an empty
// directory), appears when it is complete.
absl::StatusOr<Report> CopyDirectory(const std::string& origin,
                                     const std::string& destination) {
  Request request;
  request.source = origin;
  request.destination = destination;
  request.into = Into::kNew;
  // Neither of the two ever shares an inode. Without kCopy it would be an error
  // where the filesystem cannot reflink.
  request.methods = {Method::kReflink, Method::kCopy};
  request.preserve.hardlinks = true;
  return Materialize(request);
}

// --- Shown ------------------------------------------------------------------

void Tell(const Scene& scene, const Report& report) {
  scene.Say(materialize::SummaryText(report));
  // Why some or all files were copied.
  for (const std::string& line : materialize::DowngradeText(report))
    scene.Say(line);
  for (const materialize::Warning& warning : report.warnings)
    scene.Say(warning.text);
}

void ArrangeOrigin(const std::string& origin) {
  WriteFile(origin + "/package.json", "{}", 1500000000);
  WriteFile(origin + "/bin/tool", "#!/bin/sh\n");
  std::filesystem::permissions(origin + "/bin/tool",
                               std::filesystem::perms(0755));
  std::filesystem::create_symlink("bin/tool", origin + "/run");
  std::filesystem::create_symlink("not/there", origin + "/dangling");
  WriteFile(origin + "/sub/work/same-name", "not the copy");
}

void ShowCopy(Scene& scene, const std::string& origin,
              const std::string& copy) {
  const absl::StatusOr<Report> report = CopyDirectory(origin, copy);
  scene.ExpectOk(report.status(), "a work copy, inside of what is copied");
  if (!report.ok()) return;
  Tell(scene, *report);
  scene.Expect(IsSymlinkTo(copy + "/run", "bin/tool") &&
                   IsSymlinkTo(copy + "/dangling", "not/there"),
               "symlinks are what they were");
  scene.Expect(!Exists(copy + "/work") && Exists(copy + "/sub/work/same-name"),
               "the copy is not in itself; what merely has its name is");
  scene.Expect(
      std::filesystem::last_write_time(copy + "/package.json") ==
              std::filesystem::last_write_time(origin + "/package.json") &&
          std::filesystem::status(copy + "/bin/tool").permissions() ==
              std::filesystem::perms(0755),
      "times and modes are the origin's");
  WriteFile(copy + "/package.json", "changed");
  scene.Expect(ReadFile(origin + "/package.json") == "{}",
               "what is changed in the copy stays in the copy");
}

void ShowErrors(Scene& scene, const std::string& origin,
                const std::string& copy) {
  scene.ExpectError(CopyDirectory(origin, copy).status(),
                    absl::StatusCode::kAlreadyExists,
                    "what is there already is never touched");
  scene.Expect(ReadFile(copy + "/package.json") == "changed", "nor was it");
  scene.ExpectError(
      CopyDirectory(scene.Here("none"), scene.Here("copy")).status(),
      absl::StatusCode::kNotFound, "a missing origin is an error of its own");
}

}  // namespace

int main() {
  Scene scene;
  const std::string origin = scene.Here("origin");
  const std::string copy = origin + "/work";
  ArrangeOrigin(origin);
  ShowCopy(scene, origin, copy);
  ShowErrors(scene, origin, copy);
  return scene.End();
}

// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// boxlite's moves: a file, a directory to another filesystem, and a disk that
// becomes a base, with a fork of it where it was.

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "materialize/move.h"
#include "scene.h"

namespace {

using materialize::Existing;
using materialize::Fork;
using materialize::Move;
using materialize::Moved;
using materialize::MoveReport;

// One rename where that is possible. An error: nothing has changed. Else
// `destination` is whole, and MoveReport::left says what of the source could
// not be removed, if anything.
absl::StatusOr<MoveReport> MoveFile(const std::string& source,
                                    const std::string& destination) {
  return Move({.source = source,
               .destination = destination,
               .existing = Existing::kReplace});
}

// Symlinks, modes, times, empty directories and names of one inode are kept. On
// one filesystem it is a rename, too. `destination` may be an empty directory.
absl::StatusOr<MoveReport> MoveDirAcrossFilesystems(
    const std::string& source, const std::string& destination) {
  return Move(
      {.source = source, .destination = destination, .count_bytes = true});
}

// `disk` becomes `base`; in its place is a disk with the same content, that
// costs nothing where the filesystem has reflinks. It is never missing for
// longer than two renames take.
absl::StatusOr<MoveReport> ForkDisk(const std::string& disk,
                                    const std::string& base) {
  absl::StatusOr<MoveReport> report =
      Move({.source = disk, .destination = base, .fork = Fork::kReflink});
  // What cannot be had is an error, never something else, and nothing has
  // changed then.
  if (absl::IsFailedPrecondition(report.status()))
    report = Move({.source = disk, .destination = base, .fork = Fork::kCopy});
  return report;
}

// --- Shown ------------------------------------------------------------------

// True if it was done whole.
bool Told(Scene& scene, const absl::StatusOr<MoveReport>& report,
          absl::string_view what) {
  scene.ExpectOk(report.status(), what);
  if (!report.ok()) return false;
  scene.Say(materialize::MoveText(*report));
  for (const materialize::Warning& warning : report->warnings)
    scene.Say(warning.text);
  for (const materialize::Failure& left : report->left)
    scene.Say(absl::StrCat("still there: ", left.text));
  return !report->partial();
}

void ShowFile(Scene& scene) {
  const std::string from = scene.Here("download/image");
  const std::string to = scene.Here("images/image");
  WriteFile(from, "new image");
  WriteFile(to, "old image");
  const absl::StatusOr<MoveReport> report = MoveFile(from, to);
  scene.Expect(
      Told(scene, report, "a file is moved") && report->how == Moved::kRenamed,
      "by a rename");
  scene.Expect(!Exists(from) && ReadFile(to) == "new image",
               "over the one that was there");
  std::filesystem::create_hard_link(to, from);
  const absl::StatusOr<MoveReport> again = MoveFile(from, to);
  scene.Expect(Told(scene, again, "two names of one file") &&
                   again->how == Moved::kNothing && Exists(from) && Exists(to),
               "are both kept");
}

void ShowDirectory(Scene& scene) {
  const std::string from = scene.Here("box");
  const std::string to =
      scene.has_elsewhere() ? scene.Elsewhere("box") : scene.Here("moved/box");
  WriteFile(from + "/rootfs/bin/sh", "shell");
  std::filesystem::create_symlink("bin/sh", from + "/rootfs/init");
  std::filesystem::create_directories(from + "/rootfs/proc");
  WriteFile(to + "/theirs", "x");
  scene.ExpectError(MoveDirAcrossFilesystems(from, to).status(),
                    absl::StatusCode::kAlreadyExists,
                    "no directory is moved over one that holds something");
  std::filesystem::remove(to + "/theirs");

  const absl::StatusOr<MoveReport> report = MoveDirAcrossFilesystems(from, to);
  const bool is_whole = Told(scene, report, "over an empty one it is");
  const char* const what = "and has been copied, synced, and removed here";
  if (scene.has_elsewhere()) {
    scene.Expect(is_whole && report->how == Moved::kAcross, what);
  } else {
    scene.Skip(what, "$ELSEWHERE is no other filesystem");
  }
  scene.Expect(!Exists(from) && ReadFile(to + "/rootfs/bin/sh") == "shell" &&
                   IsSymlinkTo(to + "/rootfs/init", "bin/sh") &&
                   Exists(to + "/rootfs/proc"),
               "with all that was in it");
}

void ShowFork(Scene& scene) {
  const std::string disk = scene.Here("boxes/disk");
  const std::string base = scene.Here("bases/disk");
  WriteFile(disk, std::string(100000, 'd'));
  const absl::StatusOr<MoveReport> report = ForkDisk(disk, base);
  const bool is_whole = Told(scene, report, "a disk becomes a base");
  if (is_whole)
    scene.Say(report->fork == Fork::kReflink
                  ? "its fork is a reflink"
                  : "its fork is a copy: no reflinks here");
  scene.Expect(
      is_whole && ReadFile(disk) == ReadFile(base) && !IsOneInode(disk, base),
      "and a disk with the same content is in its place");
  WriteFile(disk, "written to");
  scene.Expect(ReadFile(base).size() == 100000,
               "what is written to it does not reach the base");
}

void ShowErrors(Scene& scene) {
  scene.ExpectError(
      MoveFile(scene.Here("none"), scene.Here("other/none")).status(),
      absl::StatusCode::kNotFound, "a missing source is an error of its own");
  scene.Expect(!Exists(scene.Here("other")), "and makes no folder");
}

}  // namespace

int main() {
  Scene scene;
  ShowFile(scene);
  ShowDirectory(scene);
  ShowFork(scene);
  ShowErrors(scene);
  return scene.End();
}

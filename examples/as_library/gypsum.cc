// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// gypsum's clone_version: a version of a data set as links into a cache, and
// its prepare_directory_upload: which entries of a directory still are such
// links (so that only their names are uploaded), which are new files.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "materialize/inspect.h"
#include "materialize/materialize.h"
#include "scene.h"

namespace {

using materialize::CacheLinks;
using materialize::Inspect;
using materialize::InspectReport;
using materialize::Into;
using materialize::Kind;
using materialize::Materialize;
using materialize::Method;
using materialize::Report;
using materialize::Request;

// Where a file is in the cache: <project>/<asset>/<version>/<path>.
struct Version {
  std::string project;
  std::string asset;
  std::string name;
};

// kLater: the cache gets its files afterwards, so that links may dangle.
enum class Download { kBefore, kLater };

// `paths` is what the version's manifest lists. They come from a server: one
// that is absolute, has "..", or is listed twice is InvalidArgument, before
// anything is written. A file or link in the way is replaced, a directory is a
// failure in the report.
absl::StatusOr<Report> CloneVersion(const std::string& cache,
                                    const Version& version,
                                    const std::vector<std::string>& paths,
                                    const std::string& destination,
                                    Download download = Download::kBefore) {
  const std::string root = absl::StrCat(cache, "/", version.project, "/",
                                        version.asset, "/", version.name, "/");
  Request request;
  for (const std::string& path : paths)
    request.entries.push_back(
        {.path = path, .kind = Kind::kFile, .content = root + path});
  request.destination = destination;
  request.into = Into::kMerge;
  request.methods = {Method::kSymlink, Method::kHardlink, Method::kCopy};
  request.allow_dangling = download == Download::kLater;
  return Materialize(request);
}

struct UploadedLink {
  std::string from_path;
  Version to;
  std::string to_path;
};

struct Upload {
  std::vector<std::string> files;
  std::vector<UploadedLink> links;
};

absl::StatusOr<Upload> PrepareDirectoryUpload(
    const std::string& cache, const std::string& directory,
    CacheLinks links = CacheLinks::kAuto) {
  const absl::StatusOr<InspectReport> report =
      Inspect({.destination = directory, .cache = cache, .links = links});
  if (!report.ok()) return report.status();
  if (!report->linked_directories.empty())
    return absl::FailedPreconditionError(
        report->linked_directories[0].path +
        ": a symlink to a directory, which cannot be uploaded");

  Upload upload;
  for (const materialize::InspectedFile& file : report->files)
    upload.files.push_back(file.path);
  for (const materialize::InspectedLink& link : report->links) {
    const std::vector<std::string> parts =
        absl::StrSplit(link.entry, absl::MaxSplits('/', 3));
    if (parts.size() != 4)
      return absl::FailedPreconditionError(
          link.path + ": a link to what is no file of a version");
    upload.links.push_back({.from_path = link.path,
                            .to = {parts[0], parts[1], parts[2]},
                            .to_path = parts[3]});
  }
  return upload;
}

// --- Shown ------------------------------------------------------------------

const Version kVersion = {"atlas", "cells", "v1"};

void ShowClone(Scene& scene, const std::string& cache, const std::string& to) {
  WriteFile(cache + "/atlas/cells/v1/matrix.h5", "1234");
  WriteFile(cache + "/atlas/cells/v1/meta/about.json", "{}");
  WriteFile(to + "/matrix.h5", "what was here before");
  const absl::StatusOr<Report> report =
      CloneVersion(cache, kVersion, {"matrix.h5", "meta/about.json"}, to);
  scene.ExpectOk(report.status(), "a version is cloned");
  if (!report.ok()) return;
  scene.Say(materialize::SummaryText(*report));
  // Where there are no symlinks (vfat), this says what there is instead.
  for (const std::string& line : materialize::DowngradeText(*report))
    scene.Say(line);
  scene.Expect(!report->partial(), "nothing was in the way");
  scene.Expect(
      IsSymlinkTo(to + "/matrix.h5", cache + "/atlas/cells/v1/matrix.h5"),
      "a file that was there is a link into the cache now");
}

void ShowPrepare(Scene& scene, const std::string& cache,
                 const std::string& to) {
  WriteFile(to + "/notes.txt", "mine");
  const absl::StatusOr<Upload> upload = PrepareDirectoryUpload(cache, to);
  scene.ExpectOk(upload.status(), "an upload is prepared");
  if (!upload.ok()) return;
  for (const std::string& file : upload->files) scene.Say("file " + file);
  for (const UploadedLink& link : upload->links)
    scene.Say(absl::StrCat("link ", link.from_path, " -> ", link.to.project,
                           " ", link.to.asset, " ", link.to.name, " ",
                           link.to_path));
  scene.Expect(upload->files == std::vector<std::string>{"notes.txt"},
               "one new file");
  scene.Expect(upload->links.size() == 2 &&
                   upload->links[0].from_path == "matrix.h5" &&
                   upload->links[1].to_path == "meta/about.json",
               "and two links, each with what it is in the cache");
}

void ShowErrors(Scene& scene, const std::string& cache) {
  const std::string to = scene.Here("other");
  scene.ExpectError(CloneVersion(cache, kVersion, {"../../evil"}, to).status(),
                    absl::StatusCode::kInvalidArgument,
                    "a name that leaves the destination is refused");
  scene.ExpectError(CloneVersion(cache, kVersion, {"later.h5"}, to).status(),
                    absl::StatusCode::kNotFound,
                    "so is a file that the cache does not have");
  scene.ExpectOk(
      CloneVersion(cache, kVersion, {"later.h5"}, to, Download::kLater)
          .status(),
      "unless it is to come later");
  scene.ExpectError(
      PrepareDirectoryUpload(cache, to, CacheLinks::kNever).status(),
      absl::StatusCode::kFailedPrecondition,
      "before it came, it cannot be uploaded as a file");
}

}  // namespace

int main() {
  Scene scene;
  const std::string cache = scene.Here("cache");
  const std::string clone = scene.Here("clone");
  ShowClone(scene, cache, clone);
  ShowPrepare(scene, cache, clone);
  ShowErrors(scene, cache);
  return scene.End();
}

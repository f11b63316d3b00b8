// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/input.h"

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/os/io.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/adjusted_source.h"
#include "materialize/plan/file_list.h"
#include "materialize/plan/manifest_source.h"
#include "materialize/plan/mtree.h"

namespace materialize {
namespace {

struct Patterns {
  Selection selection;
  GlobList privates;
  GlobList deletable;
};

absl::StatusOr<Patterns> ParsePatterns(const Request& request) {
  absl::StatusOr<Selection> selection =
      Selection::Parse(request.include, request.exclude);
  if (!selection.ok()) return selection.status();
  absl::StatusOr<GlobList> privates = GlobList::Parse(request.private_entries);
  if (!privates.ok()) return privates.status();
  absl::StatusOr<GlobList> deletable = GlobList::Parse(request.deletion.only);
  if (!deletable.ok()) return deletable.status();
  return Patterns{.selection = *std::move(selection),
                  .privates = *std::move(privates),
                  .deletable = *std::move(deletable)};
}

WalkOptions WalkOptionsOf(const Request& request, const Patterns& patterns,
                          const Input& input) {
  return {
      .selection = patterns.selection,
      .privates = patterns.privates,
      .symlinks = request.symlinks,
      .span = request.one_file_system ? Span::kOneFilesystem : Span::kAllMounts,
      .left_out = input.left_out};
}

// Opens a directory for a walk; -errno passes through.
Fd OpenDirectory(Sys& sys, const std::string& path) {
  return Fd(sys, OpenPatiently(sys, AT_FDCWD, path.c_str(),
                               O_RDONLY | O_DIRECTORY, 0));
}

absl::Status UseEntries(Sys& sys, const Request& request,
                        const Patterns& patterns,
                        std::vector<ManifestEntry> entries, Input* input) {
  for (const ManifestEntry& entry : entries) {
    if (entry.content.empty()) continue;
    input->paths.push_back(entry.content);
    if (entry.kind == Kind::kDirectory)
      input->directories.push_back(entry.content);
  }
  const WalkOptions walk = WalkOptionsOf(request, patterns, *input);
  const auto open = [walk](Sys& opener, const ManifestEntry& entry)
      -> absl::StatusOr<std::unique_ptr<Source>> {
    Fd root = OpenDirectory(opener, entry.content);
    if (!root.ok()) return ErrnoStatus(-root.get(), "open", entry.content);
    WalkOptions options = walk;
    options.all_private = entry.is_private;
    options.links =
        entry.links_are_files ? Links::kToFiles : Links::kToAnything;
    options.left_out_paths = entry.left_out;
    return std::make_unique<Walk>(std::move(root), entry.content,
                                  std::move(options), entry.path);
  };
  absl::StatusOr<std::unique_ptr<Source>> source =
      MakeManifestSource(sys, std::move(entries),
                         {.selection = patterns.selection,
                          .privates = patterns.privates,
                          .open_directory = open,
                          .allow_missing = request.allow_dangling});
  if (!source.ok()) return source.status();
  input->source = *std::move(source);
  return absl::OkStatus();
}

absl::Status UseFileList(Sys& sys, const Request& request,
                         const Patterns& patterns, Input* input) {
  absl::StatusOr<ListedFiles> listed =
      ListFiles(sys, request.source, request.files,
                {.symlinks = request.symlinks,
                 .special = request.special,
                 .preserve_owner = request.preserve.owner});
  if (!listed.ok()) return listed.status();
  input->symlinks_skipped = listed->symlinks_skipped;
  input->special_skipped = listed->special_skipped;
  for (const std::string& path : listed->missing) {
    input->missing.push_back(
        {.path = path, .text = "listed, but not in the source"});
  }
  return UseEntries(sys, request, patterns, std::move(listed->entries), input);
}

absl::Status UseSource(Sys& sys, const Request& request,
                       const Patterns& patterns, const std::string& name,
                       Input* input) {
  const std::string& path = request.source;
  if (const int found = sys.StatAt(AT_FDCWD, path.c_str(), 0, &input->facts);
      found < 0) {
    return ErrnoStatus(-found, "stat", path);
  }
  input->has_facts = true;
  input->paths.push_back(path);
  const Kind kind = input->facts.kind();
  if (kind == Kind::kSpecial) {
    return absl::InvalidArgumentError(absl::StrCat(
        "place ", path, ": a FIFO, socket or device is not a source"));
  }
  if (kind == Kind::kDirectory) input->directories.push_back(path);
  if (request.only_files) {
    if (kind != Kind::kDirectory) return ErrnoStatus(ENOTDIR, "open", path);
    return UseFileList(sys, request, patterns, input);
  }
  if (kind == Kind::kFile) {
    input->shape = Shape::kFile;
    const absl::string_view origin = "the command";
    return UseEntries(sys, request, patterns,
                      {{.path = name,
                        .kind = Kind::kFile,
                        .content = path,
                        .origin = std::string(origin)}},
                      input);
  }
  Fd root = OpenDirectory(sys, path);
  if (!root.ok()) return ErrnoStatus(-root.get(), "open", path);
  input->source = std::make_unique<Walk>(
      std::move(root), path, WalkOptionsOf(request, patterns, *input));
  return absl::OkStatus();
}

bool IsFile(Sys& sys, const std::string& path) {
  Stat facts;
  return sys.StatAt(AT_FDCWD, path.c_str(), 0, &facts) == 0 &&
         facts.kind() == Kind::kFile;
}

absl::StatusOr<Input> OpenPlain(Sys& sys, const Request& request,
                                const std::string& name,
                                std::shared_ptr<const std::string> manifest) {
  absl::StatusOr<Patterns> patterns = ParsePatterns(request);
  if (!patterns.ok()) return patterns.status();
  Input input;
  input.selection = patterns->selection;
  input.deletable = patterns->deletable;
  if (!request.source.empty()) {
    if (absl::Status status = UseSource(sys, request, *patterns, name, &input);
        !status.ok())
      return status;
    return input;
  }
  std::vector<ManifestEntry> entries = request.entries;
  if (!request.manifest.empty()) {
    if (manifest == nullptr) {
      absl::StatusOr<std::string> text = ReadFile(sys, request.manifest);
      if (!text.ok()) return text.status();
      manifest = std::make_shared<const std::string>(*std::move(text));
    }
    absl::StatusOr<std::vector<ManifestEntry>> parsed =
        ParseManifest(*manifest, request.manifest);
    if (!parsed.ok()) return parsed.status();
    entries = *std::move(parsed);
    if (!IsFile(sys, request.manifest)) input.manifest = std::move(manifest);
  }
  if (absl::Status status =
          UseEntries(sys, request, *patterns, std::move(entries), &input);
      !status.ok()) {
    return status;
  }
  return input;
}

}  // namespace

absl::StatusOr<Input> OpenInput(Sys& sys, const Request& request,
                                const std::string& name,
                                std::shared_ptr<const std::string> manifest) {
  absl::StatusOr<Adjustments> adjustments = Adjustments::Parse(
      request.modes, {.uid = request.owner, .gid = request.group});
  if (!adjustments.ok()) return adjustments.status();
  absl::StatusOr<Input> input =
      OpenPlain(sys, request, name, std::move(manifest));
  if (input.ok() && !adjustments->empty())
    input->source = Adjusted(std::move(input->source), *std::move(adjustments));
  return input;
}

}  // namespace materialize

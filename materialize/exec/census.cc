// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/census.h"

#include <cerrno>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "materialize/exec/names_there.h"
#include "materialize/exec/staging.h"
#include "materialize/exec/work_list.h"
#include "materialize/os/path.h"
#include "materialize/os/threads.h"

namespace materialize {
namespace {

// A directory of the input, or one that only the destination has.
struct Task {
  std::unique_ptr<Directory> directory = nullptr;
  bool in_unit = false;
  std::string extra = {};  // relative to the destination's root
};

bool IsOurs(const char* name) { return absl::StartsWith(name, kStagingPrefix); }

}  // namespace

class Census::Worker {
 public:
  Worker(Sys& sys, const ExecOptions& options, int destination,
         uint64_t destination_mount, WorkList<Task>& list)
      : sys_(sys),
        options_(options),
        destination_(destination),
        destination_mount_(destination_mount),
        list_(list) {}

  void Loop();
  std::vector<CountedFile>& files() { return files_; }
  std::deque<CountedFile::Folder>& folders() { return folders_; }

 private:
  void DoDirectory(Directory& directory, bool in_unit);
  bool List(Directory& directory, bool in_unit, NamesThere* names);
  void AddListed(const Directory& directory, const CountedFile::Folder* folder,
                 int from, const Entry& entry);
  void PushChildren(Batch& batch, bool in_unit);
  void DoExtra(const std::string& path);
  Fd OpenThere(const std::string& path);
  void AddLeft(int there, const std::string& path, const NamesThere& names);
  void Add(int from, const char* at, CountedFile file);
  const CountedFile::Folder* AddFolder(std::string path, std::string source) {
    folders_.push_back({.path = std::move(path), .source = std::move(source)});
    return &folders_.back();
  }

  Sys& sys_;
  const ExecOptions& options_;
  const int destination_;
  const uint64_t destination_mount_;
  WorkList<Task>& list_;
  std::vector<CountedFile> files_;
  std::deque<CountedFile::Folder> folders_;
};

void Census::Worker::Loop() {
  while (std::optional<Task> task = list_.Wait()) {
    if (options_.cancelled()) {
      list_.Stop();
    } else if (task->directory != nullptr) {
      DoDirectory(*task->directory, task->in_unit);
    } else {
      DoExtra(task->extra);
    }
    task.reset();  // before the others are told that all is done
    list_.Done();
  }
}

void Census::Worker::DoDirectory(Directory& directory, bool in_unit) {
  Stat facts;
  if (!directory.Open(sys_, &facts).ok()) return;
  Fd there;
  NamesThere names;
  // A unit goes as a whole, with whatever else is in it.
  if (!in_unit) there = OpenThere(directory.path());
  if (there.ok() && names.Read(sys_, there.get()) < 0) there.Reset();
  const bool all = List(directory, in_unit, there.ok() ? &names : nullptr);
  if (all && there.ok()) AddLeft(there.get(), directory.path(), names);
}

// False where the listing broke off: what it does not list is then not known.
bool Census::Worker::List(Directory& directory, bool in_unit,
                          NamesThere* names) {
  const CountedFile::Folder* folder =
      AddFolder(directory.path(), directory.SourcePath(""));
  Batch batch;
  while (!options_.cancelled()) {
    const absl::StatusOr<bool> more = directory.Next(sys_, &batch);
    if (!more.ok()) return false;
    if (!*more) return true;
    for (const Entry& entry : batch.entries) {
      if (names != nullptr) (void)names->Take(entry.name);
      AddListed(directory, folder, batch.from, entry);
    }
    PushChildren(batch, in_unit);
  }
  return false;
}

void Census::Worker::AddListed(const Directory& directory,
                               const CountedFile::Folder* folder, int from,
                               const Entry& entry) {
  if (entry.source == nullptr) return;
  if (entry.kind != Kind::kFile && entry.kind != Kind::kUnknown) return;
  const bool from_anywhere = from == AT_FDCWD;
  Add(from, entry.source,
      {.folder = folder,
       .name = entry.name,
       .source = from_anywhere ? directory.SourcePath(entry.source) : "",
       .follow = entry.follow,
       .is_private = entry.is_private});
}

// Children are in the order of their entries.
void Census::Worker::PushChildren(Batch& batch, bool in_unit) {
  std::vector<Task> tasks;
  tasks.reserve(batch.children.size());
  for (const Entry& entry : batch.entries) {
    if (entry.child == nullptr) continue;
    tasks.push_back({.directory = std::move(batch.children[tasks.size()]),
                     .in_unit = in_unit || entry.unit});
  }
  list_.Push(&tasks);
}

void Census::Worker::DoExtra(const std::string& path) {
  const Fd there = OpenThere(path);
  NamesThere names;
  if (!there.ok() || names.Read(sys_, there.get()) < 0) return;
  AddLeft(there.get(), path, names);
}

// A directory of the destination, if it is on the mount of its root.
Fd Census::Worker::OpenThere(const std::string& path) {
  if (destination_ < 0) return {};
  Fd there(sys_, OpenDirectoryBeneath(sys_, destination_, path));
  Stat facts;
  if (!there.ok() || sys_.StatAt(there.get(), "", 0, &facts) < 0) return {};
  return facts.mount_id == destination_mount_ ? std::move(there) : Fd();
}

void Census::Worker::AddLeft(int there, const std::string& path,
                             const NamesThere& names) {
  const CountedFile::Folder* folder = nullptr;
  std::vector<Task> tasks;
  names.ForEachLeft([&](const char* name, NameThere what) {
    if (IsOurs(name)) return;
    if (what.kind == Kind::kDirectory) {
      tasks.push_back({.extra = JoinPath(path, name)});
    } else if (what.kind == Kind::kFile) {
      if (folder == nullptr) folder = AddFolder(path, "");
      Add(there, name, {.folder = folder, .name = name, .extra = true});
    }
  });
  list_.Push(&tasks);
}

void Census::Worker::Add(int from, const char* at, CountedFile file) {
  Stat facts;
  const int flags = file.follow ? 0 : AT_SYMLINK_NOFOLLOW;
  if (sys_.StatAt(from, at, flags, &facts) < 0) return;
  if (facts.kind() != Kind::kFile || facts.size == 0) return;
  file.identity = IdentityOf(facts);
  file.size = facts.size;
  file.mtime = facts.mtime;
  file.ctime = facts.ctime;
  file.permissions = facts.permissions();
  files_.push_back(std::move(file));
}

absl::StatusOr<Census> Census::Take(Sys& sys, const ExecOptions& options,
                                    Source& source, int destination) {
  Stat root;
  if (destination >= 0 && sys.StatAt(destination, "", 0, &root) < 0) {
    destination = -1;
  }
  Census census(destination);
  WorkList<Task> list(kLongList);
  std::vector<Task> first(1);
  first.front().directory = source.Root();
  list.Push(&first);
  std::vector<std::unique_ptr<Worker>> workers;
  workers.reserve(static_cast<size_t>(options.jobs));
  for (int number = 0; number < options.jobs; ++number) {
    workers.push_back(std::make_unique<Worker>(sys, options, destination,
                                               root.mount_id, list));
  }
  RunTogether(options.jobs, [&workers](int number) {
    workers[static_cast<size_t>(number)]->Loop();
  });
  if (options.cancelled()) return absl::CancelledError("interrupted");
  for (const auto& worker : workers) {
    std::move(worker->files().begin(), worker->files().end(),
              std::back_inserter(census.files_));
    census.folders_.push_back(std::move(worker->folders()));
  }
  return census;
}

Fd Census::Open(Sys& sys, const CountedFile& file) const {
  const int flags =
      O_RDONLY | O_NONBLOCK | O_NOCTTY | (file.follow ? 0 : O_NOFOLLOW);
  Fd folder;
  int from = AT_FDCWD;
  std::string path = file.source;
  if (file.extra) {
    folder =
        Fd(sys, OpenDirectoryBeneath(sys, destination_, file.folder->path));
    if (!folder.ok()) return folder;
    from = folder.get();
    path = file.name;
  } else if (path.empty()) {
    path = JoinPath(file.folder->source, file.name);
  }
  Fd fd(sys, OpenPatiently(sys, from, path.c_str(), flags, 0));
  Stat facts;
  if (!fd.ok() || sys.StatAt(fd.get(), "", 0, &facts) < 0) return fd;
  if (!IsCounted(file, facts)) return Fd(sys, -ESTALE);
  return fd;
}

std::optional<CountedFile> Census::InPlace(Sys& sys,
                                           const CountedFile& file) const {
  if (destination_ < 0 || file.extra || file.is_private) return std::nullopt;
  const Fd folder(sys,
                  OpenDirectoryBeneath(sys, destination_, file.folder->path));
  Stat facts;
  if (!folder.ok() || sys.StatAt(folder.get(), file.name.c_str(),
                                 AT_SYMLINK_NOFOLLOW, &facts) < 0)
    return std::nullopt;
  const bool looks_the_same =
      facts.kind() == Kind::kFile && facts.size == file.size &&
      facts.mtime == file.mtime && facts.permissions() == file.permissions;
  if (!looks_the_same) return std::nullopt;
  return CountedFile{.folder = file.folder,
                     .name = file.name,
                     .identity = IdentityOf(facts),
                     .size = facts.size,
                     .mtime = facts.mtime,
                     .ctime = facts.ctime,
                     .permissions = facts.permissions(),
                     .extra = true};
}

bool IsCounted(const CountedFile& file, const Stat& facts) {
  return facts.kind() == Kind::kFile && IdentityOf(facts) == file.identity &&
         facts.size == file.size && facts.mtime == file.mtime;
}

}  // namespace materialize

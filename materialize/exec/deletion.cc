// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/deletion.h"

#include <cerrno>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "materialize/os/dents.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

constexpr size_t kListingBytes = 32 * 1024;

class Finder {
 public:
  Finder(Sys& sys, int root, const Merge& merge, DeferredModes* opened_up)
      : sys_(sys), root_(root), merge_(merge), opened_up_(opened_up) {}

  void Add(Surplus surplus, size_t above) {
    const size_t own = found_.entries.size();
    found_.entries.push_back(
        {.what = std::move(surplus), .above = above == kTop ? own : above});
  }
  absl::StatusOr<Doomed> All();
  static constexpr size_t kTop = ~size_t{0};

 private:
  absl::Status Enter(size_t index);
  int OpenUp(const Surplus& what, int holder, const Stat& above);
  void LeaveClosed(size_t index, int holder, const Stat& above);
  absl::Status List(size_t index, int fd, const std::string& path);
  void Sort(size_t index, int fd, const std::string& path, const Dent& dent);
  void Keep(size_t index);

  Sys& sys_;
  const int root_;
  const Merge& merge_;
  DeferredModes* const opened_up_;
  Doomed found_;
};

absl::StatusOr<Doomed> Finder::All() {
  for (size_t index = 0; index < found_.entries.size(); ++index) {
    if (found_.entries[index].what.kind != Kind::kDirectory) continue;
    if (absl::Status status = Enter(index); !status.ok()) return status;
  }
  for (const DoomedEntry& entry : found_.entries) {
    if (!entry.stays) ++found_.count;
  }
  return std::move(found_);
}

// What is kept keeps the directories above it.
void Finder::Keep(size_t index) {
  while (!found_.entries[index].stays) {
    found_.entries[index].stays = true;
    index = found_.entries[index].above;
  }
}

absl::Status Finder::Enter(size_t index) {
  const Surplus what = found_.entries[index].what;
  const std::string path = JoinPath(what.directory, what.name);
  const Fd holder(sys_, OpenDirectoryBeneath(sys_, root_, what.directory));
  if (holder.get() == -ENOENT) return absl::OkStatus();
  if (!holder.ok()) return ErrnoStatus(-holder.get(), "open", what.directory);
  Stat own;
  Stat above;
  int result = sys_.StatAt(holder.get(), "", 0, &above);
  if (result < 0) return ErrnoStatus(-result, "stat", what.directory);
  Fd fd(sys_, OpenDirectoryBeneath(sys_, root_, path));
  if (fd.get() == -EACCES && opened_up_ != nullptr)
    fd = Fd(sys_, OpenUp(what, holder.get(), above));
  if (fd.get() == -EACCES || fd.get() == -EPERM) {
    LeaveClosed(index, holder.get(), above);
    return absl::OkStatus();
  }
  if (fd.get() == -ENOENT) return absl::OkStatus();
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "open", path);
  result = sys_.StatAt(fd.get(), "", 0, &own);
  if (result < 0) return ErrnoStatus(-result, "stat", path);
  if (own.mount_id != above.mount_id) {
    Keep(index);
    found_.failures.push_back(NotDeleted(path));
    return absl::OkStatus();
  }
  return List(index, fd.get(), path);
}

// A descriptor or -errno. Only its owner can open a directory up.
int Finder::OpenUp(const Surplus& what, int holder, const Stat& above) {
  const auto put_down = [&](const std::string& path, const Stat& was) {
    if (!opened_up_->Has(path)) opened_up_->Add(path, was.permissions());
  };
  if ((above.mode & S_IXUSR) == 0) {  // names can be read, not what has them
    const int result = sys_.ChangeMode(holder, above.permissions() | S_IRWXU);
    if (result < 0) return result;
    put_down(what.directory, above);
  }
  Stat own;
  const char* const name = what.name.c_str();
  int result = sys_.StatAt(holder, name, AT_SYMLINK_NOFOLLOW, &own);
  if (result < 0) return result;
  if (own.kind() != Kind::kDirectory) return -ENOTDIR;
  if (own.mount_id != above.mount_id) return -EACCES;
  result = sys_.ChangeModeAt(holder, name, own.permissions() | S_IRWXU);
  if (result < 0) return result;
  const std::string path = JoinPath(what.directory, what.name);
  put_down(path, own);
  return OpenDirectoryBeneath(sys_, root_, path);
}

// What may be in it is not lost unseen. A rehearsal cannot look either, but can
// tell what will be opened up.
void Finder::LeaveClosed(size_t index, int holder, const Stat& above) {
  const Surplus& what = found_.entries[index].what;
  Stat own;
  const bool looked =
      sys_.StatAt(holder, what.name.c_str(), AT_SYMLINK_NOFOLLOW, &own) == 0;
  const bool is_ours = (looked ? own.uid : above.uid) == sys_.EffectiveUser();
  if (opened_up_ == nullptr && is_ours) {
    found_.entries[index].is_listed = false;
    return;
  }
  const std::string path = JoinPath(what.directory, what.name);
  found_.hides = true;
  found_.failures.push_back(
      {.path = path,
       .text =
           absl::StrCat("delete ", path,
                        ": what is in it cannot be listed; left as it is")});
  Keep(index);
}

absl::Status Finder::List(size_t index, int fd, const std::string& path) {
  const auto buffer = std::make_unique_for_overwrite<char[]>(kListingBytes);
  while (true) {
    const int64_t bytes = sys_.ReadDirectory(fd, buffer.get(), kListingBytes);
    if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "list", path);
    if (bytes == 0) return absl::OkStatus();
    ForEachDent(buffer.get(), static_cast<size_t>(bytes),
                [&](const Dent& dent) { Sort(index, fd, path, dent); });
  }
}

void Finder::Sort(size_t index, int fd, const std::string& path,
                  const Dent& dent) {
  Kind kind = dent.kind;
  Stat facts;
  if (kind == Kind::kUnknown &&
      sys_.StatAt(fd, dent.name, AT_SYMLINK_NOFOLLOW, &facts) == 0)
    kind = facts.kind();
  if (merge_.IsKept(path, dent.name, kind)) {
    Keep(index);
  } else {
    Add({.directory = path, .name = dent.name, .kind = kind}, index);
  }
}

// A directory that names are removed from.
class Holder {
 public:
  Holder(Sys& sys, int root, const std::string& path)
      : sys_(sys),
        path_(path),
        fd_(sys, OpenDirectoryBeneath(sys, root, path)) {
    error_ = fd_.ok() ? sys.StatAt(fd_.get(), "", 0, &before_) : fd_.get();
  }
  const std::string& path() const { return path_; }

  int Unlink(const DoomedEntry& entry) {
    if (error_ < 0) return error_;
    const char* const name = entry.what.name.c_str();
    const int flags = entry.what.kind == Kind::kDirectory ? AT_REMOVEDIR : 0;
    int result = sys_.UnlinkAt(fd_.get(), name, flags);
    if (result == -EACCES && !opened_up_ &&
        sys_.ChangeMode(fd_.get(), before_.permissions() | S_IRWXU) == 0) {
      opened_up_ = true;
      result = sys_.UnlinkAt(fd_.get(), name, flags);
    }
    return result;
  }

  // Leaves it as it was, less the names.
  void Restore() {
    if (error_ < 0) return;
    if (opened_up_) (void)sys_.ChangeMode(fd_.get(), before_.permissions());
    (void)sys_.SetTimesAt(fd_.get(), nullptr, before_.mtime, 0);
  }

 private:
  Sys& sys_;
  std::string path_;
  Fd fd_;
  Stat before_;
  int error_ = 0;  // -errno of the two
  bool opened_up_ = false;
};

}  // namespace

Failure NotDeleted(const std::string& path) {
  return {.path = path,
          .text = absl::StrCat("delete ", path,
                               ": something is mounted here; left as it is")};
}

const char* WhyInTheWay(const Doomed& doomed, const Deletion& deletion) {
  const bool keeps =
      doomed.count != static_cast<int64_t>(doomed.entries.size());
  if (doomed.hides)
    return "a directory is in the way that cannot be listed, or one in it";
  if (!doomed.failures.empty())
    return "a directory is in the way that something is mounted on or in; "
           "unmount that first";
  if (keeps && !deletion.only.empty())
    return "a directory is in the way that holds what --delete_only does not "
           "name";
  if (keeps && !deletion.enabled)
    return "a directory is in the way that holds what is excluded; --delete "
           "with --delete_excluded removes it";
  if (keeps)
    return "a directory is in the way that holds what is excluded; "
           "--delete_excluded removes that as well";
  if (deletion.enabled)
    return "a directory is in the way, and more would go than --max_delete "
           "allows";
  return "a directory that is not empty is in the way; --delete removes it";
}

absl::StatusOr<Doomed> FindDoomed(Sys& sys, int root, const Merge& merge,
                                  std::vector<Surplus> surplus,
                                  DeferredModes* opened_up) {
  Finder finder(sys, root, merge, opened_up);
  for (Surplus& one : surplus) finder.Add(std::move(one), Finder::kTop);
  return finder.All();
}

void Remove(Sys& sys, int root, Doomed* doomed,
            absl::FunctionRef<void(const Surplus&)> gone) {
  std::unique_ptr<Holder> holder;
  bool survives = false;  // the directory that is open
  const auto leave = [&] {
    if (holder != nullptr && survives) holder->Restore();
    holder.reset();
    survives = false;
  };
  for (size_t index = doomed->entries.size(); index-- > 0;) {
    const DoomedEntry& entry = doomed->entries[index];
    if (entry.stays) continue;
    if (holder == nullptr || holder->path() != entry.what.directory) {
      leave();
      holder = std::make_unique<Holder>(sys, root, entry.what.directory);
    }
    survives =
        survives || entry.above == index || doomed->entries[entry.above].stays;
    const int result = holder->Unlink(entry);
    if (result == 0) {
      gone(entry.what);
    } else if (result != -ENOENT) {
      const std::string path = JoinPath(entry.what.directory, entry.what.name);
      doomed->failures.push_back(
          {.path = path,
           .text =
               std::string(ErrnoStatus(-result, "delete", path).message())});
    }
  }
  leave();
}

}  // namespace materialize

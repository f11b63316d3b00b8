// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/probe.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/probe_sample.h"
#include "materialize/strategy/mounts.h"

namespace materialize {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTries = 41;
constexpr std::chrono::milliseconds kPatience(250);  // for one method
constexpr int kMaxRooms = 100;

// A directory of our own in the destination, removed with all that was tried in
// it.
class Room {
 public:
  static absl::StatusOr<Room> Make(Sys& sys, int parent,
                                   const std::string& path) {
    for (int number = 0; number < kMaxRooms; ++number) {
      std::string name =
          absl::StrCat(".materialize-probe-", getpid(), "-", number);
      const int error = sys.MakeDirectoryAt(parent, name.c_str(), 0700);
      if (error == -EEXIST) continue;
      if (error < 0)
        return ErrnoStatus(-error, "mkdir", JoinedName(path, name));
      const int fd = sys.OpenAt(parent, name.c_str(),
                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
      Room room(sys, parent, std::move(name), fd);
      if (fd < 0) return ErrnoStatus(-fd, "open", JoinedName(path, room.name_));
      return room;
    }
    return ErrnoStatus(EEXIST, "mkdir", JoinedName(path, ".materialize-probe"));
  }

  Room(Room&& other) noexcept
      : sys_(other.sys_),
        parent_(other.parent_),
        name_(std::exchange(other.name_, "")),
        fd_(std::move(other.fd_)) {}
  Room& operator=(Room&&) = delete;
  ~Room() {
    if (name_.empty()) return;
    Empty();
    (void)sys_->UnlinkAt(parent_, name_.c_str(),
                         AT_REMOVEDIR);  // An empty leftover at worst.
  }

  int fd() const { return fd_.get(); }

  // Removes every name that a try may have made.
  void Empty() {
    for (int number = 0; number <= kTries; ++number) {
      (void)sys_->UnlinkAt(fd(), NameOf(number).c_str(),
                           0);  // Mostly it is not there.
    }
    for (const char* name : {"a", "b"})
      (void)sys_->UnlinkAt(fd(), name, AT_REMOVEDIR);
  }

  static std::string NameOf(int number) { return absl::StrCat("try", number); }

 private:
  Room(Sys& sys, int parent, std::string name, int fd)
      : sys_(&sys), parent_(parent), name_(std::move(name)), fd_(sys, fd) {}

  static std::string JoinedName(const std::string& path,
                                const std::string& name) {
    return absl::StrCat(path, "/", name);
  }

  Sys* sys_;
  int parent_;
  std::string name_;
  Fd fd_;
};

// Copies `bytes` of `from` from its start; 0 or -errno. *by_hand: the kernel's
// way was refused.
int CopyBytes(Sys& sys, int from, int to, int64_t bytes, bool* by_hand) {
  if (const int64_t at = sys.Seek(from, 0, SEEK_SET); at < 0)
    return static_cast<int>(at);
  std::array<char, 16 * 1024> buffer;
  for (int64_t left = bytes; left > 0;) {
    int64_t got =
        *by_hand ? -EXDEV : sys.CopyRange(from, to, static_cast<size_t>(left));
    if (got <= 0 && left == bytes) {
      *by_hand = true;
      got = 0;
    }
    if (*by_hand) {
      const int64_t part =
          sys.Read(from, buffer.data(),
                   std::min<size_t>(buffer.size(), static_cast<size_t>(left)));
      got = part > 0 ? sys.Write(to, buffer.data(), static_cast<size_t>(part))
                     : part;
    }
    if (got < 0) return static_cast<int>(got);
    if (got == 0) return 0;  // shorter than it was
    left -= got;
  }
  return 0;
}

class Prober {
 public:
  Prober(const ProbeRequest& request, Sys& sys)
      : request_(request), sys_(sys), mounts_(sys) {}

  absl::StatusOr<ProbeReport> Run() {
    if (const absl::Status status = Open(); !status.ok()) return status;
    absl::StatusOr<Room> room = Room::Make(sys_, to_.get(), report_.to.path);
    if (!room.ok()) return room.status();
    room_ = &*room;
    sample_ = FindSample(sys_, from_.get());
    DescribeSample();
    TryAll();
    LookAtCase();
    if (Cancelled()) return absl::CancelledError("interrupted");
    ChooseOrder();
    return std::move(report_);
  }

 private:
  using Attempt = int (Prober::*)(const std::string& name);

  bool Cancelled() const {
    return request_.cancel != nullptr &&
           request_.cancel->load(std::memory_order_relaxed);
  }

  // -- The two directories.

  absl::Status Open() {
    const std::string& to = request_.destination;
    const std::string& from =
        request_.source.empty() ? NearestDirectory(to) : request_.source;
    absl::Status status = OpenPlace(from, &from_, &report_.from, &from_mount_);
    if (status.ok())
      status = OpenPlace(NearestDirectory(to), &to_, &report_.to, &to_mount_);
    return status;
  }

  // Where the destination would be made.
  std::string NearestDirectory(std::string path) {
    Stat stat;
    while (sys_.StatAt(AT_FDCWD, path.c_str(), 0, &stat) == -ENOENT) {
      const std::string above = Split(path).directory;
      if (above == path) break;
      path = above;
    }
    return path;
  }

  absl::Status OpenPlace(const std::string& path, Fd* fd, ProbedPlace* place,
                         std::optional<Mount>* mount) {
    *fd = Fd(sys_,
             sys_.OpenAt(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY, 0));
    if (!fd->ok()) return ErrnoStatus(-fd->get(), "open", path);
    Stat stat;
    if (const int error = sys_.StatAt(fd->get(), "", 0, &stat); error < 0)
      return ErrnoStatus(-error, "stat", path);
    int error = 0;
    const Mount* found = mounts_.Find(fd->get(), stat, &error);
    if (found == nullptr) return ErrnoStatus(-error, "statfs", path);
    *mount = *found;
    *place = {.path = path, .mount = found->Text()};
    return absl::OkStatus();
  }

  bool OneMount() const { return from_mount_->key == to_mount_->key; }

  // -- What is tried. Each makes `name` in the room and answers >= 0 or -errno.

  int Reflink(const std::string& name) {
    const Fd to = MakeFile(name);
    return to.ok() ? sys_.CloneFile(sample_.fd.get(), to.get()) : to.get();
  }

  int Hardlink(const std::string& name) {
    const std::string link = absl::StrCat("/proc/self/fd/", sample_.fd.get());
    return sys_.LinkAt(AT_FDCWD, link.c_str(), room_->fd(), name.c_str(),
                       AT_SYMLINK_FOLLOW);
  }

  int Copy(const std::string& name) {
    const Fd to = MakeFile(name);
    return to.ok() ? CopyBytes(sys_, sample_.fd.get(), to.get(), sample_.bytes,
                               &copies_by_hand_)
                   : to.get();
  }

  int Symlink(const std::string& name) {
    return sys_.SymlinkAt(report_.from.path.c_str(), room_->fd(), name.c_str());
  }

  int Exchange(const std::string&) {
    return sys_.RenameAt(room_->fd(), "a", room_->fd(), "b", RENAME_EXCHANGE);
  }

  int Unnamed(const std::string&) {
    const Fd fd(sys_,
                sys_.OpenAt(room_->fd(), ".", O_TMPFILE | O_WRONLY, 0600));
    return fd.get() < 0 ? fd.get() : 0;
  }

  Fd MakeFile(const std::string& name) {
    return Fd(sys_, sys_.OpenAt(room_->fd(), name.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL, 0600));
  }

  // -- Trying.

  // The first try tells whether it works, and warms up; the median of the
  // others is the time.
  Trial Measure(absl::string_view name, Attempt attempt) {
    Trial trial = {.name = std::string(name), .note = ""};
    std::vector<double> times;
    const auto end = Clock::now() + kPatience;
    for (int number = 0; number <= kTries && !Cancelled(); ++number) {
      const auto start = Clock::now();
      const int result = (this->*attempt)(Room::NameOf(number));
      if (result < 0) trial.error = -result;
      if (result < 0 || Clock::now() > end) break;
      if (number > 0)
        times.push_back(
            std::chrono::duration<double, std::micro>(Clock::now() - start)
                .count());
    }
    room_->Empty();
    trial.tries = static_cast<int>(times.size());
    trial.answer = trial.error == 0 ? Answer::kYes : Answer::kNo;
    if (times.empty()) return trial;
    std::nth_element(times.begin(), times.begin() + times.size() / 2,
                     times.end());
    trial.microseconds = times[times.size() / 2];
    return trial;
  }

  void TryAll() {
    const std::string missing = WhyNoSample();
    TryUnless(missing, "reflink", &Prober::Reflink);
    TryUnless(WhyNoLink(), "hardlink", &Prober::Hardlink);
    TryUnless(missing, "copy", &Prober::Copy);
    if (copies_by_hand_)
      report_.trials.back().note =
          "by read and write: copy_file_range does not work here";
    TryUnless("", "symlink", &Prober::Symlink);
    // What they need is there or is not: the try says it.
    for (const char* name : {"a", "b"})
      (void)sys_.MakeDirectoryAt(room_->fd(), name, 0700);
    TryUnless("", "exchange", &Prober::Exchange);
    TryUnless("", "tmpfile", &Prober::Unnamed);
  }

  void TryUnless(const std::string& why_not, absl::string_view name,
                 Attempt attempt) {
    if (why_not.empty()) {
      report_.trials.push_back(Measure(name, attempt));
    } else {
      report_.trials.push_back({.name = std::string(name),
                                .answer = Answer::kNotTried,
                                .note = why_not});
    }
  }

  std::string WhyNoSample() const {
    return sample_.fd.ok() ? ""
                           : "no file can be made there without a name, and "
                             "none was found to read";
  }

  std::string WhyNoLink() const {
    if (sample_.unnamed()) return "";
    return absl::StrCat("would change the ctime of a file; two ",
                        OneMount()
                            ? "directories of one mount, so it should work"
                            : "mounts, so it cannot work");
  }

  void DescribeSample() {
    if (!sample_.fd.ok()) return;
    report_.sample = sample_.unnamed()
                         ? "an unnamed file"
                         : absl::StrCat(report_.from.path, "/", sample_.path);
    report_.sample_bytes = sample_.bytes;
  }

  void LookAtCase() {
    const Fd file = MakeFile("try0");
    Stat stat;
    report_.case_sensitive =
        !file.ok() ||
        sys_.StatAt(room_->fd(), "TRY0", AT_SYMLINK_NOFOLLOW, &stat) < 0;
    room_->Empty();
  }

  // -- What follows from it.

  void ChooseOrder() {
    for (const Method method : AutoMethods()) {
      const Trial& trial = *FindTrial(report_, MethodName(method));
      if (Usable(method, trial)) {
        report_.order.push_back(method);
      } else {
        report_.notes.push_back(absl::StrCat(
            "no ", trial.name, ": ",
            trial.error == 0 ? trial.note : ErrnoText(trial.error)));
      }
    }
    if (from_mount_->filesystem->traits.layers == Layers::kOverlay) {
      report_.notes.emplace_back(
          "files of a lower layer are not hardlinked: they would be copied up");
    }
    if (sys_.EffectiveUser() == 0) {
      report_.notes.emplace_back(
          "as root, files that somebody else owns are not hardlinked");
    }
  }

  // What could not be tried is judged by what is known of the mounts, and then
  // by the run itself.
  bool Usable(Method method, const Trial& trial) const {
    if (trial.answer != Answer::kNotTried) return trial.answer == Answer::kYes;
    if (method == Method::kHardlink)
      return OneMount() && to_mount_->filesystem->hardlink != Support::kNo;
    if (method == Method::kReflink)
      return to_mount_->filesystem->reflink != Support::kNo;
    return true;
  }

  static std::string ErrnoText(int error) { return strerror(error); }

  const ProbeRequest& request_;
  Sys& sys_;
  MountTable mounts_;
  ProbeReport report_;
  Fd from_;
  Fd to_;
  std::optional<Mount> from_mount_;
  std::optional<Mount> to_mount_;
  Room* room_ = nullptr;
  Sample sample_;
  bool copies_by_hand_ = false;
};

}  // namespace

absl::StatusOr<ProbeReport> Probe(const ProbeRequest& request, Sys& sys) {
  return Prober(request, sys).Run();
}

}  // namespace materialize

// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/probe_sample.h"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>

#include "materialize/os/dents.h"
#include "materialize/os/io.h"
#include "materialize/os/path.h"

namespace materialize {
namespace {

// How many directories are read in search of a file.
constexpr int kMaxDirectories = 64;
constexpr size_t kBufferSize = 32 * 1024;

Fd MakeUnnamed(Sys& sys, int directory, int* error) {
  Fd fd(sys, sys.OpenAt(directory, ".", O_TMPFILE | O_RDWR, 0600));
  *error = fd.ok() ? -WriteAll(sys, fd.get(), std::string(kSampleBytes, 'm'))
                   : -fd.get();
  if (*error == 0) *error = -sys.Sync(fd.get());
  return fd;
}

// Reading must not touch the time of last access; only the owner may ask for
// that.
Fd OpenUntouched(Sys& sys, int directory, const char* path, int flags) {
  const int fd =
      sys.OpenAt(directory, path, flags | O_RDONLY | O_NOFOLLOW | O_NOATIME, 0);
  if (fd != -EPERM) return Fd(sys, fd);
  return Fd(sys, sys.OpenAt(directory, path, flags | O_RDONLY | O_NOFOLLOW, 0));
}

// Breadth first, for what lies near is met soon.
class Search {
 public:
  Search(Sys& sys, int root) : sys_(sys), root_(root) {}

  bool Find(Sample* sample) {
    for (int read = 0; read < kMaxDirectories && !waiting_.empty(); ++read) {
      const std::string directory = std::move(waiting_.front());
      waiting_.pop_front();
      std::deque<std::string> files;
      List(directory, &files);
      for (const std::string& file : files) {
        if (Take(file, sample)) return true;
      }
    }
    return false;
  }

 private:
  void List(const std::string& directory, std::deque<std::string>* files) {
    const Fd fd = OpenUntouched(
        sys_, root_, directory.empty() ? "." : directory.c_str(), O_DIRECTORY);
    if (!fd.ok()) return;
    std::string buffer(kBufferSize, '\0');
    for (int64_t got; (got = sys_.ReadDirectory(fd.get(), buffer.data(),
                                                buffer.size())) > 0;) {
      ForEachDent(
          buffer.data(), static_cast<size_t>(got), [&](const Dent& dent) {
            const std::string path =
                directory.empty() ? dent.name : directory + "/" + dent.name;
            if (dent.kind == Kind::kDirectory) waiting_.push_back(path);
            if (dent.kind == Kind::kFile || dent.kind == Kind::kUnknown)
              files->push_back(path);
          });
    }
  }

  // A regular file that can be read and holds something. A FIFO must never be
  // opened: it would wait.
  bool Take(const std::string& path, Sample* sample) {
    Stat stat;
    if (sys_.StatAt(root_, path.c_str(), AT_SYMLINK_NOFOLLOW, &stat) < 0)
      return false;
    if (stat.kind() != Kind::kFile || stat.size == 0) return false;
    Fd fd = OpenUntouched(sys_, root_, path.c_str(), O_NONBLOCK);
    if (!fd.ok()) return false;
    sample->fd = std::move(fd);
    sample->path = path;
    sample->bytes = std::min(stat.size, kSampleBytes);
    return true;
  }

  Sys& sys_;
  const int root_;
  std::deque<std::string> waiting_ = {""};
};

}  // namespace

Sample FindSample(Sys& sys, int directory) {
  Sample sample;
  Fd unnamed = MakeUnnamed(sys, directory, &sample.unnamed_error);
  if (sample.unnamed()) {
    sample.fd = std::move(unnamed);
    sample.bytes = kSampleBytes;
    return sample;
  }
  (void)Search(sys, directory)
      .Find(&sample);  // Nothing found: the sample says so.
  return sample;
}

}  // namespace materialize

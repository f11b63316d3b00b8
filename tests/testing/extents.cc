// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/testing/extents.h"

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace materialize {
namespace {

constexpr uint32_t kMostExtents = 256;  // a test file has a handful

[[noreturn]] void Throw(const char* call, const std::string& path) {
  throw std::system_error(errno, std::generic_category(),
                          std::string(call) + " " + path);
}

struct Descriptor {
  explicit Descriptor(const std::string& path)
      : fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) {
    if (fd < 0) Throw("open", path);
  }
  ~Descriptor() { close(fd); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  const int fd;
};

// Extents that follow each other on the disk may be told as one or as two.
std::vector<Extent> Joined(const std::vector<Extent>& extents) {
  std::vector<Extent> joined;
  for (const Extent& extent : extents) {
    const bool follows =
        !joined.empty() && joined.back().shared == extent.shared &&
        joined.back().logical + joined.back().length == extent.logical &&
        joined.back().physical + joined.back().length == extent.physical;
    if (follows) {
      joined.back().length += extent.length;
    } else {
      joined.push_back(extent);
    }
  }
  return joined;
}

}  // namespace

std::optional<std::vector<Extent>> ExtentsOf(const std::string& path) {
  const Descriptor file(path);
  if (fsync(file.fd) != 0 && errno != EROFS && errno != EINVAL)
    Throw("fsync", path);
  // struct fiemap ends in an array without a length.
  constexpr size_t kWords =
      (sizeof(fiemap) + kMostExtents * sizeof(fiemap_extent)) /
          sizeof(uint64_t) +
      1;
  std::vector<uint64_t> space(kWords);
  auto* map = reinterpret_cast<fiemap*>(space.data());
  map->fm_length = FIEMAP_MAX_OFFSET;
  map->fm_flags = FIEMAP_FLAG_SYNC;
  map->fm_extent_count = kMostExtents;
  if (ioctl(file.fd, FS_IOC_FIEMAP, map) != 0) {
    if (errno == EOPNOTSUPP || errno == ENOTTY || errno == ENOSYS)
      return std::nullopt;
    Throw("fiemap", path);
  }
  std::vector<Extent> extents;
  for (uint32_t i = 0; i < map->fm_mapped_extents; ++i) {
    const fiemap_extent& found = map->fm_extents[i];
    extents.push_back({.logical = found.fe_logical,
                       .physical = found.fe_physical,
                       .length = found.fe_length,
                       .shared = (found.fe_flags & FIEMAP_EXTENT_SHARED) != 0});
  }
  return Joined(extents);
}

std::optional<bool> SharesExtents(const std::string& path,
                                  const std::string& other) {
  const auto extents = ExtentsOf(path);
  const auto others = ExtentsOf(other);
  if (!extents.has_value() || !others.has_value()) return std::nullopt;
  if (extents->empty()) return false;
  return std::equal(extents->begin(), extents->end(), others->begin(),
                    others->end(), [](const Extent& a, const Extent& b) {
                      return a.shared && a.logical == b.logical &&
                             a.physical == b.physical && a.length == b.length;
                    });
}

}  // namespace materialize

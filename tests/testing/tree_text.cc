// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// TreeText(): describes a tree. ArrangeTree() is in tree_arrange.cc.

#include "tests/testing/tree_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/testing/temp_dir.h"
#include "tests/testing/tree_line.h"

namespace materialize {
namespace {

// Text up to this many bytes is shown instead of hashed.
constexpr size_t kShownBytes = 60;

struct Content {
  size_t size = 0;
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  std::string head;                       // up to kShownBytes
  int error = 0;
};

void AddBytes(std::string_view bytes, Content* content) {
  content->size += bytes.size();
  content->head.append(bytes.substr(
      0, kShownBytes - std::min(kShownBytes, content->head.size())));
  for (const char byte : bytes)
    content->hash =
        (content->hash ^ static_cast<unsigned char>(byte)) * 1099511628211u;
}

Content ReadContent(const std::string& path) {
  Content content;
  const int fd = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  std::string buffer(1 << 16, '\0');
  ssize_t got = fd;
  while (got >= 0 && (got = read(fd, buffer.data(), buffer.size())) > 0) {
    AddBytes(std::string_view(buffer).substr(0, static_cast<size_t>(got)),
             &content);
  }
  if (got < 0) content.error = errno;
  if (fd >= 0) close(fd);
  return content;
}

bool IsText(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return c == '\n' || c == '\t' || (c >= ' ' && c <= '~');
  });
}

std::string DescribeContent(const std::string& path) {
  const Content content = ReadContent(path);
  if (content.error != 0)
    return absl::StrCat(" ! ", std::strerror(content.error));
  if (content.size == content.head.size() && IsText(content.head)) {
    return absl::StrCat(
        " \"", EscapeField(content.head, /*blank_is_plain=*/true), "\"");
  }
  return absl::StrFormat(" size=%d #%016x", content.size, content.hash);
}

std::string DescribeSymlink(const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  if (size < 0) return absl::StrCat(" ! ", std::strerror(errno));
  return " -> " + EscapeField(target.substr(0, static_cast<size_t>(size)),
                              /*blank_is_plain=*/false);
}

std::string DescribeBody(const std::string& path, mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return DescribeContent(path);
    case S_IFLNK:
      return DescribeSymlink(path);
    case S_IFDIR:
      return "";
    case S_IFIFO:
      return " |";
    case S_IFSOCK:
      return " |socket";
    default:
      return " |device";
  }
}

std::string DescribeTime(const timespec& time) {
  const std::string seconds = absl::StrCat(" @", time.tv_sec);
  return time.tv_nsec == 0 ? seconds
                           : absl::StrFormat("%s.%09d", seconds, time.tv_nsec);
}

class Describer {
 public:
  Describer(std::string root, const TreeTextOptions& options)
      : root_(std::move(root)), options_(options) {}

  // `name` is relative to the root, "" the root itself.
  void Describe(const std::string& name) {
    const std::string path = name.empty() ? root_ : root_ + "/" + name;
    struct stat found;
    if (lstat(path.c_str(), &found) != 0)
      return AddLine(name, absl::StrCat(" ! ", std::strerror(errno)));
    const bool is_directory = S_ISDIR(found.st_mode);
    if (!name.empty() || options_.root || !is_directory) {
      AddLine(name + (is_directory ? "/" : ""),
              DescribeEntry(path, name, found));
    }
    if (is_directory) DescribeEntriesOf(path, name);
  }

  std::string Text() const {
    std::string text;
    for (const auto& [name, rest] : lines_)
      absl::StrAppend(&text, name, rest, "\n");
    return text;
  }

 private:
  void AddLine(const std::string& name, std::string rest) {
    const bool is_root = name.empty() || name == "/";
    lines_[is_root ? "." + name : EscapeField(name, /*blank_is_plain=*/false)] =
        std::move(rest);
  }

  std::string DescribeEntry(const std::string& path, const std::string& name,
                            const struct stat& found) {
    if (options_.twins && !S_ISDIR(found.st_mode)) {
      const auto [first, is_new] =
          inodes_.try_emplace({found.st_dev, found.st_ino}, name);
      if (!is_new)
        return " = " + EscapeField(first->second, /*blank_is_plain=*/false);
    }
    const bool is_symlink = S_ISLNK(found.st_mode);
    std::string rest;
    if (options_.modes && !is_symlink)
      absl::StrAppendFormat(&rest, " %04o", found.st_mode & 07777);
    if (is_symlink ? options_.symlink_times : options_.times)
      rest += DescribeTime(found.st_mtim);
    return rest + DescribeBody(path, found.st_mode);
  }

  void DescribeEntriesOf(const std::string& path, const std::string& name) {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator entry(path, error), end;
         !error && entry != end; entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error)
      lines_[EscapeField(name, /*blank_is_plain=*/false) + "/"] +=
          " ! " + error.message();
    std::sort(names.begin(), names.end());
    for (const std::string& entry : names)
      Describe(name.empty() ? entry : absl::StrCat(name, "/", entry));
  }

  const std::string root_;
  const TreeTextOptions options_;
  std::map<std::string, std::string> lines_;
  std::map<std::pair<dev_t, ino_t>, std::string> inodes_;
};

}  // namespace

std::string TreeText(const std::string& root, const TreeTextOptions& options) {
  Describer describer(root, options);
  describer.Describe("");
  return describer.Text();
}

std::string TreeTextOf(std::string_view text, const TreeTextOptions& options) {
  const TempDir dir;
  const absl::Status status = ArrangeTree(dir / "tree", text);
  return status.ok() ? TreeText(dir / "tree", options)
                     : std::string(status.message());
}

}  // namespace materialize

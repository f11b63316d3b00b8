// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Random trees on disk.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "tests/merge/random_tree.h"

namespace materialize {
namespace {

void Check(int64_t result, const std::string& path) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), path);
}

std::string Bytes(const Node& node) {
  std::string bytes(node.size + 8, '\0');
  uint64_t state = node.bytes | 1;
  for (size_t at = 0; at < node.size; at += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    std::memcpy(bytes.data() + at, &state, 8);
  }
  // A single byte tells them apart as well.
  bytes[0] = static_cast<char>(node.bytes >> 56);
  bytes.resize(node.size);
  return bytes;
}

void WriteFile(const Node& node, const std::string& path) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  Check(fd, path);
  if (node.is_hole) {
    Check(ftruncate(fd, static_cast<off_t>(node.size)), path);
  } else {
    const std::string bytes = Bytes(node);
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    Check(written == static_cast<ssize_t>(bytes.size()) ? 0 : -1, path);
  }
  Check(fchmod(fd, node.mode), path);
  Check(close(fd), path);
}

void SetTime(const Node& node, const std::string& path) {
  const timespec times[2] = {node.mtime, node.mtime};
  Check(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), path);
}

void Make(const Node& node, const std::string& path) {
  switch (node.kind) {
    case NodeKind::kDirectory:
      return Check(mkdir(path.c_str(), 0700), path);
    case NodeKind::kFile:
      WriteFile(node, path);
      break;
    case NodeKind::kSymlink:
      Check(symlink(node.target.c_str(), path.c_str()), path);
      break;
    case NodeKind::kFifo:
      Check(mkfifo(path.c_str(), 0600), path);
      Check(chmod(path.c_str(), node.mode), path);
      break;
  }
  SetTime(node, path);
}

}  // namespace

void WriteTree(const NodeTree& tree, const std::string& root,
               Written* written) {
  const auto path_of = [&](const std::string& path) {
    return path.empty() ? root : root + "/" + path;
  };
  for (const auto& [path, node] : tree) {
    const std::string at = path_of(path);
    const auto there = written->find(node.get());
    const bool is_linked =
        node->kind == NodeKind::kFile && there != written->end();
    if (is_linked) {
      Check(link(there->second.c_str(), at.c_str()), at);
      continue;
    }
    Make(*node, at);
    (*written)[node.get()] = at;
  }
  // What is in a directory changes its mtime, and may need its mode.
  for (auto at = tree.rbegin(); at != tree.rend(); ++at) {
    if (at->second->kind != NodeKind::kDirectory) continue;
    Check(chmod(path_of(at->first).c_str(), at->second->mode), at->first);
    SetTime(*at->second, path_of(at->first));
  }
}

}  // namespace materialize

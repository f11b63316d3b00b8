// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/strategy/filesystem.h"

namespace materialize {
namespace {

using enum Support;

// Magics as in linux/magic.h and each filesystem's own source; written out, for
// not every libc's header has all. No clone operation (Linux 6.18 fs/*): ext4,
// tmpfs, fuse, vfat, exfat, 9p, squashfs, erofs, procfs and the like.
constexpr Filesystem kFilesystems[] = {
    // magic       name        reflink hardlink symlink
    {0x9123683E,
     "btrfs",
     kYes,
     kYes,
     kYes,
     {.listed = Listed::kInodes,
      .modes = Modes::kKept,
      .linking = Linking::kAlone,
      .filling = Filling::kBreadthFirst}},
    // reflink=0 answers EOPNOTSUPP; copy_file_range clones.
    {0x58465342,
     "xfs",
     kMaybe,
     kYes,
     kYes,
     {.listed = Listed::kInodes,
      .modes = Modes::kKept,
      .writers = Writers::kSeveral,
      .written = 32 << 10}},
    // ext2 and ext3 share the magic.
    {0xEF53,
     "ext4",
     kNo,
     kYes,
     kYes,
     {.listed = Listed::kInodes,
      .modes = Modes::kKept,
      .writers = Writers::kSeveral}},
    {0x01021994,
     "tmpfs",
     kNo,
     kYes,
     kYes,
     {.listed = Listed::kInodes, .modes = Modes::kKept}},
    {0x858458F6, "ramfs", kNo, kYes, kYes},
    {0x794C7630, "overlay", kMaybe, kYes, kYes, {.layers = Layers::kOverlay}},
    {0xCA451A4E, "bcachefs", kYes, kYes, kYes},
    {0xF2F52010,
     "f2fs",
     kNo,
     kYes,
     kYes,
     {.listed = Listed::kInodes, .modes = Modes::kKept}},
    // From OpenZFS 2.2 on.
    {0x2FC12FC1, "zfs", kMaybe, kYes, kYes},
    {0x7461636F, "ocfs2", kMaybe, kMaybe, kYes},
    // 4.2 clones where the server does.
    {0x6969, "nfs", kMaybe, kMaybe, kMaybe},
    {0xFF534D42, "cifs", kMaybe, kMaybe, kMaybe},
    {0xFE534D42, "smb2", kMaybe, kMaybe, kMaybe},
    // The protocol has no clone request; virtiofs alike.
    {0x65735546, "fuse", kNo, kMaybe, kMaybe},
    {0x01021997, "9p", kNo, kMaybe, kMaybe},
    {0x00C36400, "ceph", kNo, kMaybe, kYes},
    // link, symlink: EPERM
    {0x4D44, "vfat", kNo, kNo, kNo, {.names = Names::kFolded}},
    {0x2011BAB0, "exfat", kNo, kNo, kNo, {.names = Names::kFolded}},
    {0x5346544E, "ntfs", kNo, kMaybe, kMaybe, {.names = Names::kFolded}},
    {0x73717368, "squashfs", kNo, kYes, kYes},
    {0xE0F5E1E2, "erofs", kNo, kYes, kYes},
    {0x9660, "iso9660", kNo, kYes, kYes},
    {0x9FA0, "proc", kNo, kNo, kNo, {.sizes = Sizes::kPretended}},
    {0x62656572, "sysfs", kNo, kNo, kNo, {.sizes = Sizes::kPretended}},
    {0x64626720, "debugfs", kNo, kNo, kNo, {.sizes = Sizes::kPretended}},
    {0x74726163, "tracefs", kNo, kNo, kNo, {.sizes = Sizes::kPretended}},
    {0x27E0EB, "cgroup", kNo, kNo, kNo, {.sizes = Sizes::kPretended}},
    {0x63677270, "cgroup2", kNo, kNo, kNo, {.sizes = Sizes::kPretended}},
};

constexpr Filesystem kUnknown = {0, "unknown", kMaybe, kMaybe, kMaybe};

}  // namespace

const Filesystem& FilesystemOf(uint64_t magic) {
  for (const Filesystem& row : kFilesystems) {
    if (row.magic == magic) return row;
  }
  return kUnknown;
}

}  // namespace materialize

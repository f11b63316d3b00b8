// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//

#include "materialize/exec/placement.h"

#include <cerrno>
#include <utility>

#include "materialize/exec/attributes.h"
#include "materialize/exec/rules.h"
#include "materialize/os/path.h"

namespace materialize {
namespace {

// Set-id and sticky bits belong to an owner: they never pass to another one.
constexpr mode_t kPlainBits = 0777;
constexpr mode_t kAllBits = 07777;

// A file with no source of its own, as a manifest may list.
constexpr mode_t kDefaultFileMode = 0644;

}  // namespace

int Placement::Look() {
  if (looked_) return 0;
  if (entry_.source == nullptr) {
    facts_ = {.mode = S_IFREG | kDefaultFileMode};
    looked_ = true;
    return 0;
  }
  call_ = "stat";
  const int flags = entry_.follow ? 0 : AT_SYMLINK_NOFOLLOW;
  const int result = source_.ok()
                         ? sys_.StatAt(source_.get(), "", 0, &facts_)
                         : sys_.StatAt(from_, entry_.source, flags, &facts_);
  if (result < 0) return result;
  looked_ = true;
  return 0;
}

int Placement::OpenSource() {
  if (source_.ok()) return 0;
  call_ = "open";
  // O_NONBLOCK: should a FIFO have taken the name meanwhile, opening it must
  // not wait for a writer.
  const int flags =
      O_RDONLY | O_NONBLOCK | O_NOCTTY | (entry_.follow ? 0 : O_NOFOLLOW);
  source_ = Fd(sys_, OpenPatiently(sys_, from_, entry_.source, flags, 0));
  if (!source_.ok()) return source_.get();
  looked_ = false;  // what counts is what was opened
  if (const int result = Look(); result < 0) return result;
  return facts_.kind() == Kind::kFile ? 0 : -ESTALE;
}

int Placement::CreateTarget() {
  if (made_.ok()) return 0;
  call_ = "create";
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  made_aside_ = has_workshop();
  const auto create = [&] {
    return OpenPatiently(sys_, dir(), name(), flags, WantedMode() & kPlainBits);
  };
  made_ = Fd(sys_, create());
  if (made_.get() == -EEXIST && made_aside_) {
    // A rename of two names of one inode does nothing and leaves both.
    (void)sys_.UnlinkAt(dir(), name(), 0);
    made_ = Fd(sys_, create());
  }
  created_ = made_.ok();
  return made_.ok() ? 0 : made_.get();
}

int Placement::Finish() {
  if (KeepsOwner()) {
    call_ = "chown";
    if (const int result = ChangeOwner(); result < 0) return result;
  }
  if (target_.hygiene == Hygiene::kInherits) {
    (void)sys_.RemoveXattr(
        made_.get(),
        "system.posix_acl_access");  // ENODATA where there was none
  }
  bool needs_mode = target_.hygiene != Hygiene::kExact || owner_kept_;
  if (KeepsAttributes(options_.preserve) && entry_.source != nullptr) {
    if (const int result = KeepAttributes(&needs_mode); result < 0)
      return result;
  }
  if (needs_mode) {
    call_ = "chmod";
    const mode_t bits = owner_kept_ ? kAllBits : kPlainBits;
    if (const int result = sys_.ChangeMode(made_.get(), WantedMode() & bits);
        result < 0)
      return result;
  }
  // Without a source and without a wish the time of making is right.
  if (WantsTime()) {
    call_ = "utimensat";
    if (const int result =
            sys_.SetTimesAt(made_.get(), nullptr, FinalTime(), 0);
        result < 0)
      return result;
  }
  if (options_.durable && has_workshop()) {
    call_ = "fsync";
    if (const int result = sys_.Sync(made_.get()); result < 0) return result;
  }
  call_ = "close";
  return made_.Close();  // NFS and quotas speak up here
}

int Placement::Protect() {
  if (const int result = OpenSource(); result < 0) return result;
  constexpr mode_t kWriteBits = 0222;
  if ((facts_.mode & kWriteBits) == 0) return 0;
  call_ = "chmod";
  facts_.mode &= ~kWriteBits;
  return sys_.ChangeMode(source_.get(), facts_.permissions());
}

bool Placement::IsElsewhere(const MountKey& from) {
  // Not the device: overlayfs shows each lower layer's own.
  return Look() == 0 && facts_.mount_id != from.mount_id;
}

void Placement::Discard() {
  made_.Reset();
  if (!created_) return;
  created_ = false;
  // The error that brought us here is the one to tell.
  (void)sys_.UnlinkAt(dir(), name(), 0);
  made_aside_ = false;
}

int Placement::MakeLink(
    absl::FunctionRef<int(int dir, const char* name)> make) {
  made_aside_ = has_workshop() && target_.landing.taken;
  int result = make(dir(), name());
  if (result == -EEXIST && made_aside_) {
    (void)sys_.UnlinkAt(dir(), name(), 0);
    result = make(dir(), name());
  }
  if (result < 0) {
    made_aside_ = false;
    return result;
  }
  created_ = true;
  return result;
}

int Placement::Link(int from, const char* path, int flags) {
  if (linked_ < 0) return std::exchange(linked_, 0);
  return MakeLink([&](int dir, const char* name) {
    return sys_.LinkAt(from, path, dir, name, flags);
  });
}

int Placement::LinkText(const char* text) {
  return MakeLink([&](int dir, const char* name) {
    return sys_.SymlinkAt(text, dir, name);
  });
}

int Placement::Land() {
  if (!made_aside_ || target_.landing.stays) return 0;
  call_ = "rename";
  const int result = sys_.RenameAt(dir(), name(), target_.fd, entry_.name, 0);
  if (result < 0) (void)sys_.UnlinkAt(dir(), name(), 0);
  made_aside_ = false;
  return result;
}

bool Placement::WantsOther() const {
  return entry_.wanted != nullptr &&
         materialize::WantsOther(*entry_.wanted, facts_);
}

Stat Placement::FinalFacts() const {
  Stat shown = facts_;
  shown.mode = (facts_.mode & S_IFMT) |
               (WantedMode() & (owner_kept_ ? kAllBits : kPlainBits));
  shown.mtime = FinalTime();
  return shown;
}

mode_t Placement::WantedMode() const {
  const mode_t own = facts_.permissions();
  return entry_.wanted == nullptr ? own : entry_.wanted->ModeOf(own);
}

Time Placement::FinalTime() const {
  return entry_.wanted == nullptr ? facts_.mtime
                                  : entry_.wanted->mtime.value_or(facts_.mtime);
}

bool Placement::WantsTime() const {
  return entry_.source != nullptr ||
         (entry_.wanted != nullptr && entry_.wanted->mtime.has_value());
}

bool Placement::KeepsOwner() const {
  if (options_.preserve.owner) return true;
  return entry_.wanted != nullptr &&
         (entry_.wanted->uid.has_value() || entry_.wanted->gid.has_value());
}

int Placement::ChangeOwner() {
  const Wanted none;
  const Wanted& wanted = entry_.wanted == nullptr ? none : *entry_.wanted;
  const uid_t uid = wanted.uid.value_or(facts_.uid);
  const gid_t gid = wanted.gid.value_or(facts_.gid);
  const int result =
      sys_.ChangeOwnerAt(made_.get(), "", uid, gid, AT_EMPTY_PATH);
  owner_kept_ = result == 0;
  // Where a manifest alone names an owner, it means it.
  if (!options_.preserve.owner || !IsOwnerRefused(result)) return result;
  not_kept_.owners = 1;
  return 0;
}

int Placement::KeepAttributes(bool* needs_mode) {
  if (const int result = OpenSource(); result < 0) return result;
  const AttributesCopied copied = CopyAttributes(
      sys_, source_.get(), made_.get(), options_.preserve, Former::kNone);
  call_ = copied.call;
  *needs_mode = *needs_mode || copied.needs_mode;
  not_kept_.xattrs = copied.lost.xattrs;
  not_kept_.acls = copied.lost.acls;
  return copied.result;
}

}  // namespace materialize

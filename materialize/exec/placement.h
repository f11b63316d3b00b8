// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One file on its way: the descriptors that are open for it, what is known of
// its source, and the steps that the methods share. No choice is made here.

#ifndef MATERIALIZE_EXEC_PLACEMENT_H_
#define MATERIALIZE_EXEC_PLACEMENT_H_

#include <chrono>
#include <string>

#include "absl/functional/function_ref.h"
#include "materialize/exec/options.h"
#include "materialize/exec/target.h"
#include "materialize/os/fd.h"
#include "materialize/plan/entry.h"
#include "materialize/plan/source.h"
#include "materialize/progress.h"
#include "materialize/report.h"

namespace materialize {

// The end of one step or one method. `error` is a positive errno, 0 for none.
struct Attempt {
  enum class End : uint8_t { kPlaced, kNext, kFailed, kChanged, kCancelled };
  End end = End::kPlaced;
  How how = How::kCopy;
  int error = 0;
  const char* call = "";

  static Attempt Placed(How how) { return {.end = End::kPlaced, .how = how}; }
  static Attempt Next(int error, const char* call) {
    return {.end = End::kNext, .error = error, .call = call};
  }
  static Attempt Failed(int result, const char* call) {
    return {.end = End::kFailed, .error = -result, .call = call};
  }
};

class Placement {
 public:
  // All references outlive the placement. `from` is the directory descriptor
  // `entry.source` is relative to. `linked` < 0: the -errno that the first
  // Link() answers, which somebody has tried already.
  Placement(Sys& sys, const ExecOptions& options, const Target& target,
            int from, const Entry& entry, int linked = 0)
      : sys_(sys),
        options_(options),
        target_(target),
        from_(from),
        entry_(entry),
        linked_(linked) {}

  Sys& sys() const { return sys_; }
  const Entry& entry() const { return entry_; }
  const Target& target() const { return target_; }
  const ExecOptions& options() const { return options_; }
  int from() const { return from_; }
  // Whether anybody asks how long it takes; Now() is the epoch for the others.
  bool is_timed() const { return options_.choice == Choice::kAuto; }
  std::chrono::steady_clock::time_point Now() const {
    return is_timed() ? std::chrono::steady_clock::now()
                      : std::chrono::steady_clock::time_point();
  }
  int source_fd() const { return source_.get(); }
  int target_fd() const { return made_.get(); }

  // What a look by name has shown already.
  void SetFacts(const Stat& facts) {
    facts_ = facts;
    looked_ = true;
  }

  // Each answers 0 or -errno and does its work once; call() is the system call
  // that answered last.
  int Look();  // facts(): by name, or by descriptor where the source is open
  int OpenSource();  // and looks; -ESTALE when what is there is not a regular
                     // file any more
  int CreateTarget();
  // Owner, attributes, mode, times; closes. After it the file is as it will be.
  int Finish();
  // What Finish() could not keep; each 0 or 1.
  const NotKept& not_kept() const { return not_kept_; }

  // Takes the write permission of the source away. 0 or -errno.
  int Protect();

  const char* call() const { return call_; }

  // Whether the source is on another mount than `from`, as a file is that has
  // something mounted on its name. Looks if nobody has.
  bool IsElsewhere(const MountKey& from);

  // linkat and symlinkat to where a link goes: under the entry's name where
  // that is free.
  int Link(int from, const char* path, int flags);
  int LinkText(const char* text);

  // Takes away what CreateTarget() or a link made.
  void Discard();

  // 0 or -errno: gives what was made elsewhere its name, unless it is to stay
  // there. What cannot have it is taken away.
  int Land();

  // Where the file is now.
  int dir() const { return made_aside_ ? target_.landing.dir : target_.fd; }
  const char* name() const {
    return made_aside_ ? target_.landing.name : entry_.name;
  }

  bool looked() const { return looked_; }
  const Stat& facts() const { return facts_; }
  // Whether a manifest wants other attributes than the source has. Call after
  // Look().
  bool WantsOther() const;
  // What the destination shows in the end. Call after Look().
  Stat FinalFacts() const;
  // All bits that are wanted, set-id bits included, which FinalFacts() has only
  // with the owner.
  mode_t WantedMode() const;
  bool KeepsOwner() const;
  // Whether some mtime is asked for.
  bool WantsTime() const;

 private:
  bool has_workshop() const { return target_.landing.dir >= 0; }
  int MakeLink(absl::FunctionRef<int(int dir, const char* name)> make);
  Time FinalTime() const;
  int ChangeOwner();
  int KeepAttributes(bool* needs_mode);

  Sys& sys_;
  const ExecOptions& options_;
  const Target& target_;
  int from_;
  const Entry& entry_;
  int linked_;
  Fd source_;
  Fd made_;
  const char* call_ = "";
  bool created_ = false;
  bool made_aside_ = false;  // in Landing::dir
  bool looked_ = false;
  bool owner_kept_ = false;
  NotKept not_kept_;
  Stat facts_;
};

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_PLACEMENT_H_

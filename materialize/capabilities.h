// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What calls of Materialize() find out about mounts, for the calls that come
// after them in the same process: what does not work is not tried again.

#ifndef MATERIALIZE_CAPABILITIES_H_
#define MATERIALIZE_CAPABILITIES_H_

#include <memory>

#include "materialize/os/sys.h"

namespace materialize {

class MountTable;  // strategy/mounts.h

// Thread-safe. Outlives the calls it is given to, and `sys` outlives it. Not
// for a process in which mounts come and go: their numbers are used again.
class Capabilities {
 public:
  explicit Capabilities(Sys& sys = RealSys());
  ~Capabilities();
  Capabilities(const Capabilities&) = delete;
  Capabilities& operator=(const Capabilities&) = delete;

 private:
  friend class Run;
  std::unique_ptr<MountTable> mounts_;
};

}  // namespace materialize

#endif  // MATERIALIZE_CAPABILITIES_H_

// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The methods, each in a file of its own. Each places one regular file or says
// why not, and leaves nothing behind that the next method could not use.

#ifndef MATERIALIZE_EXEC_METHODS_H_
#define MATERIALIZE_EXEC_METHODS_H_

#include "materialize/exec/copy_data.h"
#include "materialize/exec/placement.h"
#include "materialize/exec/replicas.h"
#include "materialize/strategy/mounts.h"

namespace materialize {

Attempt Reflink(Placement& file, Pair& pair);

// `root` is the destination's root, which replicas are named from.
Attempt Hardlink(Placement& file, Pair& pair, const Replicas& replicas,
                 int root);

// `target` is the text of the link.
Attempt Symlink(Placement& file, Pair& pair, const char* target);

Attempt Copy(Placement& file, Pair& pair, DataCopier& copier);

// A file of no bytes, made because there is nothing to share.
Attempt CreateEmpty(Placement& file);

}  // namespace materialize

#endif  // MATERIALIZE_EXEC_METHODS_H_

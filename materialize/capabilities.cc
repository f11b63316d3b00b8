// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/capabilities.h"

#include "materialize/strategy/mounts.h"

namespace materialize {

Capabilities::Capabilities(Sys& sys)
    : mounts_(std::make_unique<MountTable>(sys)) {}

Capabilities::~Capabilities() = default;

}  // namespace materialize

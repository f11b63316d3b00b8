// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Compiles as C++20 only.

static_assert(__cplusplus >= 202002L);

int Answer() { return 42; }

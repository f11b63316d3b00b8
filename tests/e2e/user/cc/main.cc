// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Ends with what the library says.

int Answer();

int main() { return Answer(); }

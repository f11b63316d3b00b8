// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads lab.txt, one line `name path fstype features` per place; an absent one
// has path `-` and missing:REASON.

#include "tests/testing/lab.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace materialize {
namespace {

std::string LabDirectory() {
  const char* directory = std::getenv("MATERIALIZE_LAB");
  return directory != nullptr && *directory != '\0' ? directory
                                                    : "/tmp/materialize-lab";
}

bool LabIsRequired() {
  const char* required = std::getenv("MATERIALIZE_REQUIRE_LAB");
  return required != nullptr && std::string_view(required) == "1";
}

bool IsDirectory(const std::string& path) {
  struct stat found;
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

struct Place {
  std::string name, path, fstype, features;
};

std::optional<Place> FindPlace(std::string_view name) {
  std::ifstream lines(LabDirectory() + "/lab.txt");
  for (std::string line; std::getline(lines, line);) {
    Place place;
    std::istringstream(line) >> place.name >> place.path >> place.fstype >>
        place.features;
    if (place.name == name) return place;
  }
  return std::nullopt;
}

// work/ is inside the mount: it is gone when the mount is.
bool IsMounted(const Place& place) {
  const bool read_only = place.features.find("read-only") != std::string::npos;
  return IsDirectory(place.path + (read_only ? "" : "/work"));
}

}  // namespace

std::string Lab(std::string_view name) {
  return LabDirectory() + "/" + std::string(name);
}

std::optional<std::string> LabPlace(std::string_view name) {
  const std::optional<Place> place = FindPlace(name);
  if (!place.has_value() || !IsMounted(*place)) return std::nullopt;
  return place->path;
}

LabGap FindLabGap(std::string_view name) {
  const std::optional<Place> place = FindPlace(name);
  if (place.has_value() && place->path == "-")
    return {std::string(name) + ": " + place->features, false};
  if (place.has_value() && IsMounted(*place)) return {"", false};
  return {"no " + std::string(name) + " in " + LabDirectory() +
              ": run tests/lab/up as root",
          LabIsRequired()};
}

}  // namespace materialize

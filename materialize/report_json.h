// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What the JSON of all reports is made of. Private to materialize/*.cc.

#ifndef MATERIALIZE_REPORT_JSON_H_
#define MATERIALIZE_REPORT_JSON_H_

#include <string>
#include <vector>

#include "materialize/plan/vis.h"
#include "materialize/report.h"
#include "nlohmann/json.hpp"

namespace materialize {

using Json = nlohmann::ordered_json;

// An array with `each(item)` for every item.
template <typename List, typename Each>
Json ListJson(const List& list, Each each) {
  Json json = Json::array();
  for (const auto& item : list) json.push_back(each(item));
  return json;
}

inline Json PathJson(const std::string& path) {
  return {{"path", VisEncode(path)}};
}

inline Json FailuresJson(const std::vector<Failure>& failures) {
  return ListJson(failures, [](const Failure& failure) {
    Json json = PathJson(failure.path);
    json["text"] = failure.text;
    return json;
  });
}

inline Json WarningsJson(const std::vector<Warning>& warnings) {
  return ListJson(warnings,
                  [](const Warning& warning) { return warning.text; });
}

// Texts may quote names that are no UTF-8: what is not is replaced.
inline std::string JsonText(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace materialize

#endif  // MATERIALIZE_REPORT_JSON_H_

// SPDX-License-Identifier: Apache-2.0
// Configuration: one plain struct per owner and one list of its fields. The list feeds the TOML reader, --set, --help,
// the validator, `methods show` and the run record, so nothing is written twice.
//
//   struct DanConfig { int heads = 4; };
//   void declare(Fields& f, DanConfig& c) { f.add("model.heads", c.heads, "attention heads", "section 2.2").range(0,
//   8); }
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/base/words.h"

namespace mien {

enum class FieldType { integer, number, flag, text, numbers, texts };
constexpr auto words_of(FieldType) {
  return std::array{"int", "float", "bool", "text", "list of float", "list of text"};
}

/// One configuration value: its place, meaning and valid values.
class Field {
 public:
  std::string key;     ///< dotted: "train.epochs"
  std::string help;    ///< one line, with unit and special values
  std::string source;  ///< section or equation of the paper's card; "mien" for our own
  FieldType type = FieldType::text;
  Json default_value;

  Field& range(double lowest, double highest);       ///< inclusive, numbers only
  Field& choices(std::vector<std::string> allowed);  ///< text only

  Json get() const { return get_(); }
  /// Checks type, range and choices; `origin` (file or "--set") goes into the message. Throws usage.
  void set(const Json& value, const std::string& origin);
  std::string describe_range() const;  ///< "0..8", "a|b", ""

 private:
  friend class Fields;
  std::function<Json()> get_;
  std::function<void(const Json&)> set_;
  double lowest_ = -std::numeric_limits<double>::infinity();
  double highest_ = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices_;
};

/// The fields of one or more config structs, which must outlive the list.
class Fields {
 public:
  Field& add(std::string key, int& value, std::string help, std::string source = "mien");
  Field& add(std::string key, std::int64_t& value, std::string help, std::string source = "mien");
  Field& add(std::string key, double& value, std::string help, std::string source = "mien");
  Field& add(std::string key, bool& value, std::string help, std::string source = "mien");
  Field& add(std::string key, std::string& value, std::string help, std::string source = "mien");
  Field& add(std::string key, std::vector<double>& value, std::string help, std::string source = "mien");
  Field& add(std::string key, std::vector<std::string>& value, std::string help, std::string source = "mien");
  /// An enumeration; its words (base/words.h) are the choices.
  template <Worded E>
  Field& add(std::string key, E& value, std::string help, std::string source = "mien") {
    E* target = &value;
    const auto get = [target] { return std::string(to_word(*target)); };
    const auto set = [target](const std::string& word) { *target = *from_word<E>(word); };
    return add_word(std::move(key), get, set, std::move(help), std::move(source)).choices(all_words<E>());
  }

  std::vector<Field>& all() { return fields_; }
  const std::vector<Field>& all() const { return fields_; }

  /// Sets one field; an unknown key is a usage error that names the nearest valid one.
  void set(const std::string& key, const Json& value, const std::string& origin);
  /// "key=value" as given after --set: the value is parsed as TOML, or taken as text if it is not TOML.
  void set_text(const std::string& assignment);
  /// All leaves of a nested object; every unknown key is an error.
  void set_all(const Json& object, const std::string& origin);
  /// A nested object that set_all() reads back to the same values.
  Json resolved() const;

 private:
  Field& add_word(std::string key, std::function<std::string()> get, std::function<void(const std::string&)> set,
                  std::string help, std::string source);
  template <typename T>
  Field& add_field(std::string key, T& value, std::string help, std::string source, FieldType type);
  std::vector<Field> fields_;
};

}  // namespace mien

// SPDX-License-Identifier: Apache-2.0
// HTML that cannot be broken out of: text from outside (file names, class names, commands) becomes Html only through
// escape(); markup is written by us alone.
#pragma once

#include <string>
#include <string_view>

namespace mien::report {

class Html {
 public:
  Html() = default;
  /// Markup written in the source, never text from outside.
  static Html raw(std::string markup);
  const std::string& str() const { return markup_; }
  bool empty() const { return markup_.empty(); }
  Html& operator+=(const Html& more);
  friend Html operator+(Html a, const Html& b) { return a += b; }

 private:
  std::string markup_;
};

/// Text as content or as a quoted attribute. What is not UTF-8 becomes U+FFFD; control characters become their visible
/// pictures (U+2400 and on), so that a name can neither hide nor move anything.
Html escape(std::string_view text);
/// "p class=\"note\"" and its content: <p class="note">content</p>.
Html tag(std::string_view opening, const Html& content);
/// The same with a text that is escaped.
Html tag(std::string_view opening, std::string_view text);
/// A name from outside, whole, in a face of its own; its writing direction does not leak into the line.
Html name_of_file(std::string_view name);
/// A link to a file near the page; `path` is relative to the page's folder.
Html link(std::string_view path, const Html& content);
/// "data:image/png;base64,…"
std::string data_uri(std::string_view mime, std::string_view bytes);

}  // namespace mien::report

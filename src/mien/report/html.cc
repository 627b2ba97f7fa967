// SPDX-License-Identifier: Apache-2.0
#include "mien/report/html.h"

#include <cctype>

#include "mien/base/utf8.h"

namespace mien::report {
namespace {

void append(std::string& out, const Utf8Character& c, std::string_view bytes) {
  if (!c.valid || (c.code >= 0x80 && c.code < 0xA0))
    out += utf8_of(kReplacementCharacter);
  else if (c.code == '&')
    out += "&amp;";
  else if (c.code == '<')
    out += "&lt;";
  else if (c.code == '>')
    out += "&gt;";
  else if (c.code == '"')
    out += "&quot;";
  else if (c.code == '\'')
    out += "&#39;";
  else if (c.code < 0x20 && c.code != '\n' && c.code != '\t')
    out += utf8_of(0x2400 + c.code);
  else if (c.code == 0x7F)
    out += utf8_of(0x2421);
  else
    out += bytes;
}

std::string base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= n ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

}  // namespace

Html Html::raw(std::string markup) {
  Html html;
  html.markup_ = std::move(markup);
  return html;
}

Html& Html::operator+=(const Html& more) {
  markup_ += more.markup_;
  return *this;
}

Html escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character c = first_character(text);
    append(out, c, text.substr(0, c.bytes));
    text.remove_prefix(c.bytes);
  }
  return Html::raw(std::move(out));
}

Html tag(std::string_view opening, const Html& content) {
  std::string out = "<";
  out.append(opening)
      .append(">")
      .append(content.str())
      .append("</")
      .append(opening.substr(0, opening.find(' ')))
      .append(">");
  return Html::raw(std::move(out));
}

Html tag(std::string_view opening, std::string_view text) { return tag(opening, escape(text)); }

Html name_of_file(std::string_view name) { return tag("bdi class=\"file\"", name); }

Html link(std::string_view path, const Html& content) {
  static constexpr char digits[] = "0123456789ABCDEF";
  constexpr std::string_view unreserved = "-._~/";
  std::string out = "./";  // a name such as "a:b" is no scheme
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) || unreserved.find(c) != std::string_view::npos))
      out += c;
    else
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return tag("a href=\"" + out + "\"", content);
}

std::string data_uri(std::string_view mime, std::string_view bytes) {
  return "data:" + std::string(mime) + ";base64," + base64(bytes);
}

}  // namespace mien::report

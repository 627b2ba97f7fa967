// SPDX-License-Identifier: Apache-2.0
#include "mien/app/completion/completion.h"
#include "mien/base/text.h"

namespace mien::app {
namespace {

constexpr std::size_t kPageWidth = 78;

/// Plain text for troff: hyphens of options as typed, characters outside ASCII by their code.
std::string troff(std::string_view words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto c = static_cast<unsigned char>(words[i]);
    if (words.substr(i).starts_with("…")) {
      out += "...";
      i += std::string_view("…").size() - 1;
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

/// Filled lines; each sentence begins a new line, and no line looks like a request.
std::string paragraph(const std::string& words) {
  std::string out, line;
  const auto flush = [&] {
    if (!line.empty()) out += (line.front() == '.' ? "\\&" : "") + line + "\n";
    line.clear();
  };
  for (const auto& word : split(words, ' ')) {
    if (word.empty()) continue;
    if (!line.empty() && line.size() + 1 + word.size() > kPageWidth) flush();
    line += (line.empty() ? "" : " ") + word;
    if (word.ends_with('.') || word.ends_with("?") || word.ends_with("!")) flush();
  }
  flush();
  return out;
}

std::string bold(const std::string& words) { return "\\fB" + troff(words) + "\\fR"; }
std::string italic(const std::string& words) { return "\\fI" + troff(words) + "\\fR"; }

std::string value_name(const ValueInfo& value) {
  return value.kind == ValueKind::choice && value.name == "TEXT" ? "NAME" : value.name;
}

std::string option_entry(const OptionInfo& option) {
  std::vector<std::string> names;
  for (const auto& name : option.names) names.push_back(bold(name));
  std::string out = ".TP\n" + join(names, ", ");
  if (option.value.kind != ValueKind::none) out += " " + italic(value_name(option.value));
  out += "\n" + paragraph(troff(option.help) + ".");
  if (option.value.kind == ValueKind::choice)
    out += paragraph("One of: " + troff(join(option.value.choices, ", ")) + ".");
  return out;
}

std::string argument_entry(const OptionInfo& argument) {
  return ".TP\n" + italic(argument.names.front()) + "\n" + paragraph(troff(argument.help) + ".");
}

std::string command_entry(const std::string& path, const CommandInfo& command) {
  std::string out = ".SS \"mien " + troff(path) + "\"\n" + paragraph(troff(command.help) + ".");
  for (const auto& argument : command.arguments) out += argument_entry(argument);
  for (const auto& option : command.options)
    if (option.names.back() != "--help") out += option_entry(option);
  return out;
}

struct Entry {
  const char* name;
  const char* meaning;
};

constexpr Entry kExitCodes[] = {
    {"0", "Done."},
    {"1", "The command failed."},
    {"2", "Wrong usage."},
    {"3", "Bad input."},
    {"4", "A model or a file that mien needs is missing."},
    {"130", "Interrupted."},
};

constexpr Entry kVariables[] = {
    {"MIEN_MODEL", "The model that is used if no model is given."},
    {"MIEN_HOME", "The folder of the face detectors and of further models, instead of $XDG_DATA_HOME/mien."},
    {"XDG_DATA_HOME", "The user's data folder; ~/.local/share if it is not set."},
};

template <std::size_t N>
std::string entries(const Entry (&list)[N]) {
  std::string out;
  for (const auto& entry : list) out += ".TP\n" + bold(entry.name) + "\n" + paragraph(troff(entry.meaning));
  return out;
}

}  // namespace

std::string manual_page(const CommandInfo& program, const std::string& version, const std::string& date) {
  std::string out = ".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Written by 'mien man'.\n.TH MIEN 1 " + date +
                    " \"mien " + version + "\" \"User Commands\"\n";
  out += ".SH NAME\nmien \\- recognise facial expressions in pictures\n";
  out += ".SH SYNOPSIS\n.B mien\n.I command\n.RI [ options ]\n";
  out += ".SH DESCRIPTION\n";
  out +=
      paragraph(troff("mien detects faces in pictures and predicts their expressions. It also packs data sets, and "
                      "trains, evaluates, calibrates and exports recognition methods. Results go to standard "
                      "output, everything else to standard error."));
  out += ".SH COMMANDS\n";
  for (const auto& [path, command] : all_commands(program))
    if (!path.empty()) out += command_entry(path, *command);
  out += ".SH \"EXIT STATUS\"\n" + entries(kExitCodes);
  out += ".SH ENVIRONMENT\n" + entries(kVariables);
  out +=
      ".SH EXAMPLES\n.TP\n" + bold("mien predict photo.jpg") + "\nPrint a table of the faces and their expressions.\n";
  out += ".TP\n" + bold("mien predict --json photo.jpg") + "\nPrint the same as JSON.\n";
  return out;
}

}  // namespace mien::app

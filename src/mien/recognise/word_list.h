// SPDX-License-Identifier: Apache-2.0
// Pictures that are named by a list or come through a pipe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mien/recognise/inputs.h"

namespace mien::recognise {

struct NamedPictures {
  std::vector<std::string> words;  ///< for collect_inputs
  std::vector<Input> piped;        ///< the picture that came through stdin, if one did
};

/// Replaces a list by the names in it: a file that ends in .txt or .lst, with one name per line
/// (empty lines and lines with # are skipped; a relative name is searched in the working folder, then next to the
/// list). "-" is stdin, all of it given by `read_stdin`: a picture, or names with line ends or zero bytes between them.
/// Throws bad_input if a list names no file that exists.
NamedPictures named_pictures(const std::vector<std::string>& words, const std::function<std::string()>& read_stdin);

}  // namespace mien::recognise

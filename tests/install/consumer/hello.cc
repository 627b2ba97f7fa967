// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <mien/mien.hpp>

int main(int, char** argv) try {
  const mien::Recognizer recognizer;
  for (const mien::Face& face : recognizer.recognize(argv[1]).faces)
    std::cout << face.expression << " " << face.probability << "\n";
} catch (const mien::Error& error) {
  std::cerr << error.what() << "\n";
  return mien::exit_code(error.kind());
}

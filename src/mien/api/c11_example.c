/* SPDX-License-Identifier: Apache-2.0
 * mien.h through a C11 compiler; api_test calls it. Returns the number of faces, or -1. */
#include <mien/mien.h>
#include <stdio.h>

int count_faces_in_c(const char* model, const char* path, char* expression, size_t size) {
  mien_options options = mien_default_options();
  options.model = model;
  mien_recognizer* recognizer = mien_recognizer_new(&options);
  if (!recognizer) return -1;
  mien_result* result = mien_recognize_file(recognizer, path);
  int count = result ? (int)result->num_faces : -1;
  if (count > 0) snprintf(expression, size, "%s", result->faces[0].expression);
  mien_result_free(result);
  mien_recognizer_free(recognizer);
  return count;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <mien/mien.h>
#include <stdio.h>

int main(int argc, char** argv) {
  mien_recognizer* recognizer = mien_recognizer_new(NULL);
  mien_result* result = argc == 2 && recognizer ? mien_recognize_file(recognizer, argv[1]) : NULL;
  if (!result) fprintf(stderr, "%s\n", mien_last_error());
  for (size_t i = 0; result && i < result->num_faces; ++i)
    printf("%s %g\n", result->faces[i].expression, result->faces[i].probability);
  mien_result_free(result);
  mien_recognizer_free(recognizer);
  return mien_last_error_kind();
}

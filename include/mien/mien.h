/* SPDX-License-Identifier: Apache-2.0
 * mien's C interface: faces and their expressions in pictures. C11.
 *
 *   mien_recognizer* r = mien_recognizer_new(NULL);
 *   mien_result* result = r ? mien_recognize_file(r, "party.jpg") : NULL;
 *   if (!result) fprintf(stderr, "%s\n", mien_last_error());
 *   else for (size_t i = 0; i < result->num_faces; ++i) puts(result->faces[i].expression);
 *   mien_result_free(result);
 *   mien_recognizer_free(r);
 *
 * Ownership: what a ..._new or mien_recognize_... function returns belongs to the caller until the ..._free function of
 * the same name; every pointer inside it lives as long. NULL may be freed. Strings are UTF-8 and belong to mien.
 * Errors: NULL comes back; mien_last_error() and mien_last_error_kind() then tell this thread's failure.
 * Threads: one recognizer may be used from any number of threads at once.
 */
#ifndef MIEN_H
#define MIEN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers are the program's exit codes. */
typedef enum {
  MIEN_OK = 0,
  MIEN_FAILED = 1,
  MIEN_USAGE = 2,
  MIEN_BAD_INPUT = 3,
  MIEN_MISSING = 4,
  MIEN_INTERRUPTED = 130
} mien_status;

/* Order of the channels of one pixel in memory. 0 is not a format, so a missing one is an error. */
typedef enum { MIEN_GREY = 1, MIEN_RGB, MIEN_BGR, MIEN_RGBA, MIEN_BGRA } mien_pixel_format;

typedef struct {
  const char* model;    /* .onnx file; NULL: $MIEN_MODEL, otherwise the installed default */
  const char* detector; /* "adaptive", "centerface", "yunet", "blazeface", "none" (each picture is a face crop); NULL:
                           adaptive. NULL for a model that detects faces itself */
  double min_face;      /* pixels: faces whose box has a shorter side are left out */
  int flip;             /* not 0: average over each face and its mirror image */
  double abstain_risk;  /* 0..1; above 0 needs a calibrated model */
  int threads;          /* for one picture; 0: all cores */
  int parallel;         /* pictures processed in parallel; at least 1 */
} mien_options;

typedef struct {
  float box[4];          /* x, y, width, height; pixels of the upright picture */
  float detection_score; /* 0..1 */
  int has_landmarks;
  float landmarks[5][2];  /* left eye, right eye, nose, left and right corner of the mouth, as the viewer sees them */
  const char* expression; /* class with the largest probability */
  float probability;
  const float* probabilities; /* mien_num_classes() values, in the order of mien_class_name() */
  const char* notes;          /* reasons for doubt, one per line; "" if there are none */
  int unsure;                 /* 1, 0; -1 without abstain_risk */
} mien_face;

typedef struct {
  int width, height; /* of the upright picture */
  size_t num_faces;
  const mien_face* faces; /* best detection first */
  const char* notes;      /* on the whole picture, one per line; "" if there are none */
} mien_result;

typedef struct mien_recognizer mien_recognizer;

/* Options with their defaults; change what you need. */
mien_options mien_default_options(void);

/* Loads and compiles the networks. options NULL: the defaults. */
mien_recognizer* mien_recognizer_new(const mien_options* options);
void mien_recognizer_free(mien_recognizer* recognizer);

size_t mien_num_classes(const mien_recognizer* recognizer);
const char* mien_class_name(const mien_recognizer* recognizer, size_t index); /* NULL past the end */

mien_result* mien_recognize_file(const mien_recognizer* recognizer, const char* path);
/* A JPEG, PNG, WebP, TIFF, GIF, HEIC, AVIF, BMP or PNM file as bytes in memory. */
mien_result* mien_recognize_encoded(const mien_recognizer* recognizer, const void* bytes, size_t num_bytes);
/* 8-bit pixels, upright; stride: bytes from row to row, 0: no padding. */
mien_result* mien_recognize_pixels(const mien_recognizer* recognizer, const uint8_t* pixels, int width, int height,
                                   size_t stride, mien_pixel_format format);
void mien_result_free(mien_result* result);

/* This thread's last failure; "" and MIEN_OK if its last call succeeded. */
const char* mien_last_error(void);
mien_status mien_last_error_kind(void);
const char* mien_version(void);

#ifdef __cplusplus
}
#endif
#endif

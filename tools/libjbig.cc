// SPDX-License-Identifier: Apache-2.0
// Takes the place of JBIG-KIT (GPL) in the archive: libtiff links it for pictures compressed by JBIG. mien refuses
// these before libtiff decodes them (src/mien/image/tiff.cc), so no function here is ever called. Codes as in jbig.h:
// anything but 0 is a failure. tools/bundle.py checks that no symbol is missing.
extern "C" {
int jbg_dec_in() { return 5; }
int jbg_newlen() { return 5; }
const char* jbg_strerror(int) { return "JBIG is left out of this build"; }
void jbg_dec_init() {}
void jbg_dec_free() {}
unsigned char* jbg_dec_getimage() { return nullptr; }
unsigned long jbg_dec_getsize() { return 0; }
void jbg_enc_init() {}
void jbg_enc_out() {}
void jbg_enc_free() {}
}

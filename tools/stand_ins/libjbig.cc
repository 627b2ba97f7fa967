// SPDX-License-Identifier: Apache-2.0
// In the archive's place of JBIG-KIT (GPL), which libtiff asks for fax pages compressed by JBIG: reading one fails with
// a reason, other TIFF files never come here. Codes as in jbig.h: 0 is success; anything else makes libtiff give up.
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

// SPDX-License-Identifier: Apache-2.0
// In the archive's place of libgdal, which brings some 80 libraries along, x265 and poppler (GPL) among them. OpenCV's
// imgcodecs asks it for NITF and DTED maps alone, which mien refuses by their first bytes; all that ever runs of it is
// the registration. tools/bundle.py checks that no symbol is missing.
#include <cstdlib>

extern "C" {
void GDALAllRegister() {}
#define NEVER_CALLED(name) \
  void name() { std::abort(); }
NEVER_CALLED(GDALOpen)
NEVER_CALLED(GDALClose)
NEVER_CALLED(GDALGetDataTypeName)
NEVER_CALLED(_ZN11GDALDataset13GetRasterBandEi)
NEVER_CALLED(_ZN11GDALDataset14GetRasterCountEv)
NEVER_CALLED(_ZN11GDALDataset14GetRasterXSizeEv)
NEVER_CALLED(_ZN11GDALDataset14GetRasterYSizeEv)
NEVER_CALLED(_ZN14GDALRasterBand17GetRasterDataTypeEv)
NEVER_CALLED(_ZN14GDALRasterBand8GetXSizeEv)
NEVER_CALLED(_ZN14GDALRasterBand8GetYSizeEv)
NEVER_CALLED(_ZN14GDALRasterBand8RasterIOE10GDALRWFlagiiiiPvii12GDALDataTypexxP20GDALRasterIOExtraArg)
NEVER_CALLED(_ZNK14GDALColorTable13GetColorEntryEi)
NEVER_CALLED(_ZNK14GDALColorTable24GetPaletteInterpretationEv)
}

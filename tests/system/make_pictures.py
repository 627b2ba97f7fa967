#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_pictures.py PICTURE FOLDER SET...: pictures in unusual and broken forms, made from one photo of one face.

Sets: forms (colour forms, depths), extremes (1 x 1 and similar), turns (EXIF 1-8), avif (the same turns, an
animation, a cut file), broken (cut, damaged, not a picture), big (over the limit,
declared and real), faces (small, blurred, cut off, turned, none), many (10,000 links to a small picture)."""
import io
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy
from PIL import Image, ImageFilter, ImageOps

ORIENTATION = 0x0112
# The transformation of upright pixels after which a viewer that applies the tag shows them upright.
STORED = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
          5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
          8: Image.Transpose.ROTATE_270}


def encoded(image, **options):
    out = io.BytesIO()
    image.save(out, **options)
    return out.getvalue()


def forms(photo, folder):
    grey = photo.convert("L")
    photo.save(folder / "jpeg.jpg", quality=95)
    photo.save(folder / "progressive.jpg", quality=95, progressive=True)
    grey.save(folder / "grey.jpg", quality=95)
    photo.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    Image.fromarray(numpy.asarray(grey).astype(numpy.uint16) * 257).save(folder / "grey16.png")
    rgb16 = (numpy.asarray(photo).astype(">u2") * 257).tobytes()
    width, height = photo.size
    rows = b"".join(b"\0" + rgb16[y * width * 6:(y + 1) * width * 6] for y in range(height))
    (folder / "rgb16.png").write_bytes(png(width, height, 16, 2, rows))
    grey_alpha = grey.convert("LA")
    grey_alpha.putalpha(128)
    grey_alpha.save(folder / "grey_alpha.png")
    photo.convert("RGBA").save(folder / "alpha.png")
    photo.quantize(256).save(folder / "palette.png")
    photo.quantize(200).save(folder / "palette.tif")
    photo.save(folder / "webp.webp", quality=95)
    photo.save(folder / "lossless.webp", lossless=True)
    photo.save(folder / "bmp.bmp")
    photo.save(folder / "tiff.tif")
    photo.save(folder / "gif.gif")
    photo.save(folder / "ppm.ppm")
    photo.save(folder / "jpeg_called.png", format="JPEG", quality=95)
    photo.save(folder / "png_called.jpg", format="PNG")
    (folder / "trailing.jpg").write_bytes(encoded(photo, format="JPEG", quality=95) + b"\0" * 4096)
    black = Image.new("RGB", photo.size)
    photo.save(folder / "animated.webp", save_all=True, append_images=[black], duration=100, lossless=True)
    photo.save(folder / "animated.png", save_all=True, append_images=[black], duration=100)


def extremes(photo, folder):
    for size in ((1, 1), (1, 4000), (4000, 1), (2, 3), (47, 47)):
        for suffix in ("png", "jpg", "webp"):
            photo.resize(size).save(folder / f"{size[0]}x{size[1]}.{suffix}")


def turns(photo, folder):
    exif = Image.Exif()
    for turn, stored in STORED.items():
        image = photo.transpose(stored) if stored is not None else photo
        exif[ORIENTATION] = turn
        image.save(folder / f"{turn}.jpg", quality=95, exif=exif)
        image.save(folder / f"{turn}.png", exif=exif)
        image.save(folder / f"{turn}.webp", lossless=True, exif=exif)
        image.save(folder / f"{turn}.tif", tiffinfo={ORIENTATION: turn})


def avif(photo, folder):
    """Pillow stores the orientation as properties of the file's own (irot, imir)."""
    exif = Image.Exif()
    for turn, stored in STORED.items():
        exif[ORIENTATION] = turn
        (photo.transpose(stored) if stored is not None else photo).save(folder / f"{turn}.avif", quality=90, exif=exif)
    photo.save(folder / "animated.avif", save_all=True, append_images=[Image.new("RGB", photo.size)], duration=100)
    (folder / "cut.avif").write_bytes((folder / "1.avif").read_bytes()[:-500])


def png(width, height, depth, colour, rows):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def broken(photo, folder):
    whole = {"jpg": encoded(photo, format="JPEG", quality=90), "png": encoded(photo, format="PNG"),
             "webp": encoded(photo, format="WEBP"), "bmp": encoded(photo, format="BMP"),
             "tif": encoded(photo, format="TIFF", compression="tiff_lzw"), "ppm": encoded(photo, format="PPM")}
    for suffix, data in whole.items():
        for sixteenth in range(16):
            (folder / f"cut{sixteenth:02}.{suffix}").write_bytes(data[:len(data) * sixteenth // 16])
        middle = bytearray(data)
        at = len(data) // 2
        if suffix == "jpg":  # a run of bytes that is no code word sequence of this scan
            middle[at:at + 64] = bytes(range(1, 65))
            (folder / "damaged.jpg").write_bytes(bytes(middle))
        elif suffix in ("png", "webp"):
            middle[at:at + 64] = bytes(64)
            (folder / f"damaged.{suffix}").write_bytes(bytes(middle))
    (folder / "heic.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (folder / "avif.jpg").write_bytes(b"\0\0\0\x18ftypavif\0\0\0\0mif1avif")
    (folder / "jxl.jxl").write_bytes(b"\xff\x0a" + bytes(64))
    (folder / "gif.gif").write_bytes(encoded(photo, format="GIF")[:20000])
    (folder / "page.jpg").write_text("<!DOCTYPE html><html>404</html>")
    (folder / "pointer.jpg").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")
    (folder / "noise.jpg").write_bytes(numpy.random.default_rng(0).bytes(4096))
    (folder / "folder.jpg").mkdir()
    os.mkfifo(folder / "fifo.jpg")
    (folder / "dangling.jpg").symlink_to("nowhere.jpg")
    (folder / "loop.jpg").symlink_to("loop.jpg")


def big(photo, folder):
    side = 20000
    small = encoded(photo.resize((64, 64)), format="JPEG")
    at = small.find(b"\xff\xc0")
    (folder / "declared.jpg").write_bytes(small[:at + 5] + struct.pack(">HH", side, side) + small[at + 9:])
    (folder / "declared.png").write_bytes(png(side, side, 8, 2, b""))
    (folder / "declared.bmp").write_bytes(b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0))
    Image.new("L", (side, side), 128).save(folder / "real.png", compress_level=1)
    Image.new("L", (side, side), 128).save(folder / "real.jpg")
    photo.resize((7000, 7000)).save(folder / "under.jpg", quality=85)


def faces(photo, folder):
    for side in (160, 96, 48):  # in the middle of a grey Full HD frame
        frame = Image.new("RGB", (1920, 1080), (128, 128, 128))
        frame.paste(photo.resize((side, side), Image.Resampling.LANCZOS), (900, 500))
        frame.save(folder / f"small{side}.png")
    photo.filter(ImageFilter.GaussianBlur(6)).save(folder / "blurred.png")
    photo.crop((175, 60, 512, 512)).save(folder / "cut_left.png")
    photo.crop((0, 90, 512, 512)).save(folder / "cut_top.png")
    for degrees in (45, 90, 135, 180, 270):
        photo.rotate(degrees, expand=True, fillcolor=(128, 128, 128)).save(folder / f"turned{degrees}.png")
    rng = numpy.random.default_rng(1)
    Image.fromarray(rng.integers(0, 256, (480, 640, 3), dtype=numpy.uint8)).save(folder / "none_noise.png")
    Image.new("RGB", (640, 480), (128, 128, 128)).save(folder / "none_grey.png")
    ImageOps.expand(photo.crop((0, 300, 512, 512)), 40).save(folder / "none_body.png")


def many(photo, folder):
    photo.resize((64, 64)).save(folder / "00000.jpg")
    for i in range(1, 10000):
        os.link(folder / "00000.jpg", folder / f"{i:05}.jpg")


def main():
    photo, folder = Image.open(sys.argv[1]).convert("RGB"), Path(sys.argv[2])
    for name in sys.argv[3:]:
        target = folder / name
        target.mkdir(parents=True)
        {"forms": forms, "extremes": extremes, "turns": turns, "avif": avif, "broken": broken, "big": big, "faces": faces,
         "many": many}[name](photo, target)


if __name__ == "__main__":
    main()

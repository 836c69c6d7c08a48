"""Small picture files of many kinds, and the pixels Pillow sees in them, for the decoding tests.

Run with python3-pil and python3-numpy:  python3 make_pictures.py [OUT_DIR]     (Pillow 9.4 made the committed files)
Writes the files and `expected.safetensors`: one [height, width, 3] uint8 tensor a file, upright, as
`exif_transpose(image).convert("RGB")` gives it - except `grey16.png`, where Pillow clips 16 bits to white: high bytes there.
"""
import io, os, struct, sys, zlib
import numpy as np
from PIL import Image, ImageCms, ImageOps
from make_resize import save

OUT = sys.argv[1] if len(sys.argv) > 1 else "pictures"
WIDTH, HEIGHT = 31, 21  # odd, so that halved chroma ends in the middle of a block


def photo():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    bands = [127 + 120 * np.sin(x / 5 + y / 9), 127 + 120 * np.cos(x * y / 90), x * 8 % 256]
    return np.clip(np.stack(bands, -1), 0, 255).astype(np.uint8)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth, colour, rows, *extra, after=b""):
    """A PNG written by hand, for what Pillow cannot write. `rows`: bytes of each row; `extra`, `after`: chunks around them."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", data) + after + chunk(b"IEND", b"")


def written(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def foreign_profile():
    """sRGB with red and green exchanged: whoever applies it gets other pixels, and nobody should."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # the date of its making
    entries = {bytes(profile[at:at + 4]): at for at in range(132, 132 + 12 * struct.unpack(">I", profile[128:132])[0], 12)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    profile[red:red + 4], profile[green:green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def jpegs(rgb):
    yield "colour-444.jpg", written(rgb, "JPEG", quality=90, subsampling=0)
    yield "colour-420.jpg", written(rgb, "JPEG", quality=75, subsampling=2)
    yield "progressive.jpg", written(rgb, "JPEG", quality=85, progressive=True)
    yield "grey.jpg", written(rgb.convert("L"), "JPEG", quality=90)
    yield "cmyk.jpg", written(rgb.convert("CMYK"), "JPEG", quality=95)
    yield "profile.jpg", written(rgb, "JPEG", quality=90, subsampling=0, icc_profile=foreign_profile())
    for orientation in range(1, 9):
        yield f"orientation-{orientation}.jpg", written(rgb, "JPEG", quality=90, subsampling=0, exif=exif(orientation))


def pngs(rgb, rgba):
    bytes8 = np.asarray(rgb)
    deep = (bytes8.astype(np.uint16) * 256 + np.arange(WIDTH, dtype=np.uint16)[None, :, None] * 8).astype(">u2")
    palette = rgb.quantize(16)
    key = struct.pack(">HHH", *(int(v) for v in bytes8[3, 4]))
    rows8 = [bytes8[y].tobytes() for y in range(HEIGHT)]
    yield "colour.png", written(rgb, "PNG")
    yield "alpha.png", written(rgba, "PNG")
    yield "grey.png", written(rgb.convert("L"), "PNG")
    yield "grey-alpha.png", written(rgba.convert("LA"), "PNG")
    yield "one-bit.png", written(rgb.convert("1"), "PNG")
    yield "palette.png", written(palette, "PNG")
    yield "palette-alpha.png", written(palette, "PNG", transparency=bytes(range(0, 256, 16)))
    yield "colour16.png", png(16, 2, [deep[y].tobytes() for y in range(HEIGHT)])
    yield "grey16.png", png(16, 0, [deep[y, :, 0].tobytes() for y in range(HEIGHT)])
    yield "colour-key.png", png(8, 2, rows8, chunk(b"tRNS", key))
    control = struct.pack(">IIIIIHHBB", 0, WIDTH, HEIGHT, 0, 0, 1, 1, 0, 0)
    frame = struct.pack(">I", 1) + zlib.compress(bytes((1 + WIDTH * 3) * HEIGHT), 9)  # black; the still is not part of it
    yield "animated.png", png(8, 2, rows8, chunk(b"acTL", struct.pack(">II", 1, 0)), after=chunk(b"fcTL", control) + chunk(b"fdAT", frame))
    yield "gamma.png", png(8, 2, rows8, chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "profile.png", written(rgb, "PNG", icc_profile=foreign_profile())
    yield "orientation-6.png", written(rgb, "PNG", exif=exif(6))


def webps(rgb, rgba):
    yield "lossy.webp", written(rgb, "WEBP", quality=80)
    yield "lossy-alpha.webp", written(rgba, "WEBP", quality=80, exact=True)
    yield "lossless.webp", written(rgb, "WEBP", lossless=True)
    yield "lossless-alpha.webp", written(rgba, "WEBP", lossless=True, exact=True)
    yield "profile.webp", written(rgb, "WEBP", lossless=True, icc_profile=foreign_profile())
    yield "orientation-5.webp", written(rgb, "WEBP", lossless=True, exif=exif(5))


def pixels(name, data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if name == "grey16.png":
        return np.repeat((np.asarray(image) >> 8).astype(np.uint8)[..., None], 3, -1)
    return np.asarray(image.convert("RGB"))


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    rgb = Image.fromarray(photo())
    alpha = np.add.outer(np.arange(HEIGHT) * 9, np.arange(WIDTH) * 3) % 256
    alpha[:, :5] = 0  # colours that only removing alpha brings back
    rgba = Image.fromarray(np.dstack([photo(), alpha.astype(np.uint8)]))
    files = [*jpegs(rgb), *pngs(rgb, rgba), *webps(rgb, rgba), ("palette.gif", written(rgb.quantize(32), "GIF"))]
    for name, data in files:
        with open(f"{OUT}/{name}", "wb") as f:
            f.write(data)
    save(f"{OUT}/expected.safetensors", {name: pixels(name, data) for name, data in files})

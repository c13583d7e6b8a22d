"""Photos of every kind are read upright, in sRGB and opaque; everything else is refused by what it is."""

from __future__ import annotations

import io
import os
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageCms

from stillmotion.errors import InputError
from stillmotion.media.image import photo_files, read_cutout, read_depth, read_photo, write_png
from stillmotion.types import UInt8


def _picture(width: int = 96, height: int = 72) -> UInt8:
    """Four clearly different quarters."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = (220, 40, 40)
    picture[: height // 2, width // 2 :] = (40, 200, 60)
    picture[height // 2 :, : width // 2] = (50, 70, 210)
    picture[height // 2 :, width // 2 :] = (230, 220, 80)
    return picture


def _corners(pixels: UInt8) -> list[tuple[int, ...]]:
    h, w = pixels.shape[:2]
    return [
        tuple(int(c) for c in pixels[y, x]) for y, x in ((h // 4, w // 4), (h // 4, 3 * w // 4), (3 * h // 4, w // 4))
    ]


@pytest.mark.parametrize(
    ("name", "options", "slack"),
    [
        ("a.png", {}, 0), ("a.jpg", {"quality": 95}, 12), ("a.webp", {"lossless": True}, 0), ("a.tif", {}, 0),
        ("a.bmp", {}, 0), ("a.avif", {"quality": 90}, 14), ("a.gif", {}, 40),
    ],
)  # fmt: skip
def test_a_photo_of_every_format_is_read(tmp_path: Path, name: str, options: dict[str, object], slack: int) -> None:
    Image.fromarray(_picture()).save(tmp_path / name, **options)  # type: ignore[arg-type]
    photo = read_photo(tmp_path / name)
    assert photo.pixels.shape == (72, 96, 3)
    assert np.abs(np.array(_corners(photo.pixels)) - np.array(_corners(_picture()))).max() <= slack
    assert photo.name == name
    assert len(photo.sha256) == 64


def test_a_heic_photo_is_read(tmp_path: Path) -> None:
    pillow_heif.from_pillow(Image.fromarray(_picture())).save(tmp_path / "a.heic", quality=95)
    photo = read_photo(tmp_path / "a.heic")
    assert np.abs(np.array(_corners(photo.pixels)) - np.array(_corners(_picture()))).max() <= 14


def test_sixteen_bits_become_eight_without_a_change_of_tone(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), _picture()[..., ::-1].astype(np.uint16) * 257)
    assert np.abs(read_photo(tmp_path / "a.png").pixels.astype(int) - _picture()).max() <= 1


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_every_kind_of_pixel_becomes_rgb(tmp_path: Path, mode: str) -> None:
    suffix = "tif" if mode in ("CMYK", "YCbCr") else "png"
    grey = mode in ("L", "1", "LA", "I;16")
    if mode == "I;16":
        image = Image.fromarray(_picture()[..., 0].astype(np.uint16) * 257)
    else:
        image = Image.fromarray(_picture()).convert("L" if grey else mode).convert(mode)
    image.save(tmp_path / f"a.{suffix}")
    pixels = read_photo(tmp_path / f"a.{suffix}").pixels
    assert pixels.dtype == np.uint8
    assert pixels.shape == (72, 96, 3)
    if grey:
        assert (pixels[..., 0] == pixels[..., 1]).all()


def test_what_is_transparent_is_laid_on_something_and_said(tmp_path: Path) -> None:
    image = Image.fromarray(_picture()).convert("RGBA")
    image.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, 96).astype(np.uint8), (72, 1))))
    image.save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    assert photo.pixels.shape == (72, 96, 3)
    assert any("transparen" in note.lower() or "alpha" in note.lower() for note in photo.notes)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    undo = {
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, 1), 7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }  # fmt: skip
    stored = np.ascontiguousarray(undo[orientation](_picture()))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_photo(tmp_path / "a.png").pixels, _picture())


def test_the_lens_is_read_from_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLengthIn35mmFilm] = 28
    Image.fromarray(_picture(300, 200)).save(tmp_path / "a.jpg", exif=exif)
    assert read_photo(tmp_path / "a.jpg").fov_deg == pytest.approx(65.5, abs=0.6)  # 36 mm wide at 28 mm
    Image.fromarray(_picture()).save(tmp_path / "b.jpg")
    assert read_photo(tmp_path / "b.jpg").fov_deg is None


def test_the_lens_is_read_from_the_size_of_the_sensor_too(tmp_path: Path) -> None:
    exif = Image.Exif()
    tags = exif.get_ifd(ExifTags.IFD.Exif)
    tags[ExifTags.Base.FocalLength] = 18.0
    tags[ExifTags.Base.FocalPlaneXResolution] = 300 / 23.6 * 10  # pixels per centimetre of a sensor 23.6 mm wide
    tags[ExifTags.Base.FocalPlaneResolutionUnit] = 3
    tags[ExifTags.Base.ExifImageWidth], tags[ExifTags.Base.ExifImageHeight] = 300, 200
    Image.fromarray(_picture(300, 200)).save(tmp_path / "a.jpg", exif=exif)
    assert read_photo(tmp_path / "a.jpg").fov_deg == pytest.approx(66.5, abs=0.6)  # 2 atan(23.6 / 36)


def test_a_photo_on_its_side_has_the_lens_of_its_short_side(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLengthIn35mmFilm] = 28
    Image.fromarray(_picture(300, 200)).save(tmp_path / "a.jpg", exif=exif)
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.pixels.shape == (300, 200, 3)
    assert photo.fov_deg == pytest.approx(46.4, abs=0.6)  # 24 mm wide at 28 mm


def test_an_absurd_lens_is_not_believed(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLengthIn35mmFilm] = 65535
    Image.fromarray(_picture()).save(tmp_path / "a.jpg", exif=exif)
    assert read_photo(tmp_path / "a.jpg").fov_deg is None


def test_an_icc_profile_is_brought_to_srgb(tmp_path: Path) -> None:
    image = Image.fromarray(_picture())
    lab = ImageCms.createProfile("LAB", 5000)
    srgb = ImageCms.createProfile("sRGB")
    assert lab
    image.save(tmp_path / "a.png", icc_profile=ImageCms.ImageCmsProfile(srgb).tobytes())
    assert np.abs(read_photo(tmp_path / "a.png").pixels.astype(int) - _picture()).max() <= 2


def _wide_profile() -> bytes:
    """An ICC matrix profile of Adobe RGB: its primaries and a gamma of 2.2, adapted to D50."""

    def curve() -> bytes:
        return b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256))

    def xyz(*values: float) -> bytes:
        return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))

    tags = {
        b"wtpt": xyz(0.9642, 1.0, 0.8249), b"rXYZ": xyz(0.60974, 0.31111, 0.01947),
        b"gXYZ": xyz(0.20528, 0.62567, 0.06087), b"bXYZ": xyz(0.14919, 0.06322, 0.74457),
        b"rTRC": curve(), b"gTRC": curve(), b"bTRC": curve(),
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"Wide\0" + bytes(78),
    }  # fmt: skip
    table, body, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head = head.ljust(36, b"\0") + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def test_the_colours_of_a_wider_space_are_converted(tmp_path: Path) -> None:
    Image.new("RGB", (80, 80), (100, 160, 120)).save(tmp_path / "a.png", icc_profile=_wide_profile())
    red, green, blue = (int(c) for c in read_photo(tmp_path / "a.png").pixels[40, 40])
    # by the formula: light = (v / 255) ** 2.2, Adobe RGB -> XYZ -> sRGB
    light = (np.array([100, 160, 120]) / 255) ** 2.2
    to_srgb = np.array([[1.3983, -0.3983, 0.0], [0.0, 1.0, 0.0], [0.0, -0.0429, 1.0429]])
    linear = to_srgb @ light
    expected = 255 * (1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(np.array([red, green, blue]) - expected).max() <= 2
    assert red < 90  # an sRGB reader would have left 100


def test_a_print_picture_without_a_profile_is_read_and_said(tmp_path: Path) -> None:
    Image.fromarray(_picture()).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    photo = read_photo(tmp_path / "a.jpg")
    assert np.abs(np.array(_corners(photo.pixels)) - np.array(_corners(_picture()))).max() <= 16
    assert any("CMYK" in note for note in photo.notes)


def test_a_broken_profile_is_said_and_left(tmp_path: Path) -> None:
    Image.fromarray(_picture()).save(tmp_path / "a.png", icc_profile=b"not a profile at all")
    photo = read_photo(tmp_path / "a.png")
    assert np.array_equal(photo.pixels, _picture())
    assert any("profile" in note for note in photo.notes)


def test_pixels_may_be_given_as_an_array() -> None:
    assert np.array_equal(read_photo(_picture()).pixels, _picture())
    with pytest.raises(InputError, match="uint8"):
        read_photo(_picture().astype(np.float32))


# ── what is no photo ─────────────────────────────────────────────────────────────────────────────────────────────────


def _jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(_picture(400, 300)).save(buffer, "JPEG")
    return buffer.getvalue()


def _bomb() -> bytes:
    """A PNG that claims to be 60000 x 60000."""
    buffer = io.BytesIO()
    Image.fromarray(_picture()).save(buffer, "PNG")
    data = bytearray(buffer.getvalue())
    data[16:24] = struct.pack(">II", 60000, 60000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("cut.jpg", _jpeg()[:700], "damaged|cut off"),
        ("empty.jpg", b"", "empty"),
        ("video.jpg", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 64, "MP4 or QuickTime video"),
        ("paper.jpg", b"%PDF-1.7\n" + b"x" * 64, "PDF"),
        ("page.jpg", b"<!doctype html><html><body>404</body></html>", "web page"),
        ("note.png", b"this is my holiday diary\n", "text file"),
        ("noise.jpg", bytes(range(128, 256)) * 8, "no photo"),
        ("bomb.png", _bomb(), "megapixels"),
    ],
)
def test_what_is_no_photo_is_refused_by_what_it_is(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=words):
        read_photo(tmp_path / name)


_SAVED: dict[str, dict[str, object]] = {"JPEG": {}, "PNG": {}, "WEBP": {}, "TIFF": {}, "AVIF": {}, "HEIF": {}}


@pytest.mark.parametrize("kind", _SAVED)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_photo_that_was_cut_off_is_refused_whatever_its_format(tmp_path: Path, kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    if kind == "HEIF":
        pillow_heif.from_pillow(Image.fromarray(noise)).save(tmp_path / "whole", quality=90)
    else:
        Image.fromarray(noise).save(tmp_path / "whole", kind)
    data = (tmp_path / "whole").read_bytes()
    (tmp_path / "cut").write_bytes(data[: int(share * len(data))])
    with pytest.raises(InputError, match=r"damaged|no photo that can be read"):
        read_photo(tmp_path / "cut")


def test_the_smallest_photo_is_read(tmp_path: Path) -> None:
    Image.fromarray(_picture(64, 64)).save(tmp_path / "a.png")
    assert read_photo(tmp_path / "a.png").pixels.shape == (64, 64, 3)


def test_a_mislabelled_photo_is_read_for_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(_jpeg())
    assert read_photo(tmp_path / "a.png").pixels.shape == (300, 400, 3)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no photo"):
        read_photo(tmp_path / "no.jpg")
    with pytest.raises(InputError, match="is a folder"):
        read_photo(tmp_path)


@pytest.fixture
def nobody() -> Iterator[None]:
    """The rights of a user who owns nothing; root may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


def test_a_file_that_may_not_be_read_is_said(tmp_path: Path, nobody: None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "a.jpg"
        photo.write_bytes(_jpeg())
        photo.chmod(0)
        with pytest.raises(InputError, match="cannot be read"):
            read_photo(photo)


def test_a_file_in_a_folder_that_may_not_be_entered_is_said(nobody: None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder) / "closed"
        closed.mkdir()
        (closed / "a.jpg").write_bytes(_jpeg())
        closed.chmod(0)
        with pytest.raises(InputError, match="cannot be read"):
            read_photo(closed / "a.jpg")
        closed.chmod(0o700)


def test_a_name_that_no_file_can_have_is_said(tmp_path: Path) -> None:
    for name in ("x" * 300 + ".jpg", "a\0b.jpg"):
        with pytest.raises(InputError):
            read_photo(tmp_path / name)


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(InputError, match="not a plain file"):
        read_photo(tmp_path / "pipe.jpg")


@pytest.mark.parametrize(("size", "words"), [((63, 200), "at least 64"), ((700, 65), "up to 10 times")])
def test_too_small_and_too_long_photos_are_refused(tmp_path: Path, size: tuple[int, int], words: str) -> None:
    Image.fromarray(_picture(*size)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=words):
        read_photo(tmp_path / "a.png")


def test_fifty_megapixels_are_read_and_more_are_not(tmp_path: Path) -> None:
    Image.new("L", (8000, 6250)).save(tmp_path / "a.png")
    assert read_photo(tmp_path / "a.png").pixels.shape == (6250, 8000, 3)
    Image.new("1", (8000, 6251)).save(tmp_path / "b.png")
    with pytest.raises(InputError, match="50 megapixels"):
        read_photo(tmp_path / "b.png")


# ── depth maps and folders ───────────────────────────────────────────────────────────────────────────────────────────


def test_depth_of_eight_and_sixteen_bits_and_of_floats_has_one_range(tmp_path: Path) -> None:
    ramp = np.linspace(0, 1, 80, dtype=np.float32)[None].repeat(70, axis=0)
    write_png(tmp_path / "8.png", (255 * ramp).astype(np.uint8))
    write_png(tmp_path / "16.png", (65535 * ramp).astype(np.uint16))
    Image.fromarray(ramp * 30 - 4).save(tmp_path / "f.tif")
    for name, slack in (("8.png", 0.004), ("16.png", 1e-4), ("f.tif", 1e-5)):
        assert np.abs(read_depth(tmp_path / name) - ramp).max() < slack


def test_a_coloured_depth_map_is_refused(tmp_path: Path) -> None:
    write_png(tmp_path / "d.png", _picture())
    with pytest.raises(InputError, match="coloured"):
        read_depth(tmp_path / "d.png")


def test_a_folder_is_read_in_the_order_people_count(tmp_path: Path) -> None:
    for name in ("img10.jpg", "img2.jpg", "img1.png", ".hidden.jpg", "notes.txt"):
        (tmp_path / name).write_bytes(_jpeg())
    assert [path.name for path in photo_files(tmp_path)] == ["img1.png", "img2.jpg", "img10.jpg"]
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="holds no photo"):
        photo_files(tmp_path / "none")


def test_a_cutout_keeps_its_transparency_and_stands_upright(tmp_path: Path) -> None:
    pixels = np.zeros((6, 9, 4), np.uint8)
    pixels[:3] = (200, 10, 20, 255)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 3
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    found = read_cutout(tmp_path / "turned.png")
    assert found.shape == (6, 9, 4)
    assert found[5, 0].tolist() == [200, 10, 20, 255]
    assert found[0, 0, 3] == 0


def test_a_cutout_without_transparency_is_opaque_and_an_empty_one_is_refused(tmp_path: Path) -> None:
    Image.new("L", (3, 2), 77).save(tmp_path / "grey.png")
    assert (read_cutout(tmp_path / "grey.png") == (77, 77, 77, 255)).all()
    Image.new("RGBA", (3, 2)).save(tmp_path / "empty.png")
    with pytest.raises(InputError, match="wholly transparent"):
        read_cutout(tmp_path / "empty.png")


def test_the_colour_profile_of_a_cutout_is_heeded(tmp_path: Path) -> None:
    Image.new("RGB", (80, 80), (100, 160, 120)).save(tmp_path / "photo.png", icc_profile=_wide_profile())
    Image.new("RGBA", (80, 80), (100, 160, 120, 128)).save(tmp_path / "logo.png", icc_profile=_wide_profile())
    found = read_cutout(tmp_path / "logo.png")
    assert np.array_equal(found[..., :3], read_photo(tmp_path / "photo.png").pixels)
    assert (found[..., 3] == 128).all()

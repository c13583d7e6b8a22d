"""What a file is by its first bytes, to tell a user who gave something else than a photo."""

from __future__ import annotations

_SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"\x00\x00\x01\xba", "an MPEG video"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 sound file"),
    (b"fLaC", "a FLAC sound file"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"8BPS", "a Photoshop document"),
    (b"gimp xcf", "a GIMP document"),
    (b"FUJIFILMCCD-RAW", "a camera raw file"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance HDR picture"),
)
_STILL_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def brand(head: bytes) -> bytes | None:
    """The major brand of an ISO media file (HEIC, AVIF, MP4, MOV), or None for other files."""
    return head[8:12] if head[4:8] == b"ftyp" else None


def foreign_kind(head: bytes) -> str | None:
    """What the file is if it is surely no photo that can be read, in words; None where it may be one."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    major = brand(head)
    if major == b"crx ":
        return "a camera raw file"
    if major is not None and major not in _STILL_BRANDS:
        return "an MP4 or QuickTime video"
    if head[:4] == b"RIFF" and head[8:12] != b"WEBP":
        return {b"AVI ": "an AVI video", b"WAVE": "a WAV sound file"}.get(head[8:12], "a RIFF file")
    return _kind_of_text(head)


def _kind_of_text(head: bytes) -> str | None:
    try:
        text = head[:256].decode("utf-8", errors="ignore" if len(head) > 256 else "strict").lstrip("\ufeff").lower()
    except UnicodeDecodeError:
        return None
    if not text or b"\xff" in head[:256] or not all(c.isprintable() or c in "\t\r\n" for c in text):
        return None
    if text.startswith(("p1", "p2", "p3", "p4", "p5", "p6")):  # portable pixmaps begin like text
        return None
    if "<svg" in text:
        return "an SVG drawing"
    if text.lstrip().startswith(("<!doctype html", "<html")):
        return "a web page (HTML)"
    return "a text file"

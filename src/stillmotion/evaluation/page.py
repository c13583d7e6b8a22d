"""One page of HTML about a video: what was asked, what was measured, plots and a contact sheet. Self-contained."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import cv2
import numpy as np

from stillmotion.evaluation.judge import Finding
from stillmotion.evaluation.measures import KINDS, Measures
from stillmotion.evaluation.picture import shrink
from stillmotion.types import UInt8

Line = tuple[tuple[float, float], ...]

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #ddd}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.ok{color:#0a7a2f}.not{color:#b00020;font-weight:600}.sheet{display:grid;grid-template-columns:repeat(4,1fr);gap:4px}
.sheet img{width:100%;display:block}.plots{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
svg{width:100%;height:auto;background:#fafafa}figcaption{font-size:.85rem;color:#555}figure{margin:0}
"""
_COLOURS = ("#1f5fbf", "#d9822b")
_W, _H, _PAD = 420, 180, 34


def page_of(
    *, title: str, sentence: str, measures: Measures, findings: Sequence[Finding], pictures: Sequence[UInt8]
) -> str:
    """The page as text.

    Args:
        title: of the video. sentence: what was asked, in words.
        pictures: frames (H, W, 3) in order, for the contact sheet.
    """
    passed = all(finding.passed for finding in findings)
    verdict = '<p class="ok">As planned.</p>' if passed else '<p class="not">Not as planned.</p>'
    length = measures.frames / measures.fps
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{_text(title)}</title><style>{_STYLE}</style>"
        f"<h1>{_text(title)}</h1><p>{_text(sentence)}</p>{verdict}"
        f"<p>{measures.width}x{measures.height}, {length:.1f} s, {measures.fps:g} frames per second</p>"
        f"<h2>Judged</h2>{_findings(findings)}<h2>Over time</h2>{_plots(measures)}"
        f"<h2>Frames</h2>{_sheet(pictures)}<h2>All measures</h2>{_all(measures)}"
        + "".join(f"<p>Note: {_text(note)}</p>" for note in measures.notes)
        + "</html>\n"
    )


def _text(words: str) -> str:
    return html.escape(words)


def _findings(findings: Sequence[Finding]) -> str:
    rows = []
    for f in findings:
        value = "not measurable" if f.value is None else f"{f.value:.4g}"
        mark = '<span class="ok">ok</span>' if f.passed else '<span class="not">not</span>'
        limit = f"{_text(f.sense)} {f.limit:.4g}"
        rows.append(
            f'<tr><td>{mark}<td>{_text(f.measure)}<td class="n">{value}<td class="n">{limit}<td>{_about(f.measure)}'
        )
    return f"<table><tr><th><th>measure<th>value<th>limit<th>what it is{''.join(rows)}</table>"


def _about(measure: str) -> str:
    kind = KINDS.get(measure)
    return _text(f"{kind.about} [{kind.unit}]" if kind and kind.unit else kind.about if kind else "")


def _all(measures: Measures) -> str:
    rows = [
        f'<tr><td>{_text(name)}<td class="n">{value:.5g}<td>{_about(name)}' for name, value in measures.values().items()
    ]
    return f"<table><tr><th>measure<th>value<th>what it is{''.join(rows)}</table>"


def _sheet(pictures: Sequence[UInt8]) -> str:
    cells = []
    for picture in pictures:
        small = np.ascontiguousarray(shrink(picture, long_side=320)[..., ::-1])
        done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])
        if done:
            cells.append(f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}">')
    return f'<div class="sheet">{"".join(cells)}</div>'


def _plots(measures: Measures) -> str:
    c = measures.curves
    plots = [
        _plot("Way of the points: planned (blue), found (orange), % of the width", (c.path_wanted, c.path_found)),
        _plot("Distance from the planned way, % of the width", (c.path_err,)),
        _plot("Step from frame to frame, levels", (c.step,)),
        _plot("Mean brightness, levels", (c.luma,)),
        _plot("Distance of the colours from the first frame, Lab", (c.colour,)),
        _plot("Strength of motion over the dynamic threshold", (c.strength,)),
    ]
    return f'<div class="plots">{"".join(plots)}</div>'


def _plot(caption: str, lines: Sequence[Line]) -> str:
    points = [point for line in lines for point in line]
    if len(points) < 2:
        return ""
    t1 = max(t for t, _ in points) or 1.0
    low, high = min(0.0, *(v for _, v in points)), max(v for _, v in points)
    high = high if high > low else low + 1.0

    def place(t: float, v: float) -> str:
        x = _PAD + (_W - _PAD - 8) * t / t1
        y = _H - 20 - (_H - 32) * (v - low) / (high - low)
        return f"{x:.1f},{y:.1f}"

    drawn = "".join(
        f'<polyline fill="none" stroke="{colour}" points="{" ".join(place(t, v) for t, v in line)}"/>'
        for line, colour in zip(lines, _COLOURS, strict=False)
    )
    axes = (
        f'<line x1="{_PAD}" y1="{_H - 20}" x2="{_W - 8}" y2="{_H - 20}" stroke="#bbb"/>'
        f'<text x="2" y="{_H - 20}" font-size="10">{low:.3g}</text><text x="2" y="16" font-size="10">{high:.3g}</text>'
        f'<text x="{_W - 40}" y="{_H - 6}" font-size="10">{t1:.3g} s</text>'
    )
    return f'<figure><svg viewBox="0 0 {_W} {_H}">{axes}{drawn}</svg><figcaption>{_text(caption)}</figcaption></figure>'

# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Draws ratios as horizontal bars."""

from xml.sax.saxutils import escape

COLOURS = ["#2b6cb0", "#dd6b20", "#718096", "#38a169", "#805ad5"]
BAR, GAP, LEFT, WIDTH = 9, 8, 330, 420


def svg(title, rows):
    """An SVG picture of rows [(label, {name: ratio})]; 1 is the kernel's EROFS, drawn as a line."""
    names = sorted({name for _, ratios in rows for name in ratios})
    longest = max([2.0] + [ratio for _, ratios in rows for ratio in ratios.values()])
    scale = WIDTH / longest
    parts, y = [], 50
    for index, name in enumerate(names):
        x = 10 + 160 * index
        parts.append(f'<rect x="{x}" y="26" width="10" height="10" fill="{COLOURS[index % len(COLOURS)]}"/>')
        parts.append(f'<text x="{x + 14}" y="35">{escape(name)}</text>')
    for label, ratios in rows:
        parts.append(f'<text x="{LEFT - 8}" y="{y + BAR * len(names) / 2 + 4}" text-anchor="end">{escape(label)}</text>')
        for index, name in enumerate(names):
            if name in ratios:
                top, width = y + BAR * index, ratios[name] * scale
                parts.append(
                    f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR - 1}" fill="{COLOURS[index % len(COLOURS)]}"/>'
                    f'<text x="{LEFT + width + 3:.1f}" y="{top + BAR - 1}" font-size="9">{ratios[name]:.2f}</text>')
        y += BAR * len(names) + GAP
    line = LEFT + scale
    parts.append(f'<line x1="{line:.1f}" y1="44" x2="{line:.1f}" y2="{y}" stroke="black" stroke-dasharray="3 3"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 60}" height="{y + 10}" '
        f'font-family="sans-serif" font-size="11"><text x="10" y="16" font-size="13">{escape(title)}</text>'
        + "".join(parts) + "</svg>\n")

#!/usr/bin/env python3
"""Turns a terminal's screen with ANSI colours (`tmux capture-pane -e -p`) on standard input into an SVG on standard output.

Usage: ansi_to_svg.py TITLE
"""

import html
import re
import sys

WIDTH, HEIGHT, SIZE, MARGIN = 8.4, 18, 14, 12
GROUND, TEXT = "#16181d", "#d8dbe2"
BASE = ["#3b3f4a", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
        "#7f8694", "#f08d95", "#b5dd98", "#f0d59c", "#8cc8ff", "#dc9cee", "#7fd3de", "#ffffff"]


def indexed(n):
    """The colour with this number of the 256."""
    if n < 16:
        return BASE[n]
    if n >= 232:
        return "#" + f"{8 + (n - 232) * 10:02x}" * 3
    levels = [0, 95, 135, 175, 215, 255]
    n -= 16
    return "#" + "".join(f"{levels[i]:02x}" for i in (n // 36, n // 6 % 6, n % 6))


def applied(style, codes):
    """The style after an SGR sequence: (foreground, background, bold, dim, reverse)."""
    fore, back, bold, dim, reverse = style
    codes = [int(code or 0) for code in re.split("[;:]", codes)]
    while codes:
        code = codes.pop(0)
        if code == 0:
            fore, back, bold, dim, reverse = None, None, False, False, False
        elif code in (1, 2, 22):
            bold, dim = (code == 1, code == 2) if code == 22 else (bold or code == 1, dim or code == 2)
        elif code in (7, 27):
            reverse = code == 7
        elif code in (38, 48):
            kind = codes.pop(0)
            colour = indexed(codes.pop(0)) if kind == 5 else "#" + "".join(f"{codes.pop(0):02x}" for _ in range(3))
            fore, back = (colour, back) if code == 38 else (fore, colour)
        elif code in (39, 49):
            fore, back = (None, back) if code == 39 else (fore, None)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            fore = BASE[code - 30 if code < 90 else code - 82]
        elif 40 <= code <= 47 or 100 <= code <= 107:
            back = BASE[code - 40 if code < 100 else code - 92]
    return fore, back, bold, dim, reverse


def drawn(text, style, column, row):
    """The elements of a piece of text in one style."""
    fore, back, bold, dim, reverse = style
    fore, back = (back or GROUND, fore or TEXT) if reverse else (fore or TEXT, back)
    x, y, width = MARGIN + column * WIDTH, MARGIN + row * HEIGHT, len(text) * WIDTH
    if back:
        yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{HEIGHT}" fill="{back}"/>'
    if text.strip():
        extra = ' font-weight="bold"' * bold + ' opacity="0.6"' * dim
        yield (f'<text x="{x:.1f}" y="{y + 14}" textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs" fill="{fore}"{extra}>'
               f"{html.escape(text).replace(chr(32), chr(0xA0))}</text>")  # ordinary spaces would collapse


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    body, columns, style = [], 0, (None, None, False, False, False)
    for row, line in enumerate(lines):
        column = 0
        for codes, text in re.findall(r"(?:\x1b\[([0-9;:]*)m)?([^\x1b]*)", re.sub(r"\x1b\[[0-9;]*[A-Zln]|\x0f", "", line)):
            style = applied(style, codes) if codes or not text else style
            body.extend(drawn(text, style, column, row))
            column += len(text)
        columns = max(columns, column)
    width, height = 2 * MARGIN + columns * WIDTH, 2 * MARGIN + len(lines) * HEIGHT
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}" '
          f'role="img" font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="{SIZE}">')
    print(f"<title>{html.escape(sys.argv[1])}</title>")
    print(f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>', *body, "</svg>", sep="\n")


main()

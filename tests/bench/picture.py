# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The ratios of one tree as bars, one for each contender: 1 is as fast as ours.

from xml.sax.saxutils import escape

ROW, LEFT, SCALE, MOST = 18, 360, 320, 1.5


def _bar(y, label, ratio):
    median, low, high = (min(value, MOST) for value in ratio)
    colour = "#2a7" if ratio[2] < 1 else "#c73" if ratio[1] > 1 else "#888"
    return (
        '<text x="%d" y="%d" text-anchor="end">%s</text>' % (LEFT - 8, y + 12, escape(label)) +
        '<rect x="%d" y="%d" width="%.1f" height="10" fill="%s"/>' % (LEFT, y + 3, median * SCALE, colour) +
        '<path d="M%.1f %d H%.1f" stroke="black"/>' % (LEFT + low * SCALE, y + 8, LEFT + high * SCALE) +
        '<text x="%.1f" y="%d">%.2f</text>' % (LEFT + high * SCALE + 6, y + 12, ratio[0]))


def draw(everything, tree="small"):
    """An SVG of all cases of one tree."""
    parts, y = [], 8
    for case, found in everything.items():
        work, of, filesystem = case.split()
        if of != tree or "contenders" not in found:
            continue
        parts.append('<text x="8" y="%d" font-weight="bold">%s on %s</text>' % (y + 12, work, filesystem))
        y += ROW
        for name, mine in found["contenders"].items():
            if "ratio" in mine:
                parts.append(_bar(y, name, mine["ratio"]))
                y += ROW
        y += ROW // 2
    width = LEFT + int(MOST * SCALE) + 60
    one = LEFT + SCALE
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">\n' % (
            width, y + 8) + '<rect width="100%%" height="100%%" fill="white"/>\n' % () +
        '<path d="M%d 0 V%d" stroke="#bbb"/>\n' % (one, y) + "\n".join(parts) + "\n</svg>\n")

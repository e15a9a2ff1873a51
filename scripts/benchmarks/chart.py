"""The results as a bar chart in SVG."""
from xml.sax.saxutils import escape

BAR, GAP, LEFT, WIDTH, TOP = 16, 8, 130, 480, 40
MET, MISSED, AXIS = "#2b7a4b", "#b5651d", "#888888"


def _line(x1, y1, x2, y2, colour, more=""):
    return f'<line x1="{x1:.1f}" y1="{y1}" x2="{x2:.1f}" y2="{y2}" stroke="{colour}"{more}/>\n'


def _text(x, y, text, anchor="start"):
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>\n'


def draw(results):
    """One bar for each row that has a peer to compare with: how many times as long as ours the
    fastest one takes; a mark where the goal is."""
    shown = [r for r in results if r.judge() is not None]
    ratios = [r.entries[r.judge()].ratio for r in shown]
    most = max([1.0, *ratios, *(r.row.goal for r in shown)]) * 1.05
    height = TOP + len(shown) * (BAR + GAP) + GAP
    scale = WIDTH / most
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 150}" '
             f'height="{height}" font-family="sans-serif" font-size="12">\n'
             '<rect width="100%" height="100%" fill="white"/>\n',
             _text(LEFT, 16, "Time of the fastest other program, in times of pgrep-r's "
                             "(longer: we are faster; |: the goal)")]
    tick = 1
    while tick <= most:
        x = LEFT + tick * scale
        parts += [_line(x, TOP - 6, x, height, AXIS if tick == 1 else "#dddddd"),
                  _text(x, TOP - 9, str(tick), "middle")]
        tick += 1
    y = TOP
    for result, ratio in zip(shown, ratios):
        goal = LEFT + result.row.goal * scale
        end = LEFT + ratio * scale
        parts += [_text(LEFT - 8, y + 12, result.row.name, "end"),
                  f'<rect x="{LEFT}" y="{y}" width="{ratio * scale:.1f}" height="{BAR}" '
                  f'fill="{MET if result.met() else MISSED}"/>\n',
                  _line(goal, y - 3, goal, y + BAR + 3, "black", ' stroke-width="2"'),
                  _text(max(end, goal) + 6, y + 12, f"{ratio:.2f} {result.judge()}")]
        y += BAR + GAP
    return "".join(parts) + "</svg>\n"

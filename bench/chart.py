"""The chart of docs/speed.md: a bar a program, groups by shape, log scale."""
import math
from html import escape

WIDTH, LEFT, RIGHT, BAR, GAP, GROUP = 760, 110, 175, 16, 6, 30
STYLE = """
  svg { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; }
  .paper { fill: #ffffff; } .ink { fill: #1d1d1b; } .soft { fill: #5f5e5a; }
  .grid { stroke: #e3e2de; stroke-width: 1; } .ours { fill: #1f6fd0; } .peer { fill: #b0aea7; }
  .bold { font-weight: 600; } .small { font-size: 12px; } .number { font-variant-numeric: tabular-nums; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #161615; } .ink { fill: #f0efeb; } .soft { fill: #aaa9a2; }
    .grid { stroke: #34332f; } .ours { fill: #4c94ea; } .peer { fill: #6d6b65; }
  }
"""


def duration(seconds):
    if seconds < 1:
        return f"{1000 * seconds:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 1000 else f"{seconds:.0f} s"


def times(ratio):
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.1f} times"


def draw(title, note, groups):
    """groups: [(heading, [(name, seconds), ...])], ours first."""
    values = [s for _, bars in groups for _, s in bars]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    if math.log10(min(values)) - low < .15:  # leave the shortest bar some length
        low -= 1
    plot = WIDTH - LEFT - RIGHT

    def x(seconds):
        return LEFT + plot * (math.log10(seconds) - low) / (high - low)

    out, y = [], 78
    top = y - 8
    for heading, bars in groups:
        out.append(f'<text class="ink bold" x="16" y="{y + 12}">{escape(heading)}</text>')
        y += 22
        for k, (name, seconds) in enumerate(bars):
            kind = "ours" if k == 0 else "peer"
            label = duration(seconds) + (f" · {times(seconds / bars[0][1])}" if k else "")
            out.append(f'<text class="ink" x="{LEFT - 8}" y="{y + 12.5}" text-anchor="end">{escape(name)}</text>')
            out.append(f'<path class="{kind}" d="M{LEFT} {y}H{x(seconds) - 3:.1f}q3 0 3 3v{BAR - 6}q0 3 -3 3H{LEFT}z"/>')
            out.append(f'<text class="ink number" x="{x(seconds) + 7:.1f}" y="{y + 12.5}">{label}</text>')
            y += BAR + GAP
        y += GROUP - GAP
    bottom = y - GROUP + GAP + 8
    grid = []
    for power in range(low, high + 1):
        at = x(10.0 ** power)
        grid.append(f'<path class="grid" d="M{at:.1f} {top}V{bottom}"/>')
        grid.append(f'<text class="soft small" x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{duration(10.0 ** power)}</text>')
    height = bottom + 50
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}">', f"<style>{STYLE}</style>", f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
        f'<text class="ink bold" x="16" y="28" font-size="16">{escape(title)}</text>',
        f'<text class="soft small" x="16" y="48">{escape(note)}</text>', *grid, *out,
        f'<text class="soft small" x="{LEFT + plot / 2}" y="{bottom + 36}" text-anchor="middle">seconds, log scale: shorter is '
        'faster</text>', "</svg>", ""])

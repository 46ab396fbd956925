"""memory.py EXPLAINT MODEL TEXTS [--docs] [LENGTH ...]: what `attend --measures attention --by-head` holds and takes for one text of 1,024 to
8,192 pieces (the first of TEXTS, cut): peak memory and seconds of processor, beside what the maps of all heads would take. --docs: the chart
becomes docs/memory.svg."""
import json
import os
import subprocess
import sys
from html import escape
from pathlib import Path

from chart import STYLE, WIDTH

ROOT = Path(__file__).parent.parent
LEFT, RIGHT, TOP, PLOT = 76, 190, 80, 240


def measure(program, model, texts, length):
    """Pieces, peak bytes, seconds of processor, and the bytes of whole maps."""
    child = subprocess.Popen([program, "attend", "--model", model, "--texts", texts, "--truncate", str(length), "--measures", "attention",
                              "--by-head", "--json", "--quiet"], stdout=subprocess.PIPE)
    document = json.load(child.stdout)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0: sys.exit(f"{program}: {status}")
    pieces, maps = document["texts"]["pieces"], len({(r["layer"], r["head"]) for r in document["rows"] if r["head"] is not None})
    return {"pieces": pieces, "bytes": 1024 * usage.ru_maxrss, "seconds": usage.ru_utime + usage.ru_stime, "maps": 4 * maps * pieces ** 2}


def draw(title, note, points):
    """Memory by pieces, both from 0: a straight line is one that grows with the length."""
    most_x, most_y = max(p["pieces"] for p in points), 1.25 * max(p["bytes"] for p in points)
    height = TOP + PLOT + 56
    def x(pieces): return LEFT + (WIDTH - LEFT - RIGHT) * pieces / most_x
    def y(size): return TOP + PLOT * (1 - size / most_y)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" '
           f'aria-label="{escape(title)}">',
           f"<style>{STYLE} .line {{ stroke: #1f6fd0; stroke-width: 2; fill: none; }}</style>",
           f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
           f'<text class="ink bold" x="16" y="28" font-size="16">{escape(title)}</text>',
           f'<text class="soft small" x="16" y="48">{escape(note)}</text>']
    for megabytes in range(0, int(most_y / 1e6), 100):
        at = y(megabytes * 1e6)
        out.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>')
        out.append(f'<text class="soft small number" x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{megabytes} MB</text>')
    out.append('<path class="line" d="M' + "L".join(f'{x(p["pieces"]):.1f} {y(p["bytes"]):.1f}' for p in points) + '"/>')
    for p in points:
        out.append(f'<circle class="ours" cx="{x(p["pieces"]):.1f}" cy="{y(p["bytes"]):.1f}" r="4"/>')
        out.append(f'<text class="soft small number" x="{x(p["pieces"]):.1f}" y="{TOP + PLOT + 18}" text-anchor="middle">{p["pieces"]:,}</text>')
        label = f'{p["bytes"] / 1e6:.0f} MB; maps {p["maps"] / 1e9:.2g} GB'
        out.append(f'<text class="ink small number" x="{x(p["pieces"]) + 8:.1f}" y="{y(p["bytes"]) + 16:.1f}">{label}</text>')
    out.append(f'<text class="soft small" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{TOP + PLOT + 40}" text-anchor="middle">pieces of the text</text>')
    return "\n".join([*out, "</svg>", ""])


def main(program, model, texts, *rest):
    lengths = [int(r) for r in rest if r != "--docs"] or [1024, 2048, 4096, 8192]
    points = [measure(program, model, texts, n) for n in lengths]
    for p in points:
        print(f'| {p["pieces"]:,} | {p["bytes"] / 1e6:.0f} MB | {p["maps"] / 1e9:.1f} GB | {p["seconds"]:.1f} s |')
    if "--docs" in rest:
        name = Path(model).name.removesuffix(".gguf")
        title = f"{name}: peak memory of all statistics of rows of all heads"
        note = "one text; model and program included; beside it what the maps of all heads would take"
        (ROOT / "docs/memory.svg").write_text(draw(title, note, points))


if __name__ == "__main__":
    main(*sys.argv[1:])

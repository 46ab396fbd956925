/* Drawing a map, as tiles or as lines, by a pen: one pen draws on a canvas, the other writes SVG, so that what is saved is what is seen. */
const drawing = (() => {
  const FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";
  const PAPER = {text: '#1b1f24', muted: '#5b636d', ground: '#fff'};
  const LINE = '#3f7fc1', MARK = '#c4651b', DOT = '#9aa3ad', NONE = [128, 128, 128];
  const LABELS = 90, LEAST = 11; /* pixels: of a label, and from one to the next */
  const meter = document.createElement('canvas').getContext('2d');
  const fontOf = ({size = 13, bold = false}) => `${bold ? 'bold ' : ''}${size}px ${FONT}`;

  /* What of a text fits, with an ellipsis if it is not all. */
  const fitting = new Map();
  function fit(text, style) {
    const key = `${style.size} ${style.bold} ${style.room} ${text}`;
    if (!style.room) return text;
    if (!fitting.has(key)) {
      if (fitting.size > 20000) fitting.clear();
      meter.font = fontOf(style);
      const letters = [...text];
      let n = letters.length;
      if (meter.measureText(text).width > style.room) {
        let least = 0;
        while (least < n - 1) {
          const middle = (least + n) >> 1;
          if (meter.measureText(letters.slice(0, middle).join('') + '…').width > style.room) n = middle; else least = middle;
        }
        n = least;
      }
      fitting.set(key, n < letters.length ? letters.slice(0, n).join('') + '…' : text);
    }
    return fitting.get(key);
  }

  function canvasPen(context, ink) {
    context.direction = 'ltr';
    return {
      text(x, y, text, style = {}) {
        context.save();
        context.font = fontOf(style);
        context.fillStyle = style.muted ? ink.muted : ink.text;
        context.textAlign = style.align || 'left';
        context.textBaseline = 'alphabetic';
        context.translate(x, y);
        if (style.turned) context.rotate(-Math.PI / 2);
        context.fillText(fit(text, style), 0, 0);
        context.restore();
      },
      line(x1, y1, x2, y2, colour, width, opacity = 1) {
        context.globalAlpha = opacity; context.strokeStyle = colour; context.lineWidth = width;
        context.beginPath(); context.moveTo(x1, y1); context.lineTo(x2, y2); context.stroke();
        context.globalAlpha = 1;
      },
      box(x, y, width, height, colour) { context.fillStyle = colour; context.fillRect(x, y, width, height); },
      frame(x, y, width, height) { context.strokeStyle = MARK; context.lineWidth = 2; context.strokeRect(x, y, width, height); },
      within(x, y, width, height, draw) {
        context.save(); context.beginPath(); context.rect(x, y, width, height); context.clip();
        draw();
        context.restore();
      },
      /* the part of a map from (column, row) on, so many tiles wide and high, at x, y */
      tiles(map, column, row, span, x, y, side) {
        context.imageSmoothingEnabled = side < span; context.imageSmoothingQuality = 'high';
        context.drawImage(map.image(), column, row, span, span, x, y, side, side);
      },
    };
  }

  const escaped = text => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`).replace(/[\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  const short = x => String(Math.round(x * 100) / 100);
  const hex = ([r, g, b]) => '#' + [r, g, b].map(c => c.toString(16).padStart(2, '0')).join('');
  function svgPen(width, height, title) {
    const out = [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${short(width)} ${short(height)}" width="${short(width)}" height="${short(height)}" font-family="${FONT}" role="img" aria-label="${escaped(title)}">`];
    let clips = 0;
    const box = (x, y, w, h) => `<rect x="${short(x)}" y="${short(y)}" width="${short(w)}" height="${short(h)}"`;
    return {
      text(x, y, text, style = {}) {
        const turned = style.turned ? ` transform="rotate(-90 ${short(x)} ${short(y)})"` : '', anchor = {right: ' text-anchor="end"', center: ' text-anchor="middle"'}[style.align] || '';
        out.push(`<text x="${short(x)}" y="${short(y)}" font-size="${short(style.size || 13)}"${style.bold ? ' font-weight="bold"' : ''} fill="${style.muted ? PAPER.muted : PAPER.text}"${anchor}${turned}>${escaped(fit(text, style))}</text>`);
      },
      line(x1, y1, x2, y2, colour, width, opacity = 1) {
        out.push(`<line x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}" stroke="${colour}" stroke-width="${short(width)}" stroke-opacity="${short(opacity)}"/>`);
      },
      box(x, y, w, h, colour) { out.push(box(x, y, w, h) + ` fill="${colour}"/>`); },
      frame() {}, /* the marked entry is no part of a figure */
      within(x, y, w, h, draw) {
        out.push(`<clipPath id="c${++clips}">${box(x, y, w, h)}/></clipPath><g clip-path="url(#c${clips})">`);
        draw();
        out.push('</g>');
      },
      tiles(map, column, row, span, x, y, side) { /* a path for each colour: tiles stay shapes, and a long text a small file */
        const paths = new Map(), cell = side / span, last = Math.min(map.n, Math.ceil(row + span)), right = Math.min(map.n, Math.ceil(column + span));
        for (let i = Math.floor(row); i < last; i++)
          for (let j = Math.floor(column), next; j < right; j = next) {
            const colour = hex(map.colour(i, j));
            for (next = j + 1; next < right && hex(map.colour(i, next)) === colour;) next++;
            const left = x + Math.max(j - column, 0) * cell, top = y + Math.max(i - row, 0) * cell;
            const w = x + Math.min(next - column, span) * cell - left, h = y + Math.min(i + 1 - row, span) * cell - top;
            if (!paths.has(colour)) paths.set(colour, []);
            paths.get(colour).push(`M${short(left)} ${short(top)}h${short(w)}v${short(h)}h${short(-w)}z`);
          }
        out.push('<g shape-rendering="crispEdges">');
        for (const [colour, path] of paths) out.push(`<path fill="${colour}" d="${path.join('')}"/>`);
        out.push('</g>');
      },
      end: () => out.join('\n') + '\n</svg>\n',
    };
  }

  /* The numbers of labels that have room, the same ones wherever the view stands. */
  function* labelled(n, cell, from, span) {
    const every = Math.ceil(LEAST / cell);
    for (let i = Math.ceil(Math.max(from - .5, 0) / every) * every; i < n && i + .5 <= from + span; i += every) yield i;
  }

  /* ---- tiles ---- */

  /* map: {n, labels, image(), colour(i, j)}; view: {row, column, span}, in tiles; at: {x, y, side} of the tiles; marked: [i, j]. Rows attend to columns. */
  function matrix(pen, map, view, at, marked) {
    const cell = at.side / view.span, size = Math.min(Math.max(cell, LEAST), 13);
    pen.tiles(map, view.column, view.row, view.span, at.x, at.y, at.side);
    for (const i of labelled(map.n, cell, view.row, view.span))
      pen.text(at.x - 5, at.y + (i + .5 - view.row) * cell + size * .35, map.labels[i], {align: 'right', size, room: LABELS - 8});
    for (const j of labelled(map.n, cell, view.column, view.span))
      pen.text(at.x + (j + .5 - view.column) * cell + size * .35, at.y - 5, map.labels[j], {turned: true, size, room: LABELS - 8});
    if (marked)
      pen.within(at.x, at.y, at.side, at.side, () => pen.frame(at.x + (marked[1] - view.column) * cell - 1, at.y + (marked[0] - view.row) * cell - 1, cell + 2, cell + 2));
  }

  /* ---- lines ---- */

  /* The same with at: {x, y, side, height}; lines: [[i, j, place]], the weakest first. Lines of the marked row stand out. */
  function lines(pen, map, view, at, marked) {
    const cell = at.height / view.span, size = Math.min(Math.max(cell, LEAST), 13), right = at.x + at.side, y = i => at.y + (i + .5 - view.row) * cell;
    pen.text(at.x - 5, at.y - 8, 'from', {align: 'right', size: 11, muted: true});
    pen.text(right + 5, at.y - 8, 'to', {size: 11, muted: true});
    pen.within(at.x, at.y, at.side, at.height, () => {
      for (const [i, j, place] of map.lines()) pen.line(at.x, y(i), right, y(j), LINE, .5 + 2.5 * place, marked && marked[0] !== i ? place * .15 : place);
    });
    for (const i of labelled(map.n, cell, view.row, view.span)) {
      pen.text(at.x - 5, y(i) + size * .35, map.labels[i], {align: 'right', size, bold: Boolean(marked) && marked[0] === i, room: LABELS - 8});
      pen.text(right + 5, y(i) + size * .35, map.labels[i], {size, bold: Boolean(marked) && marked[1] === i, room: LABELS - 8});
    }
  }

  /* ---- what colours or lines mean ---- */

  function legend(pen, colours, asLines, x, y) {
    const STEPS = 64, WIDTH = 256;
    for (let k = 0; k < STEPS; k++) {
      const c = 3 * Math.round(255 * k / (STEPS - 1));
      if (asLines) pen.line(x + k * WIDTH / STEPS, y + 5, x + (k + 1) * WIDTH / STEPS, y + 5, LINE, .5 + 2.5 * k / (STEPS - 1), k / (STEPS - 1));
      else pen.box(x + k * WIDTH / STEPS, y, WIDTH / STEPS, 10, hex([...colours.subarray(c, c + 3)]));
    }
  }

  /* ---- as files: {width, height, draw(pen)} ---- */

  function asSvg(figure, title) {
    const pen = svgPen(figure.width, figure.height, title);
    figure.draw(pen);
    return new Blob([pen.end()], {type: 'image/svg+xml'});
  }
  function asPng(figure) {
    const scaled = 3, canvas = new OffscreenCanvas(figure.width * scaled, figure.height * scaled), context = canvas.getContext('2d');
    context.scale(scaled, scaled);
    figure.draw({...canvasPen(context, PAPER), frame() {}}); /* the marked entry is no part of a figure */
    return canvas.convertToBlob({type: 'image/png'});
  }

  return {PAPER, EDGE: LINE, MARK, DOT, NONE, LABELS, canvasPen, matrix, lines, legend, asSvg, asPng};
})();

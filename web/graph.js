/* A contribution graph of a text: layers as columns, pieces or words as rows, and a line where at least so much of a row comes from one of the layer before. The row
 * that is read has its numbers, and everything that it is made of stands out. What a text, its words and its special tokens are is said by the maps (maps.js). */
const contributions = (() => {
  const LINE = 18, TALLEST = 640, NARROWEST = 12, WIDEST = 110, ENDS = 28, MOST = 5000, FIRST = .05, TOP = 24; /* pixels; lines that are drawn; the threshold at first */
  const {LABELS, MARK, EDGE} = drawing;

  /* of: {facts, name, matrices(text, kind), has(text, kind), prepare(canvas, width, height)}; where it stands is appended. Returns what shows a text. */
  return (section, of) => {
    const kinds = of.facts.kinds.map((kind, k) => [kind, k]).filter(([{steps}]) => steps).filter(([, k]) => of.facts.texts.some((_, t) => of.has(t, k)));
    if (kinds.length === 0) return {show: async () => {}, frame() {}, paint() {}};
    const by = make('select', {name: 'by', onchange: () => again()}, ...kinds.map(([{label}, k]) => make('option', {value: k, textContent: label})));
    const slider = make('input', {type: 'range', name: 'least', min: .01, max: .9, step: .01, value: FIRST, oninput: () => filter()});
    const canvas = make('canvas', {className: 'graph', tabIndex: 0}), readout = make('output', {className: 'readout'}), said = make('p', {className: 'muted graph-note'});
    const keys = make('p', {className: 'muted screen', id: section.id + '-graph-keys', textContent: 'Arrow keys go from row to row and from layer to layer, Escape lets go. Of the row that is read, lines and numbers say what it takes; all that it is made of stands out.'});
    const room = make('div', {className: 'thumbs-room graph-room'}, canvas), whole = make('div', {className: 'contributions'});
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-describedby', keys.id);
    whole.append(make('h3', {textContent: 'Where rows come from, layer by layer'}),
      make('div', {className: 'controls'}, make('label', {}, 'Contributions by ', by), make('label', {}, 'at least ', slider)),
      said, room, readout, keys,
      tools(button('SVG', 'Save the graph as SVG, as it is shown', () => save(drawing.asSvg(figure(), title()), name() + '.svg')),
        button('PNG', 'Save the graph as PNG, as it is shown', async () => save(await drawing.asPng(figure()), name() + '.png')),
        button('CSV', 'Save the lines of the graph as CSV', () => save(new Blob(['\ufeff', csv()], {type: 'text/csv'}), name() + '.csv'))));
    section.append(whole);

    let shown = null; /* {t, items, layers: [values], edges: [[layer, to, from, share]], all, sum} */
    let read = null; /* [column, row] */
    let turn = 0;
    const least = () => +slider.value, label = () => of.facts.kinds[+by.value].label, title = () => `${label()} of ${of.facts.model}, from ${least().toFixed(2)} on`;
    const name = () => `${of.name}-text${shown.t + 1}-graph`;
    const again = () => show(shown).catch(error => console.error(error));

    /* ---- lines from the threshold on ---- */

    function filter() {
      const m = shown.items.length, found = [];
      let all = 0, sum = 0, there = 0;
      shown.layers.forEach((values, l) => {
        for (let at = 0; at < m * m; at++) {
          const share = values[at];
          if (!(share > 0)) continue;
          all++;
          sum += share;
          if (share >= least()) { found.push([l + 1, Math.floor(at / m), at % m, share]); there += share; }
        }
      });
      found.sort((a, b) => b[3] - a[3]);
      Object.assign(shown, {edges: found.slice(0, MOST), cut: found.length - Math.min(found.length, MOST)});
      said.textContent = `By ${label()}, columns are layers, 0 is the embedding layer. From ${least().toFixed(2)} on there are ${found.length} of ${all} lines, ${sum > 0 ? (100 * there / sum).toFixed(0) : 0} % of all that rows are made of.`
        + (shown.cut > 0 ? ` The ${MOST} strongest are drawn.` : '');
      slider.setAttribute('aria-valuetext', `at least ${least().toFixed(2)}`);
      say();
      frame();
      section.dataset.graph = [shown.t, by.value, slider.value, found.length, m].join(' ');
    }

    async function show({t, items}) {
      const mine = ++turn;
      for (const option of by.options) option.disabled = !of.has(t, +option.value);
      if (by.selectedOptions[0].disabled) by.value = ([...by.options].find(o => !o.disabled) || by.options[0]).value;
      whole.hidden = !of.has(t, +by.value);
      if (whole.hidden) return;
      const layers = await of.matrices(t, +by.value);
      if (mine !== turn) return;
      if (!shown || shown.t !== t || shown.items.length !== items.length) read = null;
      shown = {t, items, layers};
      canvas.setAttribute('aria-label', `Contribution graph of text ${t + 1}: ${layers.length} layers, ${items.length} rows`);
      filter();
    }

    /* ---- the row that is read ---- */

    /* What it is made of: rows of each column from which lines lead to it; of the embedding layer, those that lines from it lead to. */
    function reached() {
      const rows = Array.from({length: shown.layers.length + 1}, () => new Set());
      if (!read) return rows;
      const [column, row] = read, down = column > 0;
      rows[column].add(row);
      for (let l = down ? column : 1; down ? l > 0 : l <= shown.layers.length; l += down ? -1 : 1)
        for (const [layer, to, from] of shown.edges) if (layer === l && rows[down ? l : l - 1].has(down ? to : from)) rows[down ? l - 1 : l].add(down ? from : to);
      return rows;
    }
    const numbered = j => `${shown.items[j][0]} (${j + 1})`;
    function say() {
      if (!read) { readout.textContent = ''; return; }
      const [column, row] = read, m = shown.items.length;
      if (column === 0) { readout.textContent = `${numbered(row)} in the embedding layer: marked is all that lines lead to from here.`; return; }
      const takes = Array.from(shown.layers[column - 1].subarray(row * m, row * m + m), (share, j) => [share, j]).filter(([share]) => share >= least()).sort((a, b) => b[0] - a[0]);
      readout.textContent = `${numbered(row)} in layer ${column} takes ` + (takes.length > 0 ? takes.map(([share, j]) => `${share.toFixed(3)} from ${numbered(j)}`).join(', ') : `less than ${least().toFixed(2)} from each row`) + ' of the layer before.';
    }
    function choose(column, row) {
      read = [Math.min(Math.max(column, 0), shown.layers.length), Math.min(Math.max(row, 0), shown.items.length - 1)];
      say();
      frame();
    }
    canvas.onkeydown = event => {
      const step = {ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]}[event.key];
      if (!shown || event.ctrlKey || event.metaKey || event.altKey || (!step && event.key !== 'Escape')) return;
      event.preventDefault();
      if (!step) { read = null; say(); frame(); } else if (!read) choose(shown.layers.length, 0); else choose(read[0] + step[0], read[1] + step[1]);
    };
    canvas.onpointermove = canvas.onpointerdown = event => {
      if (!shown) return;
      const zoom = width(at) / canvas.getBoundingClientRect().width, column = Math.round((event.offsetX * zoom - at.x) / at.step), row = Math.floor((event.offsetY * zoom - TOP) / at.row);
      if (row >= 0 && row < shown.items.length && column >= 0 && column <= shown.layers.length && !(read && read[0] === column && read[1] === row)) choose(column, row);
    };

    /* ---- drawing ---- */

    /* Labels on both sides where there is room. */
    function placeOf(pixels) {
      const n = Math.max(shown.items.length, 1), gaps = shown.layers.length, both = pixels >= 2 * LABELS + gaps * ENDS, row = Math.min(LINE, Math.max(TALLEST / n, 3));
      return {x: LABELS, both, step: Math.min(Math.max((pixels - (both ? 2 : 1) * LABELS - 8) / gaps, NARROWEST), WIDEST), row, height: TOP + n * row + 8};
    }
    const width = at => at.x + shown.layers.length * at.step + (at.both ? LABELS : 8);
    function drawn(pen, at, marks) {
      const {items, layers, edges} = shown, x = column => at.x + column * at.step, y = row => at.y + TOP + (row + .5) * at.row, size = Math.min(Math.max(at.row, 11), 13), every = Math.ceil(11 / at.row), rows = marks ? reached() : null;
      for (let column = 0, last = -ENDS; column <= layers.length; column++)
        if (x(column) - last >= ENDS) { last = x(column); pen.text(last, at.y + 14, String(column), {align: 'center', size: 11, muted: true}); }
      const made = ([l, to, from]) => read && rows && rows[l].has(to) && rows[l - 1].has(from);
      for (const strong of [false, true])
        for (let k = edges.length - 1; k >= 0; k--) {
          const edge = edges[k], [l, to, from, share] = edge; /* the strongest on top */
          if (Boolean(made(edge)) === strong) pen.line(x(l - 1), y(from), x(l), y(to), strong ? MARK : EDGE, .5 + 3 * share, (read && rows && !strong ? .15 : 1) * (.35 + .65 * share));
        }
      for (let column = 0; column <= layers.length; column++)
        for (let row = 0; row < items.length; row++) pen.box(x(column) - 1.5, y(row) - 1.5, 3, 3, drawing.DOT);
      for (let row = 0; row < items.length; row += every) {
        pen.text(at.x - 6, y(row) + size * .35, items[row][0], {align: 'right', size, bold: Boolean(read && rows && rows[0].has(row)), room: LABELS - 10});
        if (at.both) pen.text(x(layers.length) + 6, y(row) + size * .35, items[row][0], {size, bold: Boolean(read && read[1] === row), room: LABELS - 10});
      }
      if (!read || !rows) return;
      if (at.step >= 34) for (const [l, to, from, share] of edges) if (l === read[0] && to === read[1]) pen.text(x(l - 1) + 3, y(from) - 3, share.toFixed(2), {size: 11, bold: true});
      pen.frame(x(read[0]) - 5, y(read[1]) - 5, 10, 10);
    }

    let at = null, waiting = false;
    function paint() {
      if (whole.hidden) return;
      at = placeOf(room.clientWidth - 6);
      drawn(of.prepare(canvas, width(at), at.height), {...at, y: 0}, true);
    }
    function frame() {
      if (waiting || !shown) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; paint(); });
    }

    /* ---- as files ---- */

    function figure() {
      const at = placeOf(2 * LABELS + 8 + shown.layers.length * WIDEST / 2), HEADER = 44, wide = Math.max(width(at) + 16, 480);
      return {width: wide, height: HEADER + at.height + 8, draw(pen) {
        pen.box(0, 0, wide, HEADER + at.height + 8, drawing.PAPER.ground);
        pen.text(8, 18, title(), {bold: true, room: wide - 16});
        pen.text(8, 36, said.textContent, {size: 11, muted: true, room: wide - 16});
        drawn(pen, {...at, x: 8 + at.x, y: HEADER}, read !== null);
      }};
    }
    function csv() {
      const item = j => [j + 1, quoted(shown.items[j][0])];
      return [['layer', 'row', 'row_label', 'from', 'from_label', 'share'].join(','), ...shown.edges.map(([l, to, from, share]) => [l, ...item(to), ...item(from), share.toPrecision(4)].join(','))].join('\r\n') + '\r\n';
    }

    return {show, frame, paint() { if (shown) paint(); }};
  };
})();

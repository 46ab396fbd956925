/* Attention maps: text, layer, head; the intact map and a damaged one side by side on one colour scale, as tiles or as lines, in pieces or in words, with or
 * without special tokens; small ones of all layers and heads; and the value under the pointer or the arrow keys. A block of bytes is inflated when it is looked
 * at (src/report/blocks.h says what it holds). */
(() => {
  const SIDE = 420, TILE = 40, WIDEST = 600, LINE = 18, TALLEST = 640, MOST_LINES = 600; /* pixels; and how many lines are drawn */
  const THUMB = 44, GAP = 3, HELD = 64 << 20, HALF = .5 / 255; /* half a step of square roots */
  const {LABELS} = drawing;

  const SHARE = Float32Array.from({length: 256}, (_, byte) => (byte / 255) ** 2);

  /* A head of the bytes of a block: its entries, and how much finer than 1 / 255 the steps of their square roots are. */
  function decode(bytes, n, special) {
    const values = new Float32Array(n * n);
    for (let i = 0; i < n; i++) {
      const fine = 4 ** -bytes[n * n + i];
      for (let j = 0; j < n; j++) values[i * n + j] = special[j] ? SHARE[bytes[i * n + j]] : SHARE[bytes[i * n + j]] * fine;
    }
    return {values, step: (i, j) => special[j] ? 1 : 2 ** -bytes[n * n + i]};
  }

  /* What a map shows of a text: [label, pieces], a piece or a word each, with or without special tokens. */
  function items({pieces, special, words}, byWord, withSpecial) {
    let at = 0;
    const all = byWord ? words.map(([word, n]) => [word, Array.from({length: n}, () => at++)]) : pieces.map((piece, i) => [piece, [i]]);
    return all.map(([label, of]) => [label, of.filter(i => withSpecial || special[i] === 0)]).filter(([, of]) => of.length > 0);
  }

  /* The mean over heads of maps of items: each row of a piece is divided by what is left of it; then rows of a word's pieces are averaged, and columns summed. A
   * row of which nothing is left has no value. */
  function matrix(heads, n, shown, withSpecial) {
    const m = shown.length, sum = new Float64Array(m * m), count = new Float64Array(m), row = new Float64Array(m);
    const kept = Int32Array.from(shown.flatMap(([, of]) => of)), place = Int32Array.from(shown.flatMap(([, of], b) => of.map(() => b))); /* columns, and the items they go to */
    for (const {values} of heads)
      for (let a = 0; a < m; a++) {
        let rows = 0;
        row.fill(0);
        for (const i of shown[a][1]) {
          const from = i * n;
          let left = 0;
          for (let k = 0; k < kept.length; k++) left += values[from + kept[k]];
          if (left === 0) continue;
          const scale = withSpecial ? 1 : 1 / left;
          rows++;
          for (let k = 0; k < kept.length; k++) row[place[k]] += values[from + kept[k]] * scale;
        }
        if (rows === 0) continue;
        count[a]++;
        for (let b = 0; b < m; b++) sum[a * m + b] += row[b] / rows;
      }
    return Float32Array.from(sum, (x, at) => x / count[Math.floor(at / m)]);
  }
  /* How far an entry may be off, since the page keeps bytes. */
  function looseness(heads, n, shown, withSpecial, a, b) {
    const kept = shown.flatMap(([, of]) => of);
    const each = heads.flatMap(({values, step}) => shown[a][1].map(i => {
      const shareOf = of => of.reduce((sum, j) => sum + values[i * n + j], 0);
      const off = of => of.reduce((sum, j) => sum + 2 * HALF * Math.sqrt(values[i * n + j]) * step(i, j) + (HALF * step(i, j)) ** 2, 0);
      const left = shareOf(kept), own = shown[b][1];
      return withSpecial ? off(own) : left === 0 ? 0 : (off(own) + off(kept) * shareOf(own) / left) / left;
    }));
    return each.reduce((x, y) => x + y, 0) / each.length;
  }

  function viewer(section) {
    const element = document.getElementById(section.id + '-facts');
    if (!element) return; /* no map has room on the page */
    const facts = JSON.parse(element.textContent);
    const colours = new Uint8Array(facts.scale.match(/../g).map(h => parseInt(h, 16)));
    const held = new Map(); /* blocks that were looked at last */
    let bytes = 0;
    const block = async id => {
      const old = held.get(id), found = old || inflate(id).then(b => { bytes += b.length; return b; });
      held.delete(id);
      held.set(id, found);
      for (const [other, made] of held) {
        if (bytes < HELD || other === id) break;
        held.delete(other);
        made.then(b => { bytes -= b.length; });
      }
      return found;
    };
    const has = (text, kind) => document.getElementById(`${section.id}-${text}-${kind}-0`) !== null;
    const headsOf = async (text, kind, from, to) => {
      const {pieces, special, block: step} = facts.texts[text], n = pieces.length, size = n * n + n, found = [];
      for (let k = from; k < to; k++) {
        const all = await block(`${section.id}-${text}-${kind}-${Math.floor(k / step)}`), at = k % step * size;
        found.push(decode(all.subarray(at, at + size), n, special));
      }
      return found;
    };

    /* ---- controls ---- */

    const draw = () => show().catch(error => console.error(error));
    const choice = (name, label, options) => {
      const select = make('select', {name, onchange: draw}, ...options.map(([value, text]) => make('option', {value, textContent: text})));
      return [make('label', {}, label + ' ', select), select];
    };
    const upTo = (n, word) => Array.from({length: n}, (_, i) => [String(i), `${word} ${i + 1}`]);
    const begin = t => [...(t.words.length > 0 ? items(t, true, false).map(([word]) => word) : t.pieces.filter((_, k) => !t.special[k])).join(' ')].slice(0, 40).join('');
    const [textLabel, text] = choice('text', 'Text', facts.texts.map((t, i) => [String(i), `${i + 1}: ${begin(t)}`]));
    const [layerLabel, layer] = choice('layer', 'Layer', upTo(facts.layers, 'layer')), [headLabel, head] = choice('head', 'Head', [['mean', 'mean of heads'], ...upTo(facts.heads, 'head')]);
    const beside = facts.kinds.map(({label, of}, k) => [String(k), label, of === 'heads']).slice(1), [kindLabel, kind] = choice('damage', 'Beside it', []);
    for (const [damaged, what] of [[true, 'damaged'], [false, 'flow']]) {
      const options = beside.filter(k => k[2] === damaged).map(([value, textContent]) => make('option', {value, textContent}));
      if (options.length > 0) kind.append(make('optgroup', {label: what}, ...options));
    }
    const [formLabel, form] = choice('form', 'Drawn as', [['tiles', 'tiles'], ['lines', 'lines']]);
    const [unitLabel, unit] = choice('unit', 'In', [['pieces', 'pieces'], ['words', 'words']]);
    const [scaleLabel, scale] = choice('scale', 'Scale', [['root', 'square roots'], ['linear', 'linear'], ['log', 'logarithms']]);
    const special = make('input', {type: 'checkbox', name: 'special', checked: true, onchange: draw});
    const zoomed = (text, label, by) => button(text, label, () => zoom(by));
    for (const still of section.querySelectorAll('.static')) still.hidden = true;
    layer.value = String(Math.floor((facts.layers - 1) / 2));
    const share = make('p', {className: 'share'}), readout = make('output', {className: 'readout'}), note = make('p', {className: 'muted map-note'});
    const help = make('p', {className: 'muted screen', id: section.id + '-keys', textContent: 'Arrow keys read the entries, + and − zoom, 0 shows the whole; so do dragging, and the wheel with Ctrl.'});
    const canvases = [0, 1].map(() => make('canvas', {tabIndex: 0}));
    const titles = [0, 1].map(() => make('p', {className: 'map-title'}));
    const thumbs = make('canvas', {className: 'thumbs', tabIndex: 0});
    const bar = make('canvas', {className: 'legend'}), ends = make('p', {className: 'muted ends'});
    for (const c of [...canvases, thumbs]) { c.setAttribute('role', 'application'); c.setAttribute('aria-describedby', help.id); }
    thumbs.removeAttribute('aria-describedby');
    bar.setAttribute('role', 'img');
    section.append(share,
      make('div', {className: 'controls'}, textLabel, layerLabel, headLabel, ...(facts.kinds.length > 1 ? [kindLabel] : []), formLabel,
        ...(facts.texts.some(t => t.words.length > 0) ? [unitLabel] : []), scaleLabel, make('label', {}, special, ' special tokens'),
        make('span', {className: 'zoom'}, zoomed('+', 'Larger: zoom into the maps', 2), zoomed('−', 'Smaller: zoom out of the maps', .5), zoomed('Whole', 'Show the whole maps', 0))),
      make('div', {className: 'pair'}, ...canvases.map((c, i) => make('div', {}, titles[i], c))),
      readout, bar, ends, note, help,
      tools(button('SVG', 'Save the maps as SVG, as they are shown', () => save(drawing.asSvg(figure(), title()), name() + '.svg')),
        button('PNG', 'Save the maps as PNG, as they are shown', async () => save(await drawing.asPng(figure()), name() + '.png')),
        button('CSV', 'Save the entries of the maps as CSV', () => save(new Blob(['\ufeff', csv()], {type: 'text/csv'}), name() + '.csv'))),
      make('p', {className: 'muted screen', textContent: 'All layers (downwards) and heads (to the right) of the intact map; a press or the arrow keys show one.'}),
      make('div', {className: 'thumbs-room screen'}, thumbs));

    /* ---- what is shown ---- */

    let shown = null; /* {t, items, maps, heads, most}: of the text, layer, head and damage */
    let view = {row: 0, column: 0, span: 1}; /* the part of the maps that is seen, in tiles */
    let cell = null; /* the entry that is read */
    let turn = 0;
    const place = (value, most = shown.most) => {
      const x = Math.min(value / most, 1);
      return scale.value === 'linear' ? x : scale.value === 'root' ? Math.sqrt(x) : x <= 1e-4 ? 0 : 1 + Math.log10(x) / 4;
    };
    const colourOf = x => { if (Number.isNaN(x)) return drawing.NONE; const c = 3 * Math.round(255 * x); return [colours[c], colours[c + 1], colours[c + 2]]; };
    const pixelOf = x => { const [r, g, b] = colourOf(x); return (255 << 24 | b << 16 | g << 8 | r) >>> 0; }; /* as ImageData has it, where numbers begin with their last byte */

    /* A map as the pens want it; its picture and its lines are made when they are asked for. */
    function drawable(values) {
      const n = shown.items.length, labels = shown.items.map(([label]) => label);
      let picture = null, strongest = null;
      return {
        n, labels, values,
        colour: (i, j) => colourOf(place(values[i * n + j])),
        image() {
          if (picture) return picture;
          const pixels = new ImageData(n, n), words = new Uint32Array(pixels.data.buffer), palette = Array.from({length: 256}, (_, x) => pixelOf(x / 255)), none = pixelOf(NaN);
          for (let at = 0; at < n * n; at++) words[at] = Number.isNaN(values[at]) ? none : palette[Math.round(255 * place(values[at]))];
          picture = new OffscreenCanvas(n, n);
          picture.getContext('2d').putImageData(pixels, 0, 0);
          return picture;
        },
        lines() {
          if (strongest) return strongest;
          const least = n * n > MOST_LINES ? Float32Array.from(values, x => x || 0).sort()[n * n - MOST_LINES] : 0;
          strongest = [];
          for (let at = 0; at < n * n && strongest.length < 2 * MOST_LINES; at++) if (values[at] >= least && place(values[at]) > 0) strongest.push([Math.floor(at / n), at % n, place(values[at])]);
          strongest = strongest.sort((a, b) => b[2] - a[2]).slice(0, MOST_LINES).reverse();
          return strongest;
        },
      };
    }

    const where = () => `layer ${+layer.value + 1}, ` + (head.value === 'mean' ? 'mean of heads' : `head ${+head.value + 1}`);
    const other = () => facts.kinds[+kind.value] || {label: '', of: 'heads'}, names = () => ['intact', other().label];
    const titleOf = i => i === 0 || other().of === 'heads' ? `${names()[i]}, ${where()}` : other().of === 'layers' ? `${other().label}, layer ${+layer.value + 1}` : `${other().label}, all layers`;
    const percent = x => (100 * x).toFixed(1) + ' %';
    const number = x => x.toFixed(3);
    const said = () => {
      const kept = facts.shares && facts.shares[+layer.value + 1];
      return kept === undefined
        ? 'How many rows still stand for their tokens is not known here: give the report the result of the run as well.'
        : `In layer ${+layer.value + 1}, ${percent(kept)} of rows still stand for their tokens: a linear map gives the token back.`;
    };
    const range = () => (scale.value === 'log' ? `${(shown.most / 1e4).toPrecision(2)} and less` : '0') + ` to ${number(shown.most)}, on ${shown.maps.length > 1 ? 'both maps' : 'the map'}; scale of ${scale.value === 'root' ? 'square roots' : scale.value === 'log' ? 'logarithms' : 'values'}`;
    function notes() {
      const n = shown.items.length, all = [];
      if (facts.kinds.length > 1 && shown.maps.length < 2) all.push(`The map of ${names()[1]} of this text is not on this page.`);
      if (shown.maps.length > 1 && other().of !== 'heads')
        all.push(`By ${other().label}, of all heads together: row by row the share that comes from each ` + (other().steps ? 'row of the layer before.' : `word of the embedding layer${other().of === 'model' ? ', up to the last layer' : ''}.`));
      if (!special.checked) all.push('Special tokens are left out, and each row is divided by what is left of it.');
      if (unit.value === 'words') all.push('Words: the rows of their pieces are averaged, the columns summed.');
      if (form.value === 'lines' && n * n > MOST_LINES) all.push(`Of ${n * n} lines the ${MOST_LINES} strongest of each map are drawn.`);
      if (shown.maps.some(m => m.values.some(Number.isNaN))) all.push('Grey: of this row nothing is left.');
      return all.join(' ');
    }

    async function show() {
      const mine = ++turn, t = +text.value, k = +kind.value, of = facts.texts[t], n = of.pieces.length, l = +layer.value;
      const damaged = facts.kinds.length > 1 && has(t, k), first = head.value === 'mean' ? 0 : +head.value, last = head.value === 'mean' ? facts.heads : first + 1;
      const heads = [];
      for (const which of damaged ? [0, k] : [0]) {
        const {of: its} = facts.kinds[which];
        heads.push(await (its === 'heads' ? headsOf(t, which, l * facts.heads + first, l * facts.heads + last) : its === 'layers' ? headsOf(t, which, l, l + 1) : headsOf(t, which, 0, 1)));
      }
      const small = await smallMaps(t);
      if (mine !== turn) return; /* something else was chosen meanwhile */
      unit.disabled = of.words.length === 0;
      if (unit.disabled) unit.value = 'pieces';
      const before = shown && shown.items.length, its = items(of, unit.value === 'words', special.checked);
      const values = heads.map(h => matrix(h, n, its, special.checked));
      let most = 1e-6;
      for (const m of values) for (const x of m) if (x > most) most = x;
      shown = {t, n, items: its, heads, most, maps: []};
      shown.maps = values.map(drawable);
      if (before !== its.length) { view = {row: 0, column: 0, span: its.length || 1}; cell = null; }
      canvases[1].parentElement.hidden = !damaged;
      titles.forEach((title, i) => { title.textContent = titleOf(i); });
      canvases.forEach((c, i) => c.setAttribute('aria-label', `Attention map, ${titles[i].textContent}, of ${its.length} ${unit.value}`));
      share.textContent = said();
      ends.textContent = range();
      note.textContent = notes();
      readout.textContent = '';
      frame();
      overview(small);
      await graph.show({t, items: its, special: special.checked});
      section.dataset.drawn = [t, l, head.value, k, form.value, unit.value, special.checked, scale.value].join(' ');
    }

    /* ---- on the screen ---- */

    const paper = matchMedia('print');
    const inkOf = canvas => paper.matches ? drawing.PAPER : {text: getComputedStyle(canvas).color, muted: getComputedStyle(titles[0]).color};
    const ratioOf = () => paper.matches ? 3 : devicePixelRatio || 1;
    /* Tiles are whole pixels where there is room, and a map that stays small if it has few. */
    function placeOf(room) {
      const n = Math.max(shown.items.length, 1), asLines = form.value === 'lines', most = Math.max(Math.min(room - LABELS - (asLines ? LABELS : 4), SIDE), 60);
      const tile = Math.min(Math.floor(most / n), TILE), side = asLines ? Math.min(most, 280) : tile > 0 ? tile * n : Math.min(n, room - LABELS - 4, WIDEST);
      return {x: LABELS, y: asLines ? 24 : LABELS, side, height: asLines ? Math.min(Math.max(n * LINE, 100), TALLEST) : side};
    }
    const sizeOf = at => [at.x + at.side + (form.value === 'lines' ? LABELS : 4), at.y + at.height + (form.value === 'lines' ? 8 : 4)];
    const drawn = (pen, map, at, marked) => drawing[form.value === 'lines' ? 'lines' : 'matrix'](pen, map, view, at, marked);
    let at = null, waiting = false;
    function prepare(canvas, width, height) {
      const ratio = ratioOf(), w = Math.round(width * ratio), h = Math.round(height * ratio);
      if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; canvas.style.width = width + 'px'; }
      const context = canvas.getContext('2d');
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      return drawing.canvasPen(context, inkOf(canvas));
    }
    function paint() {
      at = placeOf(canvases[0].parentElement.clientWidth);
      shown.maps.forEach((map, i) => {
        const pen = prepare(canvases[i], ...sizeOf(at));
        if (map.n > 0) drawn(pen, map, at, cell);
        canvases[i].style.touchAction = view.span < map.n ? 'none' : 'auto';
      });
      section.dataset.view = [view.row, view.column, view.span].join(' ');
      drawing.legend(prepare(bar, 256, 10), colours, form.value === 'lines', 0, 0);
      bar.setAttribute('aria-label', form.value === 'lines' ? 'From weak to strong lines' : 'The colour scale, from dark to light');
    }
    function frame() { /* at most once for each picture of the screen */
      if (waiting || !shown) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; paint(); });
    }

    /* ---- zoom, pan, and the entry that is read ---- */

    const clamp = () => {
      const n = shown.items.length;
      view.span = Math.min(Math.max(view.span, Math.min(4, n)), n);
      view.row = Math.min(Math.max(view.row, 0), n - view.span);
      view.column = Math.min(Math.max(view.column, 0), n - view.span);
      frame();
    };
    function zoom(by, row = view.row + view.span / 2, column = view.column + view.span / 2) {
      if (!shown) return;
      const span = by === 0 ? shown.items.length : Math.min(Math.max(view.span / by, Math.min(4, shown.items.length)), shown.items.length), ratio = span / view.span;
      view = {row: row - (row - view.row) * ratio, column: column - (column - view.column) * ratio, span};
      clamp();
    }
    function read(i, j) {
      const {items: its, heads, n} = shown, m = its.length;
      if (i < 0 || j < 0 || i >= m || j >= m) return;
      cell = [i, j];
      if (i < view.row) view.row = i;
      if (i + 1 > view.row + view.span) view.row = i + 1 - view.span;
      if (j < view.column) view.column = j;
      if (j + 1 > view.column + view.span) view.column = j + 1 - view.span;
      const entries = shown.maps.map(map => map.values[i * m + j]), off = Math.max(...heads.map(h => looseness(h, n, its, special.checked, i, j)));
      const value = x => Number.isNaN(x) ? 'no value' : number(x);
      readout.textContent = `${its[i][0]} (${i + 1}) attends to ${its[j][0]} (${j + 1}): ${value(entries[0])} intact` + (entries.length > 1 ? `, ${value(entries[1])} ${other().of === 'heads' ? 'damaged' : 'by ' + other().label}` : '')
        + (off > .005 ? `; within ${off.toFixed(off < .095 ? 2 : 1)}, as the page keeps them` : '');
      frame();
    }
    /* The tile under the pointer, in tiles; lines: the row alone counts. */
    const under = (canvas, event) => {
      const zoomOut = (at.x + at.side + (form.value === 'lines' ? LABELS : 4)) / canvas.getBoundingClientRect().width, cellSide = at.height / view.span;
      const x = event.offsetX * zoomOut - at.x, y = event.offsetY * zoomOut - at.y;
      return form.value === 'lines' ? {row: view.row + y / cellSide, column: view.row + y / cellSide, x: x / at.side, inside: y >= 0 && y < at.height} : {row: view.row + y / cellSide, column: view.column + x / cellSide, inside: x >= 0 && y >= 0 && x < at.side && y < at.side};
    };
    for (const canvas of canvases) {
      let drag = null;
      canvas.onpointerdown = event => {
        if (!shown || event.button !== 0 || view.span >= shown.items.length) return;
        drag = {x: event.clientX, y: event.clientY, ...view};
        canvas.setPointerCapture(event.pointerId);
      };
      canvas.onpointerup = canvas.onpointercancel = () => { drag = null; };
      canvas.onpointermove = event => {
        if (!shown || !at) return;
        if (drag) {
          const cellSide = at.height / view.span;
          view.row = drag.row - (event.clientY - drag.y) / cellSide;
          view.column = drag.column - (event.clientX - drag.x) / cellSide;
          return clamp();
        }
        const place = under(canvas, event);
        if (!place.inside) return;
        if (form.value === 'tiles') return read(Math.floor(place.row), Math.floor(place.column));
        const old = cell || [0, 0], i = Math.floor(place.row); /* the left half is of rows, the right one of columns */
        read(place.x < .5 ? i : old[0], place.x < .5 ? old[1] : i);
      };
      canvas.addEventListener('wheel', event => {
        if (!shown || !(event.ctrlKey || event.metaKey)) return; /* else the page is scrolled */
        event.preventDefault();
        const place = under(canvas, event);
        zoom(Math.exp(-event.deltaY / 300), place.row, place.column);
      }, {passive: false});
      canvas.onkeydown = event => {
        const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key], by = {'+': 2, '=': 2, '-': .5, '−': .5, 0: 0}[event.key];
        if (!shown || event.ctrlKey || event.metaKey || event.altKey || (!step && by === undefined)) return;
        event.preventDefault();
        if (step) return read(...(cell ? [cell[0] + step[0], cell[1] + step[1]] : [0, 0]));
        if (cell) zoom(by, cell[0] + .5, cell[1] + .5); else zoom(by);
      };
    }

    /* ---- all layers and heads in small ---- */

    const kept = {}; /* of the text that was looked at last */
    async function smallMaps(t) {
      if (kept.t === t && kept.scale === scale.value) return kept.picture;
      const n = facts.texts[t].pieces.length, pooled = document.getElementById(`${section.id}-${t}-small`) !== null, size = pooled ? THUMB : n;
      const all = facts.layers * facts.heads, bytes = pooled ? await block(`${section.id}-${t}-small`) : null, heads = pooled ? null : await headsOf(t, 0, 0, all);
      const picture = new OffscreenCanvas(facts.heads * (THUMB + GAP), facts.layers * (THUMB + GAP)), c = picture.getContext('2d');
      const image = new ImageData(size, size), one = new OffscreenCanvas(size, size);
      const words = new Uint32Array(image.data.buffer), palette = Array.from({length: 256}, (_, byte) => pixelOf(place(SHARE[byte], 1)));
      c.imageSmoothingEnabled = false;
      for (let k = 0; k < all; k++) {
        const at = k * size * size;
        for (let i = 0; i < size * size; i++) words[i] = palette[pooled ? bytes[at + i] : Math.round(255 * Math.sqrt(heads[k].values[i]))];
        one.getContext('2d').putImageData(image, 0, 0);
        c.drawImage(one, k % facts.heads * (THUMB + GAP), Math.floor(k / facts.heads) * (THUMB + GAP), THUMB, THUMB);
      }
      Object.assign(kept, {t, scale: scale.value, picture});
      return picture;
    }
    function overview(small) {
      thumbs.width = facts.heads * (THUMB + GAP); thumbs.height = facts.layers * (THUMB + GAP);
      const c = thumbs.getContext('2d');
      c.drawImage(small, 0, 0);
      thumbs.setAttribute('aria-label', `${facts.layers} times ${facts.heads} small maps of text ${shown.t + 1}; shown is ${where()}`);
      if (head.value === 'mean') return;
      c.strokeStyle = drawing.MARK; c.lineWidth = 3;
      c.strokeRect(head.value * (THUMB + GAP) + 1, layer.value * (THUMB + GAP) + 1, THUMB - 2, THUMB - 2);
    }
    const choose = (l, h) => {
      layer.value = String(Math.min(Math.max(l, 0), facts.layers - 1));
      head.value = String(Math.min(Math.max(h, 0), facts.heads - 1));
      draw();
    };
    thumbs.onclick = event => choose(Math.floor(event.offsetY / (THUMB + GAP)), Math.floor(event.offsetX / (THUMB + GAP)));
    thumbs.onkeydown = event => {
      const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
      if (!step) return;
      event.preventDefault();
      if (head.value === 'mean') choose(+layer.value, 0); else choose(+layer.value + step[0], +head.value + step[1]);
    };

    /* ---- as files ---- */

    const name = () => `${section.id}-text${shown.t + 1}-layer${+layer.value + 1}-` + (head.value === 'mean' ? 'mean' : `head${+head.value + 1}`);
    const title = () => `Attention of ${facts.model}, ${where()}`;
    function figure() {
      const at = placeOf(SIDE + 2 * LABELS), [width, height] = sizeOf(at), BESIDE = 20, HEADER = 66, room = Math.max(shown.maps.length * (width + BESIDE) - BESIDE + 16, 640);
      return {width: room, height: HEADER + height + 60, draw(pen) {
        pen.box(0, 0, room, HEADER + height + 60, drawing.PAPER.ground);
        pen.text(8, 18, title(), {bold: true, room: room - 16});
        pen.text(8, 37, said(), {room: room - 16});
        shown.maps.forEach((map, i) => {
          const x = 8 + i * (width + BESIDE);
          pen.text(x, 58, i === 0 ? names()[i] : other().of === 'heads' ? names()[i] : titleOf(i), {bold: true, room: width});
          if (map.n > 0) drawn(pen, map, {...at, x: x + at.x, y: HEADER + at.y}, null);
        });
        drawing.legend(pen, colours, form.value === 'lines', 8, HEADER + height + 10);
        pen.text(272, HEADER + height + 19, range(), {size: 11, muted: true, room: room - 280});
        pen.text(8, HEADER + height + 44, notes(), {size: 11, muted: true, room: room - 16});
      }};
    }
    function csv() {
      const n = shown.items.length, lines = [['from', 'from_label', 'to', 'to_label', ...names().slice(0, shown.maps.length)].map(quoted).join(',')];
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++)
          lines.push([i + 1, quoted(shown.items[i][0]), j + 1, quoted(shown.items[j][0]), ...shown.maps.map(m => Number.isNaN(m.values[i * n + j]) ? '' : m.values[i * n + j].toPrecision(4))].join(','));
      return lines.join('\r\n') + '\r\n';
    }

    const graph = contributions(section, {
      facts, name: section.id, has, prepare,
      async matrices(t, k) {
        const n = facts.texts[t].pieces.length, heads = await headsOf(t, k, 0, facts.layers), its = shown.items;
        return heads.map(h => matrix([h], n, its, special.checked));
      },
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { frame(); graph.frame(); });
    paper.addEventListener('change', () => { if (shown) { paint(); graph.paint(); } });
    new ResizeObserver(() => { frame(); graph.frame(); }).observe(section);
    draw();
  }
  document.querySelectorAll('section.maps').forEach(viewer);
})();

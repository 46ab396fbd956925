/* Attention maps: text, layer, head; the intact map and a damaged one side by side on one colour scale, thumbnails of all layers and heads, and the value under
 * the pointer or the arrow keys. The bytes of a text are inflated when it is looked at. */
(() => {
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const SIDE = 420, THUMB = 44, GAP = 3, LABELS = 90;

  const inflate = async id => {
    const text = atob(document.getElementById(id).textContent), bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i); /* of a long text ten times as fast as Uint8Array.from */
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  function viewer(section) {
    const facts = JSON.parse(document.getElementById(section.id + '-facts').textContent);
    const colours = new Uint8Array(facts.scale.match(/../g).map(h => parseInt(h, 16)));
    const held = new Map(); /* bytes of the texts that were looked at last */
    const bytesOf = (text, kind) => {
      const id = `${section.id}-${text}-${kind}`;
      if (!held.has(id)) {
        if (held.size >= 6) held.delete(held.keys().next().value);
        held.set(id, inflate(id));
      }
      return held.get(id);
    };
    const has = (text, kind) => document.getElementById(`${section.id}-${text}-${kind}`) !== null;

    /* ---- controls ---- */

    const draw = () => show().catch(error => console.error(error));
    const choice = (label, options) => {
      const select = make('select', {onchange: draw}, ...options.map(([value, text]) => make('option', {value, textContent: text})));
      return [make('label', {}, label + ' ', select), select];
    };
    const upTo = (n, word) => Array.from({length: n}, (_, i) => [String(i), `${word} ${i + 1}`]);
    const words = facts.texts.map((t, i) => [String(i), `${i + 1}: ` + t.pieces.filter((_, k) => !t.special[k]).join(' ').slice(0, 40)]);
    const [textLabel, text] = choice('Text', words), [layerLabel, layer] = choice('Layer', upTo(facts.layers, 'layer'));
    const [headLabel, head] = choice('Head', [['mean', 'mean of heads'], ...upTo(facts.heads, 'head')]);
    const [kindLabel, kind] = choice('Damage', facts.kinds.slice(1).map((k, i) => [String(i + 1), k]));
    const [scaleLabel, scale] = choice('Scale', [['root', 'square roots'], ['linear', 'linear'], ['log', 'logarithms']]);
    const special = make('input', {type: 'checkbox', checked: true, onchange: draw});
    const still = section.querySelector('.static');
    if (still) still.hidden = true;
    layer.value = String(Math.floor((facts.layers - 1) / 2));
    const share = make('p', {className: 'share'}), readout = make('output', {className: 'readout'});
    const canvases = [0, 1].map(() => make('canvas', {tabIndex: 0}));
    const titles = [0, 1].map(() => make('p', {className: 'map-title'}));
    const thumbs = make('canvas', {className: 'thumbs'});
    const legend = make('canvas', {width: 256, height: 10, className: 'legend'}), ends = make('p', {className: 'muted ends'});
    for (const c of [...canvases, thumbs, legend]) c.setAttribute('role', 'img');
    legend.setAttribute('aria-label', 'The colour scale, from dark to light');
    section.append(share,
      make('div', {className: 'controls'}, textLabel, layerLabel, headLabel, ...(facts.kinds.length > 1 ? [kindLabel] : []), scaleLabel, make('label', {}, special, ' special tokens')),
      make('div', {className: 'pair'}, ...canvases.map((c, i) => make('div', {}, titles[i], c))),
      readout, legend, ends,
      make('p', {className: 'muted', textContent: 'All layers (downwards) and heads (to the right) of the intact map; a press shows one.'}),
      make('div', {className: 'table'}, thumbs));

    /* ---- numbers ---- */

    const share01 = byte => (byte / 255) ** 2;
    const matrix = (bytes, n, l, h) => {
      const m = new Float32Array(n * n), size = n * n, first = h === 'mean' ? 0 : +h, last = h === 'mean' ? facts.heads : +h + 1;
      for (let k = first; k < last; k++) {
        const from = (l * facts.heads + k) * size;
        for (let i = 0; i < size; i++) m[i] += share01(bytes[from + i]) / (last - first);
      }
      return m;
    };
    const place = (value, most) => {
      const x = Math.min(value / most, 1);
      return scale.value === 'linear' ? x : scale.value === 'root' ? Math.sqrt(x) : x <= 1e-4 ? 0 : 1 + Math.log10(x) / 4;
    };
    const paint = (pixels, at, value, most) => {
      const c = 3 * Math.round(255 * place(value, most));
      pixels[at] = colours[c]; pixels[at + 1] = colours[c + 1]; pixels[at + 2] = colours[c + 2]; pixels[at + 3] = 255;
    };

    /* ---- drawing ---- */

    let shown = null; /* {n, maps, hidden, cell}: what stands on the canvases */
    function map(canvas, m) {
      const {n, most, hidden, pieces} = shown, side = Math.max(Math.floor(SIDE / n), 1), labels = side >= 9 ? LABELS : 4;
      const ratio = devicePixelRatio || 1, width = labels + side * n;
      canvas.width = width * ratio; canvas.height = width * ratio;
      canvas.style.width = width + 'px';
      const c = canvas.getContext('2d'), image = new ImageData(n, n), small = new OffscreenCanvas(n, n);
      for (let i = 0; i < n * n; i++)
        if (hidden[Math.floor(i / n)] || hidden[i % n]) image.data.set([128, 128, 128, 60], 4 * i);
        else paint(image.data, 4 * i, m[i], most);
      small.getContext('2d').putImageData(image, 0, 0);
      c.scale(ratio, ratio);
      c.imageSmoothingEnabled = false;
      c.drawImage(small, labels, labels, side * n, side * n);
      shown.labels = labels; shown.side = side;
      if (side < 9) return;
      c.fillStyle = getComputedStyle(canvas).color;
      c.font = `${Math.min(side, 13)}px ${getComputedStyle(canvas).fontFamily}`;
      c.textBaseline = 'middle';
      const fit = s => { let t = s; while (t.length > 1 && c.measureText(t).width > LABELS - 8) t = t.slice(0, -2) + '…'; return t; };
      pieces.forEach((piece, i) => {
        c.textAlign = 'right';
        c.fillText(fit(piece), labels - 5, labels + side * (i + .5));
        c.save();
        c.translate(labels + side * (i + .5), labels - 5);
        c.rotate(-Math.PI / 2);
        c.textAlign = 'left';
        c.fillText(fit(piece), 0, 0);
        c.restore();
      });
    }
    let small = null, smallOf = ''; /* all small maps of a text, which stay when a head is chosen */
    function smallMaps(bytes, n, of) {
      if (smallOf === of) return small;
      smallOf = of;
      small = new OffscreenCanvas(facts.heads * (THUMB + GAP), facts.layers * (THUMB + GAP));
      const c = small.getContext('2d'), size = Math.min(THUMB, n), image = new ImageData(size, size), one = new OffscreenCanvas(size, size);
      c.imageSmoothingEnabled = false;
      for (let l = 0; l < facts.layers; l++)
        for (let h = 0; h < facts.heads; h++) {
          const from = (l * facts.heads + h) * n * n;
          for (let i = 0; i < size; i++)
            for (let j = 0; j < size; j++)
              paint(image.data, 4 * (i * size + j), share01(bytes[from + Math.floor(i * n / size) * n + Math.floor(j * n / size)]), 1);
          one.getContext('2d').putImageData(image, 0, 0);
          c.drawImage(one, h * (THUMB + GAP), l * (THUMB + GAP), THUMB, THUMB);
        }
      return small;
    }
    function overview(bytes, n, of) {
      thumbs.width = facts.heads * (THUMB + GAP); thumbs.height = facts.layers * (THUMB + GAP);
      const c = thumbs.getContext('2d');
      c.drawImage(smallMaps(bytes, n, of), 0, 0);
      if (head.value !== 'mean') {
        c.strokeStyle = '#c4651b'; c.lineWidth = 3;
        c.strokeRect(head.value * (THUMB + GAP) + 1, layer.value * (THUMB + GAP) + 1, THUMB - 2, THUMB - 2);
      }
    }
    const percent = x => (100 * x).toFixed(1) + ' %';
    async function show() {
      const t = +text.value, k = +kind.value, {pieces, special: marks} = facts.texts[t], n = pieces.length, l = +layer.value;
      const damaged = facts.kinds.length > 1 && has(t, k);
      const bytes = await Promise.all([bytesOf(t, 0), ...(damaged ? [bytesOf(t, k)] : [])]);
      const maps = bytes.map(b => matrix(b, n, l, head.value)), hidden = marks.map(mark => !special.checked && mark === 1);
      let most = 1e-6;
      for (const m of maps)
        for (let i = 0; i < m.length; i++) if (m[i] > most && !hidden[Math.floor(i / n)] && !hidden[i % n]) most = m[i];
      shown = {n, maps, most, hidden, pieces, cell: [0, 0]};
      maps.forEach((m, i) => map(canvases[i], m));
      canvases[1].parentElement.hidden = !damaged;
      const where = `layer ${l + 1}, ` + (head.value === 'mean' ? 'mean of heads' : `head ${+head.value + 1}`);
      titles[0].textContent = `intact, ${where}`;
      titles[1].textContent = `${facts.kinds[k] || ''}, ${where}`;
      canvases.forEach((c, i) => c.setAttribute('aria-label', `Attention map, ${titles[i].textContent}; arrow keys read its entries`));
      thumbs.setAttribute('aria-label', `${facts.layers} times ${facts.heads} small maps of text ${t + 1}; choose one by layer and head above`);
      const kept = facts.shares && facts.shares[l + 1];
      share.textContent = kept === undefined
        ? 'How many rows still stand for their tokens is not known here: give the report the result of the run as well.'
        : `In layer ${l + 1}, ${percent(kept)} of rows still stand for their tokens: a linear map gives the token back.`;
      const bar = legend.getContext('2d'), line = bar.createImageData(256, 10);
      for (let x = 0; x < 256; x++) for (let y = 0; y < 10; y++) line.data.set([...colours.subarray(3 * x, 3 * x + 3), 255], 4 * (256 * y + x));
      bar.putImageData(line, 0, 0);
      ends.textContent = (scale.value === 'log' ? `${(most / 1e4).toPrecision(2)} and less` : '0') + ` to ${most.toFixed(3)}, on both maps`;
      overview(bytes[0], n, `${t} ${scale.value}`);
      readout.textContent = '';
      section.dataset.drawn = `${t} ${l} ${head.value} ${k}`;
    }
    function read(i, j) {
      const {n, maps, pieces} = shown;
      if (i < 0 || j < 0 || i >= n || j >= n) return;
      shown.cell = [i, j];
      const values = maps.map(m => m[i * n + j].toFixed(3));
      readout.textContent = `${pieces[i]} (${i + 1}) attends to ${pieces[j]} (${j + 1}): ${values[0]} intact` + (values.length > 1 ? `, ${values[1]} damaged` : '');
    }
    for (const canvas of canvases) {
      canvas.onmousemove = event => {
        const {labels, side} = shown, zoom = canvas.getBoundingClientRect().width / (labels + side * shown.n);
        read(Math.floor((event.offsetY / zoom - labels) / side), Math.floor((event.offsetX / zoom - labels) / side));
      };
      canvas.onkeydown = event => {
        const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
        if (!step) return;
        event.preventDefault();
        read(shown.cell[0] + step[0], shown.cell[1] + step[1]);
      };
    }
    thumbs.onclick = event => {
      const zoom = thumbs.getBoundingClientRect().width / thumbs.width;
      layer.value = String(Math.min(Math.floor(event.offsetY / zoom / (THUMB + GAP)), facts.layers - 1));
      head.value = String(Math.min(Math.floor(event.offsetX / zoom / (THUMB + GAP)), facts.heads - 1));
      draw();
    };
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
    draw();
  }
  document.querySelectorAll('section.maps').forEach(viewer);
})();

/* Attention maps on the page: entries, words and special tokens beside NumPy, tiles and lines, zoom and drag, files that are saved, hostile pieces, long texts.
 * Part of check_page.js, which gives `t`: check(good, what), explaint(...words), folder, open(browser, file, view, run), layout, axe, keyboard, table. */
'use strict';
const {spawnSync} = require('child_process'), fs = require('fs'), path = require('path'), flow = require('./flow.js');

/* Tensors of a safetensors file of fp32. */
function tensors(file) {
  const bytes = fs.readFileSync(file), length = Number(bytes.readBigUInt64LE()), head = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const read = name => {
    const [from, to] = head[name].data_offsets, copy = Uint8Array.from(bytes.subarray(8 + length + from, 8 + length + to));
    return {shape: head[name].shape, value: new Float32Array(copy.buffer)};
  };
  return {metadata: head.__metadata__, read};
}

/* A file as attend --maps writes it, of texts [{pieces, special, words, without}]; value(kind, layer, head, i, j) need not add up. */
function write(file, model, shape, texts, kinds, value) {
  const head = {__metadata__: {model}}, parts = [];
  let at = 0;
  for (const key of ['pieces', 'special', 'words']) head.__metadata__[key] = JSON.stringify(texts.map(t => t[key]));
  texts.forEach(({pieces}, t) => kinds.forEach((kind, k) => {
    if (kind === texts[t].without) return;
    const n = pieces.length, values = new Float32Array(shape[0] * shape[1] * n * n);
    for (let l = 0, to = 0; l < shape[0]; l++) for (let h = 0; h < shape[1]; h++) for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) values[to++] = value(k, l, h, i, j, n);
    parts.push(Buffer.from(values.buffer));
    head[`${t}.${kind}`] = {dtype: 'F32', shape: [...shape, n, n], data_offsets: [at, at += values.byteLength]};
  }));
  const json = Buffer.from(JSON.stringify(head)), length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  fs.writeFileSync(file, Buffer.concat([length, json, ...parts]));
}

/* A small model that ships with the tests, with a vocabulary of hostile words and of words in pieces. */
function attend(t) {
  const model = path.join(__dirname, '../golden/models/bert-gelu'), words = ['dog', 'cat', 'a', '</script><img>', '\u202eevil', '##gy', '##s'];
  fs.mkdirSync(path.join(t.folder, 'model'));
  for (const name of ['config.json', 'model.safetensors']) fs.copyFileSync(path.join(model, name), path.join(t.folder, 'model', name));
  const size = JSON.parse(fs.readFileSync(path.join(model, 'config.json'))).vocab_size;
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...words];
  while (vocabulary.length < size) vocabulary.push('w' + vocabulary.length);
  fs.writeFileSync(path.join(t.folder, 'model/vocab.txt'), vocabulary.join('\n') + '\n');
  fs.writeFileSync(path.join(t.folder, 'attend.json'), t.explaint('attend', '--model', 'model', '--text', 'a dog a cat', '--text', 'cat w20 Doggys w21 cats', '--text', '</script><script>window.pwned=1</script> \u202edog', '--measures', 'continuity,damage,flow', '--maps', 'maps.safetensors', '--json'));
  t.explaint('report', 'attend.json', 'maps.safetensors', '--output', 'maps.html');
  return tensors(path.join(t.folder, 'maps.safetensors'));
}

/* ---- controls ---- */

const sectionOf = page => page.locator('section.maps');
/* Chooses, and waits until it is drawn. */
async function choose(page, settings) {
  const section = sectionOf(page);
  const state = await page.evaluate(() => document.querySelector('section.maps').dataset.drawn.split(' '));
  for (const [i, name] of ['text', 'layer', 'head', 'damage', 'form', 'unit', 'special', 'scale'].entries()) {
    if (settings[name] === undefined) continue;
    state[i] = String(settings[name]);
    if (name === 'special') await section.locator('input[name=special]').setChecked(settings.special);
    else await section.locator(`select[name=${name}]`).selectOption(state[i]);
  }
  await page.waitForFunction(drawn => document.querySelector('section.maps').dataset.drawn === drawn, state.join(' '));
}
async function press(t, page, what, of = '.pair ~ .tools') {
  const waiting = page.waitForEvent('download'), file = path.join(t.folder, 'saved');
  await sectionOf(page).locator(`${of} button:visible`, {hasText: new RegExp(`^${what}$`)}).first().press('Enter');
  const download = await waiting;
  await download.saveAs(file);
  return {name: download.suggestedFilename(), bytes: fs.readFileSync(file)};
}
const picture = page => sectionOf(page).locator('.pair canvas').first().evaluate(c => c.toDataURL());
const viewOf = page => sectionOf(page).evaluate(s => s.dataset.view.split(' ').map(Number));
const twoFrames = page => page.evaluate(() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r))));

/* ---- values ---- */

async function entries(t, page, stored) {
  for (const [text, layer, head, damage] of [[0, 0, 0, 1], [1, 1, 1, 2]]) {
    await choose(page, {text, layer, head, damage});
    const names = ['attention', 'permute', 'permute-content'], [intact, damaged] = [stored.read(`${text}.attention`), stored.read(`${text}.${names[damage]}`)];
    const [, heads, n] = intact.shape, at = ((layer * heads + head) * n + 1) * n + 2, canvas = sectionOf(page).locator('.pair canvas').first();
    await canvas.focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key); /* the first one begins */
    const said = await sectionOf(page).locator('.pair ~ output').textContent(), values = said.match(/(\d\.\d{3}) intact, (\d\.\d{3}) damaged/);
    const pieces = JSON.parse(stored.metadata.pieces)[text];
    t.check(said.startsWith(`${pieces[1]} (2) attends to ${pieces[2]} (3)`), `the pieces of an entry: ${said}`);
    t.check(values && Math.abs(values[1] - intact.value[at]) < .006 && Math.abs(values[2] - damaged.value[at]) < .006, `text ${text}: ${said}, stored ${intact.value[at]} and ${damaged.value[at]}`);
  }
}

/* Every entry of the table that is saved, beside NumPy's. */
const python = [process.env.EXPLAINT_PYTHON, path.join(__dirname, '../../.venv/bin/python'), 'python3'].find(p => p && spawnSync(p, ['-c', 'import numpy']).status === 0);
const numpy = (t, ...words) => JSON.parse(spawnSync(python, [path.join(__dirname, 'words.py'), path.join(t.folder, 'maps.safetensors'), ...words].map(String)).stdout.toString());
async function words(t, page) {
  if (!python) {
    console.log('without NumPy: words and flow are not compared');
    return t.check(!process.env.EXPLAINT_NO_SKIP, 'a Python with NumPy');
  }
  for (const [layer, head, unit, special] of [[1, 1, 'words', true], [0, 'mean', 'words', false], [1, 'mean', 'pieces', false]]) {
    await choose(page, {text: 1, layer, head, damage: 1, unit, special});
    const rows = (await press(t, page, 'CSV')).bytes.toString().trim().split('\r\n').slice(1).map(line => line.split(','));
    for (const [kind, column] of [['attention', 4], ['permute', 5]]) {
      const expected = numpy(t, 1, kind, layer, head, unit, special ? 1 : 0);
      const n = expected.labels.length, off = rows.map((row, at) => Math.abs(row[column] - expected.values[Math.floor(at / n)][at % n]));
      t.check(rows.length === n * n && rows.every((row, at) => row[3] === expected.labels[at % n]), `${unit} of NumPy: ${expected.labels}`);
      t.check(Math.max(...off) < (unit === 'words' ? .02 : .01), `${unit}, special ${special}, ${kind}: off by ${Math.max(...off)}`);
    }
  }
  const note = await sectionOf(page).locator('.map-note').textContent();
  t.check(/each row is divided by what is left/.test(note), `it is said that rows are divided: ${note}`);
  await choose(page, {special: true, unit: 'words'});
  t.check(/rows of their pieces are averaged, the columns summed/.test(await sectionOf(page).locator('.map-note').textContent()), 'and what a word is');
}

/* ---- looking around ---- */

async function around(t, page) {
  await choose(page, {text: 1, layer: 0, head: 0, damage: 1, form: 'tiles', unit: 'pieces', special: true, scale: 'root'});
  const section = sectionOf(page), canvas = section.locator('.pair canvas').first(), whole = await viewOf(page), before = await picture(page);
  await canvas.press('+');
  await twoFrames(page);
  const near = await viewOf(page);
  t.check(near[2] < whole[2], `+ makes it larger: ${whole} to ${near}`);
  const box = await canvas.boundingBox();
  await page.mouse.move(box.x + 200, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 260, box.y + 230, {steps: 4});
  await page.mouse.up();
  await twoFrames(page);
  const moved = await viewOf(page);
  t.check(moved[1] < near[1] && moved[0] < near[0] && moved[2] === near[2], `it is dragged: ${near} to ${moved}`);
  t.check(before !== await picture(page), 'and another part is drawn');
  await section.getByRole('button', {name: 'Show the whole maps'}).press('Enter');
  await twoFrames(page);
  t.check(String(await viewOf(page)) === String(whole), 'and the whole comes back');
  await page.mouse.move(box.x + 200, box.y + 200);
  await page.mouse.wheel(0, -1); /* moves the page, if it can */
  await twoFrames(page);
  t.check(String(await viewOf(page)) === String(whole), 'the wheel alone does not zoom');
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -150);
  await page.keyboard.up('Control');
  await page.waitForFunction(span => document.querySelector('section.maps').dataset.view.split(' ')[2] < span, whole[2]);
  await canvas.press('0');
  for (const setting of [{scale: 'log'}, {scale: 'linear'}, {form: 'lines'}, {special: false}]) {
    const old = await picture(page);
    await choose(page, setting);
    await twoFrames(page);
    t.check(old !== await picture(page), `it is drawn anew: ${JSON.stringify(setting)}`);
  }
  await choose(page, {head: 'mean', layer: 0});
  const thumbs = section.locator('canvas.thumbs');
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await thumbs.press(key);
  await page.waitForFunction(() => document.querySelector('section.maps').dataset.drawn.startsWith('1 1 1'));
  await thumbs.click({position: {x: 5, y: 5}});
  await page.waitForFunction(() => document.querySelector('section.maps').dataset.drawn.startsWith('1 0 0'));
  t.check(/layer 1, head 1$/.test(await thumbs.getAttribute('aria-label')), 'a small map is chosen, and said');
}

async function files(t, page) {
  for (const form of ['tiles', 'lines']) {
    await choose(page, {text: 1, layer: 1, head: 0, form, unit: 'words', special: true});
    const svg = await press(t, page, 'SVG'), text = svg.bytes.toString(), png = await press(t, page, 'PNG');
    t.check(svg.name === 'maps-0-text2-layer2-head1.svg' && text.startsWith('<svg') && text.includes('>Attention of model, layer 2, head 1<'), `a map saves as SVG: ${svg.name}`);
    t.check((text.match(/>Doggys</g) || []).length === 4 && text.includes('>intact<') && text.includes('>rows permuted<'), `${form}: both maps with their words`);
    t.check(form === 'lines' ? (text.match(/<line /g) || []).length > 50 : (text.match(/<path fill="#[0-9a-f]{6}"/g) || []).length > 5, `${form} are shapes`);
    t.check(!/NaN|undefined|null/.test(text), `${form}: no number is missing`);
    await sectionOf(page).locator('.pair canvas').first().press('+');
    const near = (await press(t, page, 'SVG')).bytes.toString();
    await sectionOf(page).locator('.pair canvas').first().press('0');
    t.check((near.match(/<text /g) || []).length < (text.match(/<text /g) || []).length, `${form}: what is zoomed into is saved`);
    t.check(png.bytes.subarray(1, 4).toString() === 'PNG' && png.bytes.readUInt32BE(16) >= 1900 && png.bytes.length > 10000, `${form}: a map saves as PNG`);
  }
}

/* ---- long and hostile texts ---- */

const HOSTILE = ['</script><script>window.pwned=1</script>', '<!--<script>', '\u202eevil\u2066', 'W'.repeat(10000), '\u05e9\u05dc\u05d5\u05dd', '\ud83d\udc15', '&amp;', '"\'', '\x1b[2J', '{{7*7}}'];
async function long(t, browser) {
  const evil = {pieces: HOSTILE, special: HOSTILE.map((_, i) => i === 0), words: HOSTILE.map(w => [w, 1])}, file = '"><img onerror=window.pwned=1 src=x>\u202e.safetensors';
  write(path.join(t.folder, file), HOSTILE[0] + HOSTILE[3], [2, 12], [evil, {...evil, without: 'permute'}], ['attention', 'permute'], 
    (k, l, h, i, j) => i === 2 && k === 1 ? +(j === 0) : i === 3 && k === 0 ? [.9999, 6e-5, 3e-5][j] || 0 : ((i + 2 * j + h) % 5) / 10);
  t.explaint('report', file, '--output', 'evil-maps.html');
  for (const view of ['wide', 'narrow', 'dark'])
    await t.open(browser, path.join(t.folder, 'evil-maps.html'), view, async page => {
      await page.waitForSelector('section.maps[data-drawn]');
      await t.layout(page, 'hostile maps, ' + view);
      t.check(await page.evaluate(() => window.pwned === undefined && document.images.length === 0), 'hostile pieces stay text');
      t.check(await page.evaluate(() => !/[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u001b]/.test(document.documentElement.outerHTML)), 'no piece turns the direction of writing');
      if (view !== 'wide') return;
      await choose(page, {special: false, damage: 1, head: 0});
      t.check(/Grey: of this row nothing is left/.test(await sectionOf(page).locator('.map-note').textContent()), 'a row of which nothing is left is said');
      await choose(page, {text: 1});
      t.check(/^The map of rows permuted of this text is not on this page/.test(await sectionOf(page).locator('.map-note').textContent()) && await sectionOf(page).locator('.pair canvas:visible').count() === 1, 'a damaged map that is not there is said');
      await choose(page, {text: 0});
      const rows = (await press(t, page, 'CSV')).bytes.toString().split('\r\n').slice(1), n = HOSTILE.length - 1;
      t.check(!rows.some(line => /NaN/.test(line)), 'and has no number');
      const left = rows.slice(2 * n, 2 * n + 2).map(line => Number(line.split(',').at(-2)));
      t.check(Math.abs(left[0] - 2 / 3) < .01 && Math.abs(left[1] - 1 / 3) < .01, `a ten thousandth of a row is told apart: ${left}`);
      for (const form of ['tiles', 'lines']) {
        await choose(page, {form});
        const text = (await press(t, page, 'SVG')).bytes.toString();
        t.check(await page.evaluate(s => new DOMParser().parseFromString(s, 'image/svg+xml').querySelector('parsererror,script,image') === null, text), 'what is saved is XML without markup of a piece');
      }
    });
  const pieces = Array.from({length: 300}, (_, i) => `piece${i}`), n = 300;
  write(path.join(t.folder, 'long.safetensors'), 'long', [2, 2], [{pieces, special: pieces.map(() => false), words: pieces.map(w => [w, 1])}], ['attention', 'permute'],
    (k, l, h, i, j) => i === 7 && j === 250 && k === 0 && l === 1 && h === 1 ? .9 : (Math.abs(i - j) === h) / 4 + ((i * 31 + j * 17 + k) % 101) / 1e5);
  t.explaint('report', 'long.safetensors', '--output', 'long.html');
  const blocks = [...fs.readFileSync(path.join(t.folder, 'long.html'), 'utf8').matchAll(/id="(maps-0-0-[^"]*)"/g)].map(m => m[1]);
  t.check(String(blocks) === String(['0-0', '0-1', 'small', '1-0', '1-1'].map(b => 'maps-0-0-' + b)), `blocks of two heads, and the small ones: ${blocks}`);
  for (const view of ['wide', 'narrow'])
    await t.open(browser, path.join(t.folder, 'long.html'), view, async page => {
      await page.waitForSelector('section.maps[data-drawn]');
      await t.layout(page, 'a long text, ' + view);
      await choose(page, {layer: 1, head: 1, form: 'lines'});
      const [canvas, room] = await sectionOf(page).locator('.pair canvas').first().evaluate(c => [c.getBoundingClientRect().width, c.parentElement.clientWidth]);
      t.check(canvas <= room + 1, `${view}: a map of ${canvas} pixels in ${room}`);
      if (view !== 'wide') return;
      t.check((await sectionOf(page).locator('.map-note').textContent()).includes(`Of ${n * n} lines the 600 strongest of each map are drawn.`), 'it is said how many lines are drawn');
      const drawn = (await press(t, page, 'SVG')).bytes.toString().match(/<line [^>]*/g), strong = drawn.filter(l => l.endsWith('stroke-opacity="1"/'));
      t.check(drawn.length === 2 * 600 + 64, `and so many are, with 64 of the legend: ${drawn.length}`);
      t.check(strong.length === 2, `the strongest line is among them, and the end of the legend: ${strong.length}`);
      const line = (await press(t, page, 'CSV')).bytes.toString().split('\r\n')[1 + 7 * n + 250].split(',');
      t.check(line[1] === 'piece7' && line[3] === 'piece250' && Math.abs(line[4] - .9) < .004 && line[5] < .01, `the head of another block: ${line}`);
    });
}

/* ---- several runs ---- */

async function beside(t, browser) {
  const one = JSON.parse(fs.readFileSync(path.join(t.folder, 'attend.json'))), other = JSON.parse(JSON.stringify(one));
  other.inputs.find(i => i.role === 'model').name = 'another model';
  other.layers = other.layers.slice(0, 1).map(l => ({...l, recovered: .5, recovered_ci: [.45, .55], A1: 'fails'}));
  fs.writeFileSync(path.join(t.folder, 'other.json'), JSON.stringify(other));
  t.explaint('report', 'attend.json', 'other.json', '--output', 'beside.html');
  t.explaint('report', 'attend.json', 'other.json', '--figures', 'figures');
  t.check(['attention-rows.svg', 'attention-maps.svg'].every(f => fs.existsSync(path.join(t.folder, 'figures', f))), 'figures of several runs are files');
  await t.open(browser, path.join(t.folder, 'beside.html'), 'wide', async page => {
    await t.layout(page, 'attention beside attention');
    await t.axe(page, 'attention beside attention');
    const rows = await t.table(page, 'attention-table');
    const share = one.layers.map(l => l.recovered), held = one.layers.filter(l => l.A1 === 'holds').length;
    t.check(rows.length === 2 && rows[0][3] === `${held} of ${one.layers.length}` && rows[0][4] === Math.min(...share).toFixed(3) && rows[0][5] === Math.max(...share).toFixed(3), `the first run: ${rows[0]}`);
    t.check(rows[1][1] === 'another model' && rows[1][3] === '0 of 1' && rows[1][4] === '0.500', `the other: ${rows[1]}`);
    const marks = await page.locator('#attention-rows .wide .s1').count(), names = await page.locator('#attention-rows .wide text').allTextContents();
    t.check(marks > 0 && names.includes('A, model') && names.includes('B, another model'), `both are drawn: ${names}`);
  });
}

/* ---- all ---- */

const tools = {choose, press, numpy, sectionOf};
async function run(t, browser) {
  const stored = attend(t), document = JSON.parse(fs.readFileSync(path.join(t.folder, 'attend.json')));
  for (const view of ['wide', 'dark', 'narrow', 'without scripts'])
    await t.open(browser, path.join(t.folder, 'maps.html'), view, async page => {
      if (view === 'without scripts') return t.check(await page.locator('section.maps svg.drawing').count() === 4, 'maps and their graph, wide and narrow, are drawn without scripts');
      await page.waitForSelector('section.maps[data-drawn]');
      await t.layout(page, 'maps, ' + view);
      await t.axe(page, 'maps, ' + view);
      t.check(await page.evaluate(() => window.pwned === undefined && document.images.length === 0 && !document.documentElement.outerHTML.includes('\u202e')), 'pieces and words stay text');
      if (view !== 'wide') return;
      t.check(await sectionOf(page).locator('.static:visible').count() === 0, 'still pictures give way');
      await entries(t, page, stored);
      await words(t, page);
      if (python) await flow.maps(t, page, tools);
      await flow.graph(t, page, tools, python !== undefined);
      await around(t, page);
      await files(t, page);
      t.check(await sectionOf(page).locator('.share').textContent() === `In layer 2, ${(100 * document.layers[1].recovered).toFixed(1)} % of rows still stand for their tokens: a linear map gives the token back.`, 'what rows stand for is said above the map');
      await t.axe(page, 'maps, lines');
      await t.keyboard(page);
      await page.emulateMedia({media: 'print'});
      await page.setViewportSize({width: 700, height: 1000});
      await t.layout(page, 'maps, print');
    });
  await long(t, browser);
  await beside(t, browser);
}

module.exports = {run};

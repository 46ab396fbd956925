/* Flow on the page: maps beside the intact one, and the contribution graph. Every entry and every line beside NumPy. Part of maps.js, which gives its tools. */
'use strict';

const KINDS = {alti: 'ALTI', value_zeroing: 'value zeroing', attribution: 'hidden token attribution', alti_product: 'ALTI over layers', rollout: 'rollout', flow_normalised: 'maximum flow'};
const kindOf = async (page, label) => page.locator('section.maps select[name=damage] option', {hasText: new RegExp(`^${label}$`)}).getAttribute('value');
const rowsOf = bytes => bytes.toString().replace('\ufeff', '').trim().split('\r\n').slice(1).map(line => line.split(','));

/* Each kind, in pieces and in words, with and without special tokens. */
async function maps(t, page, {choose, press, numpy, sectionOf}) {
  let turn = 0;
  for (const [kind, label] of Object.entries(KINDS)) {
    const special = turn % 2 === 0, unit = turn % 3 === 0 ? 'words' : 'pieces', layer = turn++ % 2;
    await choose(page, {text: 1, layer, head: 'mean', damage: await kindOf(page, label), unit, special});
    const expected = numpy(t, 1, kind, layer, 'mean', unit, special ? 1 : 0), n = expected.labels.length, rows = rowsOf((await press(t, page, 'CSV')).bytes);
    const off = rows.map((row, at) => Math.abs(row[5] - expected.values[Math.floor(at / n)][at % n]));
    t.check(rows.length === n * n && Math.max(...off) < (unit === 'words' ? .02 : .01), `${label}, ${unit}, special ${special}: off by ${Math.max(...off)}`);
    const title = await sectionOf(page).locator('.map-title').nth(1).textContent();
    t.check(title.startsWith(label), `the map beside it says what it is: ${title}`);
    t.check((await sectionOf(page).locator('.map-note').textContent()).startsWith(`By ${label}, of all heads together`), 'and what it means');
  }
  const canvas = sectionOf(page).locator('.pair canvas').first();
  await canvas.press('ArrowDown');
  t.check(/intact, \d\.\d{3} by maximum flow/.test(await sectionOf(page).locator('.readout').first().textContent()), 'an entry of flow is read');
}

/* Lines of all layers, from a threshold on; what a row takes; words, and rows without special tokens. */
async function graph(t, page, {choose, press, numpy, sectionOf}, with_numpy) {
  const section = sectionOf(page), canvas = section.locator('canvas.graph'), slider = section.locator('input[name=least]'), readout = section.locator('.contributions .readout');
  for (const [by, unit, special] of [['alti', 'pieces', true], ['value_zeroing', 'words', false]]) {
    await choose(page, {text: 1, layer: 0, damage: await kindOf(page, 'rollout'), unit, special});
    await section.locator('select[name=by]').selectOption({label: KINDS[by]});
    await slider.focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 14; i++) await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('section.maps').dataset.graph.split(' ')[2] === '0.15');
    const rows = rowsOf((await press(t, page, 'CSV', '.contributions .tools')).bytes), [, , , count, m] = (await section.evaluate(s => s.dataset.graph)).split(' ').map(Number);
    t.check(rows.length === count && count > 0, `${count} lines, saved are ${rows.length}`);
    t.check((await section.locator('.graph-note').textContent()).includes(`From 0.15 on there are ${count} of `), 'and it is said how many');
    t.check(/at least 0.15/.test(await slider.getAttribute('aria-valuetext')), 'the threshold is said');
    if (!with_numpy) continue;
    const layers = [0, 1].map(layer => numpy(t, 1, by, layer, 'mean', unit, special ? 1 : 0)), SLACK = unit === 'words' ? .02 : .01;
    t.check(m === layers[0].labels.length, `${m} rows, ${layers[0].labels.length} of NumPy`);
    const wrong = rows.filter(([l, to, , from, label, share]) => Math.abs(share - layers[l - 1].values[to - 1][from - 1]) > SLACK || share < .15 || label !== layers[0].labels[from - 1]);
    t.check(wrong.length === 0, `${by}: lines that NumPy does not have: ${wrong.slice(0, 3)}`);
    const must = layers.flatMap(({values}, l) => values.flatMap((row, i) => row.map((share, j) => [l + 1, i + 1, j + 1, share]))).filter(([, , , share]) => share > .15 + SLACK);
    const missing = must.filter(([l, i, j]) => !rows.some(([layer, to, , from]) => +layer === l && +to === i && +from === j));
    t.check(missing.length === 0, `${by}: lines that are missing: ${missing.slice(0, 3)}`);
    await canvas.focus();
    await page.keyboard.press('Escape');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowLeft']) await page.keyboard.press(key); /* the first one begins at the first row of the last layer */
    const said = await readout.textContent(), strongest = layers[0].values[1].map((share, j) => [share, j]).sort((a, b) => b[0] - a[0])[0];
    const found = said.match(/^(.*) \(2\) in layer 1 takes (\d\.\d{3}) from .* \((\d+)\)/);
    t.check(found && found[1] === layers[0].labels[1] && said.includes(`from ${layers[0].labels[strongest[1]]} (${strongest[1] + 1})`) && Math.abs(found[2] - Math.max(...layers[0].values[1])) < SLACK, `${said}, strongest ${strongest}`);
  }
  for (const key of ['Escape', 'ArrowDown', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft']) await canvas.press(key);
  t.check(/in the embedding layer: marked is all/.test(await readout.textContent()), 'a row of the embedding layer is read');
  const picture = () => canvas.evaluate(c => c.toDataURL()), frames = () => page.evaluate(() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))), before = (await frames(), await picture());
  await canvas.press('Escape');
  await frames();
  t.check(await readout.textContent() === '' && before !== await picture(), 'Escape lets go');
  const svg = (await press(t, page, 'SVG', '.contributions .tools')), text = svg.bytes.toString(), png = await press(t, page, 'PNG', '.contributions .tools');
  t.check(svg.name === 'maps-0-text2-graph.svg' && text.startsWith('<svg') && (text.match(/<line /g) || []).length === +(await section.evaluate(s => s.dataset.graph.split(' ')[3])) && !/NaN|undefined/.test(text), 'the graph saves as SVG, line by line');
  t.check(png.bytes.subarray(1, 4).toString() === 'PNG' && png.bytes.length > 5000, 'and as PNG');
  await choose(page, {special: true, unit: 'pieces'});
}

module.exports = {maps, graph};

/* A relation on the page: every number of all heads and of single heads beside the document, what holds in the grid, of a ledger and of a document, `relate --output`.
 * And the grids of `attend --by-head`. Part of check_page.js, which gives `t`. */
'use strict';
const fs = require('fs'), path = require('path');

/* A small model that ships with the tests, whose vocabulary spells these pairs. */
function relate(t) {
  const model = path.join(__dirname, '../golden/models/bert-gelu'), letters = [...'abcdefghij'];
  fs.mkdirSync(path.join(t.folder, 'relation'));
  for (const name of ['config.json', 'model.safetensors']) fs.copyFileSync(path.join(model, name), path.join(t.folder, 'relation', name));
  const size = JSON.parse(fs.readFileSync(path.join(model, 'config.json'))).vocab_size;
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'the', 'and', '.', 'word', 'kind', ...letters.map(l => '##' + l)];
  while (vocabulary.length < size) vocabulary.push('x' + vocabulary.length);
  fs.writeFileSync(path.join(t.folder, 'relation/vocab.txt'), vocabulary.join('\n') + '\n');
  const stem = i => letters[Math.floor(i / 10)] + letters[i % 10];
  fs.writeFileSync(path.join(t.folder, 'pairs.csv'), 'left,right\n' + Array.from({length: 36}, (_, i) => `word${stem(i)},kind${stem(i % 12)}\n`).join(''));
  fs.writeFileSync(path.join(t.folder, 'frames.txt'), 'The {left} and the {right}.\n');
  t.explaint('relate', '--model', 'relation', '--pairs', 'pairs.csv', '--templates', 'frames.txt', '--permutations', '199', '--refits', '19', '--ledger', 'relation.db',
    '--output', 'relation.html', '--quiet');
  const document = JSON.parse(t.explaint('runs', 'export', 'relation.db', '1'));
  document.heads.push(...document.heads.map(h => ({...h, layer: h.layer + 2}))); /* more than the page shows at first */
  Object.assign(document.heads[3], {outcome: 'holds', p: 1e-5, p_adjusted: .0123, auc: .876}); /* of an untrained model none does */
  fs.writeFileSync(path.join(t.folder, 'relation.json'), JSON.stringify(document));
  t.explaint('report', 'relation.db', '--output', 'again.html');
  t.explaint('report', 'relation.json', 'relation.db', '--output', 'relation-beside.html');
  t.explaint('report', 'relation.json', '--output', 'relation-json.html');
  t.explaint('report', 'relation.json', '--figures', 'relation-figures');
  t.check(fs.readFileSync(path.join(t.folder, 'relation.html'), 'utf8') === fs.readFileSync(path.join(t.folder, 'again.html'), 'utf8'), 'relate --output makes the page that report makes of the ledger');
  t.check(['A-together.svg', 'A-heads.svg'].every(f => fs.existsSync(path.join(t.folder, 'relation-figures', f))), 'figures of a relation are files');
  return document;
}

const p = value => value === undefined || value === null ? '–' : value < 1e-4 ? '< 0.0001' : value.toFixed(4);

async function numbers(t, page, document) {
  const value = (set, measure, control) => (document.rows.find(r => r.layer === null && r.counterfactuals === set && r.measure === measure && r.control === control) || {}).value;
  const rows = await t.table(page, 'A-relation'), sets = [...new Set(document.rows.map(r => r.counterfactuals))], controls = ['all heads', 'form', 'permuted', 'untrained', 'damaged'];
  t.check(rows.length === sets.length * controls.length, `${rows.length} rows of conditions`);
  const assumptions = document.verdicts.flatMap(v => v.assumptions || []);
  rows.forEach((cells, i) => {
    const set = sets[Math.floor(i / controls.length)], name = controls[i % controls.length], control = name === 'all heads' ? null : name, judged = assumptions.find(a => a.counterfactuals === set && a.control === control);
    const expected = [set, name, t.shown(value(set, 'accuracy', control)), t.shown(value(set, 'auc', control)), control ? t.shown(value(set, 'gain', control), 3, true) : '–', p(control ? value(set, 'p', control) : null)];
    t.check(expected.every((text, k) => k < 2 ? cells[k] === text : t.near(cells[k], text)) && cells[6].endsWith(judged ? judged.outcome : '–'), `${cells}, expected ${expected}`);
  });
  const head = ({layer, head, outcome, direction, auc, accuracy, p: one, p_adjusted, decided_by}) => [`${layer}.${head}`, outcome, direction === 'left-to-right' ? 'left word' : 'right word', t.shown(auc), t.shown(accuracy), p(one), p(p_adjusted), decided_by];
  const same = (cells, h) => head(h).every((text, k) => k === 1 ? cells[k].endsWith(text) : k < 3 || k > 4 ? cells[k] === text : t.near(cells[k], text));
  await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  const all = await t.table(page, 'A-all-heads'), best = await t.table(page, 'A-best-heads');
  if (document.heads.length > 10) {
    t.check(all.length === document.heads.length, `${all.length} heads`);
    all.forEach((cells, i) => t.check(same(cells, document.heads[i]), `${cells}, expected ${head(document.heads[i])}`));
  }
  const order = [...document.heads].sort((a, b) => a.p_adjusted - b.p_adjusted || b.auc - a.auc);
  best.forEach((cells, i) => t.check(same(cells, order[i]), `best head ${i}: ${cells}, expected ${head(order[i])}`));
  t.check(best.length === Math.min(10, order.length), `${best.length} best heads`);
  const points = await page.evaluate(() => [...document.querySelectorAll('#A-together .wide text')].map(x => x.textContent));
  t.check(controls.every(name => points.includes(`${sets[0]}: ${name}`)) && points.includes(t.shown(value(sets[0], 'accuracy', null))), `all conditions are drawn: ${points}`);
  for (const v of document.verdicts)
    t.check(await page.evaluate(word => [...document.querySelectorAll('#run-A .verdict .word')].some(w => w.innerText.endsWith(word)), v.verdict), `a card says ${v.verdict}`);
  t.check((await page.locator('.answer').first().textContent()).trim() === document.answer, 'the answer');
}

/* The disc lies in the tile of the head that holds. */
async function grid(t, page, document) {
  const [discs, layers] = await page.evaluate(() => [[...document.querySelectorAll('#A-heads circle.marked')].map(c => [+c.getAttribute('cx'), +c.getAttribute('cy')]),
    [...document.querySelectorAll('#A-heads text.small')].map(x => [x.textContent, x.getBBox().x + x.getBBox().width / 2, x.getBBox().y + x.getBBox().height / 2, x.hasAttribute('transform'), x.getBoundingClientRect().x])]);
  const held = document.heads.filter(h => h.outcome === 'holds'), row = layers.find(([text, , , turned]) => !turned && text === String(held[0].layer));
  t.check(discs.length === held.length && Math.abs(discs[0][1] - row[2]) < 6, `${discs.length} discs of ${held.length}, at ${discs}`);
  const label = await page.locator('#A-heads svg').getAttribute('aria-label');
  t.check(/Which heads/.test(label), `the grid has a name: ${label}`);
}

async function byHead(t, browser) {
  const document = JSON.parse(t.explaint('attend', '--model', 'relation', '--text', 'the worda and the kindb', '--text', 'kinda and wordb', '--measures', 'attention', '--by-head', '--json'));
  fs.writeFileSync(path.join(t.folder, 'by-head.json'), JSON.stringify(document));
  t.explaint('report', 'by-head.json', '--output', 'by-head.html');
  await t.open(browser, path.join(t.folder, 'by-head.html'), 'narrow', async page => {
    await t.layout(page, 'heads of attend');
    await t.axe(page, 'heads of attend');
    const ends = await page.evaluate(() => [...document.querySelectorAll('#A-heads-attention-entropy text.small')].map(x => x.textContent));
    t.check(['1', '2', '3', '4', '5'].every(label => ends.includes(label)), `layers and heads have their numbers: ${ends}`);
    const most = Math.max(...document.rows.filter(r => r.measure === 'attention_entropy' && r.head !== null && r.text === null && r.rows === 'content').map(r => r.value));
    t.check(await page.locator('.small-multiples figure').count() === 5 && t.near(ends.at(-1), t.shown(most)), `grids of heads, up to ${most}: ${ends}`);
  });
}

async function run(t, browser) {
  const document = relate(t);
  for (const view of ['wide', 'dark', 'narrow', 'without scripts'])
    await t.open(browser, path.join(t.folder, 'relation-json.html'), view, async page => {
      if (view === 'without scripts') return t.check(await page.locator('svg.drawing').count() === 3, 'a relation is drawn without scripts');
      await t.layout(page, 'relation, ' + view);
      await t.axe(page, 'relation, ' + view);
      if (view !== 'wide') return;
      await numbers(t, page, document);
      await grid(t, page, document);
      await t.keyboard(page);
      await page.emulateMedia({media: 'print'});
      await page.setViewportSize({width: 700, height: 1000});
      await t.layout(page, 'relation, print');
    });
  await t.open(browser, path.join(t.folder, 'relation-beside.html'), 'wide', async page => {
    await t.axe(page, 'relation beside attention');
    t.check((await t.table(page, 'overview-relations')).length === 2 * document.verdicts.length, 'a line for each verdict of all runs');
  });
  fs.writeFileSync(path.join(t.folder, 'evil-relation.json'), JSON.stringify({...document, ...t.poison({rows: document.rows.filter(r => r.layer === null), verdicts: document.verdicts, heads: document.heads, inputs: document.inputs})}));
  t.explaint('report', 'evil-relation.json', '--output', 'evil-relation.html');
  await t.open(browser, path.join(t.folder, 'evil-relation.html'), 'narrow', async page => {
    await t.layout(page, 'a hostile relation');
    t.check(await page.evaluate(() => window.pwned === undefined && document.images.length === 0 && !/[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u001b]/.test(document.documentElement.outerHTML)), 'hostile texts of a relation stay texts');
  });
  await byHead(t, browser);
}

module.exports = {run};

#!/usr/bin/env node
/* check_page.js PROGRAM [runs|maps|relate]: the page in a browser, or a part of it. Every number on it is one of the document, rounded; nothing is asked of the network, nothing is said on the
 * console; axe finds nothing; every control is reached by the keyboard and does what it says; nothing is cut or overlaps its box, wide, narrow, dark and
 * printed; texts of a document that would be markup do nothing. */
'use strict';
const {execFileSync} = require('child_process'), fs = require('fs'), os = require('os'), path = require('path');

const skip = why => {
  console.log('skipped: ' + why);
  process.exit(process.env.EXPLAINT_NO_SKIP ? 1 : 77);
};
const BROWSER = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find(fs.existsSync);
const modules = process.env.EXPLAINT_NODE_MODULES || path.join(__dirname, '../../build/web/node_modules');
if (!BROWSER) skip('there is no Chromium');
if (!fs.existsSync(path.join(modules, 'playwright-core'))) skip('no ' + modules + ' (scripts/get-browser makes it)');
const {chromium} = require(path.join(modules, 'playwright-core'));
const AXE = fs.readFileSync(path.join(modules, 'axe-core/axe.min.js'), 'utf8');

const PROGRAM = path.resolve(process.argv[2]);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'explaint-page-'));
const explaint = (...words) => execFileSync(PROGRAM, words, {cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28});
const read = name => fs.readFileSync(path.join(folder, name), 'utf8');
let failures = 0, checks = 0;
const check = (good, what) => {
  checks++;
  if (good) return;
  failures++;
  console.log('FAILS: ' + what);
};

/* ---- what numbers look like ---- */

const shown = (x, digits = 3, sign = false) => {
  if (x === undefined || x === null) return '–';
  const text = Math.abs(x).toFixed(digits);
  return (x < 0 && /[1-9]/.test(text) ? '−' : sign ? '+' : '') + text;
};
const withInterval = (x, ci, sign = false) => shown(x, 3, sign) + (ci && x !== undefined ? ` [${shown(ci[0], 3, sign)}, ${shown(ci[1], 3, sign)}]` : '');
/* A tie of the last digit may be rounded either way. */
const near = (text, expected) => text === expected || (text.replace(/[\d.]+/g, '') === expected.replace(/[\d.]+/g, '') &&
  text.match(/[\d.]+/g).every((n, i) => Math.abs(n - expected.match(/[\d.]+/g)[i]) < 1.1e-3));

async function table(page, id) {
  return page.evaluate(name => {
    const t = document.getElementById(name);
    return t && [...t.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText.replace(/\s+/g, ' ').trim()));
  }, id);
}

async function numbers(page, label, document) {
  const settings = document.settings, heads = await page.evaluate(id => [...document.getElementById(id).tHead.rows[0].cells].map(c => c.innerText), `${label}-scores`);
  const metrics = [...new Set(document.rows.map(r => r.metric))].filter(m => m !== 'description_length');
  check(heads.length === metrics.length + 1, `a column for each metric: ${heads}`);
  const count = settings.verdict_components;
  for (const cells of await table(page, `${label}-scores`)) {
    const [condition, target] = cells[0].startsWith('mean on ') ? ['mean', cells[0].slice(8)] : [cells[0], null];
    const rows = document.rows.filter(r => r.condition === condition && r.fold === null && (r.n_components === null || r.n_components === count) && (target === null || r.target === target));
    check(rows.length > 0, `rows of ${condition}`);
    const found = rows.some(first => metrics.every((m, k) => {
      const row = rows.find(r => r.metric === m && r.target === first.target);
      return near(cells[1 + k], row ? withInterval(row.value, row.ci) : '–');
    }));
    check(found, `${label}, ${cells[0]}: ${cells.slice(1)}`);
  }
  for (const [claim, name] of [['information', 'tests'], ['mapping', 'comparisons']]) {
    const verdict = document.verdicts.find(v => v.claim === claim);
    const rows = await table(page, `${label}-${name}-table`);
    check(rows.length === verdict.assumptions.length, `a line for each assumption of ${claim}`);
    verdict.assumptions.forEach((a, i) => {
      const cells = rows[i];
      check(cells[0] === a.id && cells[1].endsWith(a.outcome), `${a.id} ${a.outcome}: ${cells}`);
      check(near(cells[2], shown(a.observed)) && near(cells[3], withInterval(a.gain, a.ci, true)), `${a.id}, observed and gain: ${cells}`);
      check(cells[8] === (a.n ? String(a.n) : '–') && cells[9] === (a.permutations ? String(a.permutations) : '–'), `${a.id}, n and B: ${cells}`);
    });
    const card = await page.evaluate(([id, word]) => [...document.querySelectorAll(`#run-${id} .verdict`)].some(v => v.innerText.includes(word)), [label, verdict.verdict]);
    check(card, `the verdict on ${claim}`);
  }
  /* values that the figure says under the pointer */
  const said = await page.evaluate(id => [...document.querySelectorAll(`#${id} .wide g > title`)].map(t => t.textContent), `${label}-conditions`);
  const system = document.rows.find(r => r.condition === 'system' && r.metric === settings.verdict_metric && (r.n_components === count || r.n_components === null) && r.fold === null);
  check(said.some(t => near(t, 'vectors → norms: ' + withInterval(system.value, system.ci))), `the figure says system: ${said[0]}`);
}

/* ---- concepts ---- */

/* Lines of CSV as objects. */
function csv(text) {
  const lines = text.trim().split('\r\n').map(line => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(m => m[1] !== undefined ? m[1].replaceAll('""', '"') : m[2]));
  return lines.slice(1).map(cells => Object.fromEntries(cells.map((cell, i) => [lines[0][i], cell])));
}

/* What the page shows of single concepts is what `runs export` lists. */
async function concepts(page, label, run) {
  const features = csv(explaint('runs', 'export', 'r.db', run, '--concepts')), neighbours = csv(explaint('runs', 'export', 'r.db', run, '--neighbours'));
  const section = page.locator(`#concepts-${label}`), box = section.locator('input[type=search]');
  await page.waitForSelector(`#concepts-${label}[data-shown]`);
  const names = [...new Set(features.map(f => f.concept))], boxes = section.locator('fieldset input');
  const show = async name => {
    await box.fill(name);
    await page.waitForFunction(([id, wanted]) => document.getElementById(id).dataset.shown === wanted, [`concepts-${label}`, name]);
  };
  for (let i = 0; i < await boxes.count(); i++) if (!await boxes.nth(i).isChecked()) {
    await boxes.nth(i).focus();
    await page.keyboard.press('Space');
  }
  for (const name of [names[0], names[Math.floor(names.length / 2)], names[names.length - 1]]) {
    await show(name);
    const rows = Object.fromEntries((await table(page, `concepts-${label}-features`)).map(cells => [cells[0], cells])), mine = features.filter(f => f.concept === name);
    const keys = [...new Set(mine.map(f => f.condition + ' on ' + f.target))].filter(key => !/^mean on (?!norms)/.test(key));
    check(rows.hits.length === keys.length + 2, `a column for each of ${keys}: ${rows.hits}`);
    const held = (await page.evaluate(id => document.getElementById(id).tHead.innerText, `concepts-${label}-features`)).match(/norms \((\d+) features\)/)[1];
    keys.forEach((key, k) => {
      const top = mine.filter(f => f.condition + ' on ' + f.target === key), hits = top.filter(f => f.hit === '1').length;
      check(rows.hits[2 + k] === `${hits} of ${top.length}`, `${name}, ${key}: ${rows.hits[2 + k]}, stored ${hits}`);
      top.forEach(f => check(near_value(rows[f.rank][2 + k], (f.hit === '1' ? '✓ ' : '') + f.feature, f.score), `${name}, ${key}, rank ${f.rank}: ${rows[f.rank][2 + k]}, stored ${f.feature} ${f.score}`));
      if (!key.endsWith(' on norms')) return;
      const missed = rows.missed[2 + k] === 'none' ? 0 : rows.missed[2 + k].split(', ').length;
      check(missed === held - hits, `${name}, ${key}: ${missed} of ${held} missed, ${hits} hit`);
      check(near(rows['F1@10'][2 + k], shown(2 * hits / (10 + +held))), `${name}, ${key}: F1@10 ${rows['F1@10'][2 + k]}`);
    });
    for (const condition of ['system', 'random-embedding']) {
      const text = await section.locator('select option').allTextContents(), at = keys.findIndex(key => key.startsWith(condition + ' on'));
      const wanted = (await page.evaluate(id => [...document.getElementById(id).tHead.rows[0].cells].map(c => c.textContent), `concepts-${label}-features`))[2 + at];
      check(text.includes(wanted), `neighbours under ${wanted}: ${text}`);
      await section.locator('select').selectOption({label: wanted});
      await page.waitForTimeout(60);
      const lines = await table(page, `concepts-${label}-near`);
      ['input', 'gold', 'prediction'].forEach((space, c) => {
        for (const n of neighbours.filter(x => x.concept === name && x.condition === condition && x.space === space))
          check(near_value(lines[n.rank - 1][1 + c].replace('✓ ', ''), n.neighbour, n.cosine), `${name}, ${condition}, ${space} ${n.rank}: ${lines[n.rank - 1][1 + c]}, stored ${n.neighbour} ${n.cosine}`);
      });
    }
  }
  await box.fill(names[0].slice(0, 2));
  check(/^\d+ of \d+ concepts: Enter/.test(await section.locator('output').textContent()), 'how many were found is said');
  const before = await section.getAttribute('data-shown');
  await box.press('Enter');
  await page.waitForFunction(([id, old]) => document.getElementById(id).dataset.shown !== old, [`concepts-${label}`, before]);
  await box.fill('no such word');
  check((await section.locator('output').textContent()).startsWith('None of'), 'that nothing was found is said');
}

const near_value = (text, name, value) => {
  const at = text.lastIndexOf(' ');
  return text.slice(0, at) === name.replace(/\s+/g, ' ') && near(text.slice(at + 1), shown(+value));
};

/* Both figures of single concepts: means of bins, from hits as they are exported and the page's gold, whose counts `concepts` compared. */
async function means(page, label, run) {
  const stored = csv(explaint('runs', 'export', 'r.db', run, '--concepts')).filter(f => f.condition === 'system');
  const {gold, n, names} = await page.evaluate(async id => {
    const facts = JSON.parse(document.getElementById(id + '-facts').textContent), bytes = await inflate(id + '-gold'), count = bytes.length / 4;
    const gold = Array.from({length: count}, (_, i) => bytes[i] | bytes[count + i] << 8 | bytes[2 * count + i] << 16 | bytes[3 * count + i] << 24);
    return {gold, n: facts.concepts, names: new TextDecoder().decode(await inflate(id + '-names')).split('\n')};
  }, `concepts-${label}`);
  const hits = {}, frequency = {}, found = {};
  for (const f of stored) if (f.hit === '1') {
    hits[f.concept] = (hits[f.concept] || 0) + 1;
    found[f.feature] = (found[f.feature] || 0) + 1;
  }
  for (let i = 0, at = 4 * n; i < n; i++) for (let k = 0; k < gold[3 * n + i]; k++, at += 2) frequency[names[n + gold[at]]] = (frequency[names[n + gold[at]]] || 0) + 1;
  const mean = list => list.reduce((a, b) => a + b, 0) / list.length;
  const compare = async (figure, items, bin) => {
    const bins = {};
    items.sort((a, b) => a.count - b.count).forEach(item => (bins[bin(item)] ||= []).push(item));
    const said = (await page.evaluate(id => [...document.querySelectorAll(`#${id} .wide g > title`)].map(t => t.textContent), `${label}-${figure}`)).filter(t => t.startsWith('vectors → norms at '));
    const expected = Object.values(bins).map(list => [mean(list.map(i => i.count)), mean(list.map(i => i.value))]);
    check(said.length === expected.length && said.length > 4, `${figure}: ${said.length} means of ${expected.length}`);
    expected.forEach(([x, y], k) => {
      const [, at, value] = said[k].match(/at ([\d.]+): ([\d.]+)/);
      check(Math.abs(at - x) < .051 && near(value, shown(y)), `${figure}: ${said[k]}, expected ${y} at ${x}`);
    });
  };
  const counts = Array.from({length: n}, (_, i) => gold[2 * n + i]);
  await compare('richness', counts.map((count, i) => ({count, value: 2 * (hits[names[i]] || 0) / (10 + count)})), ({count}) => 100 + Math.floor(10 * counts.filter(c => c < count).length / n));
  await compare('frequency', Object.entries(frequency).map(([name, count]) => ({count, value: (found[name] || 0) / count})), ({count}) => 100 + Math.floor(Math.log2(count)));
}

/* ---- a comparison ---- */

async function compared(page, c) {
  const scores = await table(page, 'comparison-0-scores'), verdicts = await table(page, 'comparison-0-verdicts'), changes = await table(page, 'comparison-0-changes');
  check((await page.locator('.answer').textContent()).trim() === c.answer, 'the answer of the comparison');
  check(changes.length === c.changes.length, `${changes.length} changes of ${c.changes.length}`);
  check(scores.length === c.rows.length, `${scores.length} rows of ${c.rows.length}`);
  c.rows.forEach((row, i) => {
    const expected = [shown(row.a), shown(row.b), withInterval(row.difference, row.ci, true)];
    check(scores[i][0] === row.condition && expected.every((text, k) => near(scores[i][4 + k], text)) && scores[i][9] === (row.n ? String(row.n) : '–'), `row ${i}: ${scores[i]}, expected ${row.condition}, ${expected}`);
  });
  const lines = c.verdicts.flatMap(v => [[v.claim, v.a, v.b], ...v.assumptions.map(a => [a.id, a.a, a.b])]);
  check(verdicts.length === lines.length, `${verdicts.length} lines of verdicts, expected ${lines.length}`);
  lines.forEach(([name, a, b], i) => check((verdicts[i][2].startsWith('verdict') ? verdicts[i][0] : verdicts[i][2].replace(': changed', '')) === name &&
    verdicts[i][3].endsWith(a || 'none') && verdicts[i][4].endsWith(b || 'none'), `${verdicts[i]}, expected ${name}, ${a}, ${b}`));
}

/* ---- the page ---- */

const VIEWS = {
  wide: {viewport: {width: 1280, height: 900}},
  dark: {viewport: {width: 1280, height: 900}, colorScheme: 'dark'},
  narrow: {viewport: {width: 360, height: 760}},
  'without scripts': {viewport: {width: 1280, height: 900}, javaScriptEnabled: false},
};

async function open(browser, file, view, run) {
  const context = await browser.newContext({...VIEWS[view], acceptDownloads: true});
  const page = await context.newPage(), said = [];
  let asked = 0;
  page.on('console', message => said.push(message.text()));
  page.on('pageerror', error => said.push(error.message));
  page.on('dialog', dialog => { said.push('a dialog'); dialog.dismiss(); });
  const url = 'file://' + file;
  await context.route('**/*', route => route.request().url() === url ? route.continue() : (asked++, route.abort()));
  await page.goto(url);
  await run(page, context);
  check(said.length === 0, `${view}: the console says ${said}`);
  check(asked === 0, `${view}: ${asked} requests`);
  await context.close();
}

async function layout(page, view) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(over <= 0, `${view}: the page is ${over} pixels too wide`);
  const outside = await page.evaluate(() => [...document.querySelectorAll('svg.drawing')].filter(s => s.getClientRects().length > 0).flatMap(s => {
    const box = s.viewBox.baseVal;
    return [...s.querySelectorAll('text,rect,circle,polygon,polyline,line')].filter(e => {
      const b = e.getBBox();
      return !e.closest('[transform]') && (b.x < -1 || b.y < -1 || b.x + b.width > box.width + 1 || b.y + b.height > box.height + 1);
    }).map(e => e.outerHTML.slice(0, 150));
  }));
  check(outside.length === 0, `${view}: outside of the drawing: ${outside.slice(0, 3)}`);
  const overlaps = await page.evaluate(() => [...document.querySelectorAll('svg.drawing')].filter(s => s.getClientRects().length > 0).flatMap(s => {
    const texts = [...s.querySelectorAll('text')].filter(t => !t.closest('[transform]')).map(t => [t, t.getBBox()]), found = [];
    texts.forEach(([t, a], i) => texts.slice(i + 1).forEach(([u, b]) => {
      const w = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x), h = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
      if (w > 1 && h > 3) found.push(`'${t.textContent}' and '${u.textContent}'`);
    }));
    return found;
  }));
  check(overlaps.length === 0, `${view}: texts overlap: ${overlaps.slice(0, 3)}`);
}

async function axe(page, view) {
  await page.evaluate(AXE);
  const {violations} = await page.evaluate(() => axe.run());
  for (const v of violations) check(false, `${view}: axe ${v.id}: ${v.nodes[0].html.slice(0, 160)}`);
  check(true, 'axe');
}

async function keyboard(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  const controls = await page.evaluate(() => [...document.querySelectorAll('a[href],button,summary,[tabindex="0"],input,select')].filter(e => e.getClientRects().length > 0).length);
  const reached = new Set();
  await page.evaluate(() => document.querySelectorAll('*').forEach((e, i) => { e.dataset.n = i; }));
  for (let i = 0; i < controls + 5; i++) {
    await page.keyboard.press('Tab');
    const [n, outline, tag] = await page.evaluate(() => [document.activeElement.dataset.n, getComputedStyle(document.activeElement).outlineStyle, document.activeElement.outerHTML.slice(0, 90)]);
    if (reached.has(n)) break;
    reached.add(n);
    if (!tag.startsWith('<body')) check(outline !== 'none', `what has the focus shows it: ${tag}`);
  }
  check(reached.size >= controls, `the keyboard reaches ${reached.size} of ${controls} controls`);
}

async function saves(page, label) {
  const press = async (selector, name) => {
    const waiting = page.waitForEvent('download');
    await page.locator(selector).first().press('Enter');
    const file = path.join(folder, name);
    await (await waiting).saveAs(file);
    return fs.readFileSync(file);
  };
  const svg = (await press(`#${label}-conditions button >> text=SVG`, 'figure.svg')).toString();
  check(svg.startsWith('<svg') && svg.includes('<style') && svg.includes('vectors → norms'), 'a figure saves as SVG');
  const png = await press(`#${label}-conditions button >> text=PNG`, 'figure.png');
  check(png.subarray(1, 4).toString() === 'PNG' && png.length > 10000, 'and as PNG');
  const csv = (await press(`.table:has(#${label}-tests-table) + .tools button`, 'table.csv')).toString();
  check(csv.startsWith('\ufefftest,outcome') && csv.split('\r\n').length === (await table(page, `${label}-tests-table`)).length + 2, 'a table saves as CSV');
}

/* ---- hostile documents ---- */

const EVIL = ['</script><script>window.pwned=1</script>', '"><img src=x onerror=window.pwned=1>', '\u202Eevil\u2066', 'W'.repeat(10000), '<svg onload=window.pwned=1>', '\x1b[2J\x07', '{{7*7}}', '-->', ']]>'];
function poison(value, i = {n: 0}) {
  if (typeof value === 'string') return EVIL[i.n++ % EVIL.length] + value;
  if (Array.isArray(value)) return value.map(v => poison(v, i));
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, ['mapping', 'metric', 'verdict_metric', 'target', 'condition', 'claim', 'level', 'statistic', 'id', 'outcome', 'explaint'].includes(k) && i.n % 2 ? v : poison(v, i)]));
  return value;
}

/* Norms of such concepts and features, with missing values, in a ledger. */
function hostileNorms() {
  const word = i => ['</script><svg/onload=window.pwned=1>', '<img/src=x/onerror=window.pwned=1>', '\u202Eevil\u2066', 'W'.repeat(400)][i] || 'word' + i;
  const feature = j => EVIL[j] && !/[\x00-\x1f]/.test(EVIL[j]) ? EVIL[j] : 'feature ' + j, quoted = text => '"' + text.replaceAll('"', '""') + '"';
  const lines = ['concept,feature,value'], vectors = [];
  for (let i = 0; i < 40; i++) {
    for (let j = 0; j < 30; j++) if ((i * 7 + j * 5) % 11 < 4) lines.push([quoted(word(i)), quoted(feature(j)), 1e7 + i + j].join(','));
    vectors.push([word(i), ...Array.from({length: 5}, (_, k) => Math.sin(i * (k + 1)).toFixed(4))].join(' '));
  }
  fs.writeFileSync(path.join(folder, 'hostile.csv'), lines.join('\n') + '\n');
  fs.writeFileSync(path.join(folder, 'hostile.txt'), vectors.join('\n') + '\n');
  explaint('infer', '--norms', 'hostile.csv', '--embeddings', 'hostile.txt', '--permutations', '0', '--bootstrap', '100', '--components', '2', '--folds', '5', '--ledger', 'hostile.db', '--quiet');
  explaint('report', 'hostile.db', '--output', 'hostile.html');
}

async function runs(browser) {
  explaint('infer', '--permutations', '49', '--refits', '0', '--components', '5,25', '--bootstrap', '200', '--ledger', 'r.db', '--output', 'own.html', '--quiet');
  explaint('infer', '--permutations', '49', '--refits', '0', '--mapping', 'knn', '--bootstrap', '200', '--ledger', 'r.db', '--quiet');
  const documents = ['1', '2'].map(run => JSON.parse(explaint('runs', 'export', 'r.db', run)));
  explaint('report', 'r.db', '--run', '1', '--output', 'one.html');
  check(read('own.html') === read('one.html'), 'infer --output makes the page that report makes of the ledger');
  explaint('compare', 'r.db:1', 'r.db:2', '--output', 'compared.html', '--quiet');
  const comparison = JSON.parse(explaint('compare', 'r.db:1', 'r.db:2', '--json'));
  explaint('report', 'r.db', '--output', 'two.html');
  for (const view of Object.keys(VIEWS))
    await open(browser, path.join(folder, 'one.html'), view, async page => {
      if (view === 'without scripts') return check(await page.locator('svg.drawing').count() > 8 && await page.locator('button').count() === 0, 'the page is whole without scripts');
      await layout(page, view);
      await axe(page, view);
      if (view !== 'wide') return;
      await numbers(page, 'A', documents[0]);
      check(await page.locator('#A-null-E1 .bar').count() > 3, 'what permutations gave is drawn');
      await concepts(page, 'A', '1');
      await means(page, 'A', '1');
      await saves(page, 'A');
      await keyboard(page);
      await page.emulateMedia({media: 'print'});
      await page.setViewportSize({width: 700, height: 1000}); /* A4 less its margins */
      await layout(page, 'print');
      const cut = await page.evaluate(() => [...document.querySelectorAll('.table')].filter(t => t.firstChild.getBoundingClientRect().right > 702).map(t => t.firstChild.id));
      check(cut.length === 0, `print cuts ${cut}`);
    });
  for (const view of ['wide', 'dark', 'narrow'])
    await open(browser, path.join(folder, 'compared.html'), view, async page => {
      await layout(page, 'comparison, ' + view);
      await axe(page, 'comparison, ' + view);
      if (view === 'wide') await compared(page, comparison);
    });
  await open(browser, path.join(folder, 'two.html'), 'wide', async page => {
    await layout(page, 'two runs');
    await axe(page, 'two runs');
    await numbers(page, 'A', documents[0]);
    await numbers(page, 'B', documents[1]);
    check((await table(page, 'overview-table')).length === 2, 'a line for each run');
  });
  fs.writeFileSync(path.join(folder, 'evil.json'), JSON.stringify({...poison(documents[0]), command: documents[0].command.concat(EVIL)}));
  explaint('report', 'evil.json', '--output', 'evil.html');
  hostileNorms();
  for (const name of ['evil', 'hostile']) for (const view of ['wide', 'narrow'])
    await open(browser, path.join(folder, name + '.html'), view, async page => {
      check(await page.evaluate(() => document.body.innerText.includes('is not in this page')) === (name === 'evil'), 'what a document does not keep is said');
      if (name === 'hostile') {
        await page.waitForSelector('.concepts[data-shown]');
        await page.locator('.concepts input[type=search]').fill('<');
        await page.waitForSelector('.concepts[data-shown^="<"]');
      }
      check(await page.evaluate(() => window.pwned === undefined && [...document.scripts].filter(s => !s.type).length === 1 && document.images.length === 0), 'hostile texts stay texts');
      check(await page.evaluate(() => !/[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u001b]/.test(document.documentElement.outerHTML)), 'nothing turns the direction of writing');
      await layout(page, `${name}, ${view}`);
    });
}

(async () => {
  const browser = await chromium.launch({executablePath: BROWSER, args: ['--no-sandbox']});
  const only = process.argv[3], tools = {check, explaint, folder, open, layout, axe, keyboard, table, shown, near, poison};
  if (!only || only === 'runs') await runs(browser);
  for (const part of ['maps', 'relate']) if (!only || only === part) await require(`./${part}.js`).run(tools, browser);
  await browser.close();
  fs.rmSync(folder, {recursive: true});
  console.log(`${checks} checks, ${failures} failures`);
  process.exit(failures ? 1 : 0);
})().catch(error => {
  console.log(error);
  process.exit(1);
});

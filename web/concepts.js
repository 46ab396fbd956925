/* Search a concept: what it has, what each condition predicted of it, hits and misses side by side, and its neighbours among what goes in, norms and
 * predictions. A block of numbers is inflated when it is looked at; page_concepts.c says what stands in each. */
(() => {
  const TOP = 10, NONE = -(2 ** 31), PICKS = 8, AT_FIRST = ['system', 'mean', 'upper'];

  async function viewer(section) {
    const facts = JSON.parse(document.getElementById(section.id + '-facts').textContent), n = facts.concepts;
    const bytesOf = name => inflate(`${section.id}-${name}`);
    const numbersOf = async name => {
      const bytes = await bytesOf(name), count = bytes.length / 4, number = new Int32Array(count);
      for (let i = 0; i < count; i++) number[i] = bytes[i] | bytes[count + i] << 8 | bytes[2 * count + i] << 16 | bytes[3 * count + i] << 24;
      return number;
    };
    const number = (value, decimals) => value === NONE ? NaN : value / 10 ** decimals;
    const said = (x, digits = 3) => Number.isNaN(x) ? '–' : (x < 0 && /[1-9]/.test(x.toFixed(digits)) ? '−' : '') + Math.abs(x).toFixed(digits);

    /* ---- what is stored ---- */

    const names = new TextDecoder().decode(await bytesOf('names')).split('\n');
    const concept = names.slice(0, n), feature = names.slice(n, n + facts.features), folded = concept.map(name => name.toLowerCase());
    const gold = await numbersOf('gold'), start = new Int32Array(n + 1);
    start[0] = 4 * n;
    for (let i = 0; i < n; i++) start[i + 1] = start[i] + 2 * gold[3 * n + i];
    const goldOf = i => Array.from({length: gold[3 * n + i]}, (_, k) => ({feature: gold[start[i] + 2 * k], value: number(gold[start[i] + 2 * k + 1], facts.decimals)}));
    /* Of dense norms every concept has every feature: a hit is one of the ten strongest. */
    const wantedOf = i => new Set((facts.dense ? goldOf(i).slice(0, TOP) : goldOf(i)).map(g => g.feature));
    const blocks = new Map();
    const block = k => {
      if (!blocks.has(k)) blocks.set(k, numbersOf(k));
      return blocks.get(k);
    };
    const scoreOf = (b, k, i) => number(b[i], facts.conditions[k].decimals);
    const strongestOf = (b, k, i) => Array.from({length: TOP}, (_, r) => {
      const at = n + i * TOP + r;
      return b[at] === 0 ? null : {feature: (b[at] >> 1) - 1, hit: (b[at] & 1) === 1, value: number(b[at + n * TOP], facts.conditions[k].decimals)};
    }).filter(f => f);
    const nearestOf = async (k, space, i) => {
      const owner = facts.conditions[k].spaces.includes(space) ? k : facts.conditions[k].shared.includes(space) ? 0 : null;
      if (owner === null) return null;
      const b = await block(owner), at = n * (1 + 2 * TOP + 2 * TOP * facts.conditions[owner].spaces.indexOf(space)) + i * TOP;
      return Array.from({length: TOP}, (_, r) => ({concept: b[at + r] - 1, cosine: number(b[at + n * TOP + r], 3)})).filter(x => x.concept >= 0);
    };

    /* ---- controls ---- */

    let shown = 0;
    const again = () => show(shown).catch(error => console.error(error));
    const input = make('input', {type: 'search', autocomplete: 'off', spellcheck: false, oninput: () => search(true), onkeydown: event => {
      if (event.key === 'Enter' && found.length > 1) choose(found[(found.indexOf(shown) + 1) % found.length]);
    }});
    const chosen = facts.conditions.map(({name}) => make('input', {type: 'checkbox', checked: AT_FIRST.includes(name), onchange: again}));
    const of = make('select', {onchange: again}, ...facts.conditions.map((c, k) => [c, k]).filter(([c]) => c.spaces.length + c.shared.length > 0)
      .map(([c, k]) => make('option', {value: k, textContent: c.label})));
    const message = make('output', {className: 'readout'}), picks = make('p', {className: 'picks'}), about = make('p', {className: 'about'});
    const table = (name, caption) => {
      const t = make('table', {id: `${section.id}-${name}`}, make('caption', {textContent: caption}), make('thead'), make('tbody'));
      const box = make('div', {className: 'table', tabIndex: 0}, t);
      box.setAttribute('role', 'group');
      return [t, box];
    };
    const [features, featureBox] = table('features', 'The ten strongest features under each condition'), [near, nearBox] = table('near', 'The ten nearest concepts');
    section.querySelector('.without-script').hidden = true;
    section.append(
      make('div', {className: 'controls'}, make('label', {}, 'Concept ', input)), message, picks, about,
      make('fieldset', {className: 'controls'}, make('legend', {textContent: 'Conditions'}), ...facts.conditions.map((c, k) => make('label', {}, chosen[k], ' ' + c.label))),
      featureBox, tableTools(features));
    if (of.options.length > 0) section.append(make('div', {className: 'controls'}, make('label', {}, 'Neighbours under ', of)), nearBox, tableTools(near));

    /* ---- searching ---- */

    let found = [];
    const pick = i => make('button', {type: 'button', textContent: concept[i], onclick: () => choose(i)});
    /* Those that begin with what was typed go before those that hold it. */
    const matches = typed => {
      const at = folded.map(name => name.indexOf(typed)), all = [...at.keys()].filter(i => at[i] >= 0);
      return all.sort((a, b) => (folded[a] !== typed) - (folded[b] !== typed) || (at[a] > 0) - (at[b] > 0) || a - b);
    };
    function search(jump) {
      const typed = input.value.trim().toLowerCase();
      found = typed ? matches(typed) : [];
      message.textContent = !typed ? '' : found.length === 0 ? `None of ${n} concepts has “${input.value.trim()}” in its name.` : `${found.length} of ${n} concepts` + (found.length > 1 ? ': Enter shows the next one.' : '.');
      if (found.length > 0 && jump) choose(found[0]);
      if (typed) picks.replaceChildren(...found.slice(0, PICKS).map(pick));
      else extremes();
    }
    const order = [];
    function extremes() {
      const count = Math.min(4, Math.floor(order.length / 2));
      picks.replaceChildren('Best: ', ...order.slice(0, count).map(pick), ' Worst: ', ...order.slice(order.length - count).reverse().map(pick));
    }
    const choose = i => {
      shown = i;
      return again();
    };

    /* ---- tables ---- */

    const cell = (text, value = '', hit = false) => make('td', {className: hit ? 'hit' : ''}, hit ? '✓ ' : '', text, ' ', make('span', {className: 'value', textContent: value}));
    const row = (name, cells) => make('tr', {}, make('th', {scope: 'row', textContent: name}), ...cells);
    const heads = (t, texts) => t.tHead.replaceChildren(make('tr', {}, ...texts.map(text => make('th', {scope: 'col', textContent: text}))));
    const listed = list => list.map(j => feature[j]).join(', ') || 'none';

    async function showFeatures(i) {
      const list = [...chosen.keys()].filter(k => chosen[k].checked), all = await Promise.all(list.map(block));
      const had = goldOf(i), wanted = wantedOf(i), digits = had.every(g => Number.isInteger(g.value)) ? 0 : 3;
      const rated = new Set(had.map(g => g.value)).size > 1, rest = had.slice(TOP).map(g => g.feature);
      const onNorms = k => facts.conditions[k].target === 'norms';
      const columns = list.map((k, c) => ({k, score: scoreOf(all[c], k, i), top: strongestOf(all[c], k, i).map(f => ({...f, hit: facts.dense ? onNorms(k) && wanted.has(f.feature) : f.hit}))}));
      heads(features, ['rank', `norms (${gold[2 * n + i]} features)`, ...columns.map(({k}) => facts.conditions[k].label + (onNorms(k) ? '' : ', beside its own target'))]);
      const rows = [
        row(facts.metric, [cell(''), ...columns.map(c => cell(said(c.score)))]),
        row('hits', [cell(''), ...columns.map(c => cell(`${c.top.filter(f => f.hit).length} of ${c.top.length}`))]),
        ...Array.from({length: TOP}, (_, r) => row(r + 1, [
          had[r] ? cell(feature[had[r].feature], rated ? said(had[r].value, digits) : '') : cell(''),
          ...columns.map(({top}) => top[r] ? cell(feature[top[r].feature], said(top[r].value), top[r].hit) : cell(''))])),
        ...(rest.length > 0 ? [row('also', [cell(listed(rest)), ...columns.map(() => cell(''))])] : []),
        row('missed', [cell(''), ...columns.map(({k, top}) => cell(onNorms(k) ? listed([...wanted].filter(j => !top.some(f => f.feature === j))) : 'not stored of this target'))])];
      features.tBodies[0].replaceChildren(...rows);
    }

    async function showNear(i) {
      if (of.value === '') return;
      const k = +of.value, spaces = [['input', 'among what goes in'], ['gold', 'among norms'], ['prediction', 'among predictions']];
      const lists = await Promise.all(spaces.map(([space]) => nearestOf(k, space, i)));
      const kept = spaces.map(([space, label], s) => ({space, label, list: lists[s]})).filter(x => x.list);
      const norms = new Set((kept.find(x => x.space === 'gold') || {list: []}).list.map(x => x.concept));
      heads(near, ['rank', ...kept.map(x => x.label)]);
      near.tBodies[0].replaceChildren(...Array.from({length: TOP}, (_, r) => row(r + 1, kept.map(({space, list}) => {
        if (!list[r]) return cell('');
        const hit = space !== 'gold' && norms.has(list[r].concept);
        return cell(pick(list[r].concept), said(list[r].cosine), hit);
      }))));
    }

    async function show(i) {
      const twin = gold[n + i];
      about.replaceChildren(make('strong', {textContent: concept[i]}), ` has ${gold[2 * n + i]} features and was held out in fold ${gold[i] + 1}` +
        (twin >= 0 && twin !== i ? `; its vector is that of ${concept[twin]}.` : '.'));
      featureBox.setAttribute('aria-label', `Features of ${concept[i]}`);
      nearBox.setAttribute('aria-label', `Neighbours of ${concept[i]}`);
      await Promise.all([showFeatures(i), showNear(i)]);
      section.dataset.shown = concept[i];
    }

    const first = await block(0), score = i => scoreOf(first, 0, i);
    order.push(...[...concept.keys()].filter(i => !Number.isNaN(score(i))).sort((a, b) => score(b) - score(a) || a - b));
    search(false);
    await show(order.length > 0 ? order[Math.floor(order.length / 2)] : 0);
  }
  for (const section of document.querySelectorAll('.concepts')) viewer(section).catch(error => console.error(error));
})();

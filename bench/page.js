#!/usr/bin/env node
/* page.js PAGE.html: how fast a page with attention maps opens, shows another head, and moves while it is dragged. Needs what tests/web/check_page.js needs
 * (scripts/get-browser). Prints milliseconds: by the clock of the browser, so on an idle machine. */
'use strict';
const path = require('path'), fs = require('fs');
const modules = process.env.EXPLAINT_NODE_MODULES || path.join(__dirname, '../build/web/node_modules');
const {chromium} = require(path.join(modules, 'playwright-core'));
const BROWSER = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find(fs.existsSync);

const drawn = (page, before) => page.waitForFunction(b => { const d = document.querySelector('section.maps').dataset.drawn; return d && d !== b; }, before, {polling: 5, timeout: 120000});
const state = page => page.evaluate(() => document.querySelector('section.maps').dataset.drawn);

(async () => {
  const browser = await chromium.launch({executablePath: BROWSER, args: ['--no-sandbox']});
  const page = await (await browser.newContext({viewport: {width: 1280, height: 900}})).newPage();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', {timeDomain: 'threadTicks'});
  const busy = async () => Math.round(1000 * (await session.send('Performance.getMetrics')).metrics.find(m => m.name === 'TaskDuration').value); /* processor time of the page's thread */
  const begin = Date.now();
  await page.goto('file://' + path.resolve(process.argv[2]), {timeout: 120000});
  const loaded = Date.now();
  await drawn(page, undefined);
  const first = Date.now();
  const times = await page.evaluate(() => { const n = performance.getEntriesByType('navigation')[0], p = performance.getEntriesByName('first-contentful-paint')[0]; return {dom: n.domContentLoadedEventEnd, load: n.loadEventEnd, paint: p ? p.startTime : NaN}; });
  console.log(`bytes\t${fs.statSync(process.argv[2]).size}\nfirst text seen\t${times.paint.toFixed(0)}\nloaded\t${loaded - begin} (${times.load.toFixed(0)})\nfirst map drawn\t${first - begin}, ${await busy()} of the processor`);
  const section = page.locator('section.maps'), select = name => section.locator(`select[name=${name}]`);
  for (const [what, act] of [
    ['a head', () => select('head').selectOption('4')], ['another layer', () => select('layer').selectOption('1')], ['mean of heads', () => select('head').selectOption('mean')],
    ['lines', () => select('form').selectOption('lines')], ['tiles', () => select('form').selectOption('tiles')], ['logarithms', () => select('scale').selectOption('log')],
    ['without special tokens', () => section.locator('input[name=special]').uncheck()]]) {
    const before = await state(page), from = Date.now(), used = await busy();
    await act();
    await drawn(page, before);
    console.log(`${what}\t${Date.now() - from}, ${await busy() - used} of the processor`);
  }
  for (const form of ['tiles', 'lines']) {
    const before = await state(page);
    if (form === 'lines') { await select('form').selectOption('lines'); await drawn(page, before); }
    await section.getByRole('button', {name: /^Larger/}).click();
    await section.getByRole('button', {name: /^Larger/}).click();
    const canvas = section.locator('.pair canvas').first();
    await canvas.scrollIntoViewIfNeeded();
    const at = await canvas.boundingBox(), x = at.x + at.width / 2, y = at.y + Math.min(at.height, 500) / 2;
    await page.evaluate(() => {
      window.frames_ = [];
      let last = performance.now();
      const tick = now => { window.frames_.push(now - last); last = now; if (!window.done_) requestAnimationFrame(tick); };
      window.done_ = false;
      requestAnimationFrame(tick);
    });
    const used = await busy();
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let i = 0; i < 150; i++) await page.mouse.move(x + 80 * Math.sin(i / 12), y + 80 * Math.cos(i / 9));
    await page.mouse.up();
    const work = await busy() - used, frames = (await page.evaluate(() => { window.done_ = true; return window.frames_; })).slice(1).sort((a, b) => a - b);
    const q = p => frames[Math.min(frames.length - 1, Math.floor(p * frames.length))].toFixed(1);
    console.log(`frames while dragging ${form}\t${frames.length}: median ${q(.5)}, 95 % ${q(.95)}, longest ${q(1)}; ${(work / frames.length).toFixed(1)} of the processor each`);
  }
  await browser.close();
})().catch(error => { console.error(error); process.exit(1); });

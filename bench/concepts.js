#!/usr/bin/env node
/* concepts.js PAGE.html: how fast a page opens whose run has many concepts (bench/concepts.py makes such norms), and answers a search. Needs what
 * tests/web/check_page.js needs (scripts/get-browser). Milliseconds by the clock, which counts on an idle machine, and of the page's own thread. */
'use strict';
const path = require('path'), fs = require('fs');
const modules = process.env.EXPLAINT_NODE_MODULES || path.join(__dirname, '../build/web/node_modules');
const {chromium} = require(path.join(modules, 'playwright-core'));
const BROWSER = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find(fs.existsSync);

(async () => {
  const browser = await chromium.launch({executablePath: BROWSER, args: ['--no-sandbox']});
  const page = await (await browser.newContext({viewport: {width: 1280, height: 900}})).newPage();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', {timeDomain: 'threadTicks'});
  const busy = async () => Math.round(1000 * (await session.send('Performance.getMetrics')).metrics.find(m => m.name === 'TaskDuration').value);
  const shown = before => page.waitForFunction(b => { const s = document.querySelector('.concepts').dataset.shown; return s && s !== b; }, before, {polling: 5, timeout: 120000});
  const now = () => page.evaluate(() => document.querySelector('.concepts').dataset.shown);
  const begin = Date.now();
  await page.goto('file://' + path.resolve(process.argv[2]), {timeout: 120000});
  const loaded = Date.now() - begin;
  await shown(undefined);
  const first = Date.now() - begin, times = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
  console.log(`bytes\t${fs.statSync(process.argv[2]).size}\nfirst text seen\t${times.toFixed(0)}\nloaded\t${loaded}\nfirst concept shown\t${first}, ${await busy()} of the processor`);
  const step = async (what, act) => {
    const before = await now(), used = await busy(), from = Date.now();
    await act();
    await shown(before);
    console.log(`${what}\t${Date.now() - from}, ${await busy() - used} of the processor`);
  };
  const input = page.locator('.concepts input[type=search]');
  await step('a search', () => input.fill('1'));
  await step('the next that was found', () => input.press('Enter'));
  await step('a name', () => input.fill('concept04321'));
  await step('a neighbour', () => page.locator('.concepts table button').first().click());
  await browser.close();
})().catch(error => { console.error(error); process.exit(1); });

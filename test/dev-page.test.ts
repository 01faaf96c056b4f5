import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { casesToRun } from '@throughline/testbed/cases';
import { accessibilityFaults, chromiumHint, newPage, startChromium } from '@throughline/testbed/chromium';
import { createProcesses } from '@throughline/testbed/processes';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failCheckout, newSpanId, newTraceId, readProduct, sendSpans, span } from './dev-page/telemetry.mjs';

/* The page of `throughline dev`, as it is built, in a real browser. */
const cli = fileURLToPath(new URL('../packages/cli', import.meta.url));
const processes = createProcesses();
const browser = await startChromium();
if (!browser) {
  if (process.env.CI) test('Chromium is there', () => expect(browser, chromiumHint).toBeDefined());
  else console.log(`Chromium is off: ${chromiumHint}.`);
}
type Page = Awaited<ReturnType<NonNullable<typeof browser>['newPage']>>;

test('the page is smaller than 300 KB', () => {
  const folder = join(cli, 'dist/page');
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  expect(sizes.length).toBeGreaterThan(3);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(300_000);
});

describe.skipIf(!browser)('the page', () => {
  let link: string;
  let url: string;
  let brokerTraceId: string;
  let failedTraceId: string;
  beforeAll(async () => {
    const command = ['dev', '--port', '0', '--stay', '--name', 'broken', '--'];
    const script = "console.log('<img src=x onerror=alert(1)>'); process.exitCode = 3";
    const dev = processes.start('throughline dev', process.execPath, [
      ...[join(cli, 'bin/throughline.js'), ...command],
      ...[process.execPath, '-e', script],
    ]);
    link = await dev.fromLine((line: string) => /http:\S+token=\S+/.exec(line)?.[0]);
    url = new URL(link).origin;
    const now = Date.now();
    for (let count = 0; count < 12; count++) {
      brokerTraceId = await readProduct(url, now - 60_000 + count * 5_000, {
        slowMillis: count === 5 ? 400 : 12,
      });
    }
    failedTraceId = await failCheckout(url, now - 3_000);
  });
  afterAll(async () => {
    await browser?.close();
    await processes.stopAll();
  });

  let page: Page;
  let complaints: string[];
  beforeEach(() => {
    complaints = [];
  });
  /** Opens a view, by the link with the token. */
  async function open(hash: string, options: { colorScheme?: 'light' | 'dark'; width?: number } = {}) {
    page = await newPage(browser as NonNullable<typeof browser>, complaints, options);
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${link}${hash}`);
    return page;
  }
  afterEach(async () => {
    await page?.context().close();
    expect(complaints).toEqual([]);
  });
  const isFocused = (selector: string) =>
    page
      .locator(`${selector}:focus`)
      .count()
      .then((count) => count === 1);
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

  test('leads from a dot to its trace, from there to a line, and from the line back to the trace', async () => {
    await open('#/');
    expect(page.url()).not.toContain('token');
    await page.getByRole('link', { name: 'GET /shop/products/:id' }).click();
    await page.getByRole('link', { name: /^Trace of 409 ms/ }).click();
    await heading('gateway GET /shop/products/:id');
    const rows = await page.locator('.row').allInnerTexts();
    expect(rows.map((text) => text.split('\n')[0])).toEqual([
      ...['gateway', 'gateway', 'product', 'product', 'product', 'product', 'views', 'views'],
    ]);
    expect(rows.join()).toContain('postgresql shop');
    expect(rows.join()).toContain('kafka product-viewed');
    await page.getByRole('link', { name: 'The span of View counted.' }).click();
    await page.getByRole('complementary', { name: 'Span' }).getByText('process product-viewed').waitFor();
    const traceId = /trace\/([0-9a-f]{32})/.exec(page.url())?.[1];
    await page.getByRole('link', { name: 'In the stream of all lines' }).click();
    await heading('Logs');
    await page.getByRole('link', { name: 'The trace of Product read.' }).click();
    await heading('gateway GET /shop/products/:id');
    expect(page.url()).toContain(`trace/${traceId}?span=`);
  });

  test('can be used by the keyboard alone', async () => {
    await open('#/');
    await page.getByRole('link', { name: 'GET /shop/products/:id' }).waitFor();
    const tabTo = async (selector: string) => {
      for (let count = 0; count < 60; count++) {
        await page.keyboard.press('Tab');
        if (await isFocused(selector)) return;
      }
      throw new Error(`the Tab key does not lead to ${selector}`);
    };
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await isFocused('#main')).toBe(true);
    await tabTo('a[title="GET /shop/products/:id"]');
    await page.keyboard.press('Enter');
    await page.locator('a.dot').first().waitFor();
    await tabTo('a.dot');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await isFocused('a.dot')).toBe(true);
    await page.keyboard.press('Enter');
    await heading('gateway GET /shop/products/:id');
    await page.locator('.row').first().waitFor();
    await tabTo('.row');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Span' }).getByText('process product-viewed').waitFor();
    await tabTo('.to-trace');
    await page.keyboard.press('Enter');
    await page.keyboard.press('/');
    await page.keyboard.type(failedTraceId);
    await page.keyboard.press('Enter');
    await heading('gateway GET /shop/checkout');
  });

  test('shows where a trace failed, with message and stack', async () => {
    await open(`#/trace/${failedTraceId}`);
    await page.getByText('relation "stock" does not exist').first().click();
    await page.locator('details.error[open]').getByText('at query (/app/src/stock.ts:17:11)').waitFor();
    expect(await page.locator('.critical').count()).toBeGreaterThan(3);
  });

  test('joins the services on the map through the topic', async () => {
    await open('#/map');
    const table = page.getByRole('table');
    for (const row of ['product kafka product-viewed', 'kafka product-viewed views', 'gateway product']) {
      await table.getByRole('row', { name: new RegExp(`^${row} `) }).waitFor();
    }
    await page.locator('a.node', { hasText: 'views' }).click();
    await heading('Traces');
  });

  test('finds a trace by its old trace id', async () => {
    await open('#/');
    await page.getByRole('searchbox').fill(`old-${brokerTraceId.slice(-4)}`);
    await page.keyboard.press('Enter');
    await page.locator('.traces a').first().click();
    await page.getByText(brokerTraceId).first().waitFor();
  });

  test('says that a service has ended, and shows what it wrote as text', async () => {
    await open('#/');
    await page.getByText('broken has ended (exit code 3)').waitFor();
    await page.getByRole('link', { name: 'Its log lines' }).click();
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
  });

  test('shows a span with 10,000 attributes, names with markup, a clock that is wrong and a root that is missing', async () => {
    const traceId = newTraceId();
    const [parent, child] = [newSpanId(), newSpanId()];
    const name = '<script>alert(1)</script><b>"x"';
    const start = Date.now() - 1_000;
    const many = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`attribute.${index}`, name]),
    );
    await sendSpans(url, [
      span('<i>evil</i>', 'client', name, start, 50, { traceId, spanId: parent, parent: newSpanId() }),
      span('other', 'server', name, start - 90_000, 20, { traceId, spanId: child, parent, attributes: many }),
    ]);
    await open(`#/trace/${traceId}?span=${child}`);
    await page.getByText('The root span has not arrived.').waitFor();
    await page.getByText(/The clock of other is 90.0 s behind/).waitFor();
    await page.getByRole('button', { name: 'Show all 10,000' }).waitFor();
    await page.getByRole('searchbox', { name: 'Filter the attributes' }).fill('attribute.9999');
    await page.getByText('attribute.9999', { exact: true }).waitFor();
    expect(await page.locator('main script, main b, main i').count()).toBe(0);
  });

  test('shows a large trace in parts, and leads to a failure in any of them', async () => {
    const traceId = newTraceId();
    const root = newSpanId();
    const start = Date.now() - 2_000;
    const children = Array.from({ length: 1_999 }, (_, index) => {
      const error = index === 1_700 ? { type: 'Rare', message: 'it happens' } : undefined;
      return span('batch', 'internal', `step ${index}`, start + index, 1, { traceId, parent: root, error });
    });
    await sendSpans(url, [
      span('batch', 'internal', 'import', start, 2_000, { traceId, spanId: root }),
      ...children,
    ]);
    await open(`#/trace/${traceId}`);
    await page.getByText('Spans 1 to 500 of 2,000').waitFor();
    await page.getByRole('link', { name: 'step 1700', exact: true }).click();
    await page.getByText('Spans 1501 to 2000 of 2,000').waitFor();
    await page.getByText('it happens').first().waitFor();
  });

  test('shows what arrives while it is open, and nothing new while it is paused', async () => {
    await open('#/traces?q=arrival');
    await page.getByText('No trace fits.').waitFor();
    const arrive = (name: string) =>
      sendSpans(url, [
        span('live', 'server', name, Date.now(), 1, { traceId: newTraceId(), attributes: {} }),
      ]);
    await arrive('arrival one');
    await page.getByRole('link', { name: 'arrival one' }).waitFor();
    await page.getByRole('button', { name: 'Live' }).click();
    await arrive('arrival two');
    await page.getByRole('button', { name: 'Paused' }).click();
    await page.getByRole('link', { name: 'arrival two' }).waitFor();
  });

  test('saves what it shows as a file, and opens the file', async () => {
    await open('#/');
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^throughline-.*\.ndjson\.gz$/);
    await page.getByLabel('A saved session').setInputFiles(await download.path());
    await page.getByText(/Session .* saved/).waitFor();
    await page.getByRole('link', { name: 'GET /shop/products/:id' }).waitFor();
    await page.getByRole('button', { name: 'Back to live' }).click();
    await page.getByRole('button', { name: 'Open…' }).waitFor();
  });

  const views = (): [string, string][] => [
    ['#/', '.overview'],
    ['#/operation?service=gateway&operation=GET+/shop/products/:id', 'a.dot'],
    [`#/trace/${failedTraceId}`, '.row'],
    ['#/logs', '.line'],
    ['#/map', '.node'],
    ['#/search?q=stock', '.lines'],
  ];

  test.each(['light', 'dark'] as const)('meets WCAG AA in every view, %s', async (colorScheme) => {
    await open('#/', { colorScheme });
    const isEven = colorScheme === 'light';
    for (const [hash, shown] of casesToRun(views(), (_view, index) => (index % 2 === 0) === isEven)) {
      await page.goto(`${url}/${hash}`);
      await page.locator(shown).first().waitFor();
      expect(await accessibilityFaults(page), hash).toEqual([]);
    }
  });

  test('fits a phone: no view is wider than the screen', async () => {
    await open('#/', { width: 390 });
    for (const [hash, shown] of views()) {
      await page.goto(`${url}/${hash}`);
      await page.locator(shown).first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth'), hash).toBeLessThanOrEqual(390);
    }
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { accessibilityFaults, chromiumHint, newPage, startChromium } from '@throughline/testbed/chromium';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildSite } from '../site/src/build-site.js';

/* The documentation site in a real browser, opened from a folder: without a server and without a network. */
const browser = await startChromium();
if (!browser) {
  if (process.env.CI) test('Chromium is there', () => expect(browser, chromiumHint).toBeDefined());
  else console.log(`Chromium is off: ${chromiumHint}.`);
}
type Page = Awaited<ReturnType<NonNullable<typeof browser>['newPage']>>;

describe.skipIf(!browser)('the documentation site, opened from a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-site-'));
  beforeAll(() => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    expect(buildSite(root, folder, { repository: undefined, site: undefined }).faults).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  let page: Page;
  let complaints: string[];
  const outside: string[] = [];
  beforeEach(() => {
    complaints = [];
  });
  async function open(path: string, options: { colorScheme?: 'light' | 'dark'; width?: number } = {}) {
    page = await newPage(browser as NonNullable<typeof browser>, complaints, options);
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) outside.push(request.url());
    });
    await page.goto(pathToFileURL(join(folder, path)).href);
  }
  afterEach(async () => {
    await page?.context().close();
    expect(complaints).toEqual([]);
    expect(outside).toEqual([]);
  });

  test('the search leads to options, metrics, variables and codes', async () => {
    for (const [query, name, target] of [
      ['keepErrors', 'traces.keepErrors', 'reference/options.html#traceskeeperrors'],
      ['http_server_active', 'http_server_active_requests', 'metrics.html#http_server_active_requests'],
      ['OTEL_SERVICE_NAME', 'OTEL_SERVICE_NAME', 'reference/environment.html#otel_service_name'],
      ['OBS_NOT_READY', 'OBS_NOT_READY', 'errors/OBS_NOT_READY.html'],
    ] as const) {
      await open('logs.html');
      await page.keyboard.press('/');
      await page.locator('#search input').fill(query);
      await page.locator('#results [aria-selected=true]', { hasText: name }).waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.href.endsWith(target));
      await page.context().close();
    }
  });

  test('the search says when nothing was found', async () => {
    await open('index.html');
    await page.locator('header button.search').click();
    await page.locator('#search input').fill('zzzzqqqq');
    await page.locator('#results .nothing').waitFor();
  });

  test('the menu of a narrow window opens, and leads to another page', async () => {
    await open('logs.html', { width: 390 });
    expect(await page.locator('nav.pages').isVisible()).toBe(false);
    await page.locator('header button.menu').click();
    await page.locator('nav.pages a', { hasText: 'Kubernetes' }).click();
    await page.waitForURL(/kubernetes\.html$/);
  });

  test.each(['index.html', 'logs.html', 'reference/options.html', 'errors/OBS_NOT_READY.html'])(
    '%s is not wider than a narrow window',
    async (path) => {
      await open(path, { width: 390 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    },
  );

  test('light or dark follows the system until the reader chooses, and the choice stays', async () => {
    await open('logs.html', { colorScheme: 'dark' });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await page.locator('header button.theme').click();
    const light = await background();
    expect(light).toBe('rgb(255, 255, 255)');
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await background()).toBe(light);
  });

  test.each([
    ['index.html', 'light'],
    ['logs.html', 'dark'],
    ['reference/options.html', 'light'],
  ] as const)('%s (%s) has no fault of accessibility', async (path, colorScheme) => {
    await open(path, { colorScheme });
    expect(await accessibilityFaults(page)).toEqual([]);
    // It asks for the style sheet, which a page from a folder may not.
    complaints = complaints.filter((text) => !/site\.css|preload|ERR_FAILED/.test(text));
  });
});

import { spawnSync } from 'node:child_process';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

/** What to do if there is no browser. */
export const chromiumHint = 'install chromium, or set CHROMIUM to the path of a Chromium or Chrome';

/**
 * The browser at CHROMIUM, or one on the PATH, without a window.
 *
 * @returns {Promise<import('playwright-core').Browser | undefined>} undefined if there is none
 */
export async function startChromium() {
  const { CHROMIUM: own } = process.env;
  const executablePath =
    own ??
    ['chromium', 'chromium-browser', 'google-chrome']
      .map((name) => spawnSync('which', [name], { encoding: 'utf8' }).stdout?.trim())
      .find((path) => path);
  if (!executablePath) return undefined;
  // A sandbox needs rights that root in a container does not have; the tests open only their own pages.
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

/**
 * A page in a window of its own. What the page complains about is added to `complaints`: errors and warnings of its
 * console, and exceptions that nothing catches.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string[]} complaints
 * @param {{ colorScheme?: 'light' | 'dark', width?: number }} [options] Default: light, 1,280 pixels wide.
 * @returns {Promise<import('playwright-core').Page>}
 */
export async function newPage(browser, complaints, { colorScheme = 'light', width = 1280 } = {}) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return page;
}

/**
 * What axe-core finds against WCAG 2.2 AA on a page, each with the elements.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function accessibilityFaults(page) {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    // Defined by the script above.
    const { violations } = await globalThis.axe.run(globalThis.document, {
      runOnly: { type: 'tag', values },
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`),
    );
  });
}

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

import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromiumHint, startChromium } from '../../testbed/src/chromium.mjs';
import { flameGraph } from '../../testbed/src/flame-graph.mjs';
import { root } from '../../testbed/src/paths.mjs';

const folder = join(root, 'docs/images');
/** Enough for the charts to show something. */
const loadMillis = 75_000;

/** Takes the pictures of docs/tour.md, docs/dev.md, docs/profiles.md and the README. The load must be running. */
export async function takePictures({ page, profiles, stdout, signal }) {
  const browser = await startChromium();
  if (!browser) throw new Error(`There is no browser: ${chromiumHint}.`);
  try {
    stdout.write(`  Waiting ${loadMillis / 1_000} seconds for the charts …\n`);
    await new Promise((resolve) => setTimeout(resolve, loadMillis));
    signal.throwIfAborted();
    const tab = await browser.newPage({ colorScheme: 'light', viewport: { width: 1180, height: 640 } });
    const [slow] = await page.tracesWith('http.route', '/shop/products/:id/report');
    const [failed] = await page.tracesWith('http.route', '/shop/checkout');
    const read = (await page.tracesWith('http.route', '/shop/products/:id')).find(({ spans }) =>
      spans.some(({ serviceName }) => serviceName === 'views'),
    );
    const database = ({ spans }) =>
      spans.find(({ attributes }) => attributes['db.system.name'] === 'postgresql');
    const open = async (hash, shown) => {
      // By another page, so that each view begins as it does for a reader.
      await tab.goto('about:blank');
      await tab.goto(`${page.link}#/${hash}`);
      await tab.locator(shown).first().waitFor();
      // Fonts and charts are drawn in the next frames.
      await tab.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    };
    const take = async (name, options = {}) => {
      const path = join(folder, `${name}.png`);
      await tab.screenshot({ path, ...options });
      stdout.write(`  ${name}.png  ${Math.round(statSync(path).size / 1_000)} KB\n`);
    };
    const upTo = async (selector) => {
      const { y, height } = await tab.locator(selector).last().boundingBox();
      return { clip: { x: 0, y: 0, width: 1180, height: Math.ceil(y + height + 12) }, fullPage: true };
    };

    await open('', '.overview td');
    await take('demo-overview', await upTo('.overview tbody tr'));
    const route = new URLSearchParams({ service: 'gateway', operation: 'GET /shop/products/:id/report' });
    await open(`operation?${route}`, 'a.dot');
    await take('demo-route', await upTo('.two .chart'));
    await open(`trace/${slow.traceId}?span=${database(slow).spanId}`, '.panel dl');
    await take('demo-slow-query', await upTo('.panel'));
    await open('logs', '.line');
    await tab.locator('.line summary', { hasText: 'Product' }).first().click();
    await take('demo-logs');
    await open(`trace/${failed.traceId}`, 'details.error');
    await take('demo-failure', await upTo('.waterfall'));
    await open(`trace/${read.traceId}`, '.row');
    await take('demo-trace', await upTo('.lines'));
    await open('map', '.node');
    await take('demo-map', await upTo('.map'));
    writeFileSync(
      join(folder, 'profile-report.svg'),
      flameGraph(samplesOfReport(profiles), { title: flameTitle }),
    );
  } finally {
    await browser.close();
  }
}

const flameTitle = 'CPU time of one request: GET /products/:id/report, service product';

/** The samples of the request for a report that took the most CPU. */
function samplesOfReport({ profiles }) {
  const samples = profiles
    .filter(({ labels }) => labels.__name__ === 'process_cpu' && labels.service_name === 'product')
    .flatMap(({ profile }) => profile.samples)
    .filter(({ labels }) => labels.http_route === '/products/:id/report');
  const bySpan = new Map();
  for (const sample of samples) {
    bySpan.set(sample.labels.span_id, [...(bySpan.get(sample.labels.span_id) ?? []), sample]);
  }
  const nanos = (some) => some.reduce((sum, { values }) => sum + values[1], 0);
  return [...bySpan.values()].sort((a, b) => nanos(b) - nanos(a))[0] ?? [];
}

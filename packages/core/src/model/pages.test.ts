import { expect, test } from 'vitest';
import { documentationAt } from './pages.js';

test('without a documentation site, messages name what the package and the command bring', () => {
  for (const homepage of [undefined, 'https://example.com/acme/throughline/tree/main/packages/core#readme']) {
    const { page, help } = documentationAt(homepage);
    expect(page('logs.md#levels')).toBe('node_modules/@throughline/core/docs/logs.md#levels');
    expect(help('OBS_NOT_READY')).toBe('npx throughline explain OBS_NOT_READY');
  }
});

test('with a documentation site, messages contain the address of the page and of the code', () => {
  for (const homepage of ['https://docs.example.com/throughline', 'https://docs.example.com/throughline/']) {
    const { page, help } = documentationAt(homepage);
    expect(page('logs.md#levels')).toBe('https://docs.example.com/throughline/logs.html#levels');
    expect(page('reference/options.md')).toBe('https://docs.example.com/throughline/reference/options.html');
    expect(help('OBS_NOT_READY')).toBe('https://docs.example.com/throughline/errors/OBS_NOT_READY.html');
  }
});

import { expect, test } from 'vitest';
import { bundledPackages, readAudit } from './audit.mjs';

test('a registry that cannot be asked is told apart from one that knows of nothing', () => {
  expect(
    readAudit('{"error":{"code":"ERR_PNPM_AUDIT_BAD_RESPONSE","message":"responded with 405"}}'),
  ).toEqual({
    unanswered: 'responded with 405',
  });
  expect(readAudit('<html>')).toMatchObject({ unanswered: expect.stringContaining('not JSON') });
  expect(readAudit('{}')).toMatchObject({ unanswered: expect.stringContaining('no list') });
  expect(readAudit('')).toHaveProperty('unanswered');
  expect(readAudit('{"advisories":{},"metadata":{}}')).toEqual({ advisories: [] });
});

test('every advisory is a finding', () => {
  const text = JSON.stringify({
    advisories: {
      1: { module_name: 'lodash', severity: 'high', title: 'Prototype pollution', url: 'https://x', id: 1 },
    },
  });
  expect(readAudit(text)).toEqual({
    advisories: [{ name: 'lodash', severity: 'high', title: 'Prototype pollution', url: 'https://x' }],
  });
});

test('what is bundled counts as installed', () => {
  expect([...bundledPackages()]).toEqual(expect.arrayContaining(['@opentelemetry/sdk-trace-base']));
});

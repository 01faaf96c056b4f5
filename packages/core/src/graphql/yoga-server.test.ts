import { expect, test } from 'vitest';
import type { ObservabilityError } from '../model/errors.js';
import { yogaPatch } from './yoga-server.js';

test('a version that gives no access to its operations is named, and stays as it is', async () => {
  const errors: ObservabilityError[] = [];
  const { patch } = yogaPatch(
    () => undefined,
    () => true,
    (error) => errors.push(error),
  );
  // As in 5.13 to 5.20: all methods are fields of the instance.
  const source = 'data:text/javascript,export class YogaServer { getEnveloped = () => ({}) }';
  const esModule: unknown = await import(source);
  expect(patch(esModule, '5.15.2')).toBeUndefined();
  expect(errors).toEqual([
    expect.objectContaining({
      code: 'OBS_GRAPHQL_UNREACHABLE',
      message: expect.stringContaining('graphql-yoga 5.15.2'),
      fix: expect.stringContaining('5.21'),
    }),
  ]);
});

import { expect, test } from 'vitest';
import { redisCommand } from './command-table.js';
import { batchText, commandText } from './query-text.js';

const text = (
  args: readonly unknown[],
  queryText: 'sanitized' | 'raw' | 'none' = 'sanitized',
  maxQueryTextLength = 2_048,
) => commandText(redisCommand(String(args[0])), args, 1, { queryText, maxQueryTextLength });

test.each([
  [['get', 'a'], 'GET a'],
  [['SET', 'a', 'secret', 'EX', '10'], 'SET a ? ? ?'],
  [['SET', Buffer.from('a'), Buffer.from('secret')], 'SET a ?'],
  [['MSET', 'a', '1', 'b', '2'], 'MSET a ? b ?'],
  [['DEL', 'a', 'b'], 'DEL a b'],
  [['BLPOP', 'a', 'b', 0], 'BLPOP a b ?'],
  [['RENAME', 'a', 'b'], 'RENAME a b'],
  [['HSET', 'a', 'field', 'secret'], 'HSET a ? ?'],
  [['EVALSHA', 'f00', '2', 'a', 'b', 'secret'], 'EVALSHA ? ? a b ?'],
  [['EVAL', 'return 1', '0'], 'EVAL ? ?'],
  [['ZUNIONSTORE', 'to', '2', 'a', 'b', 'WEIGHTS', '1', '2'], 'ZUNIONSTORE to ? a b ? ? ?'],
  [['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'a', 'b', '>', '>'], 'XREADGROUP ? ? ? ? a b ? ?'],
  [['XGROUP', 'CREATE', 'a', 'g', '$'], 'XGROUP CREATE a ? ?'],
  [['BITOP', 'AND', 'to', 'a', 'b'], 'BITOP ? to a b'],
  [['PUBLISH', 'channel', 'secret'], 'PUBLISH ? ?'],
  [['CONFIG', 'SET', 'requirepass', 'secret'], 'CONFIG SET ? ?'],
  [['AUTH', 'user', 'secret'], 'AUTH ? ?'],
  [['FOO.BAR', 'a', 1], 'FOO.BAR ? ?'],
  [['what is this', 'a'], '_OTHER ?'],
  [['PING'], 'PING'],
  [['EVALSHA', 'f00', 'no number', 'a'], 'EVALSHA ? ? ?'],
])('%j is shown as %s', (args, expected) => {
  expect(text(args)).toBe(expected);
});

test('raw shows all arguments, except of commands that take passwords', () => {
  expect(text(['SET', 'a', 'b', 'EX', 10], 'raw')).toBe('SET a b EX 10');
  expect(text(['AUTH', 'secret'], 'raw')).toBe('AUTH ?');
  expect(text(['hello', '3', 'AUTH', 'user', 'secret'], 'raw')).toBe('HELLO ? ? ? ?');
  expect(text(['CONFIG', 'SET', 'requirepass', 'secret'], 'raw')).toBe('CONFIG SET ? ?');
});

test('none leaves the text out', () => {
  expect(text(['GET', 'a'], 'none')).toBeUndefined();
});

test('a long text is cut, and not built beyond that', () => {
  const args = ['DEL', ...Array.from({ length: 100_000 }, (_, index) => `key-${index}`)];
  expect(text(args, 'sanitized', 20)).toBe('DEL key-0 key-1 key-');
  expect(text(['GET', 'x'.repeat(1_000_000)], 'sanitized', 10)).toBe('GET xxxxxx');
});

test('a batch shows its first ten commands', () => {
  const commands = Array.from({ length: 12 }, (_, index) => ({
    command: redisCommand('set'),
    args: [`k${index}`, 'secret'],
    offset: 0,
  }));
  const options = { queryText: 'sanitized', maxQueryTextLength: 2_048 } as const;
  const shown = batchText(commands, options);
  expect(shown).toMatch(/^SET k0 \?; SET k1 \?; .*SET k9 \?; …$/);
  expect(batchText(commands.slice(0, 2), options)).toBe('SET k0 ?; SET k1 ?');
});

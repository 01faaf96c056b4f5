import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { describe, expect, test } from 'vitest';
import { scanFolder } from '../detect/scan.js';
import { type FixPlan, planFixes } from './plan.js';

function codeBase(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** What `a.ts` becomes; undefined where it stays. */
function fixed(text: string, others: Record<string, string> = {}): string | undefined {
  return plan({ 'a.ts': text, ...others }).fixes.find(({ name }) => name === 'a.ts')?.after;
}

function plan(files: Record<string, string>): FixPlan {
  return planFixes(scanFolder(codeBase(files)));
}

describe('an outgoing header', () => {
  test.each<[title: string, before: string, after: string]>([
    [
      'on a line of its own, between others',
      "fetch(url, {\n  headers: {\n    accept: 'x', // kept\n    'x-trace-id': traceId,\n    // kept too\n    host: h,\n  },\n});\n",
      "fetch(url, {\n  headers: {\n    accept: 'x', // kept\n    // kept too\n    host: h,\n  },\n});\n",
    ],
    [
      'as the last',
      "axios.get(url, { timeout: 1, headers: { accept: 'x', 'x-trace-id': req.traceId } });\n",
      "axios.get(url, { timeout: 1, headers: { accept: 'x' } });\n",
    ],
    [
      'as the first',
      "axios.get(url, { headers: { 'x-trace-id': req.traceId, accept: 'x' } });\n",
      "axios.get(url, { headers: { accept: 'x' } });\n",
    ],
    [
      'as the only header: the empty objects go too',
      "await axios.get(url, { headers: { 'x-trace-id': req.traceId } });\n",
      'await axios.get(url);\n',
    ],
    [
      'beside other options',
      "await axios.get(url, { headers: { 'x-trace-id': req.traceId }, timeout: 5 });\n",
      'await axios.get(url, { timeout: 5 });\n',
    ],
    [
      'in an interceptor',
      "http.interceptors.request.use((config) => {\n  config.headers['x-trace-id'] = getTraceId();\n  return config;\n});\n",
      'http.interceptors.request.use((config) => {\n  return config;\n});\n',
    ],
    [
      'as the last, on a line of its own with a comment; the line before keeps its own',
      "fetch(url, {\n  headers: {\n    accept: 'x', // one\n    'x-trace-id': traceId, // two\n  },\n});\n",
      "fetch(url, {\n  headers: {\n    accept: 'x', // one\n  },\n});\n",
    ],
    [
      'as the last two, in code without commas at the end',
      "fetch(url, {\n  headers: {\n    accept: 'x',\n    'x-trace-id': traceId,\n    'x-request-id': requestId\n  }\n})\n",
      "fetch(url, {\n  headers: {\n    accept: 'x'\n  }\n})\n",
    ],
    [
      'with Windows line ends',
      "fetch(url, {\r\n  headers: {\r\n    'x-trace-id': traceId,\r\n    host: h,\r\n  },\r\n});\r\n",
      'fetch(url, {\r\n  headers: {\r\n    host: h,\r\n  },\r\n});\r\n',
    ],
    [
      'of a Kafka message',
      "producer.send({ topic, messages: [{ value, headers: { 'x-trace-id': traceId, type: 'a' } }] });\n",
      "producer.send({ topic, messages: [{ value, headers: { type: 'a' } }] });\n",
    ],
    [
      'with the value of a context that holds the id',
      "import { AsyncLocalStorage } from 'node:async_hooks';\nconst store = new AsyncLocalStorage();\napp.use((req, res, next) => store.run(req.get('x-trace-id'), next));\nfetch(url, { headers: { 'x-trace-id': store.getStore(), accept: 'x' } });\nlog(store.getStore());\n",
      "import { AsyncLocalStorage } from 'node:async_hooks';\nconst store = new AsyncLocalStorage();\napp.use((req, res, next) => store.run(req.get('x-trace-id'), next));\nfetch(url, { headers: { accept: 'x' } });\nlog(store.getStore());\n",
    ],
  ])('%s', (_title, before, after) => {
    expect(fixed(before)).toBe(after);
  });

  test('what only it used goes with it: the variable, its import, and what that used', () => {
    const before = `import axios from 'axios';
import { randomUUID } from 'node:crypto';
import { HEADER, other } from './names.js';

const unusedBefore = 1;

export function call(req) {
  const traceId = req.get(HEADER) ?? randomUUID();
  const { user, traceId: own } = req;
  other(user);
  return axios.get('http://x', { headers: { [HEADER]: traceId } });
}
`;
    expect(
      fixed(before, { 'names.ts': "export const HEADER = 'x-trace-id';\nexport const other = 1;\n" }),
    ).toBe(
      `import axios from 'axios';
import { other } from './names.js';

const unusedBefore = 1;

export function call(req) {
  const { user, traceId: own } = req;
  other(user);
  return axios.get('http://x');
}
`,
    );
  });

  test.each([
    ['a value that does something', "fetch(u, { headers: { 'x-trace-id': queue.shift() } });"],
    ['a value that is no id', "fetch(u, { headers: { 'x-request-id': order.number } });"],
    [
      "a name that may be the message's own",
      'producer.send({ messages: [{ headers: { correlationId } }] });',
    ],
    ['a text', "fetch(u, { headers: { 'x-trace-id': 'fixed' } });"],
    [
      'traceparent, which Throughline may be told not to write',
      'fetch(u, { headers: { traceparent: traceId } });',
    ],
    [
      'headers that a function gives to whoever asks',
      "export const headers = () => ({ 'x-trace-id': traceId });",
    ],
    ['exported headers', "export const headers = { 'x-trace-id': traceId };"],
    [
      'headers that are read again',
      "const headers = { 'x-trace-id': traceId };\nfetch(u, { headers });\nlog(headers);",
    ],
    ['a statement without a block', "if (x) config.headers['x-trace-id'] = traceId;"],
    ['an answer', "res.set({ 'x-trace-id': traceId });"],
  ])('stays: %s', (_title, text) => {
    expect(fixed(`${text}\n`)).toBeUndefined();
  });

  test('in tests stays', () => {
    expect(plan({ 'a.test.ts': "fetch(u, { headers: { 'x-trace-id': traceId } });\n" }).fixes).toEqual([]);
  });
});

describe('a middleware that does nothing but make and store an id', () => {
  const middleware = `(req, res, next) => {
  const id = req.get('x-trace-id') || randomUUID();
  req.traceId = id;
  next();
}`;
  const imports = "import { randomUUID } from 'node:crypto';\nimport express from 'express';\n\n";
  const app = 'const app = express();\n';

  test('goes, in place', () => {
    expect(fixed(`${imports}${app}app.use(${middleware});\napp.listen(1);\n`)).toBe(
      "import express from 'express';\n\nconst app = express();\napp.listen(1);\n",
    );
  });

  test('goes, by name, with its use', () => {
    expect(fixed(`${imports}const trace = ${middleware};\n\n${app}app.use(trace);\napp.listen(1);\n`)).toBe(
      "import express from 'express';\n\nconst app = express();\napp.listen(1);\n",
    );
  });

  test('goes when its only reader is an outgoing header that goes too', () => {
    expect(
      fixed(
        `${imports}${app}app.use(${middleware});\napp.get('/', (req) => fetch(u, { headers: { 'x-trace-id': req.traceId } }));\n`,
      ),
    ).toBe("import express from 'express';\n\nconst app = express();\napp.get('/', (req) => fetch(u));\n");
  });

  test.each([
    [
      'the id is read in another file',
      middleware,
      { 'b.ts': 'export const f = (req) => save(req.traceId);\n' },
    ],
    [
      'the id is read by a pattern',
      middleware,
      { 'b.ts': 'export const f = ({ traceId }) => save(traceId);\n' },
    ],
    ['it gives the id back', middleware.replace('next', "res.set('x-trace-id', id);\n  next"), {}],
    ['it does more', middleware.replace('next()', 'count++;\n  next()'), {}],
    ['the name is everywhere', middleware.replaceAll('traceId', 'id'), {}],
  ])('stays when %s', (_title, text, others) => {
    expect(fixed(`${imports}${app}app.use(${text});\n`, others)).toBeUndefined();
  });

  test('stays when it is exported', () => {
    expect(fixed(`${imports}export const trace = ${middleware};\n`)).toBeUndefined();
  });
});

test('the diff is one that git applies, and what it gives is what is written', () => {
  const folder = codeBase({
    'src/a.ts':
      "export const f = (traceId) =>\n  fetch(u, {\n    headers: {\n      'x-trace-id': traceId,\n    },\n  })",
    'b.js': "const a = 1;\nfetch(u, { headers: { a, 'x-request-id': req.requestId } });\n",
  });
  const { fixes, headers } = planFixes(scanFolder(folder));
  expect(headers).toEqual(['x-request-id', 'x-trace-id']);
  expect(fixes).toHaveLength(2);
  execFileSync('git', ['init', '-q'], { cwd: folder });
  execFileSync('git', ['apply', '-'], { cwd: folder, input: fixes.map(({ diff }) => diff).join('') });
  for (const { path, after } of fixes) expect(readFileSync(path, 'utf8')).toBe(after);
});

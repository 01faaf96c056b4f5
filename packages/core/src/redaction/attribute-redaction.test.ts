import { SpanStatusCode } from '@opentelemetry/api';
import { AlwaysOnSampler } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { withSpan } from '../index.js';
import { recordError } from '../model/foreign-error.js';
import type { RecordedSpan } from '../recorder/span/span.js';
import { createRecorder } from '../recorder/tracer-provider.js';
import { captureObservability } from '../testing.js';

/** What an ended span would send, as text. */
function written(fill: (span: RecordedSpan) => void): string {
  let text = '';
  const provider = createRecorder({
    sampler: new AlwaysOnSampler(),
    written(_section, { name, pairs, extras, statusMessage }) {
      text = JSON.stringify({ name, pairs, events: extras.events, links: extras.links, statusMessage });
    },
  });
  const span = provider.getTracer('test').startSpan('GET /x') as RecordedSpan;
  fill(span);
  span.end();
  return text;
}

test('an error leaves no secret in the exception, its stack or the status', () => {
  const error = Object.assign(new Error('connect postgres://shop:hunter2@db/shop'), { code: '22P02' });
  const text = written((span) => recordError(span, error));
  expect(text).not.toContain('hunter2');
  expect(text.match(/postgres:\/\/REDACTED:REDACTED@db/g)).toHaveLength(3);
});

test('an exception that the service records itself is redacted too, and so is its status', () => {
  const text = written((span) => {
    span.recordException('invalid input syntax for type integer: "hunter2"');
    span.addEvent('retry', { reason: 'password=hunter2' });
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'AccountKey=hunter2' });
  });
  expect(text).not.toContain('hunter2');
  expect(text.match(/REDACTED/g)).toHaveLength(3);
});

test.each([
  ['url.full', 'https://h/x?user[password]=hunter2'],
  ['url.query', '?token[]=hunter2'],
  ['url.query', 'a;token=hunter2'],
  ['http.target', '/x?a=1;token=hunter2'],
  ['db.query.text', "ALTER USER a PASSWORD 'hunter2'"],
  ['db.query.text', "UPDATE users SET token = 'hunter2'"],
  ['password', 'hunter2'],
  ['user.pin', 'hunter2'],
  ['http.request.header.authorization', ['hunter2']],
  ['http.response.header.set-cookie', ['sid=hunter2; Path=/']],
  ['http.response.header.location', ['/x?token=hunter2']],
  ['rpc.grpc.request.metadata.x-api-key', ['hunter2']],
  ['messaging.password', 'hunter2'],
  ['notes', ['one', 'password=hunter2']],
])('the attribute %s loses the secret in %j', (key, value) => {
  const text = written((span) => span.setAttribute(key, value));
  expect(text).toContain('REDACTED');
  expect(text).not.toContain('hunter2');
});

test.each([
  ['db.query.text', 'SELECT 1 FROM a JOIN b ON a.token = b.token WHERE password = $1'],
  ['url.full', 'https://h/x?page=2&sort=name'],
  ['session.id', 'visit-1'],
  ['max_tokens', 512],
  ['password', true],
])('the attribute %s keeps %j', (key, value) => {
  expect(written((span) => span.setAttribute(key, value))).toContain(JSON.stringify(value));
});

test('an exporter of the service gets no secrets either', async () => {
  const captured = captureObservability();
  try {
    withSpan('own', (span) => {
      span.setAttribute('note', 'password=hunter2');
      recordError(span, new Error('connect postgres://shop:hunter2@db/shop'));
    });
    const { attributes, events, status } = await captured.waitForSpan(({ name }) => name === 'own');
    const text = JSON.stringify({ attributes, events, status });
    expect(text).not.toContain('hunter2');
    expect(text.match(/REDACTED:REDACTED@/g)).toHaveLength(3);
  } finally {
    await captured.stop();
  }
});

import { MongoBackend } from '@agendajs/mongo-backend';
import { observeJob } from '@throughline/core';
import { captureObservability } from '@throughline/core/testing';
import { Agenda, type Job } from 'agenda';
import { expect, test } from 'vitest';
import { mongodb as server } from '../../test/parts/mongodb.js';
import { dbPlugin } from '../db-plugin.js';

/* The scheduler agenda keeps its jobs in MongoDB. It asks a function for its number of parameters: two mean a callback. */
test.skipIf(!server)('agenda runs observed jobs, with a promise and with a callback', async () => {
  const captured = captureObservability({ plugins: [dbPlugin()] });
  const agenda = new Agenda({
    backend: new MongoBackend({ address: `${server?.url}/agenda` }),
    processEvery: '1 second',
  });
  const ended = new Set<string>();
  const both = new Promise<void>((resolve) => {
    agenda.on('complete', ({ attrs }: Job) => {
      if (ended.add(attrs.name).size === 2) resolve();
    });
  });
  agenda.define(
    'promise',
    observeJob('agenda promise', async (job: Job) => job.touch()),
  );
  agenda.define(
    'callback',
    observeJob(
      'agenda callback',
      (_job: Job, done: (error?: Error) => void) => setImmediate(done, new RangeError('failed')),
      { callback: true },
    ),
  );
  await agenda.start();
  await agenda.now('promise', {});
  await agenda.now('callback', {});
  await both;
  const callback = await captured.waitForSpan(({ name }) => name === 'agenda callback');
  expect(callback.attributes['error.type']).toBe('RangeError');
  const promise = await captured.waitForSpan(({ name }) => name === 'agenda promise');
  expect(promise.attributes['job.outcome']).toBe('success');
  // What the job asks the database is part of its trace.
  const touch = await captured.waitForSpan(
    ({ parentSpanContext }) => parentSpanContext?.spanId === promise.spanContext().spanId,
  );
  expect(touch.attributes['db.system.name']).toBe('mongodb');
  await agenda.stop();
  await captured.stop();
});

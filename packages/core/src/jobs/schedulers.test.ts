import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cron as NestCron, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Cron } from 'croner';
import cron from 'node-cron';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logger, observedJob, observeJob } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

/*
 * Schedulers that services use, with the functions that observeJob returns. Each runs its task at once, as it would by its
 * clock: no test waits for a second to begin.
 */
let captured: CapturedObservability;
beforeEach(() => {
  captured = captureObservability();
});
afterEach(() => captured.stop());

const runOf = (name: string, outcome: string) =>
  captured.waitForSpan((span) => span.name === name && span.attributes['job.outcome'] === outcome);

test('node-cron', async () => {
  const task = cron.createTask(
    '0 3 * * *',
    observeJob('node-cron', async ({ triggeredAt }: { triggeredAt: Date }) => {
      logger.info('working');
      return triggeredAt;
    }),
  );
  expect(await task.execute()).toBeInstanceOf(Date);
  const span = await runOf('node-cron', 'success');
  expect(captured.logLines.find(({ message }) => message === 'working')?.trace_id).toBe(
    span.spanContext().traceId,
  );
  const failing = cron.createTask(
    '0 3 * * *',
    observeJob('node-cron', async () => {
      throw new RangeError('failed');
    }),
  );
  await expect(failing.execute()).rejects.toThrow('failed');
  expect((await runOf('node-cron', 'failure')).attributes['error.type']).toBe('RangeError');
  await Promise.all([task.destroy(), failing.destroy()]);
});

test('croner, with its protection against runs that overlap', async () => {
  let finish: () => void = () => {};
  const seen: unknown[] = [];
  const job = new Cron(
    '0 3 * * *',
    { paused: true, protect: true, context: { day: 'Monday' } },
    observeJob('croner', (self: unknown, context: unknown) => {
      seen.push(self, context);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    }),
  );
  const run = job.trigger();
  expect(job.isBusy()).toBe(true);
  finish();
  await run;
  await runOf('croner', 'success');
  expect(seen).toEqual([job, { day: 'Monday' }]);
  job.stop();
});

test.each(['above', 'below'])('@nestjs/schedule, with @Cron() %s @observedJob()', async (place) => {
  class Reports {
    readonly title = 'daily';
    readonly sent: string[] = [];
    async send() {
      this.sent.push(this.title);
    }
  }
  const observed = observedJob(`nest ${place}`);
  const scheduled = NestCron('0 3 * * *', { name: 'send' });
  // As TypeScript calls decorators: the lowest first.
  const method = Object.getOwnPropertyDescriptor(Reports.prototype, 'send') as PropertyDescriptor;
  for (const decorate of place === 'above' ? [observed, scheduled] : [scheduled, observed]) {
    (decorate as MethodDecorator)(Reports.prototype, 'send', method);
  }
  Object.defineProperty(Reports.prototype, 'send', method);
  class AppModule {}
  Injectable()(Reports);
  Module({ imports: [ScheduleModule.forRoot()], providers: [Reports] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  await app.init();
  await app.get(SchedulerRegistry).getCronJob('send').fireOnTick();
  await runOf(`nest ${place}`, 'success');
  expect(app.get(Reports).sent).toEqual(['daily']);
  await app.close();
});

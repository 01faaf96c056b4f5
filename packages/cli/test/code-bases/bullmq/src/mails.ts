import { randomUUID } from 'node:crypto';
import { type Job, Queue, Worker } from 'bullmq';
import { logger } from './logger';

interface Mail {
  readonly to: string;
  readonly traceId: string;
}
const mails = new Queue<Mail>('mails');

export async function send(to: string, traceId?: string): Promise<void> {
  await mails.add('welcome', { to, traceId: traceId ?? randomUUID() }); // finds: payload-sent id-made
  await mails.addBulk([{ name: 'news', data: { to, traceId: traceId ?? '' } }]); // finds: payload-sent
}

export const worker = new Worker<Mail>('mails', async (job: Job<Mail>) => {
  const { to, traceId } = job.data; // finds: payload-read
  logger.info({ to, traceId, id: job.id }, 'sending'); // finds: logged
  const log = logger.child({ traceId: job.data.traceId }); // finds: logged payload-read
  log.info('sent');
});

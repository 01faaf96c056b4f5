const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const longHex = /(?<![0-9a-z])[0-9a-f]{16,}(?![0-9a-z])/gi;
/** What SQS allows: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const queueName = /^[\w-]{1,80}(?:\.fifo)?$/;

/**
 * The name of a queue: the last part of its URL. It labels metrics, so parts that look like an id are replaced by `*`,
 * and what cannot be a name of a queue is `_OTHER`.
 */
export function nameOfQueue(queueUrl: unknown): string {
  if (typeof queueUrl !== 'string') return '_OTHER';
  const name = queueUrl.slice(queueUrl.lastIndexOf('/') + 1);
  return queueName.test(name) ? name.replace(uuid, '*').replace(longHex, '*') : '_OTHER';
}

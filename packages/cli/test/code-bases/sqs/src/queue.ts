import { randomUUID } from 'node:crypto';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { logger } from './logger';

const sqs = new SQSClient({});
const QueueUrl = 'https://sqs/orders';

export async function send(
  order: { id: string; note: string },
  traceId = randomUUID(), // finds: id-made
): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: JSON.stringify(order),
      MessageAttributes: {
        'x-trace-id': { DataType: 'String', StringValue: traceId }, // finds: header-sent
        type: { DataType: 'String', StringValue: 'order' },
      },
    }),
  );
  await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: JSON.stringify({ ...order, traceId }), // finds: payload-sent
      MessageAttributes: {
        correlationId: { DataType: 'String', StringValue: traceId }, // finds: header-sent
      },
    }),
  );
}

export async function receive(): Promise<void> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['x-trace-id', 'type'] }),
  );
  for (const message of Messages) {
    const traceId = message.MessageAttributes?.['x-trace-id']?.StringValue; // finds: header-read
    const type = message.MessageAttributes?.type?.StringValue;
    const correlationId = message.MessageAttributes?.correlationId?.StringValue; // finds: header-read
    const body = JSON.parse(message.Body ?? '{}');
    logger.info('order', { traceId, type, correlationId }); // finds: logged logged
    logger.info('body', { trace: body.traceId, order: body.id }); // finds: logged payload-read
  }
}

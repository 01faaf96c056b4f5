import { logger } from '@throughline/core';
import amqp from 'amqplib';

export const queue = 'requests';
/** Where messages end up that could not be recorded in two attempts. */
export const failedQueue = 'requests-failed';

/**
 * Connects to the broker as soon as it is there, and again after it was away.
 *
 * @param {string} url
 * @param {(connection: amqp.ChannelModel) => Promise<amqp.Channel>} openChannel
 * @param {(channel: amqp.Channel) => Promise<unknown>} [use] what to do with each new channel
 */
export function connectToBroker(url, openChannel, use = async () => {}) {
  let channel;
  const setup = async (connection) => {
    const opened = await openChannel(connection);
    opened.on('error', (error) => logger.error('the channel failed', { error }));
    // Only a new connection brings a new channel.
    opened.on('close', () => {
      channel = undefined;
      connection.close().catch(() => {});
    });
    await opened.assertQueue(failedQueue);
    await opened.assertQueue(queue, { deadLetterExchange: '', deadLetterRoutingKey: failedQueue });
    await use(opened);
    channel = opened;
  };
  const connecting = amqp
    .connect(url, { recovery: { maxDelay: 2_000, waitForConnect: false, setup } })
    .then((connection) => {
      connection.on('connect', () => logger.info('connected to the broker'));
      connection.on('connect-failed', (error) => logger.warn('not ready yet', { error }));
      connection.on('disconnect', (error) => logger.warn('the broker is away', { error }));
      // What an error means is told by 'disconnect'; without a listener it would end the process.
      connection.on('error', () => {});
      return connection;
    });
  return {
    /** The channel, while there is one. */
    channel: () => channel,
    close: async () => (await connecting).close(),
  };
}

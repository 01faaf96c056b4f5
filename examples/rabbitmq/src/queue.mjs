import { logger } from '@throughline/core';
import amqp from 'amqplib';

export const queue = 'requests';
/** The queue for messages that could not be recorded in two attempts. */
export const failedQueue = 'requests-failed';

/**
 * Connects to the broker as soon as it is available, and connects again after an outage.
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
    // A new channel needs a new connection.
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
      connection.on('disconnect', (error) => logger.warn('disconnected from the broker', { error }));
      // 'disconnect' handles the consequences; but without a listener an error would end the process.
      connection.on('error', () => {});
      return connection;
    });
  return {
    /** The current channel; undefined while there is no connection. */
    channel: () => channel,
    close: async () => (await connecting).close(),
  };
}

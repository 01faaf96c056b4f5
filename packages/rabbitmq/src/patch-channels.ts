import { exportedPrototype, patchOnce, prototypeWith } from '@throughline/core/plugin';
import { observeAnswers, observeConsume, observeDeliveries } from './consume.js';
import { OpenDeliveries } from './deliveries.js';
import { observeGet, useObservation } from './get.js';
import type { AmqpChannel, AmqpConfirmChannel, BaseChannel } from './internals.js';
import type { Observation } from './observation.js';
import { observePublish } from './publish.js';

export type Recording = Omit<Observation, 'isActive'>;

/**
 * The channels of one API of amqplib: `lib/channel_model.js` or `lib/callback_model.js`. Methods of prototypes are
 * replaced, so channels that were made before are observed too.
 */
export function patchChannels(moduleExports: unknown, recording: Recording): () => void {
  const channel = exportedPrototype(moduleExports, 'Channel') as BaseChannel;
  const confirmChannel = exportedPrototype(moduleExports, 'ConfirmChannel') as AmqpConfirmChannel;
  const undos = [patchChannel(channel, recording), patchConfirmChannel(confirmChannel, recording)];
  return () => {
    for (const undo of undos.reverse()) undo();
  };
}

/** The classes of a channel that was made. */
export function patchClassesOf(channel: AmqpChannel, recording: Recording): () => void {
  const own: object = Object.getPrototypeOf(channel);
  // A confirm channel inherits `consume` and overrides `publish`.
  const base = prototypeWith(own as BaseChannel, ['consume', 'publish']);
  if (!base) throw new Error("its channels have no methods 'consume' and 'publish'");
  const undos = [patchChannel(base, recording)];
  if (own !== base) undos.push(patchConfirmChannel(own as AmqpConfirmChannel, recording));
  return () => {
    for (const undo of undos.reverse()) undo();
  };
}

function patchChannel(channel: BaseChannel, recording: Recording): () => void {
  return patchOnce(channel, 'rabbitmq', (patch) => {
    const observation: Observation = { ...recording, isActive: () => patch.active };
    patch.replace(channel, 'publish', observePublish(observation).publish);
    patch.replace(channel, 'consume', observeConsume(observation));
    patch.replace(channel, 'get', observeGet(observation));
    const open = new OpenDeliveries();
    const { ack, nack, reject, ackAll, nackAll } = observeAnswers(open);
    patch.replace(channel, 'ack', ack);
    patch.replace(channel, 'nack', nack);
    patch.replace(channel, 'reject', reject);
    patch.replace(channel, 'ackAll', ackAll);
    patch.replace(channel, 'nackAll', nackAll);
    // Inherited: both APIs have it from one class, and each is patched for itself.
    patch.replace(channel, 'dispatchMessage', observeDeliveries(observation, open));
    patch.onUndo(() => open.endAll());
    patch.onUndo(useObservation(observation));
  });
}

function patchConfirmChannel(channel: AmqpConfirmChannel, recording: Recording): () => void {
  return patchOnce(channel, 'rabbitmq', (patch) => {
    const observation: Observation = { ...recording, isActive: () => patch.active };
    patch.replace(channel, 'publish', observePublish(observation).publishAndConfirm);
  });
}

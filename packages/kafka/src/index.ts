export {
  type BatchPayload,
  forEachMessage,
  injectHeaders,
  type KafkaMessage,
  type MessageBatch,
  type MessageOf,
  type MessagePayload,
  runWithMessage,
} from './client/messages.js';
export {
  type KafkaPluginOptions,
  kafkaPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  kafkaPlugin as throughlinePlugin,
} from './kafka-plugin.js';

export type { Destination } from './destinations.js';
export {
  type NatsPluginOptions,
  natsPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  natsPlugin as throughlinePlugin,
} from './nats-plugin.js';
export { runWithMessage } from './run-with-message.js';

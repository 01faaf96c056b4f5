export type { Destination } from './destinations.js';
export { runWithMessage } from './get.js';
export {
  type RabbitmqPluginOptions,
  rabbitmqPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  rabbitmqPlugin as throughlinePlugin,
} from './rabbitmq-plugin.js';

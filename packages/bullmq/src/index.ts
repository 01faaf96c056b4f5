export {
  type BullmqPluginOptions,
  bullmqPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  bullmqPlugin as throughlinePlugin,
} from './bullmq-plugin.js';

export { runWithMessage } from './run-with-message.js';
export {
  type SqsPluginOptions,
  sqsPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  sqsPlugin as throughlinePlugin,
} from './sqs-plugin.js';

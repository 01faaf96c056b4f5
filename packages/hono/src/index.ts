export {
  type BundledModules,
  type HonoPluginOptions,
  honoPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  honoPlugin as throughlinePlugin,
} from './hono-plugin.js';

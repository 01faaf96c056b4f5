export {
  type DbPluginOptions,
  dbPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  dbPlugin as throughlinePlugin,
} from './db-plugin.js';

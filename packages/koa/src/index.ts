export {
  type BundledModules,
  type KoaPluginOptions,
  koaPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  koaPlugin as throughlinePlugin,
} from './koa-plugin.js';

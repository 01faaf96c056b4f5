export {
  type BundledModules,
  type ExpressPluginOptions,
  expressPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  expressPlugin as throughlinePlugin,
} from './express-plugin.js';

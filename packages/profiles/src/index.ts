export {
  profilesPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  profilesPlugin as throughlinePlugin,
} from './profiles-plugin.js';

export {
  type BundledModules,
  type FastifyPluginOptions,
  fastifyPlugin,
  // What `@throughline/core/register` looks for in an installed plugin.
  fastifyPlugin as throughlinePlugin,
} from './fastify-plugin.js';

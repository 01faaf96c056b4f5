import cluster from 'node:cluster';
import clustered from './clustered.cjs';

const isWithout = cluster.isPrimary && process.env.PRIMARY_WITHOUT === 'true';
await clustered.serve(isWithout ? undefined : await import('../../packages/core/dist/index.js'));

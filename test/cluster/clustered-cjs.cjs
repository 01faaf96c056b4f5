const cluster = require('node:cluster');

const isWithout = cluster.isPrimary && process.env.PRIMARY_WITHOUT === 'true';
void require('./clustered.cjs').serve(isWithout ? undefined : require('../../packages/core/dist/index.cjs'));

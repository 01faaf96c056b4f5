/* The configuration file of the agent. What is not here comes from the environment. */
const { readFileSync } = require('node:fs');

exports.config = {
  // The stand-in of the collector has a certificate that no authority has signed.
  certificates: [readFileSync(process.env.BENCH_CERTIFICATE, 'utf8')],
};

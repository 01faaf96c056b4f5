/*
 * The service that every launcher starts: it answers with its process id, and ends as most services do.
 */
const body = `
const server = http.createServer((request, response) => response.end(String(process.pid)));
server.listen(Number(process.env.ORDERS_PORT), '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

export const service = {
  commonJs: `#!/usr/bin/env node\nconst http = require('node:http');${body}`,
  typescript: `import * as http from 'node:http';${body.replace('server', 'server: http.Server')}`,
};

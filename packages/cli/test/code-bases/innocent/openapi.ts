export const allowedHeaders = ['content-type', 'x-trace-id', 'authorization'];
export const schema = {
  headers: { 'x-request-id': { type: 'string', description: 'given by the gateway' } },
  parameters: [{ in: 'header', name: 'x-trace-id', schema: { type: 'string' } }],
};
export const pullRequestId = 12;
export const frame = requestAnimationFrame(() => {});

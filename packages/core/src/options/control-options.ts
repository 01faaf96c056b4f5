import { checkText, group, option } from './option.js';

const minTokenLength = 16;

function checkToken(value: unknown): string {
  const token = checkText(value);
  // What a request header can carry: anything else could never be sent.
  if (token.length < minTokenLength || !/^[\x21-\x7e]+$/.test(token)) {
    throw new Error(`takes at least ${minTokenLength} visible ASCII characters without spaces`);
  }
  return token;
}

export const controlOptions = group(
  'Live control over HTTP, on the metrics endpoint (docs/live-control.md).',
  {
    token: option({
      type: 'string',
      description: `Bearer token for \`/observability/…\`, at least ${minTokenLength} characters. Without a token these paths return 404.`,
      fallbackText: 'none: live control is off',
      environment: [{ name: 'THROUGHLINE_CONTROL_TOKEN', parse: checkToken }],
      secret: true,
      parse: checkToken,
    }),
  },
);

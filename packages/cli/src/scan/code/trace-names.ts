/** Headers of traces by their published names, and those that companies give ids by hand. */
const knownHeaders = new Set([
  'traceparent',
  'tracestate',
  'b3',
  'x-trace',
  'x-traceid',
  'x-requestid',
  'x-req-id',
  'x-correlationid',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'x-span-id',
  'x-parent-span-id',
  'x-amzn-trace-id',
  'x-cloud-trace-context',
  'x-datadog-trace-id',
  'x-datadog-parent-id',
  'x-datadog-sampling-priority',
  'x-ot-span-context',
  'sentry-trace',
  'uber-trace-id',
]);

/** `trace-id`, `x-request-id`, `x-acme-correlation-id`, `x_trace_id`. */
const headerPattern = /^(?:x[-_])?(?:[a-z0-9]+[-_])?(?:trace|tracing|correlation|request)[-_]?id$/;

/** Ids that services of other companies put into their responses. They are not traces of this code base. */
const platformHeader = /^x[-_](?:amz|amzn|ms|github|goog|oss|shopify|vercel|nf|fb|twitter|slack)[-_]/;

/** The header's name in lower case if it carries a trace id, else undefined. */
export function traceHeader(name: string, extraHeaders: ReadonlySet<string>): string | undefined {
  const lower = name.toLowerCase();
  if (extraHeaders.has(lower) || knownHeaders.has(lower)) return lower;
  if (!/-|^x_/.test(lower) || !headerPattern.test(lower) || platformHeader.test(lower)) return undefined;
  return lower;
}

/** What is called like an id of a trace, as one word: `traceid`, `correlationid`, `requestid`. */
export interface IdName {
  readonly word: string;
  /**
   * Whether the name alone says so. `requestId` and `correlationId` mean other things too (a JSON-RPC call, an AMQP
   * reply): they count once the same name is seen on a header or in a context.
   */
  readonly certain: boolean;
}

const certainName = /(?:^|[^a-z])(?:trace|tracing)id$/;
const possibleName =
  /^(?:x|http|current|incoming|existing|inbound|parent|root|my|new|the|this|generated|header|original)?(?:correlation|corr|request|req)id$/;

/** Reads the name of a variable or property; undefined for any other name. */
export function idName(name: string | undefined): IdName | undefined {
  if (name === undefined || name.length < 5 || name.length > 40) return undefined;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_.]/)
    .filter((word) => word !== '');
  const joined = words.join('');
  const tail = words.at(-1) === 'id' ? `${words.slice(0, -1).join('-')}id` : joined;
  if (certainName.test(joined.endsWith('traceid') && words.length === 1 ? joined : `-${tail}`)) {
    return { word: joined, certain: true };
  }
  return possibleName.test(joined) ? { word: joined.replace(/^x(?=re|cor)/, ''), certain: false } : undefined;
}

/** `TRACE_HEADER`, `correlationIdHeader`, `HEADER_REQUEST_ID`: a constant whose value cannot be seen. */
export function namesTraceHeader(name: string | undefined): boolean {
  if (name === undefined || !/header/i.test(name) || /headers/i.test(name)) return false;
  return /trace_?id|trace_?header|header_?trace|correlation|request_?id/i.test(name);
}

/** Cheap test of a whole file: without one of these words it can hold no finding. */
export function mayMentionTraces(text: string, extraHeaders: ReadonlySet<string>): boolean {
  if (
    /trac(?:e|ing)[-_]?(?:id|header|parent|state|context)|traceparent|sentry-trace|span-context|x-trace|span-?id|correlation|req(?:uest)?[-_]?id|\bb3\b|x-b3|x-datadog|rtracer|hpropagate|http-context/i.test(
      text,
    )
  ) {
    return true;
  }
  for (const name of extraHeaders) if (text.includes(name) || text.toLowerCase().includes(name)) return true;
  return false;
}

import ts from 'typescript';
import { lineFields } from '../../packages/core/src/logs/json-line.js';
import { identityLabelOf } from '../../packages/core/src/model/identity.js';
import { expectSame, sourcesOfService, visitAll } from './source-files.js';

const always: Readonly<Record<string, string>> = {
  timestamp: 'When the line was written, as ISO 8601 in UTC.',
  level: 'Level of the logger: `error`, `warn`, `info`, `debug`…',
  message: 'Message, without secrets.',
  trace_id: 'Trace in which the line was written; missing outside of a trace.',
  span_id: 'Span in which the line was written.',
  trace_flags: 'Flags of the trace as two hexadecimal digits: `01` and `03` mean that it is recorded.',
};

const identity: Readonly<Record<string, string>> = {
  service_name: 'Service.',
  service_namespace: 'Group of services.',
  service_version: 'Version of the service.',
  deployment_environment_name: 'Environment, such as `production`.',
  team: 'Team that owns the service.',
};

const errors: Readonly<Record<string, string>> = {
  'error.type': 'Class of the error.',
  'error.message': 'Message of the error, without secrets.',
  'error.code': 'Its `code`, if it has one.',
  'error.stack': 'Stack, with the causes.',
};

/** Fields that every line has which is written while a message or job is processed. */
const inContext: Readonly<Record<string, string>> = {
  topic: 'Kafka: topic.',
  partition: 'Kafka: partition.',
  offset: 'Kafka: offset.',
  exchange: 'RabbitMQ: exchange.',
  routing_key: 'RabbitMQ: routing key.',
  queue: 'RabbitMQ, Amazon SQS and BullMQ: queue. NATS: queue group.',
  message_id: 'Amazon SQS: id of the message.',
  subject: 'NATS: subject.',
  stream: 'NATS: stream of JetStream.',
  stream_sequence: 'NATS: number of the message in the stream.',
  job_id: 'BullMQ: id of the job.',
  job_name: 'BullMQ: name of the job. [Jobs](../jobs.md): name of the job.',
  attempt: 'BullMQ: number of the attempt, from 1.',
  legacy_trace_id: 'Value of the old trace header, with [`legacyTraceHeader`](../moving-over.md).',
};

/** Fields of the one line about a request, message or job. */
const canonical: Readonly<Record<string, string>> = {
  event_name: '`http.server.request`, `rpc.server.call`, `messaging.process` or `job.run`.',
  duration_seconds: 'Duration.',
  error_type: 'Class or code of the error.',
  http_request_method: 'Method.',
  http_route: 'Template of the route.',
  url_path: 'Path of the request.',
  http_response_status_code: 'Status of the response.',
  http_request_body_size: 'Size of the request body, in bytes.',
  http_response_body_size: 'Size of the response body, in bytes.',
  rpc_system_name: '`grpc`.',
  rpc_method: 'Service and method.',
  rpc_response_status_code: 'Name of the gRPC status.',
  messaging_system: 'Broker.',
  messaging_operation_name: 'Operation.',
  messaging_destination_name: 'Topic, queue or subject.',
  messaging_consumer_group_name: 'Consumer group.',
  messaging_batch_message_count: 'Number of messages of a batch.',
  message_age_seconds: "Time from the broker's timestamp to the start of processing.",
  job_name: 'Name of the job.',
  job_outcome: '`success`, `failure` or `interrupted`.',
};

/** Fields of the lines that Throughline writes about itself. */
const own: Readonly<Record<string, string>> = {
  code: 'Code of a problem ([Errors](errors.md)).',
  fix: 'What to do about it.',
  help: 'Where the code is explained.',
  'throughline.version': 'At start: version of Throughline.',
  plugins: 'At start: names of the plugins.',
  traces: 'At start: where spans are sent.',
  metrics_port: 'At start: port of the metrics endpoint.',
  details: 'Of a message of the OpenTelemetry SDK: what it passed with it.',
  'throughline.doctor': 'Of the test line of `throughline doctor`: what to look for in the log backend.',
  dropped: 'Of flood control: lines that were kept back.',
  origin: 'Of a crash: `uncaughtException` or `unhandledRejection`.',
  reason: 'Of a crash: what was thrown, if it is not an error.',
  setting: 'Of [live control](../live-control.md): the setting that was changed.',
  value: 'Of live control: its new value.',
  previous: 'Of live control: its value before.',
  remote_address: 'Of live control: who changed it, or was refused.',
  header: 'Of an [old trace header](../moving-over.md): its name.',
  source: 'Of an old trace header: the caller that sends it.',
  until: 'Of live control: when the value before returns. Of an old trace header: the end of `acceptUntil`.',
  days_left: 'Of an old trace header: days until then.',
};

/**
 * The reference of the fields of log lines.
 *
 * @throws Error for a field of the code that is not described here, or the reverse
 */
export function logFieldsPage(root: string): string {
  const code = fieldsInCode(root);
  expectSame('Fields of every line', Object.keys(always), ['level', 'message', ...lineFields]);
  expectSame('Fields of the identity', Object.keys(identity), Object.values(identityLabelOf));
  expectSame('Fields of lines in a message', Object.keys(inContext), [
    ...code.inContext,
    ...['topic', 'partition', 'offset', 'job_name', 'legacy_trace_id'],
  ]);
  expectSame('Fields of canonical lines', Object.keys(canonical), [
    ...code.canonical,
    ...['event_name', 'duration_seconds'],
  ]);
  const ofRequests = new Set(Object.keys(canonical));
  expectSame(
    'Fields of own lines',
    Object.keys(own),
    [...code.own].filter((name) => !ofRequests.has(name)),
  );
  const table = (fields: Readonly<Record<string, string>>) =>
    `| field | meaning |\n| --- | --- |\n${Object.entries(fields)
      .map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
      .join('\n')}\n`;
  return `<!-- Generated from scripts/reference/log-fields-page.ts, and compared with the code, by \`npm run generate\`; do not edit. -->

# Fields of log lines

Each line is one JSON object. The fields of the caller follow those below. A caller's field with a name that Throughline writes itself is kept as \`exported_<name>\`. [Logs](../logs.md) explains how to use them. By OTLP, the fields of the first three tables are properties and attributes of the log record and its resource.

## Every line

${table(always)}
## Identity

${table(identity)}
## Errors

${table(errors)}
## While a message or job is processed

The fields that the plugin of the broker adds to every line of a handler.

${table(inContext)}
## The one line per request, message or job

With [\`logs.canonicalLine\`](../logs.md#one-line-per-request). Annotations are added under their names.

${table(canonical)}
## Lines of Throughline itself

A problem is a warning with \`code\`, \`fix\` and \`help\`, and with the fields of an error if one is the cause.

${table(own)}`;
}

/** The names of the fields that the code adds, by where it adds them. */
function fieldsInCode(root: string) {
  const [inContext, canonical, own] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { tree } of sourcesOfService(root, /logFields|event:|\blogger\b|sdkLineMark/)) {
    visitAll(tree, (node) => {
      if (ts.isPropertyAssignment(node)) {
        const name = node.name.getText(tree);
        if (name === 'logFields') addNames(node.initializer, tree, inContext);
        const isOfLine = name === 'fields' && hasMember(node.parent, tree, 'event');
        if (isOfLine) addNames(node.initializer, tree, canonical);
      }
      if (ts.isPropertyAccessExpression(node) && node.expression.getText(tree) === 'logFields')
        inContext.add(node.name.text);
      if (ts.isVariableDeclaration(node) && node.name.getText(tree) === 'logFields' && node.initializer)
        addNames(node.initializer, tree, inContext);
      if (ts.isCallExpression(node) && isLogCall(node, tree)) {
        const fields = node.arguments.at(-1);
        if (fields) addNames(constantOf(fields, tree), tree, own);
      }
    });
  }
  // These are not fields of their own: the settled line, and the error that it writes as `error.type` and so on.
  for (const name of ['level', 'message', 'error', '[sdkLineMark]']) own.delete(name);
  return { inContext, canonical, own };
}

function isLogCall({ expression }: ts.CallExpression, tree: ts.SourceFile): boolean {
  const called = expression.getText(tree);
  return called === 'audit' || /(?:^|\.)logger\.(?:log|error|warn|info|debug)$|\.recordOf$/.test(called);
}

/** What a name stands for, if it is a constant of the file. */
function constantOf(node: ts.Expression, tree: ts.SourceFile): ts.Node {
  let found: ts.Node = node;
  if (ts.isIdentifier(node)) {
    visitAll(tree, (each) => {
      if (ts.isVariableDeclaration(each) && each.name.getText(tree) === node.text && each.initializer)
        found = each.initializer;
    });
  }
  return found;
}

function hasMember(node: ts.Node, tree: ts.SourceFile, name: string): boolean {
  return (
    ts.isObjectLiteralExpression(node) && node.properties.some((each) => each.name?.getText(tree) === name)
  );
}

/** The names of an object, also of the objects that are spread into it. */
function addNames(node: ts.Node, tree: ts.SourceFile, names: Set<string>): void {
  if (ts.isObjectLiteralExpression(node)) {
    for (const property of node.properties) {
      if (ts.isSpreadAssignment(property)) addNames(property.expression, tree, names);
      else if (property.name) names.add(property.name.getText(tree).replace(/^'(.*)'$/, '$1'));
    }
  } else if (ts.isConditionalExpression(node)) {
    addNames(node.whenTrue, tree, names);
    addNames(node.whenFalse, tree, names);
  } else if (ts.isParenthesizedExpression(node)) addNames(node.expression, tree, names);
}

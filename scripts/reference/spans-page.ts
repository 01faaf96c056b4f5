import ts from 'typescript';
import { expectSame, sourcesOfService, visitAll } from './source-files.js';

/** What each attribute of a span means. The names are read from the code, and each must be here. */
const groups: readonly {
  readonly title: string;
  readonly about: string;
  readonly attributes: Readonly<Record<string, string>>;
}[] = [
  {
    title: 'HTTP',
    about:
      'Server spans and client spans. [Signals](../signals.md#spans) says which of them a span has, and when.',
    attributes: {
      'http.request.method': 'Method; one that is not known is `_OTHER`.',
      'http.request.method_original': 'Method as it was sent, where `http.request.method` is `_OTHER`.',
      'http.route': 'Template of the route, such as `/orders/:id`.',
      'http.response.status_code': 'Status of the response.',
      'http.request.header.<name>': 'Headers that `http.captureRequestHeaders` names.',
      'http.response.header.<name>': 'Headers that `http.captureResponseHeaders` names.',
      'url.full': 'Address of a call, without credentials and without the values of secret parameters.',
      'url.scheme': '`http` or `https`.',
      'url.path': 'Path of a request.',
      'url.query': 'Query of a request, without the values of secret parameters.',
      'user_agent.original': 'The header `User-Agent`.',
      'client.address':
        'Address of the client, from `Forwarded` or `X-Forwarded-For` if the peer is trusted.',
      'network.peer.address': 'Address of the other end of the connection.',
      'network.peer.port': 'Port of the other end of the connection.',
      'network.protocol.version': '`1.1` or `2`.',
    },
  },
  {
    title: 'All kinds',
    about: 'Where a call goes, and how it failed.',
    attributes: {
      'server.address': 'Host of the server that was called, or that a request names.',
      'server.port': 'Port of the server.',
      'error.type': 'Class or code of the error; for HTTP and gRPC also the status.',
      'throughline.sampling.kept_for':
        'Why a trace was kept that the sampler did not take: `error` or `slow` ([sampling](../sampling.md)).',
    },
  },
  {
    title: 'gRPC and AWS',
    about: 'See [gRPC, GraphQL and AWS](../calls.md).',
    attributes: {
      'rpc.system.name': '`grpc` or `aws-api`.',
      'rpc.method': 'Service and method.',
      'rpc.method_original': 'Method as it was sent, where `rpc.method` is `_OTHER`.',
      'rpc.response.status_code': 'Name of the gRPC status.',
      'aws.request_id': 'Id of the request at AWS.',
      'aws.sqs.queue.url': 'Address of the queue.',
    },
  },
  {
    title: 'GraphQL',
    about: 'See [GraphQL](../calls.md#graphql).',
    attributes: {
      'graphql.operation.type': '`query`, `mutation` or `subscription`.',
      'graphql.operation.name': 'Name of the operation in the document.',
    },
  },
  {
    title: 'Databases',
    about: 'See [Databases](../databases.md).',
    attributes: {
      'db.system.name': 'Database, such as `postgresql`, `mysql`, `redis` or `mongodb`.',
      'db.namespace': 'Name or number of the database.',
      'db.collection.name': 'Table or collection.',
      'db.operation.name': 'Operation, such as `SELECT`.',
      'db.operation.batch.size': 'Number of operations that were sent together.',
      'db.query.text': 'Statement, with `?` for each value.',
      'db.query.summary': 'Operation and tables; also the name of the span.',
      'db.response.status_code': 'Code of the error that the database answered.',
      'db.mysql.errno': 'Number of the error of MySQL.',
    },
  },
  {
    title: 'Messages',
    about:
      'See [Kafka](../kafka.md), [RabbitMQ](../rabbitmq.md), [Amazon SQS](../sqs.md), [NATS](../nats.md) and [BullMQ](../bullmq.md).',
    attributes: {
      'messaging.system': 'Broker, such as `kafka` or `rabbitmq`.',
      'messaging.operation.name': 'Operation in the words of the broker, such as `send` or `poll`.',
      'messaging.operation.type': '`send`, `receive` or `process`.',
      'messaging.destination.name': 'Topic, queue or subject.',
      'messaging.destination.template': 'Subject with wildcards that a subscription names.',
      'messaging.destination.temporary': 'True for a queue or a subject that ends with its connection.',
      'messaging.destination.partition.id': 'Partition of the topic.',
      'messaging.consumer.group.name': 'Consumer group, or queue group.',
      'messaging.client.id': 'Name that the client gives itself.',
      'messaging.batch.message_count': 'Number of messages that were sent or received together.',
      'messaging.message.id': 'Id of the message or job.',
      'messaging.message.conversation_id': 'Correlation id that the application set.',
      'messaging.message.body.size': 'Size of the body, in bytes.',
      'messaging.message.envelope.size': 'Size of body and attributes, in bytes.',
      'messaging.kafka.message.key': 'Key of the message.',
      'messaging.kafka.message.tombstone': 'True for a message without a value.',
      'messaging.kafka.offset': 'Offset in the partition.',
      'messaging.nats.subject': 'Subject of the message.',
      'messaging.nats.stream': 'Stream of JetStream.',
      'messaging.nats.stream_sequence': 'Number of the message in the stream.',
      'messaging.rabbitmq.destination.routing_key': 'Routing key.',
      'messaging.rabbitmq.message.delivery_tag': 'Delivery tag.',
      'throughline.messages_without_context':
        'Number of messages of a batch that have no room for the trace ([Amazon SQS](../sqs.md)).',
    },
  },
  {
    title: 'Jobs',
    about: 'See [Jobs](../jobs.md).',
    attributes: {
      'job.name': 'Name that the code gives the job.',
      'job.outcome': '`success`, `failure` or `interrupted`.',
    },
  },
  {
    title: 'Exception events',
    about: 'An event of the span for each error that is recorded.',
    attributes: {
      'exception.type': 'Class of the error.',
      'exception.message': 'Message, without secrets.',
      'exception.stacktrace': 'Stack, with the causes.',
    },
  },
];

const attribute =
  /^(?:http|url|server|client|network|user_agent|db|messaging|rpc|aws|graphql|job|error|exception)\.[a-z0-9_.]+$|^throughline\.(?:sampling\.|messages_)/;

/** Names of this form that are not attributes of spans. */
const others = new Set([
  // Channels of Node.
  ...['http.client.request.start', 'http.client.response.finish'],
  // What a canonical line is about: its field `event_name`.
  ...['http.server.request', 'rpc.server.call', 'messaging.process', 'job.run'],
  // A setting of Kafka clients.
  'client.id',
  // Fields of log lines.
  ...['error.message', 'error.code', 'error.stack'],
]);

/**
 * The reference of the attributes of spans.
 *
 * @throws Error for an attribute of the code that is not described here, or the reverse
 */
export function spansPage(root: string): string {
  const described = groups.flatMap(({ attributes }) => Object.keys(attributes));
  expectSame('Attributes of spans', described, attributesInCode(root));
  const sections = groups.map(({ title, about, attributes }) => {
    const rows = Object.entries(attributes).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
    return `## ${title}\n\n${about}\n\n| attribute | meaning |\n| --- | --- |\n${rows.join('\n')}\n`;
  });
  return `<!-- Generated from scripts/reference/spans-page.ts, and compared with the code, by \`npm run generate\`; do not edit. -->

# Attributes of spans

Names that begin with \`throughline.\`, \`job.\` and \`messaging.nats.\` are Throughline's. The others are those of the [OpenTelemetry semantic conventions](https://opentelemetry.io/docs/specs/semconv/registry/attributes/). [Annotations](../logs.md#one-line-per-request) add attributes of the service, and stock instrumentations record their own.

${sections.join('\n')}`;
}

function attributesInCode(root: string): string[] {
  const found = new Set<string>();
  for (const { tree } of sourcesOfService(
    root,
    /['"`](?:http|url|server|client|network|user_agent|db|messaging|rpc|aws|graphql|job|error|exception|throughline)\./,
  )) {
    visitAll(tree, (node) => {
      if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
        // `http.request.header.` is followed by the name of a header.
        const name = node.text.replace(/\.$/, '.<name>');
        if (attribute.test(node.text) && !others.has(name)) found.add(name);
      }
    });
  }
  return [...found].sort();
}

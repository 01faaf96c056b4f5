/*
 * The source of the service that every cell runs: Express, calls by fetch, http.request and gRPC, a query, a command,
 * messages and an operation of GraphQL, and apps of Fastify, Koa and Hono. Only the way it imports and the place of the
 * init call differ.
 */

const imports = [
  ['express', 'express', 'default'],
  ['node:http', '{ createServer, request as httpRequest }', 'named'],
  ['fastify', 'fastify', 'default'],
  ['koa', 'Koa', 'default'],
  ['@koa/router', '{ Router }', 'named'],
  ['hono', '* as hono', 'namespace'],
  ['@hono/node-server', '{ serve }', 'named'],
  ['pg', 'pg', 'default'],
  ['ioredis', '{ Redis }', 'named'],
  ['kafkajs', 'kafkajs', 'default'],
  ['amqplib', 'amqplib', 'default'],
  ['bullmq', '* as bullmq', 'all'],
  ['@nats-io/transport-node', '{ connect as connectNats }', 'named'],
  ['@aws-sdk/client-sqs', '* as aws', 'all'],
  ['@grpc/grpc-js', '* as grpc', 'all'],
  ['graphql', '{ buildSchema, graphql }', 'named'],
  ['@throughline/core', '{ getObservability, initObservability, logger }', 'named'],
  ['@throughline/express', '{ expressPlugin }', 'named'],
  ['@throughline/fastify', '{ fastifyPlugin }', 'named'],
  ['@throughline/koa', '{ koaPlugin }', 'named'],
  ['@throughline/hono', '{ honoPlugin }', 'named'],
  ['@throughline/db', '{ dbPlugin }', 'named'],
  ['@throughline/kafka', '{ kafkaPlugin }', 'named'],
  ['@throughline/rabbitmq', '{ rabbitmqPlugin }', 'named'],
  ['@throughline/bullmq', '{ bullmqPlugin }', 'named'],
  ['@throughline/nats', '{ natsPlugin }', 'named'],
  ['@throughline/sqs', '{ runWithMessage, sqsPlugin }', 'named'],
];

/** @param {{ system: string, init: string }} cell */
export function serviceSource({ system, init }) {
  const lines = imports.map(([name, binding]) =>
    system === 'cjs'
      ? `const ${binding.replace('* as ', '').replaceAll(' as ', ': ')} = require('${name}');`
      : `import ${binding} from '${name}';`,
  );
  const inlined = system === 'bundle inlined';
  const plugins = inlined
    ? '[expressPlugin({ modules: { express } }), fastifyPlugin({ modules: { fastify } }), koaPlugin({ modules: { koa: Koa, "@koa/router": Router } }), honoPlugin({ modules: { hono } }), dbPlugin({ modules: { pg, ioredis: Redis } }), kafkaPlugin({ modules: { kafkajs } }), rabbitmqPlugin({ modules: { amqplib } }), bullmqPlugin({ modules: { bullmq } }), natsPlugin(), sqsPlugin()]'
    : '[expressPlugin(), fastifyPlugin(), koaPlugin(), honoPlugin(), dbPlugin(), kafkaPlugin(), rabbitmqPlugin(), bullmqPlugin(), natsPlugin(), sqsPlugin()]';
  const typed = system === 'tsx' || system === 'type stripping';
  const any = typed ? ': any' : '';
  return `${lines.join('\n')}

function init() {
  initObservability({ plugins: ${plugins}, metrics: { endpoint: false } });
}
${init === 'first' ? 'init();' : ''}

const { ECHO_URL, POSTGRES_URL, REDIS_URL, KAFKA_BROKERS, RABBITMQ_URL, NATS_URL, SQS_URL, OTEL_SERVICE_NAME: topic } = process.env;
const pool = POSTGRES_URL ? new pg.Pool({ connectionString: POSTGRES_URL }) : undefined;
const redis = REDIS_URL ? new Redis(REDIS_URL) : undefined;
// Neither a name of a queue of SQS nor a part of a subject may have a dot.
const subject = String(topic).replaceAll('.', '-');

let producer${any};
let consumer${any};
let processed = 0;
let whenProcessed${any} = () => {};
async function startKafka() {
  if (!KAFKA_BROKERS) return;
  const kafka = new kafkajs.Kafka({ brokers: KAFKA_BROKERS.split(','), logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  producer = kafka.producer();
  consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async () => { if (++processed === 2) whenProcessed(); } });
}

let channel${any};
let amqpConnection${any};
let queue${any};
let worker${any};
let natsConnection${any};
let handled = 0;
let whenHandled${any} = () => {};
const allHandled = () => handled === [channel, queue, natsConnection].filter(Boolean).length * 2;
const handle = () => { handled++; if (allHandled()) whenHandled(); };
async function startQueues() {
  if (RABBITMQ_URL) {
    amqpConnection = await amqplib.connect(RABBITMQ_URL);
    channel = await amqpConnection.createChannel();
    await channel.assertQueue(topic, { exclusive: true });
    await channel.consume(topic, (message${any}) => { channel.ack(message); handle(); });
  }
  if (REDIS_URL) {
    const connection = { url: REDIS_URL, maxRetriesPerRequest: null };
    queue = new bullmq.Queue(topic${typed ? '!' : ''}, { connection });
    worker = new bullmq.Worker(topic${typed ? '!' : ''}, async () => handle(), { connection });
    await worker.waitUntilReady();
  }
}

async function startNats() {
  if (!NATS_URL) return;
  natsConnection = await connectNats({ servers: NATS_URL });
  natsConnection.subscribe(subject, { callback: handle });
  await natsConnection.flush();
}

let sqs${any};
let queueUrl = '';
async function startSqs() {
  if (!SQS_URL) return;
  sqs = new aws.SQSClient({ region: 'eu-central-1', endpoint: SQS_URL, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  const created${any} = await sqs.send(new aws.CreateQueueCommand({ QueueName: subject }));
  queueUrl = created.QueueUrl;
}
async function receiveFromSqs(count${typed ? ': number' : ''}) {
  const receive = { QueueUrl: queueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 };
  for (let received = 0; received < count; ) {
    const { Messages = [] }${any} = await sqs.send(new aws.ReceiveMessageCommand(receive));
    for (const message of Messages) await runWithMessage(message, () => { received++; });
  }
}

const text = {
  requestSerialize: (value${any}) => Buffer.from(value),
  requestDeserialize: (bytes${any}) => bytes.toString(),
  responseSerialize: (value${any}) => Buffer.from(value),
  responseDeserialize: (bytes${any}) => bytes.toString(),
};
const cart = { add: { path: '/shop.Cart/Add', requestStream: false, responseStream: false, ...text } };
const grpcServer = new grpc.Server();
grpcServer.addService(cart, { add: (_call${any}, callback${any}) => callback(null, 'added') });
let cartClient${any};
async function startGrpc() {
  const insecure = [grpc.ServerCredentials.createInsecure(), grpc.credentials.createInsecure()]${typed ? ' as const' : ''};
  const port = await new Promise((resolve, reject) => {
    grpcServer.bindAsync('127.0.0.1:0', insecure[0], (error${any}, bound${any}) => (error ? reject(error) : resolve(bound)));
  });
  cartClient = new (grpc.makeGenericClientConstructor(cart${typed ? ' as any' : ''}, 'shop.Cart'))('127.0.0.1:' + port, insecure[1]);
}

const schema = buildSchema('type Query { answer: Int }');

function readBody(response${any})${typed ? ': Promise<string>' : ''} {
  return new Promise((resolve, reject) => {
    let body = '';
    response.on('data', (chunk${any}) => { body += chunk; });
    response.on('end', () => resolve(body));
    response.on('error', reject);
  });
}

const app = express();
const orders = express.Router();
orders.get('/items/:item', async (request${any}, response${any}, next${any}) => {
  try {
    logger.info('order read', { order: request.params.id });
    const byFetch = await (await fetch(ECHO_URL + '/fetch')).text();
    const byRequest = await new Promise((resolve, reject) => {
      httpRequest(ECHO_URL + '/request', (answer${any}) => readBody(answer).then(resolve, reject)).on('error', reject).end();
    });
    if (pool) await pool.query('SELECT $1::int AS answer', [42]);
    if (redis) await redis.set('matrix', '1');
    if (producer) await producer.send({ topic, messages: [{ value: 'read' }] });
    if (channel) channel.sendToQueue(topic, Buffer.from('read'));
    if (queue) await queue.add('read', {});
    if (natsConnection) natsConnection.publish(subject, 'read');
    if (sqs) await sqs.send(new aws.SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'read' }));
    await new Promise((resolve, reject) => {
      cartClient.add('item', (error${any}, answer${any}) => (error ? reject(error) : resolve(answer)));
    });
    await graphql({ schema, source: 'query Answer { answer }', rootValue: { answer: 42 } });
    response.json({ byFetch, byRequest });
  } catch (error) {
    next(error);
  }
});
app.use('/orders/:id', orders);

const fastifyApp = fastify();
fastifyApp.get('/fastify/:id', async () => 'ok');
const router = new Router();
router.get('/koa/:id', (ctx) => { ctx.body = 'ok'; });
const koaApp = new Koa();
koaApp.use(router.routes());
const koaServer = createServer(koaApp.callback());
const honoApp = new hono.Hono();
honoApp.get('/hono/:id', (c) => c.text('ok'));

const server = createServer(app);
server.listen(0, '127.0.0.1', async () => {
  await fastifyApp.listen({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve${any}) => { koaServer.listen(0, '127.0.0.1', resolve); });
  const honoServer${any} = await new Promise((resolve) => {
    const started = serve({ fetch: honoApp.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
  });
  await Promise.all([startNats(), startSqs(), startGrpc()]);
  ${inlined ? '' : 'await startKafka(); await startQueues();'}
  ${init === 'last' ? 'init();' : ''}
  ${init === 'async' ? 'await new Promise((resolve) => setTimeout(resolve, 20)); init();' : ''}
  ${inlined ? 'await startKafka(); await startQueues();' : ''}
  const observability = getObservability();
  const url = 'http://127.0.0.1:' + server.address()${typed ? '!' : ''}${typed ? "['port' as never]" : '.port'} + '/orders/7/items/8';
  // The first answer may come from a connection made before init; the second is as good.
  const answers = [];
  for (let i = 0; i < 2; i++) answers.push(JSON.parse(await callAsStranger(url)));
  for (const [each, name] of [[fastifyApp.server, 'fastify'], [koaServer, 'koa'], [honoServer, 'hono']]) {
    // Under tsx an ES module can only be patched some time after the first request.
    for (let i = 0; i < 100; i++) {
      await callAsStranger('http://127.0.0.1:' + each.address().port + '/' + name + '/7');
      if ((await observability.metrics.render()).body.includes('http_route="/' + name + '/:id"')) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  if (consumer && processed < 2) await new Promise((resolve${any}) => { whenProcessed = resolve; });
  if (!allHandled()) await new Promise((resolve${any}) => { whenHandled = resolve; });
  if (sqs) await receiveFromSqs(answers.length);
  await consumer?.stop();
  await worker?.close();
  const metrics = (await observability.metrics.render()).body;
  await observability.flush();
  console.log(JSON.stringify({ result: { answers, metrics, plugins: observability.plugins } }));
  await observability.shutdown();
  await Promise.all([producer?.disconnect(), consumer?.disconnect()]);
  await queue?.close();
  await amqpConnection?.close();
  await natsConnection?.close();
  sqs?.destroy();
  cartClient.close();
  grpcServer.forceShutdown();
  await pool?.end();
  redis?.disconnect();
  const servers${any} = [server, koaServer, honoServer];
  for (const each of servers) {
    each.close();
    each.closeAllConnections();
  }
  await fastifyApp.close();
});

/** Without a trace, like a call of a browser. */
async function callAsStranger(url${any})${typed ? ': Promise<string>' : ''} {
  const { connect } = ${system === 'cjs' ? "require('node:net')" : "await import('node:net')"};
  const { port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk${any}) => { text += chunk; });
    socket.on('error', reject);
    socket.on('end', () => resolve(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)));
    socket.write('GET ' + pathname + ' HTTP/1.1\\r\\nHost: stranger\\r\\nConnection: close\\r\\n\\r\\n');
  });
}
`;
}

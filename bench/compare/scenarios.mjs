/*
 * What the service does in each scenario. A `paths` scenario is loaded by HTTP requests; an `operation` is asked for
 * over IPC. `needs` names the real parts that it talks to.
 */
export const scenarios = {
  hello: {
    title: 'hello',
    is: 'One Express route with a parameter, which answers with a text.',
    paths: ['/hello/world'],
  },
  order: {
    title: 'order',
    is: 'One Express route with a parameter, which logs one JSON line with winston and answers with JSON.',
    paths: ['/orders/17'],
  },
  middlewares: {
    title: 'JSON, five middlewares',
    is: 'A route behind five middlewares, which answers with a JSON document of 1 kB.',
    paths: ['/catalogue/17'],
  },
  databases: {
    title: 'three queries and a fetch',
    is: 'A route that makes three queries through the pool of pg and one `fetch`, each awaited, against a real PostgreSQL and a local HTTP server.',
    paths: ['/checkout/17'],
    needs: ['postgres', 'upstream'],
  },
  kafka: {
    title: 'Kafka',
    is: 'kafkajs consumes a message with a trace context, processes it and sends another, against a real broker.',
    operation: 'kafka',
    needs: ['kafka'],
  },
  logs: {
    title: 'log-heavy',
    is: 'A route that logs 20 JSON lines with winston.',
    paths: ['/logs/17'],
  },
  sampled: {
    title: '1 % sampled',
    is: 'The scenario *order*, of which one trace in a hundred is recorded.',
    paths: ['/orders/17'],
    isSampled: true,
  },
  routes: {
    title: '1,000 routes',
    is: 'An application of 40 routers with 25 routes each, all of which are called in turn.',
    paths: Array.from({ length: 1_000 }, (_, i) => `/group-${Math.floor(i / 25)}/route-${i % 25}/17`),
  },
};

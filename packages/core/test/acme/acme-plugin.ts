import { followPromise, type ObservabilityPlugin, patchOnce } from '../../src/plugin.js';
import { AcmeClient } from './acme-db.js';

export interface AcmeOptions {
  readonly queryText?: 'sanitized' | 'raw' | 'none';
  /** What this plugin does wrong. */
  readonly fault?: keyof typeof faults;
}

/** Each fault breaks one promise of plugins for databases. The value names the test that must fail. */
export const faults = {
  'two names for one span':
    'an operation is one client span by the semantic conventions, and counts once in the metric',
  'counts nothing': 'without a span around it an operation counts, and makes no span',
  'shows literals': 'the text of statements: sanitized',
  'shows text that is switched off': 'the text of statements: none',
  'records no errors': 'an error of the server is on span and metric, and the same for the service',
  'replaces the errors of the client':
    'an error of the server is on span and metric, and the same for the service',
  'hides unhandled rejections': 'an unhandled rejection stays unhandled, and a handled one stays handled',
  'leaves its span active': 'callbacks and continuations run in the context of the call',
  'sees new clients only': 'a client that was connected before init is observed',
  'goes on when it is off': 'clients survive that the plugin is switched off and on again',
  'patches twice': 'two plugins record an operation once',
  'leaves its patch': 'after shutdown nothing is left of the plugin',
} as const;

export function acmePlugin({ queryText = 'sanitized', fault }: AcmeOptions = {}): ObservabilityPlugin {
  return {
    name: 'acme',
    setup({ databases }) {
      const made = performance.now();
      const { prototype } = AcmeClient;
      const name = fault === 'patches twice' ? `acme-${made}` : 'acme';
      const undo = patchOnce(prototype, name, (patch) =>
        patch.replace(
          prototype,
          'get',
          (get) =>
            function observedGet(this: AcmeClient & { seen?: boolean }, key) {
              if (!patch.active && fault !== 'goes on when it is off') return get.call(this, key);
              if (fault === 'sees new clients only' && born(this) < made) return get.call(this, key);
              if (fault === 'counts nothing') return get.call(this, key);
              const operation = databases.start({
                system: 'acme',
                name: 'GET',
                ...(fault === 'two names for one span' ? { summary: `GET ${key}` } : {}),
                queryText: textOf(key, queryText, fault),
              });
              const result = operation.run(() => get.call(this, key));
              if (fault === 'leaves its span active') {
                return {
                  // biome-ignore lint/suspicious/noThenProperty: that is the fault
                  then: (...args: Parameters<typeof result.then>) =>
                    operation.run(() => result.then(...args)),
                } as Promise<string>;
              }
              if (fault === 'hides unhandled rejections') {
                result.then(
                  () => operation.end(),
                  (error) => operation.end({ error }),
                );
                return result;
              }
              return followPromise(
                result,
                () => operation.end(),
                (error) => operation.end(fault === 'records no errors' ? {} : { error }),
              ).catch((error) => {
                throw fault === 'replaces the errors of the client' ? new Error('ours') : error;
              });
            },
        ),
      );
      return fault === 'leaves its patch' || fault === 'goes on when it is off' ? undefined : undo;
    },
  };
}

const births = new WeakMap<AcmeClient, number>();
export const connectAcme = () => {
  const client = new AcmeClient();
  births.set(client, performance.now());
  return client;
};
const born = (client: AcmeClient) => births.get(client) ?? 0;

function textOf(key: string, queryText: AcmeOptions['queryText'], fault: AcmeOptions['fault']) {
  if (fault === 'shows literals') return `GET ${key}`;
  if (queryText === 'none' && fault !== 'shows text that is switched off') return undefined;
  return queryText === 'raw' ? `GET ${key}` : 'GET ?';
}

import type { ReceiveInput, SqsMessage } from './internals.js';
import { type Observation, system } from './observation.js';
import { headersOf } from './outgoing-message.js';
import { nameOfQueue } from './queue-names.js';
import { rememberMessage } from './run-with-message.js';
import type { ObservedCommand } from './send.js';

const sentTimestamp = 'SentTimestamp';

/** Asks for the attributes with the context, and takes those away again that the service has not asked for. */
export function observeReceive({ messaging }: Observation, input: ReceiveInput): ObservedCommand {
  const { QueueUrl: queueUrl } = input;
  const destination = nameOfQueue(queueUrl);
  const attributes = typeof queueUrl === 'string' ? { 'aws.sqs.queue.url': queueUrl } : {};
  const operation = messaging.startReceive({ system, destination, attributes });
  const asked = listOf(input.MessageAttributeNames);
  const added = messaging.headerNames.filter((name) => !covers(asked, name));
  // Services that use the newer name may not look at the older one.
  const systemNames =
    listOf(input.MessageSystemAttributeNames).length > 0 ? 'MessageSystemAttributeNames' : 'AttributeNames';
  const askedOfSystem = [...listOf(input.AttributeNames), ...listOf(input.MessageSystemAttributeNames)];
  const addsTime = !askedOfSystem.includes('All') && !askedOfSystem.includes(sentTimestamp);
  return {
    operation,
    input: {
      ...input,
      ...(added.length > 0 && { MessageAttributeNames: [...asked, ...added] }),
      ...(addsTime && { [systemNames]: [...listOf(input[systemNames]), sentTimestamp] }),
    },
    onOutput(output) {
      const messages = (output as { Messages?: SqsMessage[] } | undefined)?.Messages ?? [];
      const headers = messages.map((message) => {
        const carried = headersOf(message.MessageAttributes);
        rememberMessage(message, {
          queueUrl,
          headers: carried,
          timestampMillis: message.Attributes?.[sentTimestamp],
        });
        takeAway(message, added, addsTime);
        return carried;
      });
      return { count: messages.length, headers };
    },
  };
}

function listOf(names: readonly unknown[] | undefined): readonly unknown[] {
  return Array.isArray(names) ? names : [];
}

/** `All`, `.*` and `prefix.*` are wildcards. */
function covers(asked: readonly unknown[], name: string): boolean {
  return asked.some(
    (one) =>
      one === 'All' ||
      one === name ||
      (typeof one === 'string' && one.endsWith('.*') && name.startsWith(one.slice(0, -2))),
  );
}

function takeAway(message: SqsMessage, names: readonly string[], alsoTime: boolean): void {
  const { MessageAttributes: attributes, Attributes: systemAttributes } = message;
  if (attributes) {
    const found = names.filter((name) => Object.hasOwn(attributes, name));
    for (const name of found) delete attributes[name];
    // It is the checksum of what was returned, these included.
    if (found.length > 0) delete message.MD5OfMessageAttributes;
    if (found.length > 0 && Object.keys(attributes).length === 0) delete message.MessageAttributes;
  }
  if (alsoTime && systemAttributes) {
    delete systemAttributes[sentTimestamp];
    if (Object.keys(systemAttributes).length === 0) delete message.Attributes;
  }
}

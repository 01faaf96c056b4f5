import { copyOf } from '../model/text-copy.js';
import { createSecretNames, redacted } from './secret-names.js';
import { createTextRedaction, redactStatement } from './secret-text.js';

const redactText = createTextRedaction([]);
const isSecretName = createSecretNames();

/** What may be in the values of one key. */
type Kind = 'nothing' | 'text' | 'statement' | 'secret';

/**
 * Attributes of the semantic conventions that hold words of a short list, names of hosts or numbers. Looking for
 * secrets in them would cost time on every span. `session.id` is the name that the conventions give to a visit.
 */
const withoutSecrets =
  /^(?:(?:server|client|network|messaging|rpc|thread|code|service|telemetry|session|process\.runtime|user_agent|net)\.|error\.type$|exception\.type$|http\.(?:request\.method|response\.(?:status_code|size|body)|route|method|status|scheme|host)|url\.(?:scheme|domain|port)$|db\.(?:system|operation|collection|namespace|query\.summary|response|name|sql\.table))/;
const statements = /^db\.(?:query\.text|statement)$/;

/** Services have few keys; one that makes them up must not fill the memory. */
const maxRemembered = 2_000;
const kinds = new Map<string, Kind>();

function kindOf(key: string): Kind {
  const known = kinds.get(key);
  if (known !== undefined) return known;
  const isHarmless = withoutSecrets.test(key);
  const isSecret = isSecretName(key.slice(key.lastIndexOf('.') + 1)) || (!isHarmless && isSecretName(key));
  const kind = statements.test(key) ? 'statement' : isSecret ? 'secret' : isHarmless ? 'nothing' : 'text';
  if (kinds.size < maxRemembered && key.length <= 256) kinds.set(copyOf(key), kind);
  return kind;
}

/** The message of an exception or of a span's status, without the secrets in it. */
export const redactMessage = redactText;

/**
 * The value of a span's attribute without secrets, by the same rules as a field of a log line: all of it where the
 * key is the name of a secret, and otherwise texts that have the form of a secret. Flags and empty values are not secrets.
 */
export function redactAttribute<T>(key: string, value: T): T | string | readonly unknown[] {
  if (typeof value === 'boolean' || value === undefined || value === null || value === '') return value;
  switch (kindOf(key)) {
    case 'nothing':
      return value;
    case 'secret':
      return Array.isArray(value) ? value.map(() => redacted) : redacted;
    case 'statement':
      return eachText(value, redactStatement);
    case 'text':
      return eachText(value, redactText);
  }
}

function eachText<T>(value: T, redact: (text: string) => string): T | string | readonly unknown[] {
  if (typeof value === 'string') return redact(value);
  if (!Array.isArray(value)) return value;
  return value.map((element) => (typeof element === 'string' ? redact(element) : element));
}

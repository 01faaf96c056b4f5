import { context, type Span, trace } from '@opentelemetry/api';
import { ObservabilityError } from '../model/errors.js';
import { copyOf } from '../model/text-copy.js';
import { type AnnotationFields, Annotations, annotationValue, isAnnotationName } from './annotations.js';
import { unitOfWorkOf } from './unit-of-work.js';

/** Adds fields to the request, message or job that runs. */
export type Annotate = (fields: AnnotationFields) => void;

/** Why an annotation was not recorded: the label `reason` of `throughline_rejected_annotations_total`. */
export const annotationRejections = ['name', 'contract', 'value', 'limit', 'outside', 'late'] as const;
export type AnnotationRejection = (typeof annotationRejections)[number];

export interface AnnotationSettings {
  /** Whether the contract forbids the name; it counts and reports that itself. */
  readonly isForbidden: (name: string) => boolean;
  /** Names that the lines or spans have already. */
  readonly reserved: ReadonlySet<string>;
  readonly rejected: (reason: AnnotationRejection) => void;
  readonly report: (error: ObservabilityError) => void;
}

/** Beyond that, the names are most likely made of ids: each would be one more field of the log backend. */
const maxNames = 256;
/** Different problems that are remembered and reported. */
const maxSaid = 1_000;

/** `order.id` of a span is `order_id` in Prometheus and in Loki's `| json`. */
export function fieldForm(name: string): string {
  return name.replace(/[.-]/g, '_');
}

/** Nothing that is passed to the function makes it throw. Each kind of problem is reported once, and counted each time. */
export function createAnnotate({ isForbidden, reserved, rejected, report }: AnnotationSettings): Annotate {
  /** Names that were looked at, and whether they can be used. */
  const names = new Map<string, boolean>();
  const said = new Set<string>();
  const reject = (reason: AnnotationRejection, key: string, detail: () => string) => {
    rejected(reason);
    if (said.has(key) || said.size >= maxSaid) return;
    said.add(copyOf(key));
    report(new ObservabilityError('OBS_ANNOTATION_REJECTED', detail()));
  };

  function canUse(name: string): boolean {
    const known = names.get(name);
    if (known === true) return true;
    if (!isAnnotationName(name)) {
      reject('name', 'form', () => `The annotation '${name.slice(0, 64)}' has a name that cannot be used.`);
      return false;
    }
    if (reserved.has(fieldForm(name))) {
      reject(
        'name',
        `reserved ${name}`,
        () => `The annotation '${name}' has a name that Throughline sets itself.`,
      );
      return false;
    }
    if (isForbidden(name)) {
      rejected('contract');
      return false;
    }
    if (names.size >= maxNames) {
      reject(
        'name',
        'many',
        () => `Annotations have more than ${maxNames} different names; '${name}' is not recorded.`,
      );
      return false;
    }
    names.set(copyOf(name), true);
    return true;
  }

  function add(span: Span, annotations: Annotations, name: string, given: unknown): void {
    if (given === undefined || given === null || !canUse(name)) return;
    const value = annotationValue(given);
    if (value === undefined) {
      reject(
        'value',
        `value ${name}`,
        () =>
          `The annotation '${name}' is neither a text, a finite number, true or false, nor an array of one of these.`,
      );
    } else if (annotations.set(name, value)) {
      span.setAttribute(name, value as string);
    } else {
      reject(
        'limit',
        'limit',
        () => `A request, message or job has too many annotations; '${name}' is not recorded.`,
      );
    }
  }

  return (fields) => {
    try {
      const active = context.active();
      const work = unitOfWorkOf(active);
      const span = work?.span ?? trace.getSpan(active);
      if (span === undefined) {
        reject(
          'outside',
          'outside',
          () => 'annotate() was called outside of a request, a message, a job and a span.',
        );
        return;
      }
      if (work?.isOver === true) {
        reject('late', 'late', () => 'annotate() was called after the request, message or job had ended.');
        return;
      }
      if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
        reject('value', 'fields', () => 'annotate() takes an object of fields.');
        return;
      }
      let annotations: Annotations;
      if (work) {
        work.annotations ??= new Annotations();
        annotations = work.annotations;
      } else annotations = new Annotations();
      for (const name of Object.keys(fields)) {
        try {
          add(span, annotations, name, fields[name]);
        } catch {
          reject('value', `value ${name}`, () => `The annotation '${name}' could not be read.`);
        }
      }
    } catch {
      // A revoked Proxy, for example.
      reject('value', 'fields', () => 'annotate() got an object that could not be read.');
    }
  };
}

import { diag, type TextMapPropagator } from '@opentelemetry/api';
import { isLateAnswer } from '../model/late-rejection.js';
import { oncePerInterval } from '../timing/once-per-interval.js';

const complaintIntervalMillis = 60_000;

/** A propagator of the service's: what it throws must not reach the requests that it is called for. */
export function guardedPropagator(given: TextMapPropagator): TextMapPropagator {
  const complain = oncePerInterval(complaintIntervalMillis, (error: unknown) =>
    diag.error('A propagator failed; its headers are left out.', error),
  );
  return {
    inject(context, carrier, setter) {
      try {
        isLateAnswer(given.inject(context, carrier, setter), complain);
      } catch (error) {
        complain(error);
      }
    },
    extract(context, carrier, getter) {
      try {
        const extracted: unknown = given.extract(context, carrier, getter);
        // Anything but a context would fail later, at a place where the reason is hard to find.
        return !isLateAnswer(extracted, complain) && isContext(extracted) ? extracted : context;
      } catch (error) {
        complain(error);
        return context;
      }
    },
    fields() {
      try {
        const fields: unknown = given.fields();
        return Array.isArray(fields) ? fields : [];
      } catch (error) {
        complain(error);
        return [];
      }
    },
  };
}

function isContext(value: unknown): value is ReturnType<TextMapPropagator['extract']> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'getValue') === 'function';
}

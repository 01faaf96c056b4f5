import type { BreachRecord } from '../contract/breach-record.js';
import type { Contract } from '../contract/contract.js';
import { fieldForm } from './annotate.js';

/**
 * The rules of the contract for the names of annotations. Without rules, the labels that it forbids are forbidden as
 * annotations as well.
 *
 * @returns whether a name may not be used; each time is counted, and the first is logged
 */
export function annotationRules(
  contract: Contract | undefined,
  record: BreachRecord,
): (name: string) => boolean {
  if (!contract) return () => false;
  const { forbidden = contract.labels?.forbidden ?? [], allowed } = contract.annotations ?? {};
  const isForbidden = new Set(forbidden.map(fieldForm));
  const isAllowed = allowed && new Set(allowed.map(fieldForm));
  return (name) => {
    const field = fieldForm(name);
    if (isForbidden.has(field)) {
      record.happened({
        rule: 'annotation_forbidden',
        subject: name,
        message: `the annotation '${name}' is forbidden`,
      });
      return true;
    }
    if (isAllowed && !isAllowed.has(field)) {
      record.happened({
        rule: 'annotation_not_allowed',
        subject: name,
        message: `the annotation '${name}' is not an allowed annotation`,
      });
      return true;
    }
    return false;
  };
}

import { backendFaults } from './backends.js';
import { callbackFaults } from './callbacks.js';
import { endingFaults } from './endings.js';
import type { FaultGroup } from './fault.js';
import { hostileInput } from './hostile-input.js';
import { lifecycleFaults } from './lifecycle.js';

/** Every fault that is created on purpose, by kind. */
export const faultGroups: readonly FaultGroup[] = [
  endingFaults,
  lifecycleFaults,
  hostileInput,
  callbackFaults,
  backendFaults,
];

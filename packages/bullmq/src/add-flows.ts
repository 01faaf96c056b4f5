import { followCall, tryStart } from '@throughline/core/plugin';
import { type PreparedSend, prepareSend } from './add-jobs.js';
import { type BullmqFlowProducer, type FlowNode, hasOwnTelemetry } from './internals.js';
import { copyWith } from './job-context.js';
import type { Observation } from './observation.js';

/** `FlowProducer.add` and `addBulk`: a send for each queue that the flow has jobs for. */
export function observeFlowProducer(observation: Observation) {
  const prepare = (producer: BullmqFlowProducer, flows: () => readonly FlowNode[]) =>
    observation.isActive() && !hasOwnTelemetry(producer)
      ? tryStart(() => prepareFlows(observation, flows()))
      : undefined;
  return {
    add: (original: BullmqFlowProducer['add']): BullmqFlowProducer['add'] =>
      function add(this: BullmqFlowProducer, flow, ...others) {
        const prepared = prepare(this, () => [flow]);
        if (!prepared) return original.call(this, flow, ...others);
        return follow(prepared.sends, () => original.call(this, prepared.flows[0] ?? flow, ...others));
      },
    addBulk: (original: BullmqFlowProducer['addBulk']): BullmqFlowProducer['addBulk'] =>
      function addBulk(this: BullmqFlowProducer, flows, ...others) {
        const prepared = prepare(this, () => flows);
        if (!prepared) return original.call(this, flows, ...others);
        return follow(prepared.sends, () => original.call(this, prepared.flows, ...others));
      },
  };
}

function prepareFlows(observation: Observation, flows: readonly FlowNode[]) {
  const byQueue = new Map<string, FlowNode[]>();
  const collect = (nodes: readonly FlowNode[]) => {
    for (const node of nodes) {
      if (typeof node.queueName !== 'string') throw new TypeError('a job of a flow needs a queue');
      const others = byQueue.get(node.queueName);
      if (others) others.push(node);
      else byQueue.set(node.queueName, [node]);
      collect(node.children ?? []);
    }
  };
  collect(flows);
  const copies = new Map<FlowNode, FlowNode>();
  const sends: PreparedSend<FlowNode>[] = [];
  for (const [queue, nodes] of byQueue) {
    const send = prepareSend(observation, queue, nodes);
    sends.push(send);
    for (const [index, node] of nodes.entries()) copies.set(node, send.jobs[index] ?? node);
  }
  const withContext = (node: FlowNode): FlowNode => {
    const copy = copies.get(node) ?? node;
    return node.children ? copyWith(copy, { children: node.children.map(withContext) }) : copy;
  };
  return { sends, flows: flows.map(withContext) };
}

function follow(sends: readonly PreparedSend<FlowNode>[], add: () => Promise<unknown>): Promise<unknown> {
  // The span of the first job's queue is the one around BullMQ's own work.
  const [first] = sends;
  return followCall(
    () => (first ? first.operation.run(add) : add()),
    () => {
      for (const { operation } of sends) operation.end();
    },
    (error) => {
      for (const { operation } of sends) operation.end({ error });
    },
  );
}

import { type Context, propagation, trace } from '@opentelemetry/api';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';

/** The key under which a function of the API puts its value: it is not exported, but the function shows it. */
function keyUsedBy(set: (context: Context) => void): symbol {
  let used: symbol | undefined;
  const probe: Context = {
    getValue: () => undefined,
    setValue(key) {
      used = key;
      return probe;
    },
    deleteValue: () => probe,
  };
  set(probe);
  return used as symbol;
}

const anySpan = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });

export const spanKey = keyUsedBy((context) => trace.setSpan(context, anySpan));
export const baggageKey = keyUsedBy((context) =>
  propagation.setBaggage(context, propagation.createBaggage()),
);
export const rpcMetadataKey = keyUsedBy((context) =>
  setRPCMetadata(context, { type: RPCType.HTTP, span: anySpan }),
);

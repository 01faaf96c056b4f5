// src/instance/process-state.ts
var key = /* @__PURE__ */ Symbol.for("throughline.process-state.1");
function processState() {
  const holder = globalThis;
  let state = holder[key];
  if (!state) {
    state = {};
    Object.defineProperty(holder, key, { value: state });
  }
  return state;
}

export {
  processState
};
//# sourceMappingURL=chunk-FKH6QDU2.js.map
import {
  captureObservability
} from "./chunk-VHRECPXO.js";
import "./chunk-AQDGJSJE.js";
import "./chunk-WWVNV2PO.js";
import "./chunk-FKH6QDU2.js";
import "./chunk-FHM7RHAG.js";
import "./chunk-OKTRVW2Y.js";
import "./chunk-5UVLWR2H.js";
import "./chunk-HYO6SFH6.js";
import "./chunk-K5GWHKQH.js";
import "./chunk-M47XFLI6.js";
import "./chunk-DGUM43GV.js";

// src/testing/check-plugin.ts
async function checkPlugin(create) {
  const checks = [];
  const check = (promise, problem) => checks.push(problem === void 0 ? { promise, kept: true } : { promise, kept: false, detail: problem });
  const handlesBefore = process.getActiveResourcesInfo().length;
  const plugin = create();
  check(
    "creating it starts nothing",
    process.getActiveResourcesInfo().length > handlesBefore ? "a timer or handle is open" : void 0
  );
  check(
    "it has a short lower-case name",
    /^[a-z][a-z0-9-]{0,31}$/.test(plugin.name) ? void 0 : `its name is '${plugin.name}'`
  );
  check("two of them are two objects", create() === plugin ? "the same object came twice" : void 0);
  for (const round of ["it sets up", "it sets up again after shutdown"]) {
    const captured = captureObservability({ plugins: [plugin] });
    const failure = () => captured.logLines.find((line) => line.code === "OBS_PLUGIN_SETUP_FAILED")?.message;
    check(round, failure());
    if (captured.observability.plugins.includes(plugin.name)) {
      captured.observability.setPluginEnabled(plugin.name, false);
      captured.observability.setPluginEnabled(plugin.name, true);
      check(`it is switched off and on again (${round})`, failure());
    }
    const unnamed = [...(await captured.metrics()).matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? "").filter((name) => !/^[a-z][a-z0-9_]*$/.test(name));
    check(
      `its metrics have Prometheus names (${round})`,
      unnamed.length > 0 ? `these do not: ${unnamed.join(", ")}` : void 0
    );
    let problem;
    await captured.stop().catch((error) => {
      problem = String(error);
    });
    check(`it shuts down (${round})`, problem);
  }
  return checks;
}
export {
  captureObservability,
  checkPlugin
};
//# sourceMappingURL=testing.js.map
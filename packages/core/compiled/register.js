import {
  loadConfigFile,
  loadInstalledPlugins
} from "./chunk-XJ4PNKQM.js";
import {
  initIn
} from "./chunk-AQDGJSJE.js";
import "./chunk-WWVNV2PO.js";
import "./chunk-FKH6QDU2.js";
import "./chunk-FHM7RHAG.js";
import "./chunk-OKTRVW2Y.js";
import "./chunk-5UVLWR2H.js";
import "./chunk-HYO6SFH6.js";
import "./chunk-K5GWHKQH.js";
import "./chunk-M47XFLI6.js";
import "./chunk-DGUM43GV.js";

// src/register.ts
var folder = process.cwd();
var configFile = loadConfigFile(folder);
var installed = configFile?.options.plugins ? void 0 : loadInstalledPlugins(folder);
initIn(
  {
    configFile: configFile?.options,
    arePluginsFound: installed !== void 0,
    problems: [...configFile?.problem ? [configFile.problem] : [], ...installed?.problems ?? []]
  },
  installed && installed.plugins.length > 0 ? { plugins: installed.plugins } : {}
);
//# sourceMappingURL=register.js.map
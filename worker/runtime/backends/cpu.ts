import "@tensorflow/tfjs-backend-cpu";
import { enableProdMode, setBackend } from "@tensorflow/tfjs-core";
import { SYNCHRONOUS, type BackendDriver } from "./driver.ts";

/** Plain JavaScript: slow, and always there. */
export const cpuBackend: BackendDriver = {
  name: "cpu",
  async start() {
    enableProdMode(); // or tfjs advertises its native package in Node
    if (!(await setBackend("cpu"))) throw new Error("The cpu backend did not start.");
    return SYNCHRONOUS;
  },
};

import { readFileSync } from "node:fs";
import { arch, cpus, platform, totalmem } from "node:os";

/** What the program runs on: `AMD EPYC 9R14, 2 cores, 16 GiB, linux x64`. */
export function machineName(): string {
  const processors = cpus();
  const model = processorName(processors[0]?.model ?? "", cpuInfo());
  const cores = `${processors.length} ${processors.length === 1 ? "core" : "cores"}`;
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${model}, ${cores}, ${memory}, ${platform()} ${arch()}`;
}

/**
 * The processor's name; virtual machines may name no more than the brand, which the numbers of its family and model then
 * follow: `AMD EPYC (family 25, model 1)`.
 *
 * @param info - Linux's `/proc/cpuinfo`, empty elsewhere
 */
export function processorName(brand: string, info: string): string {
  const name = brand.trim() || "unknown processor";
  if (/\d/.test(name)) return name;
  const [family, model] = ["cpu family", "model"].map(
    (field) => new RegExp(`^${field}\\s*:\\s*(\\d+)$`, "m").exec(info)?.[1],
  );
  return family === undefined || model === undefined ? name : `${name} (family ${family}, model ${model})`;
}

function cpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}

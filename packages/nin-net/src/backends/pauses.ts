/** How long a computation on the calling thread may keep timers, signals and input waiting. */
const longestMs = 20;

/** @returns to be called between the parts of a computation: lets other tasks in once 20 ms have passed since the last time */
export function pauses(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < longestMs) return undefined;
    return nextTask().then(() => {
      last = performance.now();
    });
  };
}

/** A timer would wait 4 ms or more in a page that uses many. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const timers = globalThis.process?.getBuiltinModule?.("node:timers");
    if (timers) {
      timers.setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

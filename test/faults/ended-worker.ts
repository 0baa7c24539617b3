/** Preloaded into a process, ends the second worker thread of the first device once it has begun its tenth task. */
import { WatchedWorkers } from "./watched-workers.js";

let count = 0;
new WatchedWorkers((worker) => {
  if (++count !== 2) return;
  const post = worker.postMessage.bind(worker);
  let messages = 0;
  worker.postMessage = (message: unknown) => {
    post(message);
    if (++messages === 10) void worker.terminate();
  };
});

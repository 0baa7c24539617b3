import type { Communicator, RankMessage } from "#nin-net/ranks/communicator.js";
import { goodEnd } from "#nin-net/ranks/communicator.js";

/** Ranks within one process, for tests: messages are copied when both sides have come. */
export function ranksInProcess(size: number): Communicator[] {
  const channels = new Map<string, Channel>();
  const channel = (from: number, to: number): Channel => {
    const key = `${from} ${to}`;
    let found = channels.get(key);
    if (found === undefined) {
      found = { sent: [], awaited: [] };
      channels.set(key, found);
    }
    return found;
  };
  const meet = ({ sent, awaited }: Channel): void => {
    while (sent.length > 0 && awaited.length > 0) {
      const [from, to] = [sent.shift()!, awaited.shift()!];
      if (from.data.length !== to.data.length) {
        throw new Error(`a message of ${from.data.length} bytes for one of ${to.data.length}`);
      }
      to.data.set(from.data);
      from.done();
      to.done();
    }
  };
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    description: `${size} ranks in one process`,
    hosts: new Array<string>(size).fill("localhost"),
    coreSharers: size,
    seconds: 0,
    async exchange(sends: readonly RankMessage[], receives: readonly RankMessage[]) {
      const begin = (queue: End[], data: Uint8Array) =>
        new Promise<void>((done) => {
          queue.push({ data, done });
        });
      const all = [
        ...sends.map(({ rank: to, data }) => begin(channel(rank, to).sent, data)),
        ...receives.map(({ rank: from, data }) => begin(channel(from, rank).awaited, data)),
      ];
      for (const { rank: to } of sends) meet(channel(rank, to));
      for (const { rank: from } of receives) meet(channel(from, rank));
      await Promise.all(all);
    },
    close: async (outcome = goodEnd) => ({ outcomes: [outcome], isClean: true }),
    abort: () => {},
  }));
}

interface End {
  readonly data: Uint8Array;
  readonly done: () => void;
}

interface Channel {
  readonly sent: End[];
  readonly awaited: End[];
}

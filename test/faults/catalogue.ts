/** A fault that the tests of this folder bring about. */
export interface Fault {
  /** What was done. */
  readonly fault: string;
  /** What happens then, one statement each; the test checks every one, under these words. */
  readonly happens: readonly string[];
  /** What a person is told, to the letter but for places, numbers of processes and codes, which stand in angle brackets. */
  readonly says?: string;
}

/** Every fault, in the order of the table in docs/reliability.md; each is tested once, by this name. */
export const faults = {
  workerEnded: {
    fault: "A worker thread is ended in the middle of a step",
    happens: ["the step fails", "so does every later one", "no thread is left once the device is closed"],
    says: "Thread 1 of the CPU backend died: it exited with code <code>. Open a new device to go on.",
  },
  kernelTraps: {
    fault: "A kernel reads outside its memory in the middle of a step",
    happens: ["the step fails", "so does every later one", "no thread is left once the device is closed"],
    says: "A thread of the CPU backend failed: memory access out of bounds. Open a new device to go on.",
  },
  workerNeverStarts: {
    fault: "A worker thread ends before it has started",
    happens: ["no device is opened", "no thread is left behind", "another device can be opened"],
    says: "Thread <number> of the CPU backend did not start: it exited with code <code>. Open a new device to go on.",
  },
  workerEndedInRun: {
    fault: "A worker thread of a training run is ended",
    happens: ["the run ends with exit status 1", "resumed, it comes to the same bits"],
    says: "Thread 1 of the CPU backend died: it exited with code <code>. Open a new device to go on.",
  },
  gpuLost: {
    fault:
      "The GPU is lost in the middle of a step of `nin train --device gpu`, with the next step on its queue",
    happens: [
      "the run ends with exit status 1",
      "its last checkpoint is whole",
      "resumed, it comes to the same bits",
    ],
    says: "The GPU was lost: <reason>. Open the device again and continue from the last checkpoint.",
  },
  usedAfterDispose: {
    fault: "A program, a state or a device is used after it was disposed of",
    happens: ["refused, whatever is called", "disposing of it once more does no harm"],
    says: "<What> was used after it was disposed of. Keep it until the last use, or create a new one.",
  },
  killedAtRandom: {
    fault: "kill -9 at 20 random moments of a run, every fourth once more while it is resumed",
    happens: [
      "a checkpoint is always readable",
      "resumed with 1, 2 or 3 threads, each comes to the same weights, momenta, events and curves, to the bit",
    ],
  },
  killedInWrites: {
    fault:
      "kill -9 before or in the middle of a write, flush or rename of a checkpoint, an event, the curves",
    happens: [
      "a checkpoint is always readable",
      "resumed with 1, 2 or 3 threads, each comes to the same weights, momenta, events and curves, to the bit",
    ],
  },
  killedCommand: {
    fault: "kill -9 of the command `nin train` at six moments of a run, in two of them within a write",
    happens: [
      "a checkpoint is always readable",
      "resumed by `nin train --resume` with 1, 2 or 3 threads, each comes to the same bits",
    ],
  },
  killedWhenBegun: {
    fault: "kill -9 while the run's settings are first written",
    happens: [
      "there is no run yet, and a resume is refused with exit status 1",
      "the folder can be begun in again, and comes to the same bits",
    ],
    says: "<run>/config.json: cannot be read: there is no such file. Give the folder that `nin train` named at its end.",
  },
  rankKilled: {
    fault: "kill -9 of any one of three ranks (Open MPI and MPICH) at three random moments of a run",
    happens: [
      "within 10 seconds no process is left",
      "a checkpoint is always readable",
      "resumed by one to three ranks, each comes to the same bits",
    ],
  },
  rankStopped: {
    fault: "A rank stops without ending (SIGSTOP)",
    happens: [
      "after --rank-timeout one rank says so, and every process ends",
      "the last checkpoint is whole",
    ],
    says: "Rank <number> on <host> has given no sign of life for <n> seconds. See whether its process or host has stopped, and resume the run.",
  },
  daemonStopped: {
    fault: "A rank stops without ending, and so does the daemon that is to end the others (MPICH)",
    happens: ["20 seconds after --rank-timeout the others have ended", "the last checkpoint is whole"],
  },
  linkSlow: {
    fault: "Ranks on two hosts (network namespaces), joined by a link of 5 Mbit/s that loses packets",
    happens: ["they come to the bits of one process"],
  },
  linkCut: {
    fault: "The link between two hosts is cut in the middle of a run",
    happens: [
      "20 seconds after --rank-timeout no rank is left",
      "the launcher ends once TCP gives up (`net.ipv4.tcp_retries2`)",
      "the last checkpoint is whole",
      "resumed by one process, it comes to the same bits",
    ],
    says: "Rank <number> on <host> has given no sign of life for <n> seconds. See whether its process or host has stopped, and resume the run.",
  },
  noSharedMemory: {
    fault: "Ranks in a container without shared memory (a /dev/shm of 64 KB)",
    happens: [
      "those of Open MPI come to the same bits, over TCP",
      "those of MPICH end with its own message and another exit status than 0",
      "with UCX_TLS=^posix they come to the same bits",
    ],
  },
  rankDiskFull: {
    fault: "The disk of the rank that writes the run is full (a real file system)",
    happens: ["every rank ends with exit status 1", "with space again one process resumes to the same bits"],
    says: "<run>/<file>: cannot be written: no space is left on the disk. Free some, or choose another place.",
  },
  sweepKilled: {
    fault: "`nin sweep` with two runs at once is told to stop (SIGTERM), begun again, and killed (SIGKILL)",
    happens: [
      "each run ends in a checkpoint",
      "no run outlives the sweep",
      "the same command goes on, to the same bits of every run and the same table",
    ],
  },
  sweepRunKilled: {
    fault: "A run of `nin sweep` is killed (SIGKILL)",
    happens: [
      "the other runs come to their end",
      "the sweep ends with exit status 1",
      "the same command trains what is missing of that run, to the same bits",
    ],
    says: "seed=1: Its process was ended by SIGKILL, as a system does that is short of memory.",
  },
  diskFull: {
    fault: "The disk is full (a real file system of 56 KB)",
    happens: [
      "the run ends with exit status 1",
      "the last checkpoint is whole, and no half file is left",
      "with space again it is resumed to the same bits",
    ],
    says: "<run>/<file>: cannot be written: no space is left on the disk. Free some, or choose another place.",
  },
  diskFullAtCheckpoint: {
    fault: "No space is left in the middle of a checkpoint (ENOSPC from the write)",
    happens: [
      "the run ends with exit status 1",
      "the last checkpoint is whole, and no half file is left",
      "resumed, it comes to the same bits",
    ],
    says: "<run>/checkpoint.safetensors: cannot be written: no space is left on the disk. Free some, or choose another place.",
  },
  diskFailsAtCheckpoint: {
    fault: "The disk fails while a checkpoint is flushed (EIO from fsync)",
    happens: [
      "the run ends with exit status 1",
      "the last checkpoint is whole, and no half file is left",
      "resumed, it comes to the same bits",
    ],
    says: "<run>/checkpoint.safetensors: cannot be written: the disk reports an error (EIO). Choose a folder that can be written to.",
  },
  diskFailsAtFolder: {
    fault: "The disk fails while the run's folder is flushed (EIO from fsync)",
    happens: [
      "the run ends with exit status 1",
      "the last checkpoint is whole, and no half file is left",
      "resumed, it comes to the same bits",
    ],
    says: "<run>/checkpoint.safetensors: cannot be written: the disk reports an error (EIO). Choose a folder that can be written to.",
  },
  foldersNotFlushed: {
    fault:
      "The file system cannot flush folders (EINVAL, ENOTSUP or EPERM from fsync, EPERM from opening one), or nothing at all (EINVAL)",
    happens: ["the run goes on to its end", "it comes to the same bits"],
  },
  diskFailsAtRename: {
    fault: "The disk fails while a checkpoint is renamed (EIO)",
    happens: [
      "the run ends with exit status 1",
      "the last checkpoint is whole, and no half file is left",
      "resumed, it comes to the same bits",
    ],
    says: "<run>/checkpoint.safetensors: cannot be written: the disk reports an error (EIO). Choose a folder that can be written to.",
  },
  diskFailsAtEvent: {
    fault: "The disk fails in the middle of an event's line (EIO)",
    happens: [
      "the run ends with exit status 1",
      "the last checkpoint is whole, and no half file is left",
      "resumed, it comes to the same bits",
    ],
    says: "<run>/events.jsonl: cannot be written: the disk reports an error (EIO). Choose a folder that can be written to.",
  },
  diskFullAtDownload: {
    fault: "The disk is full while data is downloaded (a real file system of 8 KB)",
    happens: ["refused", "no other address is tried", "no half file is left"],
    says: "<file>: no space is left on the disk. Free some space, name another cache folder with XDG_CACHE_HOME, or one that holds the data with --data-dir.",
  },
  diskFailsAtDownload: {
    fault: "The disk fails while downloaded data is flushed (EIO from fsync)",
    happens: ["refused", "no other address is tried", "no half file is left"],
    says: "<file>: cannot be written: the disk reports an error (EIO). Check the folder's permissions, name another cache folder with XDG_CACHE_HOME, or one that holds the data with --data-dir.",
  },
  readOnly: {
    fault: "A run is begun or resumed in a read-only folder (a real file system, remounted)",
    happens: ["refused with exit status 1", "nothing is changed"],
    says: "<run>/run.lock: cannot be written: its disk takes no changes. Choose a folder that can be written to.",
  },
  checkpointCut: {
    fault: "A checkpoint is cut short at every 1/50 of its length",
    happens: ["each is refused, and reading it takes no more memory than a few copies of the file"],
    says: "<run>/checkpoint.safetensors: checkpoint: its bytes are not those of its SHA-256. The file is damaged: take another checkpoint, or train again.",
  },
  checkpointFlipped: {
    fault: "One bit of a checkpoint is flipped, at 200 places",
    happens: ["each is refused, and reading it takes no more memory than a few copies of the file"],
    says: "<run>/checkpoint.safetensors: checkpoint: its bytes are not those of its SHA-256. The file is damaged: take another checkpoint, or train again.",
  },
  checkpointForeign: {
    fault: "A checkpoint has the header of a PNG, ZIP, GGUF or pickle file",
    happens: ["each is refused, and reading it takes no more memory than a few copies of the file"],
    says: "<run>/checkpoint.safetensors: safetensors: got a header of <number> bytes in a file of <number>, expected it inside the file. The file is damaged or cut short: copy or download it again.",
  },
  checkpointHuge: {
    fault: "A checkpoint's header claims to be 1 to 16,000,000 TB long",
    happens: ["each is refused, and reading it takes no more memory than a few copies of the file"],
    says: "<run>/checkpoint.safetensors: safetensors: got a header of <number> bytes in a file of <number>, expected it inside the file. The file is damaged or cut short: copy or download it again.",
  },
  checkpointHugeTensor: {
    fault: "A checkpoint's header claims a tensor of 4 TB",
    happens: ["each is refused, and reading it takes no more memory than a few copies of the file"],
    says: "<run>/checkpoint.safetensors: safetensors: w lies at bytes <number> to <number>, expected a place within <number> bytes of values. The file is damaged or cut short: copy or download it again.",
  },
  checkpointGone: {
    fault: "The checkpoint of a run that has trained is removed",
    happens: ["a resume is refused with exit status 1", "nothing of the run is changed"],
    says: "<run>/checkpoint.safetensors: is missing, but best.safetensors shows that the run has trained. Put the file back, or train a new run.",
  },
  twoProcesses: {
    fault: "A second process is given the folder of a run that is being trained",
    happens: ["the second is refused with exit status 1", "the first goes on undisturbed, to the same bits"],
    says: "<run>: process <number> trains in this folder. Wait for it or stop it, or choose another folder.",
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

/** What the catalogue says of a fault. */
export type Statement<N extends FaultName> = (typeof faults)[N]["happens"][number];

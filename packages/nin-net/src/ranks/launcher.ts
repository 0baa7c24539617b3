/** Whether this process was started as one of many, and by what: launchers say so in the environment. */
import { NinError } from "../core/errors.ts";

/** The launcher that started this process. */
export interface Launcher {
  /** What its variables are known by. */
  readonly name: "Open MPI" | "MPICH" | "SLURM" | "PMIx";
  /** Which of them this process is, from 0. */
  readonly rank: number;
  /** Processes that it started; undefined where it does not say. */
  readonly size: number | undefined;
}

/**
 * Where launchers write the rank and the size; the first that is there counts. `srun` sets PMI's or PMIx's variables
 * too, for the library.
 *
 * @see https://docs.open-mpi.org/en/v5.0.x/tuning-apps/environment-var.html
 * @see https://slurm.schedmd.com/srun.html#SECTION_OUTPUT-ENVIRONMENT-VARIABLES
 */
const variables = [
  { name: "Open MPI", rank: "OMPI_COMM_WORLD_RANK", size: "OMPI_COMM_WORLD_SIZE" },
  // Of a step alone: in a batch script, outside of srun, the job's variables are set as well.
  { name: "SLURM", rank: "SLURM_PROCID", size: "SLURM_STEP_NUM_TASKS" },
  { name: "MPICH", rank: "PMI_RANK", size: "PMI_SIZE" },
  { name: "PMIx", rank: "PMIX_RANK", size: undefined },
] as const;

/**
 * The launcher of this process; undefined: it was started on its own.
 *
 * @throws NinError if what a launcher says is no number
 */
export function launcherOf(env: Readonly<Record<string, string | undefined>>): Launcher | undefined {
  const found = variables.find(
    ({ rank, size }) => env[rank] !== undefined && (size === undefined || env[size] !== undefined),
  );
  if (found === undefined) return undefined;
  const { name } = found;
  const size = found.size && wholeNumber(env, found.size);
  return { name, rank: wholeNumber(env, found.rank), size };
}

/**
 * An environment for a process that is to work on its own, although a launcher has started this one as a rank.
 *
 * @param env - left as it is
 */
export function withoutLauncher(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const ranks: readonly string[] = variables.map(({ rank }) => rank);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ranks.includes(name)));
}

function wholeNumber(env: Readonly<Record<string, string | undefined>>, name: string): number {
  const value = env[name]!;
  if (/^\d+$/.test(value)) return Number(value);
  throw new NinError(
    `${name}: got ${JSON.stringify(value)} in the environment, expected the whole number that an MPI launcher sets. ` +
      "Unset it, or start with mpirun or srun.",
  );
}

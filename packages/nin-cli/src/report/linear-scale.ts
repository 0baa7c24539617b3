/** Maps numbers to pixels along one axis, and says where its ticks are. */
export interface LinearScale {
  /** What lies at the two ends of the axis. */
  readonly domain: readonly [number, number];
  /** Ascending, within the domain. */
  readonly ticks: readonly Tick[];
  /** Pixels from the first end. */
  at(value: number): number;
}

export interface Tick {
  readonly value: number;
  readonly label: string;
}

export interface LinearScaleOptions {
  /** Of the axis. */
  readonly pixels: number;
  /** About how many intervals between ticks there should be. */
  readonly intervals: number;
  /** Whether ticks are at whole numbers only. Default: false */
  readonly isWhole?: boolean;
  /** Whether the domain is widened until a tick lies at each end. Default: false */
  readonly isNice?: boolean;
}

/**
 * A scale whose ticks are 1, 2 or 5 times a power of ten apart.
 *
 * @param domain - finite; of a single value, it is widened by 1 on both sides, without ticks there
 */
export function linearScale(
  [first, last]: readonly [number, number],
  { pixels, intervals, isWhole = false, isNice = false }: LinearScaleOptions,
): LinearScale {
  const step = first === last ? 1 : tickStep((last - first) / intervals, isWhole);
  const from = tolerantCeil(first / step);
  const to = -tolerantCeil(-last / step);
  const [low, high] = isNice ? [Math.floor(first / step), tolerantCeil(last / step)] : [from, to];
  const values = Array.from({ length: high - low + 1 }, (_, i) => (low + i) * step);
  const label = labelFormat(step, Math.max(Math.abs(low), Math.abs(high)) * step);
  const start = isNice ? low * step : first;
  const end = isNice ? high * step : last;
  const domain: [number, number] = start === end ? [start - 1, end + 1] : [start, end];
  return {
    domain,
    ticks: values.map((value) => ({ value, label: label(value) })),
    at: (value) => ((value - domain[0]) / (domain[1] - domain[0])) * pixels,
  };
}

/** The one of 1, 2, 5 and 10 times a power of ten that is nearest to a step in proportion. */
function tickStep(step: number, isWhole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const share = step / power; // 1..10
  const rounded = share < Math.SQRT2 ? 1 : share < Math.sqrt(10) ? 2 : share < Math.sqrt(50) ? 5 : 10;
  return isWhole ? Math.max(1, rounded * power) : rounded * power;
}

/** The next whole number, but not for a rounding error. */
function tolerantCeil(value: number): number {
  return Math.ceil(value - 1e-9 * Math.max(1, Math.abs(value)));
}

/** As many decimals as the step has: `0.05`, `1.0`, `4,000`; very small and very large ones as `2e-7`. */
function labelFormat(step: number, largest: number): (value: number) => string {
  if (step < 1e-6 || largest >= 1e7) {
    return (value) => (value === 0 ? "0" : String(Number(value.toPrecision(6)).toExponential()));
  }
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const { format } = new Intl.NumberFormat("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: "negative", // no "-0"
  });
  return format;
}

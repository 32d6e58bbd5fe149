/** Medians, percentiles and ratios paired by round. */

export const median = (values) => percentile(values, 0.5)

/** The value that a share of all values does not exceed; between two of them it is interpolated. */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort()
  const at = share * (sorted.length - 1)
  const low = sorted[Math.floor(at)]
  return low + (sorted[Math.ceil(at)] - low) * (at % 1)
}

/** How many times less `ours` costs than `theirs`: round by round, because neighbours on a shared machine come and go. */
export const timesLess = (ours, theirs) => median(theirs.map((cost, round) => cost / ours[round]))

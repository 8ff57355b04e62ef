/** Half of the slider's thumb: the first and the last snapshot lie that far within the lane. */
export const MARGIN = 9;

/** Where a share of the way from the first point to the last lies, from the left. */
export const leftOf = (share: number): string =>
  `calc(${MARGIN}px + (100% - ${2 * MARGIN}px) * ${share.toFixed(5)})`;

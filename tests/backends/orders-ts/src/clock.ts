/** The one place that reads the time; everything else is handed a clock. */

export type Clock = () => Date;

export const now: Clock = () => new Date();

export function seconds(clock: Clock): number {
  return clock().getTime() / 1000;
}

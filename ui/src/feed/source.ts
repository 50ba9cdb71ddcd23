import type { Source } from '../api/types';

export interface Conditions {
  /** Physical pixels of the short side of the stage. */
  shortSidePx: number;
  saveData: boolean;
  slow: boolean;
  /** What the browser takes the line for, in Mbit/s; undefined where it does not say. Browsers say at most 10. */
  downlinkMbit?: number;
}

interface Connection {
  saveData?: boolean;
  effectiveType?: string;
  downlink?: number;
}

/** Share of the stage's pixels below which a person sees that a picture was enlarged. */
const ENOUGH = 0.7;
/** Share of the line that a video may take: the next one has to be fetched meanwhile. */
const SHARE_OF_LINE = 0.5;

export function currentConditions(stageWidthPx: number): Conditions {
  const connection = (navigator as { connection?: Connection }).connection;
  return {
    shortSidePx: stageWidthPx * devicePixelRatio,
    saveData: connection?.saveData === true,
    slow: connection?.effectiveType !== undefined && connection.effectiveType !== '4g',
    downlinkMbit: connection?.downlink,
  };
}

/**
 * The smallest size that fills the stage; on a dear or slow line the smallest there is, and never one that takes more
 * than half of the line.
 */
export function chooseSource(
  sources: readonly Source[],
  conditions: Conditions,
  durationMs: number,
): Source | undefined {
  const ordered = [...sources].sort((a, b) => shortSide(a) - shortSide(b));
  if (conditions.saveData || conditions.slow) return ordered[0];
  const affordable = ordered.filter(
    (source, at) => at === 0 || mbit(source, durationMs) <= SHARE_OF_LINE * (conditions.downlinkMbit ?? Infinity),
  );
  return affordable.find((source) => shortSide(source) >= ENOUGH * conditions.shortSidePx) ?? affordable.at(-1);
}

function shortSide(source: Source): number {
  return Math.min(source.width, source.height);
}

function mbit(source: Source, durationMs: number): number {
  return durationMs > 0 ? (source.size_bytes * 8) / durationMs / 1000 : 0;
}

import type { Source } from '../api/types';

export interface Conditions {
  /** Physical pixels of the short side of the stage. */
  shortSidePx: number;
  saveData: boolean;
  slow: boolean;
}

interface Connection {
  saveData?: boolean;
  effectiveType?: string;
}

const SMALL_PX = 600;

export function currentConditions(stageWidthPx: number): Conditions {
  const connection = (navigator as { connection?: Connection }).connection;
  return {
    shortSidePx: stageWidthPx * devicePixelRatio,
    saveData: connection?.saveData === true,
    slow: connection?.effectiveType !== undefined && connection.effectiveType !== '4g',
  };
}

/** 480p on a small stage or a dear or slow line, else 720p where there is one. */
export function chooseSource(sources: readonly Source[], conditions: Conditions): Source | undefined {
  const modest = conditions.saveData || conditions.slow || conditions.shortSidePx < SMALL_PX;
  const wanted = modest ? '480p' : '720p';
  return sources.find((source) => source.name === wanted) ?? sources[0];
}

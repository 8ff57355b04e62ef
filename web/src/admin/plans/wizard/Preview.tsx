import type { Schemas } from '../../../api/types';
import type { PlanSpec } from '../plans';

interface PreviewProps {
  was: PlanSpec | null;
  only?: Schemas['WhatBody'];
}

/** The next ten runs of what is written, as the server would make them. */
export function Preview(_: PreviewProps) {
  return null;
}

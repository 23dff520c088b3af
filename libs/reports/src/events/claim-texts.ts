import type { ClaimList } from '#libs/contracts';
import type { Cell } from '../column.js';
import { within } from './columns.js';

/** Claims as texts `name=value`, in their order. @param claims as decoded: one text where they are erased or withheld */
export const claimTexts = (claims: ClaimList | string | null): Cell =>
  within(claims, (given) => given.flatMap(({ name, values }) => values.map((value) => `${name}=${value}`)));

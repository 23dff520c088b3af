import { v5 as uuidv5 } from 'uuid';

const NAMESPACE = '6f0d5a8e-8a0b-4c53-9d7f-2f1f0a7c1e11';

/** A uuid that depends on the words alone: the same in every run and on every machine. */
export const seededId = (...words: readonly (string | number)[]): string => uuidv5(JSON.stringify(words), NAMESPACE);

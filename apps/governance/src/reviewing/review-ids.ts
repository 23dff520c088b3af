import { v5 as uuidv5 } from 'uuid';

/** Namespace of the ids of reviews and their items (a random uuid, fixed for good): another one would open everything anew. */
const REVIEWS = '2b8f4c1e-93d7-4a56-8a0f-6d1c7e5b9f42';

/**
 * Id of a review: the same cause opens the same one, however often it is met.
 * @param policy id of the policy, or another word for why it is opened
 * @param cause id of the event, the occurrence of the schedule, or what else tells one from the next
 */
export const reviewId = (tenant: string, policy: string, cause: string): string =>
  uuidv5(`review/${tenant}/${policy}/${cause}`, REVIEWS);

/** Id of the item about a grant; without a grant, about a role that an account was not given. */
export const itemId = (
  review: string,
  { grant, account, role }: { readonly grant: string | null; readonly account: string; readonly role: string },
): string => uuidv5(`item/${review}/${grant ?? `${account}/${role}`}`, REVIEWS);

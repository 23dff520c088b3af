import type { PlatformRequest } from '#libs/platform';

/** Whether a form was sent from a page of this installation: browsers say so by Origin, or by Fetch Metadata where they hide it. */
export function isSameOrigin(request: PlatformRequest, publicUrl: string): boolean {
  const origin = request.get('origin');
  return origin === undefined || origin === 'null'
    ? request.get('sec-fetch-site') === 'same-origin'
    : origin === publicUrl;
}

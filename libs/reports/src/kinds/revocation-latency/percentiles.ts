/** How long a revocation may take: 5 minutes. */
export const TARGET_MS = 300_000;

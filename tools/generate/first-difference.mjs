/** Where two texts part: the number of the first line that differs, and that line in both. */
export function firstDifference(before, after) {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const at = now.findIndex((line, index) => line !== old[index]);
  const line = at < 0 ? now.length : at;
  return [`line ${line + 1}`, `- ${old[line] ?? ''}`, `+ ${now[line] ?? ''}`].join('\n');
}

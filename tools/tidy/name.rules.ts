import type { Rule } from './source-tree.js';

const SAYS_NOTHING = /(?:^|[/])(utils?|helpers?|common|misc)[/.-]|[.](service|manager|utils?|helpers?)[.]/;
const KEBAB_CASE = /^[a-z0-9]+([.-][a-z0-9]+)*$/;

/** Files and folders say what they hold; `utils` and `service` say that nobody knew. */
export const nameSaysSomething: Rule = ({ path }) => {
  const [, folder, role] = SAYS_NOTHING.exec(path) ?? [];
  const word = folder ?? role;
  return word ? [`${path}:1 the name "${word}" says nothing: name the file after what it holds`] : [];
};

/** kebab-case with a role suffix: `account.decider.ts`. */
export const nameIsKebabCase: Rule = ({ path }) => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return KEBAB_CASE.test(name)
    ? []
    : [`${path}:1 name files in kebab-case with a role suffix, like account.decider.ts`];
};

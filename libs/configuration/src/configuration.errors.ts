import { DomainError } from '#libs/kernel';

/** One thing that is wrong in a configuration. */
export interface ConfigurationProblem {
  /** 1-based line of the file; null when it concerns the file as a whole. */
  readonly line: number | null;
  /** Where in the document, such as `tenants[0].roles[2].id`. */
  readonly path: string;
  readonly problem: string;
}

/** The file is not a configuration. Nothing was applied. */
export class ConfigurationInvalidError extends DomainError {
  readonly code = 'configuration-invalid';
  readonly kind = 'invalid';
  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(`The configuration is not valid; nothing was applied.\n${problems.map(inOneLine).join('\n')}`);
  }
}

function inOneLine({ line, path, problem }: ConfigurationProblem): string {
  return `  ${line === null ? '' : `line ${line}: `}${path ? `${path}: ` : ''}${problem}`;
}

/** Another tenant has, or had, a connection of this id. Nothing was applied. */
export class ConnectionIdTakenError extends DomainError {
  readonly code = 'connection-id-taken';
  readonly kind = 'conflict';
  constructor(id: string) {
    super(`The connection id ${id} belongs to another tenant: ids are unique in the installation. Choose another one.`);
  }
}

/**
 * The configuration would take roles from too many people at once, removes something, or makes people who return new to Gatebook; nothing
 * was applied.
 */
export class ConfirmationRequiredError extends DomainError {
  readonly code = 'confirmation-required';
  readonly kind = 'conflict';
  constructor(
    override readonly details: {
      readonly confirm: string;
      readonly losing: number;
      readonly of: number;
      readonly limitPercent: number;
      readonly warnings: readonly string[];
    },
  ) {
    const { confirm, losing, of, limitPercent, warnings } = details;
    const reasons = [
      ...(losing > 0 ? [`This change would end ${losing} of ${of} grants (limit ${limitPercent} %).`] : []),
      ...warnings,
    ];
    super(
      reasons.length > 0
        ? `${reasons.join(' ')} Look at the dry run; to apply it, confirm with ${confirm}.`
        : `This change removes something for good. Look at the dry run; to apply it, confirm with ${confirm}.`,
    );
  }
}

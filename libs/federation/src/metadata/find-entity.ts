import type { XmlElement } from '../saml/xml-element.js';
import { ElementCollector } from './element-collector.js';
import { demandMetadata, MetadataError } from './metadata.errors.js';
import { ENTITY_CHARACTERS_MAX } from './metadata-limits.js';
import { type StartTag, walkXml, type XmlName, type XmlVisitor } from './xml-stream.js';

/** Namespace of SAML metadata. */
export const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';

/** One entity's description, and what the groups around it state about it. */
export interface FoundEntity {
  readonly entity: XmlElement;
  /** Attributes of the groups, the nearest first. */
  readonly groups: readonly ReadonlyMap<string, string>[];
}

/**
 * Finds the description of one entity. Of an aggregate, which may hold thousands, only this one is kept.
 * @throws {MetadataError} `metadata-entity-missing` when it is not there, or an aggregate is given without saying whom to look for,
 *   `metadata-malformed` when it is there twice or the document is no metadata, `metadata-too-large`
 */
export async function findEntity(xml: string, expectedEntityId: string | undefined): Promise<FoundEntity> {
  const collector = new ElementCollector((tag) => isEntity(tag) && isExpected(tag, expectedEntityId));
  await walkXml(xml, new RootCheck(collector, xml.length, expectedEntityId));
  const [found, second] = collector.found;
  if (!found) throw missing(expectedEntityId);
  demandMetadata(!second, 'metadata-malformed', `The metadata describes the entity ${expectedEntityId} twice.`);
  const groups = found.around.map(({ attributes }) => new Map(attributes.map(({ name, value }) => [name, value])));
  return { entity: found.element, groups };
}

const named = ({ namespace, local }: XmlName, name: string) => namespace === METADATA && local === name;

/** An EntityDescriptor that is the root or in nothing but groups: one inside of an extension says nothing. */
function isEntity(tag: StartTag): boolean {
  for (let outer = tag.parent; outer; outer = outer.parent) if (!named(outer, 'EntitiesDescriptor')) return false;
  return named(tag, 'EntityDescriptor');
}

const isExpected = ({ attributes }: StartTag, entityId: string | undefined) =>
  entityId === undefined || attributes.some(({ name, value }) => name === 'entityID' && value === entityId);

/** Judges the root as soon as it is seen, before the rest of a document that is no use is read. */
class RootCheck implements XmlVisitor {
  constructor(
    private readonly inner: ElementCollector,
    private readonly size: number,
    private readonly expectedEntityId: string | undefined,
  ) {}

  open(tag: StartTag): void {
    if (tag.depth === 0) this.#check(tag);
    this.inner.open(tag);
  }

  text(text: string): void {
    this.inner.text(text);
  }

  close(): void {
    this.inner.close();
  }

  #check(root: StartTag): void {
    const single = named(root, 'EntityDescriptor');
    const aggregate = named(root, 'EntitiesDescriptor');
    demandMetadata(single || aggregate, 'metadata-malformed', 'This is not SAML 2.0 metadata.');
    demandMetadata(
      !single || this.size <= ENTITY_CHARACTERS_MAX,
      'metadata-too-large',
      `Metadata of one entity may have ${ENTITY_CHARACTERS_MAX} characters at most.`,
    );
    demandMetadata(
      single || this.expectedEntityId !== undefined,
      'metadata-entity-missing',
      'The metadata describes many entities. Say which entity id is meant.',
    );
  }
}

const missing = (entityId: string | undefined) =>
  new MetadataError(
    'metadata-entity-missing',
    `The metadata does not describe the entity ${entityId ?? ''}. Compare the entity id, or fetch it from the right address.`,
  );

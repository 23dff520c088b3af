/** Metadata of one identity provider at most, characters. Active Directory Federation Services, the wordiest, needs 80,000. */
export const ENTITY_CHARACTERS_MAX = 524_288;
/** A file with the metadata of many at most, bytes. Larger federations offer each entity by itself (MDQ). */
export const AGGREGATE_BYTES_MAX = 8_388_608;
/** Elements of one entity at most. */
export const ENTITY_ELEMENTS_MAX = 5_000;
/** Levels of elements at most. */
export const DEPTH_MAX = 40;
/** Attributes of one element at most, declarations of namespaces among them: aggregates declare a dozen at their root. */
export const ATTRIBUTES_MAX = 64;
/** Prefixes of namespaces that mean something at one place at most. */
export const PREFIXES_MAX = 64;
/** Declarations of namespaces in one document at most: ten in each of thousands of entities, where writers repeat them. */
export const DECLARATIONS_MAX = 65_536;
/** Canonical form of a document at most, characters: where prefixes are declared far outside it is longer than what was fetched. */
export const CANONICAL_CHARACTERS_MAX = 2 * AGGREGATE_BYTES_MAX;
/** Certificates of one use at most: more would be a key store, not a rollover. */
export const METADATA_CERTIFICATES_MAX = 16;
/** Longest address or entity id, characters. @see SAML Core 8.3.6 has 1,024 for entity ids */
export const METADATA_URL_LENGTH_MAX = 2_048;
/** Characters that are worked on before others get their turn: some milliseconds. */
export const CHARACTERS_PER_TURN = 65_536;

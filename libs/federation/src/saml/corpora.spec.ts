/**
 * The published corpora, verdict by verdict. Where ours is stricter than the corpus says, the file stands in a list with the rule.
 * Captures and their hostile twins are also judged one by one, for their own reasons, in `captures.spec.ts` and `pre-check.spec.ts`.
 */
import { type CorpusFile, corpusFiles, describeCorpus, hasCorpus, pinnedCertificate } from './corpus.fixture.js';
import { preCheck } from './pre-check.js';
import { pinnedCertificate as certificateIn } from './saml-keys.js';
import { Refusal } from './saml-refused.error.js';
import { checkSignature } from './signature-check.js';
import { parseSigned, verifiedElement } from './signed-element.js';
import { IdentityProviderFixture } from './signed-response.fixture.js';
import { verifyResponse } from './verification.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined); // the parser comments on broken documents
  idp = await IdentityProviderFixture.create();
});

const SHA1 = 'SHA-1 is refused; with only that ban lifted the verdict is the same';
const ENCRYPTED =
  'the corpus holds no key: only the signature around the cipher text can be judged, and that one is valid';
/** Files of which we say something else than the corpus does, and by which rule. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'valid/response.root-signed.assertion-signed.1advice-unsigned.xml': SHA1,
  'valid/response.root-signed.assertion-signed.2advice-unsigned.xml': SHA1,
  'valid/response.root-signed.assertion-signed.xml': SHA1,
  'valid/response.root-signed.assertion-unsigned-13-signature.xml': SHA1,
  'valid/response.root-signed.assertion-unsigned-13.xml': SHA1,
  'valid/response.root-signed.assertion-unsigned-encrypted.xml': SHA1,
  'valid/response.root-signed.assertion-unsigned-xd-signature.xml': SHA1,
  'valid/response.root-signed.assertion-unsigned-xd.xml': SHA1,
  'valid/response.root-signed.assertion-unsigned.1advice-unsigned.xml': SHA1,
  'valid/response.root-signed.assertion-unsigned.2advice-unsigned.xml': SHA1,
  'valid/response.root-signed.assertion-unsigned.xml': SHA1,
  'valid/response.root-unsigned.assertion-signed.1advice-unsigned.xml': SHA1,
  'valid/response.root-unsigned.assertion-signed.xml': SHA1,
  'invalid/response.root-signed.assertion-invalidly-signed-encrypted.xml': ENCRYPTED,
};

/** The same document, to the eyes of the pre-check, with the algorithms that it accepts: only the ban on SHA-1 is lifted. */
const withoutBan = (xml: string) =>
  xml
    .replaceAll('http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')
    .replaceAll('http://www.w3.org/2000/09/xmldsig#sha1', 'http://www.w3.org/2001/04/xmlenc#sha256');

/** Structure by the pre-check, then the signature of the document as it is. */
async function verdict(xml: string, seen: string, certificate: string): Promise<'valid' | 'invalid'> {
  try {
    const outline = preCheck(seen);
    if (outline.encrypted) verifiedElement(xml, await parseSigned(xml), [certificateIn(certificate)]);
    else await checkSignature(xml, outline, idp.settings({ certificates: [certificate] }));
    return 'valid';
  } catch (cause) {
    if (cause instanceof Refusal) return 'invalid';
    throw cause;
  }
}

describeCorpus('saml/signatures', 'positions of signatures', () => {
  const files = corpusFiles('saml/signatures');
  const name = ({ path }: CorpusFile) => path.replace('saml/signatures/', '');
  const stated = (file: CorpusFile) => (name(file).startsWith('valid/') ? 'valid' : 'invalid');
  const certificate = files
    .filter((file) => stated(file) === 'valid')
    .map(({ text }) => pinnedCertificate(text))
    .find((pem) => pem.length > 200);
  if (certificate === undefined) {
    it('SKIPPED: no file holds the certificate', () => {
      process.stderr.write('SKIPPED positions of signatures: the certificate is not in the corpus\n');
    });
    return;
  }

  it.each(files.map((file) => [name(file), file] as const))('%s', async (_, file) => {
    const strict = await verdict(file.text, file.text, certificate);
    const lifted = await verdict(file.text, withoutBan(file.text), certificate);
    const exception = EXCEPTIONS[name(file)];
    expect(lifted === stated(file)).toBe(exception !== ENCRYPTED);
    if (exception === SHA1) expect(strict).toBe('invalid');
    else if (exception === undefined) expect(strict).toBe(stated(file));
  });

  it.each(files.map((file) => [name(file), file] as const))('%s does not come in', async (_, { text }) => {
    expect(await verifyResponse(idp.job(text))).toMatchObject({ kind: 'refused' });
  });

  it('every exception is a file of the corpus', () => {
    expect(Object.keys(EXCEPTIONS).filter((exception) => !files.some((file) => name(file) === exception))).toEqual([]);
  });
});

/** What the corpus says of its own files; a new one, or a changed mind, has to be looked at. */
describeCorpus('saml/captures', 'captures and hostile documents', () => {
  const verdicts = (folder: string) =>
    corpusFiles(folder, '.test.json').map(({ text }) => (JSON.parse(text) as { shouldSucceed: boolean }).shouldSucceed);

  it('are all said to be good, or all said to be bad', () => {
    expect(new Set(verdicts('saml/captures'))).toEqual(new Set([true]));
    if (hasCorpus('saml/hostile')) expect(new Set(verdicts('saml/hostile'))).toEqual(new Set([false]));
  });
});

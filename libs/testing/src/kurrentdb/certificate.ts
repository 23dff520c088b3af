import 'reflect-metadata'; // the certificate library resolves its algorithms through it
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const VALID_MS = 24 * 60 * 60 * 1_000;

/** A certificate for a server on loopback, and the file of the authority that vouches for it. */
export interface LoopbackCertificate {
  readonly key: Buffer;
  readonly chain: Buffer;
  readonly authorityFile: string;
  remove(): void;
}

/** Makes an authority and a certificate for 127.0.0.1 and localhost, both valid for a day. */
export async function loopbackCertificate(): Promise<LoopbackCertificate> {
  x509.cryptoProvider.set(crypto);
  const validity = { notBefore: new Date(Date.now() - VALID_MS), notAfter: new Date(Date.now() + VALID_MS) };
  const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const [authorityKeys, serverKeys] = [await newKeys(), await newKeys()];
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: '01',
    name: 'CN=Gatebook test authority',
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const server = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: '02',
    subject: 'CN=localhost',
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.SubjectAlternativeNameExtension([
        { type: 'ip', value: '127.0.0.1' },
        { type: 'dns', value: 'localhost' },
      ]),
    ],
  });
  const folder = fs.mkdtempSync(join(tmpdir(), 'gb-kurrentdb-'));
  const authorityFile = join(folder, 'authority.pem');
  fs.writeFileSync(authorityFile, authority.toString('pem'));
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', serverKeys.privateKey);
  return {
    key: Buffer.from(x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')),
    chain: Buffer.from(server.toString('pem')),
    authorityFile,
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

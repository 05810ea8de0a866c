/** The authorities that a node has in its files. Source: cmd/kubeadm/app/phases/certs LoadCertificateAuthority */

import { PKI } from '../../../kubeadm/places.ts'
import type { Issuer } from '../../../pki/issue.ts'
import { readRsaKey } from '../../../pki/rsa-key.ts'
import { type Certificate, readFirstCertificate } from '../../../pki/x509.ts'
import type { Process } from '../../../runtime/process.ts'
import { type Invocation, KubeadmError } from './command-line.ts'

/** Where the certificates are. */
export const folderOf = ({ flags }: Invocation): string => flags.get('cert-dir')?.replace(/\/$/, '') || PKI

/** Where the files of a name are. */
export const pathsOf = (folder: string, file: string): { certificate: string; key: string } => ({
  certificate: `${folder}/${file}.crt`,
  key: `${folder}/${file}.key`,
})

/** @throws KubeadmError */
export function readCertificateFile(process: Process, path: string): Certificate {
  const why = (reason: string): KubeadmError =>
    new KubeadmError(`couldn't load the certificate file ${path}: error reading ${path}: ${reason}`)
  if (!process.files.exists(path))
    throw new KubeadmError(`couldn't load the certificate file ${path}: open ${path}: no such file or directory`)
  const found = readFirstCertificate(process.files.read(path))
  if (!found) throw why('data does not contain any valid RSA or ECDSA certificates')
  return found
}

/** Who signs, with the key to do it. @param folder of certificates @param file `ca`, `etcd/ca` @throws KubeadmError */
export function loadAuthority(process: Process, folder: string, file: string): Issuer {
  const { certificate, key } = pathsOf(folder, file)
  const found = readCertificateFile(process, certificate)
  if (!found.isAuthority) throw new KubeadmError(`${file} certificate is not a certificate authority`)
  if (!process.files.exists(key))
    throw new KubeadmError(
      `couldn't load ${file} certificate authority from ${folder}: couldn't load the private key file ${key}: open ${key}: no such file or directory`,
    )
  const signing = readRsaKey(process.files.read(key))
  if (!signing)
    throw new KubeadmError(
      `couldn't load the private key file ${key}: error reading private key file ${key}: data does not contain a valid RSA or ECDSA private key`,
    )
  return { name: found.subjectDer, publicKey: signing.publicKey }
}

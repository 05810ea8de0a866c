/** By what a public key is known to who joins. Source: cmd/kubeadm/app/util/pubkeypin */
import type { Certificate } from '../../../api/certificates/x509.ts'
import { sha256 } from '../../../api/meta/sha256.ts'

/** Of a certificate's SubjectPublicKeyInfo, as 64 hexadecimal digits. */
export const publicKeyHash = ({ publicKey }: Certificate): string =>
  sha256([...publicKey])
    .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
    .join('')

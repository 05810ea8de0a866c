/** By what a public key is known to who joins. Source: cmd/kubeadm/app/util/pubkeypin */

import { sha256 } from '../../../api/meta/sha256.ts'
import type { Certificate } from '../../../pki/x509.ts'

/** Of a certificate's SubjectPublicKeyInfo, as 64 hexadecimal digits. */
export const publicKeyHash = ({ publicKey }: Certificate): string =>
  sha256([...publicKey])
    .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
    .join('')

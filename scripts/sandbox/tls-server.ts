/**
 * One cluster at the root of an address of its own, over TLS, as a real API server is reached: who comes shows a certificate, a token, or nothing.
 * Source: https://kubernetes.io/docs/concepts/security/controlling-access/
 */
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { AskSandbox } from '../../server/kubernetes-api/http.ts'
import type { ClientTrust } from '../../server/kubernetes-api/kubeconfig.ts'
import { createDoor } from '../../server/kubernetes-api/mount.ts'
import { issueCertificate, type LiveCluster, writeName } from '../../sim/index.ts'

const hourMs = 3_600_000
const yearMs = 365 * 24 * hourMs
/** For clocks that go wrong. Source: cmd/kubeadm/app/constants CertificateBackdate */
const backdateMs = 300_000

const drawKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    pem: privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  }
}

/** A key for the cluster's authority: `authorityKey` of its options. */
export const drawAuthorityKey = (): string => drawKey().pem

export interface TlsServerOptions {
  /** Made with a key of `drawAuthorityKey`. */
  cluster: Pick<LiveCluster, 'server'>
  ask: AskSandbox
  onError(error: unknown): void
}

/** @returns the server, and with what the cluster's administrator comes to it */
export function createTlsServer({ cluster, ask, onError }: TlsServerOptions): { server: Server; admin: ClientTrust } {
  const { authority } = cluster.server
  const nowMs = Date.now()
  const issue = (
    seed: string,
    terms: Pick<Parameters<typeof issueCertificate>[0], 'subject' | 'usages' | 'dnsNames' | 'addresses'>,
  ) => {
    const { pem, publicKey } = drawKey()
    const notBeforeMs = nowMs - backdateMs
    const times = { notBeforeMs, notAfterMs: notBeforeMs + yearMs }
    return {
      key: pem,
      certificate: issueCertificate({ ...terms, ...times, publicKey, issuer: authority, seed, serialBytes: 8 }),
    }
  }
  const serving = issue('serving', {
    subject: writeName('kube-apiserver'),
    usages: ['digital signature', 'key encipherment', 'server auth'],
    dnsNames: [
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ],
    addresses: ['127.0.0.1'],
  })
  const admin = issue('administrator', {
    subject: writeName('kubernetes-admin', ['kubeadm:cluster-admins']),
    usages: ['digital signature', 'key encipherment', 'client auth'],
  })
  const authorityKey = new X509Certificate(authority.certificate).publicKey
  /** What the other end of a connection has shown; one that the authority did not sign is nobody's. */
  const shownBy = (socket: TLSSocket): { certificate?: string } => {
    const { raw } = socket.getPeerCertificate()
    if (!raw) return {}
    const certificate = new X509Certificate(raw)
    return { certificate: certificate.verify(authorityKey) ? certificate.toString() : '' }
  }
  const door = createDoor({
    onError,
    find: (req) => {
      const tls = shownBy(req.socket as TLSSocket)
      return { ask: (request) => ask({ ...request, tls }), url: req.url ?? '/' }
    },
  })
  // Whether a certificate counts is the API server's to say: who shows none, or a strange one, may still have a token.
  const server = createServer(
    { key: serving.key, cert: serving.certificate, requestCert: true, rejectUnauthorized: false },
    (req, res) => door.request(req, res),
  )
  server.on('upgrade', (req, socket, head) => door.upgrade(req, socket, head))
  server.on('tlsClientError', () => undefined)
  return { server, admin: { authority: authority.certificate, ...admin } }
}

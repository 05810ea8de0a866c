/** The API server as a program on a node comes to it: with what a kubeconfig says, and as whom its certificate names. */

import { userOfCertificate } from '../client/certificate-user.ts'
import type { Client, UserInfo } from '../client/client.ts'
import { SwitchedLink } from '../client/link.ts'
import type { Destination } from '../components/trust.ts'
import { trustFailure, UNAUTHORIZED } from '../components/trust.ts'
import { apiServerIP, apiServerPort } from '../network/address.ts'
import type { NodeMachine } from './machine.ts'

/** Who shows nothing that is known. */
export const anonymous = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** What somebody comes for who shows nothing. */
const INVITATION = '/api/v1/namespaces/kube-public/configmaps/cluster-info'

/**
 * A client for a short while: whether both ends trust each other is looked at once. Who is not known is answered `Unauthorized`, who does
 * not reach a server is told why; both as the message of an error of reason `Unreachable`.
 * @param holder whose token goes along, where one does
 */
export function clientFor(machine: NodeMachine, destination: Destination, holder?: UserInfo): Client {
  const link = new SwitchedLink()
  const isTurnedAway = holder === anonymous && !machine.trust.admitsAnonymous(INVITATION)
  const failure =
    wrongAddress(machine, destination) ??
    trustFailure(machine.trust, destination, machine.engine.epochMs) ??
    (isTurnedAway ? UNAUTHORIZED : undefined)
  if (failure !== undefined) link.cut(failure)
  const user = destination.certificate === undefined ? undefined : userOfCertificate(destination.certificate)
  return machine.clientOf(holder ?? user ?? anonymous, link)
}

/** Nobody but the API server answers as one does. */
function wrongAddress({ controlPlane }: NodeMachine, { host, server }: Destination): string | undefined {
  const known = [apiServerIP, ...(controlPlane?.apiServers ?? []), ...(controlPlane ? ['127.0.0.1', 'localhost'] : [])]
  const [, port = '443'] = /:(\d+)/.exec(server.replace(/^\w+:\/\//, '')) ?? []
  return known.includes(host) && Number(port) === apiServerPort
    ? undefined
    : `dial tcp ${host}:${port}: connect: connection refused`
}

/** As Go's client words why a request came to nothing. @param path of the request: `/api/v1/nodes` */
export function refusedRequest(destination: Destination, path: string, message: string): string {
  return message === UNAUTHORIZED ? message : `Get "${destination.server}${path}": ${message}`
}

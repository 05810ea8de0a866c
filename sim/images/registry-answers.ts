/**
 * What registries answer to whom they do not give an image, as containerd words it. Each has its own way of not telling
 * what private repositories there are. Sources: github.com/containerd/containerd, core/remotes/docker (resolver, authorizer)
 */
import type { Image } from '../runtime/process.ts'
import type { ImageReference } from '../text/image-reference.ts'
import { images, isRegistry, shortName } from './registry.ts'

type Account = NonNullable<Image['credentials']>

const withoutLogin =
  (token: (reference: ImageReference) => string, kind: 'anonymous' | 'oauth', status: string) =>
  (reference: ImageReference) =>
    `failed to authorize: failed to fetch ${kind} token: unexpected status from GET request to ${token(reference)}: ${status}`

const tokenOf =
  (address: string, service: string) =>
  ({ repository }: ImageReference): string =>
    `${address}?scope=repository%3A${repository.replaceAll('/', '%2F')}%3Apull&service=${service}`

const wrongPassword = withoutLogin(
  tokenOf('https://auth.docker.io/token', 'registry.docker.io'),
  'oauth',
  '401 Unauthorized',
)

/** Of a repository that is not there or not for that account. A registry that is not named says that it is not found. */
const answers: Readonly<Record<string, (reference: ImageReference, accounts: readonly Account[]) => string>> = {
  'docker.io': (reference, accounts) =>
    accounts.length > 0 && !accounts.some(isKnown)
      ? wrongPassword(reference)
      : 'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  'ghcr.io': withoutLogin(tokenOf('https://ghcr.io/token', 'ghcr.io'), 'anonymous', '403 Forbidden'),
  'us-docker.pkg.dev': withoutLogin(
    tokenOf('https://us-docker.pkg.dev/v2/token', 'us-docker.pkg.dev'),
    'anonymous',
    '403 Forbidden',
  ),
  'quay.io': (reference) => `unexpected status from HEAD request to ${manifestAddress(reference)}: 401 UNAUTHORIZED`,
}

/** Why nobody says whether there is such an image; undefined when the registry says that it is not found. */
export function refusalOf(reference: ImageReference, accounts: readonly Account[]): string | undefined {
  const { registry } = reference
  if (!isRegistry(registry))
    return `failed to do request: Head "${manifestAddress(reference)}": ${noRegistry(registry)}`
  const name = shortName(reference)
  const isOpen = images.some(
    ({ repositories, credentials }) =>
      repositories.includes(name) && (!credentials || accounts.some(isOf(credentials))),
  )
  return isOpen ? undefined : answers[registry]?.(reference, accounts)
}

const isOf =
  (one: Account) =>
  ({ username, password }: Account): boolean =>
    one.username === username && one.password === password

const isKnown = (account: Account): boolean =>
  images.some(({ credentials }) => credentials !== undefined && isOf(credentials)(account))

function manifestAddress({ registry, repository, tag, digest }: ImageReference): string {
  const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(registry) ? 'http' : 'https'
  return `${scheme}://${registry}/v2/${repository}/manifests/${digest ?? tag}`
}

/** What becomes of a connection to a host that is no registry: names are looked up by the node's own resolver. */
function noRegistry(host: string): string {
  const [name, port] = host.split(':')
  if (name === 'localhost' || name === '127.0.0.1')
    return `dial tcp 127.0.0.1:${port ?? '80'}: connect: connection refused`
  if (/^\d+(\.\d+){3}$/.test(name)) return `dial tcp ${name}:${port ?? '443'}: i/o timeout`
  return `dial tcp: lookup ${name} on 127.0.0.53:53: no such host`
}

/** Every image that can be pulled. Adding one is a file and a line here. */
import { hash32 } from '../engine/random.ts'
import type { Image } from '../runtime/process.ts'
import { type ImageReference, parseImageReference, remembering } from '../text/image-reference.ts'
import { agnhostImages } from './agnhost/agnhost.ts'
import { alpineReleases } from './alpine.ts'
import { buildsOf } from './builds.ts'
import { busyboxReleases } from './busybox.ts'
import { crasher } from './crasher.ts'
import { curlImage } from './curl.ts'
import { demonstrations } from './demonstrations.ts'
import { distributions } from './distributions.ts'
import { draExampleDriver } from './dra-example-driver.ts'
import { echoServers } from './echo-server.ts'
import { guestbookImages } from './guestbook.ts'
import { httpd } from './httpd.ts'
import { javaImages } from './java.ts'
import { kubernetesComponents } from './kubernetes-components.ts'
import { languageImages } from './languages.ts'
import { memcachedReleases } from './memcached.ts'
import { mongoReleases } from './mongo.ts'
import { mariadbReleases, mysqlReleases } from './mysql.ts'
import { networkTools } from './network-tools.ts'
import { nginxReleases, nginxSlim, nginxUnprivilegedReleases } from './nginx.ts'
import { nodeReleases } from './node.ts'
import { pause } from './pause.ts'
import { platformImages } from './platform.ts'
import { postgresReleases } from './postgres.ts'
import { privateWeb } from './private-web.ts'
import { alertmanagerImages } from './prometheus/alertmanager.ts'
import { kubeStateMetricsReleases } from './prometheus/kube-state-metrics.ts'
import { prometheusImages } from './prometheus/prometheus.ts'
import { pythonReleases } from './python.ts'
import { redisReleases } from './redis.ts'
import { slowStarter } from './slow-starter.ts'
import { stress, vishStress } from './stress.ts'
import { testImages } from './test-images.ts'

export const images: readonly Image[] = [
  ...busyboxReleases,
  ...alpineReleases,
  ...nginxReleases,
  ...nginxUnprivilegedReleases,
  nginxSlim,
  httpd,
  pause,
  ...echoServers,
  slowStarter,
  crasher,
  curlImage,
  stress,
  vishStress,
  ...redisReleases,
  ...memcachedReleases,
  ...mysqlReleases,
  ...mariadbReleases,
  ...postgresReleases,
  ...mongoReleases,
  ...nodeReleases,
  ...pythonReleases,
  ...languageImages,
  ...javaImages,
  ...distributions,
  ...agnhostImages,
  ...testImages,
  ...demonstrations,
  ...guestbookImages,
  ...networkTools,
  ...platformImages,
  ...kubernetesComponents,
  ...prometheusImages,
  ...alertmanagerImages,
  ...kubeStateMetricsReleases,
  draExampleDriver,
  privateWeb,
].flatMap(buildsOf)

/** Registries that hold images of a single name as well; others have only those of somebody: `OWNER/NAME`. */
const registriesOfPlainNames: ReadonlySet<string> = new Set([
  'docker.io',
  'registry.k8s.io',
  'k8s.gcr.io',
  'mirror.gcr.io',
  'public.ecr.aws',
])
const otherRegistries: ReadonlySet<string> = new Set(['ghcr.io', 'quay.io', 'gcr.io', 'us-docker.pkg.dev'])

/** Whether somebody answers at that host. */
export const isRegistry = (host: string): boolean => registriesOfPlainNames.has(host) || otherRegistries.has(host)

/** The image of a reference, or undefined when no registry has it (or the reference is invalid). */
export const findImage: (reference: string) => Image | undefined = remembering((reference) => {
  const parsed = parseImageReference(reference)
  if (typeof parsed === 'string') return undefined
  const name = shortName(parsed)
  if (
    !(name.includes('/') ? otherRegistries.has(parsed.registry) : false) &&
    !registriesOfPlainNames.has(parsed.registry)
  )
    return undefined
  // A repository's tags may be images of their own.
  return images.find(
    ({ repositories, tags }) =>
      repositories.includes(name) &&
      (parsed.digest === undefined
        ? tags.includes(parsed.tag ?? 'latest')
        : tags.some((tag) => imageDigest({ ...parsed, tag }) === parsed.digest)),
  )
})

/** The repository's name without the prefix that official images have. */
export const shortName = ({ repository }: ImageReference): string =>
  repository.replace(/^library\//, '').replace(/^docker\/library\//, '')

/** The digest of a reference's tag: made up, but always the same. */
export const imageDigest = (reference: ImageReference): string =>
  digestOf(`${reference.registry}/${reference.repository}:${reference.tag ?? 'latest'}`)

const digestOf = remembering((name) => {
  let digest = ''
  for (let i = 0; i < 8; i++)
    digest += hash32(name, 0x9e3779b9 + i * 0x85ebca6b)
      .toString(16)
      .padStart(8, '0')
  return `sha256:${digest}`
})

/**
 * An ingress controller, in the manner of ingress-nginx: a proxy that routes HTTP by the rules of Ingresses, straight to the
 * endpoints of Services. Simplified: it is no Pod of the cluster, has no metrics, knows of its annotations only
 * rewrite-target, use-regex, ssl-redirect and force-ssl-redirect, and the names of its hosts lead to it, as if somebody had made
 * the DNS records.
 */
import { namespaces } from '../api/core/namespace.ts'
import { services } from '../api/core/service.ts'
import type { Service } from '../api/core/types.ts'
import { endpointSlices } from '../api/discovery/endpoint-slice.ts'
import { equalJson } from '../api/meta/json.ts'
import { keyOf, keyText, parseKeyText } from '../api/meta/object.ts'
import { ingresses } from '../api/networking/ingress.ts'
import { ingressClasses } from '../api/networking/ingress-class.ts'
import { CLASS_ANNOTATION, type Ingress, type IngressBackend } from '../api/networking/types.ts'
import { clusterRoles } from '../api/rbac/role.ts'
import { clusterRoleBindings } from '../api/rbac/role-binding.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import type { Client } from '../client/client.ts'
import { createComponentContext, serviceAccountUser } from '../component-context.ts'
import type { Network } from '../network/network.ts'
import type { HttpRequest, HttpResponse, PortServer } from '../network/types.ts'
import { findRoute, hostsOf, isServedHost, redirectsToTls } from './ingress-routes.ts'
import { errorPage, hostOf, redirectPage } from './nginx.ts'
import { type Endpoint, endpointsBySlices } from './service-endpoints.ts'

const NAMESPACE = 'ingress-nginx'
const NAME = 'ingress-nginx'
const CLASS = 'nginx'
const CONTROLLER = 'k8s.io/ingress-nginx'
/** Where it is reached from outside. */
const INGRESS_IP = '203.0.113.80'
/** proxy_read_timeout and the like. */
const UPSTREAM_TIMEOUT_MS = 60_000
/** proxy_next_upstream_tries */
const TRIES = 3

export interface IngressControllerOptions {
  server: ApiServer
  /** Of the administrator, who installs it. */
  client: Client
  network: Network
  /** The node it runs on. */
  node: string
}

/** Installs and starts it: its namespace, IngressClass and permissions, and the proxy. */
export function installIngressController({ server, client, network, node }: IngressControllerOptions): void {
  install(client)
  const { engine } = server
  const context = createComponentContext(server, {
    user: serviceAccountUser(NAMESPACE, NAME),
    fieldManager: 'nginx-ingress-controller',
  })
  const { informers } = context
  const ingressInformer = informers.informer(ingresses)
  const classInformer = informers.informer(ingressClasses)
  const serviceInformer = informers.informer(services)
  const readyEndpoints = endpointsBySlices(informers.informer(endpointSlices))
  const events = context.recorder('nginx-ingress-controller')
  const turns = new Map<string, number>()
  let served: readonly Ingress[] | undefined

  const isMine = ({ metadata, spec }: Ingress): boolean => {
    const name = spec.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION]
    return name !== undefined && classInformer.get({ namespace: '', name })?.spec.controller === CONTROLLER
  }

  /** Those that are its own, the oldest first. */
  function current(): readonly Ingress[] {
    served ??= ingressInformer
      .list()
      .filter(isMine)
      .sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1))
    return served
  }

  /** Ready addresses behind a backend. */
  function endpointsOf(namespace: string, { service }: IngressBackend): Endpoint[] {
    if (!service) return []
    const found = serviceInformer.get({ namespace, name: service.name })
    const port = found && portOf(found, service.port)
    return port ? readyEndpoints({ namespace, name: service.name }, port.name ?? '') : []
  }

  function proxy(request: HttpRequest, reply: (response: HttpResponse) => void): void {
    const host = hostOf(request)
    const { path, scheme } = request
    const route = findRoute(current(), host, path)
    if (!route) {
      reply(errorPage(404))
      return
    }
    if (scheme === 'http' && redirectsToTls(current(), route, host)) {
      reply(redirectPage(308, `https://${host}${path}`))
      return
    }
    // nginx's rewrite answers with a redirect where the text begins so: https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#rewrite
    if (/^https?:\/\//.test(route.path)) {
      reply(redirectPage(302, route.path))
      return
    }
    const namespace = route.ingress.metadata.namespace ?? ''
    const endpoints = endpointsOf(namespace, route.backend)
    if (endpoints.length === 0) {
      reply(errorPage(503))
      return
    }
    const key = `${namespace}/${route.backend.service?.name}`
    const turn = turns.get(key) ?? 0
    turns.set(key, turn + 1)
    attempt({ ...request, path: route.path }, endpoints, turn, Math.min(TRIES, endpoints.length), reply)
  }

  /** Asks one endpoint after another until one is reached. */
  function attempt(
    request: HttpRequest,
    endpoints: readonly Endpoint[],
    turn: number,
    tries: number,
    reply: (response: HttpResponse) => void,
  ): void {
    const target = endpoints[turn % endpoints.length]
    const host = hostOf(request)
    const headers = {
      ...request.headers,
      'X-Forwarded-For': request.clientIP ?? '',
      'X-Forwarded-Host': host,
      'X-Forwarded-Proto': request.scheme,
      'X-Real-IP': request.clientIP ?? '',
    }
    upstream.http(target, { ...request, host, headers, scheme: 'http' }, UPSTREAM_TIMEOUT_MS, (result) => {
      if (result.ok) reply(result.response)
      else if (tries > 1 && result.error !== 'timeout') attempt(request, endpoints, turn + 1, tries - 1, reply)
      else reply(result.error === 'timeout' ? errorPage(504) : errorPage(502))
    })
  }

  const sandbox = network.addSandbox({ node, podUid: NAME, namespace: NAMESPACE, name: `${NAME}-controller` })
  if ('error' in sandbox) throw new Error(`the ingress controller has no address: ${sandbox.error}`)
  const upstream = network.sandboxQuietly({ namespace: NAMESPACE, name: `${NAME}-controller` })!
  const plain: PortServer = { http: proxy }
  for (const [port, handler] of [
    [80, plain],
    [443, { ...plain, tls: true }],
  ] as const) {
    const listening = sandbox.network.listen(port, handler)
    if ('error' in listening) throw new Error(`the ingress controller cannot listen on ${port}: ${listening.error}`)
  }
  network.publish({
    ip: INGRESS_IP,
    namespace: sandbox.network,
    answers: (name) => isServedHost(hostsOf(current()), name),
  })

  const queue = context.queue({
    name: 'ingress-status',
    reconcile(key) {
      const ingress = ingressInformer.get(parseKeyText(key))
      if (!ingress) return
      const ingressStatus = isMine(ingress) ? { ingress: [{ ip: INGRESS_IP }] } : {}
      if (!isMine(ingress) && ingress.status?.loadBalancer?.ingress?.[0]?.ip !== INGRESS_IP) return
      if (equalJson(ingress.status?.loadBalancer ?? {}, ingressStatus)) return
      context.client.updateStatus(ingresses, { ...ingress, status: { loadBalancer: ingressStatus } })
    },
  })
  const changed = (ingress: Ingress): void => {
    served = undefined
    queue.addAfter(keyText(keyOf(ingress)), engine.random('ingress-controller').jitter(500, 0.5))
  }
  ingressInformer.addHandlers({
    onAdd(ingress) {
      changed(ingress)
      if (isMine(ingress)) events.event(ingress, 'Normal', 'Sync', 'Scheduled for sync')
    },
    onUpdate(ingress, old) {
      if (!equalJson(ingress.spec, old.spec) && isMine(ingress))
        events.event(ingress, 'Normal', 'Sync', 'Scheduled for sync')
      changed(ingress)
    },
    onDelete: changed,
  })
  const reconsider = (): void => {
    for (const ingress of ingressInformer.list()) changed(ingress)
  }
  classInformer.addHandlers({ onAdd: reconsider, onUpdate: reconsider, onDelete: reconsider })
  informers.start()
}

function install(client: Client): void {
  const labels = { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/component': 'controller' }
  client.create(namespaces, { metadata: { name: NAMESPACE, labels }, spec: {} })
  client.create(ingressClasses, { metadata: { name: CLASS, labels }, spec: { controller: CONTROLLER } })
  const read = ['list', 'watch']
  client.create(clusterRoles, {
    metadata: { name: NAME, labels },
    rules: [
      { apiGroups: [''], resources: ['services'], verbs: ['get', ...read] },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['get', ...read] },
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['update'] },
      { apiGroups: ['networking.k8s.io'], resources: ['ingressclasses'], verbs: ['get', ...read] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', ...read] },
    ],
  })
  client.create(clusterRoleBindings, {
    metadata: { name: NAME, labels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }],
  })
}

const portOf = ({ spec }: Service, port: { name?: string; number?: number } | undefined) =>
  (spec.ports ?? []).find((one) => (port?.name ? one.name === port.name : one.port === port?.number))

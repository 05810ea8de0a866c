/**
 * A controller of the Gateway API, in the manner of NGINX Gateway Fabric: whatever changes, it looks at all of it anew, writes the statuses that differ,
 * and tells the proxies what to serve.
 */
import { customResourceDefinitions } from '../../api/apiextensions/custom-resource-definition.ts'
import { namespaces } from '../../api/core/namespace.ts'
import { secrets } from '../../api/core/secret.ts'
import { services } from '../../api/core/service.ts'
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts'
import { equalJson } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { SharedInformer } from '../../client/informer.ts'
import type { ComponentContext } from '../../client/machinery.ts'
import type { Network } from '../../network/network.ts'
import { endpointsBySlices } from '../service-endpoints.ts'
import { resolveBackend } from './backends.ts'
import { createDataPlane } from './data-plane.ts'
import { BUNDLE_VERSION, BUNDLE_VERSION_ANNOTATION } from './definitions/definitions.ts'
import { GROUP } from './definitions/shapes.ts'
import { type Facts, type PlannedGateway, planAll } from './plan.ts'
import { classWithStatus, gatewayWithStatus, routeWithStatus } from './statuses.ts'
import type { Gateway, GatewayClass, GrpcRoute, HttpRoute, ReferenceGrant } from './types.ts'

export interface GatewayKinds {
  gatewayClasses: Kind<GatewayClass>
  gateways: Kind<Gateway>
  httpRoutes: Kind<HttpRoute>
  grpcRoutes: Kind<GrpcRoute>
  grants: Kind<ReferenceGrant>
}

export interface GatewayControllerOptions {
  context: ComponentContext
  network: Network
  node: string
  kinds: GatewayKinds
}

/** Changes are gathered for about this long, and then looked at together. */
const GATHER_MS = 200

export function startGatewayController({ context, network, node, kinds }: GatewayControllerOptions): void {
  const { client, engine, informers } = context
  const classInformer = informers.informer(kinds.gatewayClasses)
  const gatewayInformer = informers.informer(kinds.gateways)
  const httpInformer = informers.informer(kinds.httpRoutes)
  const grpcInformer = informers.informer(kinds.grpcRoutes)
  const grantInformer = informers.informer(kinds.grants)
  const serviceInformer = informers.informer(services)
  const secretInformer = informers.informer(secrets)
  const namespaceInformer = informers.informer(namespaces)
  const definitionInformer = informers.informer(customResourceDefinitions)
  const endpointsOf = endpointsBySlices(informers.informer(endpointSlices))
  const addresses = new Map<string, readonly string[]>()

  const lookups = {
    service: (namespace: string, name: string) => serviceInformer.get({ namespace, name }),
    secret: (namespace: string, name: string) => secretInformer.get({ namespace, name }),
    labelsOf: (name: string) => namespaceInformer.get({ namespace: '', name })?.metadata.labels,
  }

  function facts(): Facts {
    return {
      ...lookups,
      classes: classInformer.list(),
      isKnownVersion: definitionInformer
        .list()
        .filter(({ spec }) => spec.group === GROUP)
        .every(({ metadata }) => metadata.annotations?.[BUNDLE_VERSION_ANNOTATION] === BUNDLE_VERSION),
      gateways: gatewayInformer.list().filter(isStaying),
      routes: [
        ...httpInformer.list().map((route) => ({ kind: 'HTTPRoute' as const, route })),
        ...grpcInformer.list().map((route) => ({ kind: 'GRPCRoute' as const, route })),
      ],
      grants: grantInformer.list(),
      addresses,
    }
  }

  const dataPlane = createDataPlane(network, node, {
    engine,
    resolve: (reference, namespace) =>
      resolveBackend(
        reference,
        { kind: 'HTTPRoute', namespace },
        { grants: grantInformer.list(), service: lookups.service },
      ),
    endpointsOf: ({ service, port }) => endpointsOf(service, port.name ?? ''),
    turns: new Map(),
  })

  function keepAddresses(gateways: readonly PlannedGateway[]): void {
    addresses.clear()
    for (const { gateway, ips } of gateways) if (ips.length > 0) addresses.set(gateway.metadata.uid, ips)
  }

  const queue = context.queue({
    name: 'gateway',
    reconcile() {
      const plan = planAll(facts())
      keepAddresses(plan.gateways)
      dataPlane.update(plan.gateways)
      const timestamp = engine.timestamp()
      const writes = [
        ...plan.classes.map((one) => write(kinds.gatewayClasses, classWithStatus(one, timestamp))),
        ...plan.gateways.map((one) => write(kinds.gateways, gatewayWithStatus(one, timestamp))),
        ...plan.routes.map((one) => {
          const kind = one.route.kind === 'HTTPRoute' ? kinds.httpRoutes : kinds.grpcRoutes
          return write(kind as Kind<KubeObject>, routeWithStatus(one, timestamp))
        }),
      ]
      const failure = writes.find((error) => error !== undefined)
      if (failure) throw failure
    },
  })

  /** One that cannot be written keeps none of the others back. */
  function write<T extends KubeObject>(kind: Kind<T>, object: T | undefined): StatusError | undefined {
    if (!object) return undefined
    try {
      client.updateStatus(kind, object)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      // What is gone needs no status, and what has changed meanwhile comes again.
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) return error
    }
    return undefined
  }

  const changed = (): void => queue.addAfter('all', engine.random('gateway-controller').jitter(GATHER_MS, 0.5))
  const listen = <T extends KubeObject>(informer: SharedInformer<T>, facet?: (object: T) => unknown): void =>
    informer.addHandlers({
      onAdd: changed,
      onUpdate(object, old) {
        if (!facet || !equalJson(facet(object), facet(old))) changed()
      },
      onDelete: changed,
    })
  listen(classInformer)
  listen(gatewayInformer)
  listen(httpInformer)
  listen(grpcInformer)
  listen(grantInformer)
  listen(serviceInformer, ({ spec }) => [spec.type, spec.ports])
  listen(secretInformer)
  listen(namespaceInformer, ({ metadata }) => metadata.labels)
  listen(definitionInformer, ({ metadata }) => metadata.annotations)
  informers.start()
}

const isStaying = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp === undefined

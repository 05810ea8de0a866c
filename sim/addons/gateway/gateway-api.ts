/** The Gateway API as an add-on: its CustomResourceDefinitions, and a controller of the GatewayClass `nginx`, once they are served. */
import { customResourceDefinitions } from '../../api/apiextensions/custom-resource-definition.ts'
import { servedKinds } from '../../api/apiextensions/kinds.ts'
import { namespaces } from '../../api/core/namespace.ts'
import { serviceAccounts } from '../../api/core/service-account.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { clusterRoles } from '../../api/rbac/role.ts'
import { clusterRoleBindings } from '../../api/rbac/role-binding.ts'
import type { ApiServer } from '../../apiserver/api-server.ts'
import type { Client } from '../../client/client.ts'
import type { ComponentContext } from '../../client/machinery.ts'
import { createComponentContext, serviceAccountUser } from '../../component-context.ts'
import type { Network } from '../../network/network.ts'
import { type GatewayKinds, startGatewayController } from './controller.ts'
import { gatewayDefinitions } from './definitions/definitions.ts'
import { GROUP } from './definitions/shapes.ts'
import { CONTROLLER } from './plan.ts'

const NAMESPACE = 'nginx-gateway'
const NAME = 'nginx-gateway'
const CLASS = 'nginx'

export interface GatewayApiOptions {
  server: ApiServer
  /** Of the administrator, who installs it. */
  client: Client
  network: Network
  /** The node that proxies run on. */
  node: string
}

/** Installs the definitions and the controller, which begins once all of them are established. */
export function installGatewayApi({ server, client, network, node }: GatewayApiOptions): void {
  install(client)
  const context = createComponentContext(server, {
    user: serviceAccountUser(NAMESPACE, NAME),
    fieldManager: 'nginx-gateway',
  })
  whenServed(context, (kinds) => {
    client.create(kinds.gatewayClasses, {
      metadata: { name: CLASS, labels: labels() },
      spec: { controllerName: CONTROLLER },
    })
    startGatewayController({ context, network, node, kinds })
  })
}

const labels = () => ({ 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/instance': NAME })

function install(client: Client): void {
  for (const definition of gatewayDefinitions) client.create(customResourceDefinitions, definition)
  client.create(namespaces, { metadata: { name: NAMESPACE, labels: labels() }, spec: {} })
  client.create(serviceAccounts, { metadata: { name: NAME, namespace: NAMESPACE, labels: labels() } })
  const read = ['get', 'list', 'watch']
  client.create(clusterRoles, {
    metadata: { name: NAME, labels: labels() },
    rules: [
      { apiGroups: [''], resources: ['secrets', 'namespaces', 'services'], verbs: read },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
      { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: read },
      {
        apiGroups: [GROUP],
        resources: ['gatewayclasses', 'gateways', 'httproutes', 'grpcroutes', 'referencegrants'],
        verbs: read,
      },
      {
        apiGroups: [GROUP],
        resources: ['gatewayclasses/status', 'gateways/status', 'httproutes/status', 'grpcroutes/status'],
        verbs: ['update'],
      },
    ],
  })
  client.create(clusterRoleBindings, {
    metadata: { name: NAME, labels: labels() },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }],
  })
}

/** Calls back once, as soon as the API server serves all kinds. */
function whenServed({ informers, queue }: ComponentContext, start: (kinds: GatewayKinds) => void): void {
  const definitions = informers.informer(customResourceDefinitions)
  let isStarted = false
  const starting = queue({
    name: 'gateway start',
    reconcile() {
      if (isStarted) return
      const find = (plural: string): Kind | undefined => {
        const definition = definitions.get({ namespace: '', name: `${plural}.${GROUP}` })
        return definition && servedKinds(definition).find(({ version }) => version === 'v1')
      }
      const [gatewayClasses, gateways, httpRoutes, grpcRoutes, grants] = [
        'gatewayclasses',
        'gateways',
        'httproutes',
        'grpcroutes',
        'referencegrants',
      ].map(find)
      if (!gatewayClasses || !gateways || !httpRoutes || !grpcRoutes || !grants) return
      isStarted = true
      // The definitions say of what form their objects are.
      start({ gatewayClasses, gateways, httpRoutes, grpcRoutes, grants } as unknown as GatewayKinds)
    },
  })
  const wake = (): void => {
    if (!isStarted) starting.add('start')
  }
  definitions.addHandlers({ onAdd: wake, onUpdate: wake })
  informers.start()
}

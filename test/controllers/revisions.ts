/** The name of a revision of a template with one container, as the server fills it in. */
import { newRevision } from '../../sim/controllers/history.ts'

export function hashOf(image: string): string {
  const container = {
    name: 'nginx',
    image,
    imagePullPolicy: 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  }
  const spec = {
    containers: [container],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  }
  const set = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'ns', uid: 'u' },
    spec: { template: { metadata: { labels: { app: 'db' } }, spec } },
  }
  return newRevision(set as never, 1, 0).metadata.name!
}

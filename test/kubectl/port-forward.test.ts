/** kubectl port-forward and kubectl proxy: what listens on the machine of the one who types while they run. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster, replayCluster } from '../../sim/index.ts'

const options = { seed: 'port-forward', strict: true, shape: { nodes: [{ name: 'node-1' }] } }

function open() {
  const cluster = createCluster(options)
  const kubectl = (line: string) => cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
  const outside = (line: string) => {
    const { stdout, stderr, exit } = cluster.execute({ op: 'outside', line })
    return { text: stdout + stderr, exit }
  }
  /** Starts a line that goes on, and gives what it prints. */
  const begin = (line: string) => {
    const ran = { stdout: '', stderr: '', exit: undefined as number | undefined, stop: (): void => undefined }
    const begun = cluster.begin(
      { op: 'kubectl', line: `kubectl ${line}` },
      ({ exit }) => {
        ran.exit = exit
      },
      (stream, text) => {
        ran[stream] += text
      },
    )
    ran.stop = begun.interrupt
    cluster.advance(500)
    return ran
  }
  kubectl('create deployment web --image=nginx:1.27 --port=80')
  kubectl('expose deployment web --port=8080 --target-port=80')
  kubectl('run box --image=busybox:1.36 -- sleep infinity')
  cluster.advance(10_000)
  return { cluster, kubectl, outside, begin }
}

test('a port of the machine leads to a Pod until the line is stopped, and a replay does the same', () => {
  const { cluster, outside, begin } = open()
  assert.equal(outside('curl -sS localhost:8080').exit, 7)
  const forward = begin('port-forward svc/web 8080 :8080')
  const [, chosen] = /127\.0\.0\.1:(\d{5}) -> 80/.exec(forward.stdout)!
  assert.equal(
    forward.stdout,
    `Forwarding from 127.0.0.1:8080 -> 80\nForwarding from [::1]:8080 -> 80\nForwarding from 127.0.0.1:${chosen} -> 80\nForwarding from [::1]:${chosen} -> 80\n`,
  )
  assert.match(outside('curl -s localhost:8080').text, /Welcome to nginx!/)
  assert.match(outside(`curl -s 127.0.0.1:${chosen}`).text, /Welcome to nginx!/)
  assert.ok(forward.stdout.endsWith(`Handling connection for 8080\nHandling connection for ${chosen}\n`))

  const second = begin('port-forward deploy/web 8080:80')
  assert.equal(second.exit, 1)
  assert.match(
    second.stderr,
    /^Unable to listen on port 8080: .*listen tcp4 127\.0\.0\.1:8080: bind: address already in/,
  )
  assert.match(second.stderr, /\nerror: unable to listen on any of the requested ports: \[\{8080 80\}\]\n$/)

  forward.stop()
  assert.equal(forward.exit, 130)
  assert.equal(outside('curl -sS localhost:8080').exit, 7)
  cluster.advance(1000)
  assert.equal(replayCluster(options, cluster.log, cluster.nowMs).stateHash(), cluster.stateHash())
})

test('where nothing listens in the Pod, or the Pod is gone, the first connection ends the forwarding', () => {
  const { kubectl, outside, begin } = open()
  const closed = begin('port-forward box 8081:81')
  assert.notEqual(outside('curl -sS localhost:8081').exit, 0)
  assert.match(closed.stdout, /Handling connection for 8081\n$/)
  assert.match(
    closed.stderr,
    /^E\d{4} [\d:.]+ +1 portforward\.go:522\] "Unhandled Error" err="an error occurred forwarding 8081 -> 81: error forwarding port 81 to pod [0-9a-f]{64}, uid : .*connect: connection refused "\nerror: lost connection to pod\n$/,
  )
  assert.equal(closed.exit, 1)

  const gone = begin('port-forward box 8082:80')
  kubectl('delete pod box --now')
  outside('curl -sS localhost:8082')
  assert.match(
    gone.stderr,
    /failed to find sandbox \\"[0-9a-f]{64}\\" in store: not found"\nerror: lost connection to pod\n$/,
  )
})

test('a line that has to end by itself says what to do instead', () => {
  const { kubectl } = open()
  assert.match(
    kubectl('port-forward box 8080:80').stderr,
    /^error: kubectl port-forward goes on .*kubectl exec box -- wget/,
  )
  assert.match(kubectl('proxy').stderr, /^error: kubectl proxy goes on .*kubectl get --raw/)
})

test('a proxy serves the API on the machine, Services behind it too, and writes what it is sent', () => {
  const { cluster, kubectl, outside, begin } = open()
  const proxy = begin('proxy')
  assert.equal(proxy.stdout, 'Starting to serve on 127.0.0.1:8001\n')
  const api = 'localhost:8001/api/v1/namespaces/default'
  assert.match(outside(`curl -s ${api}/pods/box`).text, /"phase": "Running"/)
  assert.match(outside(`curl -s ${api}/services/web:8080/proxy/`).text, /Welcome to nginx!/)
  assert.match(outside(`curl -si ${api}/pods/box/exec`).text, /^HTTP\/1\.1 403 Forbidden/)
  assert.match(outside(`curl -si -H 'Host: example.com' ${api}/pods`).text, /^HTTP\/1\.1 403 Forbidden/)
  outside(`curl -s -X POST -H 'Content-Type: application/json' -d '{"metadata":{"name":"made"}}' ${api}/configmaps`)
  assert.equal(kubectl('get cm made -o name').stdout, 'configmap/made\n')
  const json = "-H 'Content-Type: application/json'"
  outside(`printf '{"metadata":\\n{"name":"read"}}' > body; curl -s ${json} --data-binary @body ${api}/configmaps`)
  outside(`printf '{"metadata":{"name":"piped"}}' | curl -s ${json} -d @- ${api}/configmaps`)
  assert.equal(kubectl('get cm read piped -o name').stdout, 'configmap/read\nconfigmap/piped\n')
  assert.match(
    outside(`curl -sS -d @/tmp/nothing ${api}/configmaps`).text,
    /^curl: \(26\) Failed to open \/tmp\/nothing/,
  )
  proxy.stop()

  const prefixed = begin('proxy --port=8011 --api-prefix=/custom --as=ann')
  assert.match(outside('curl -s localhost:8011/custom/api/v1/pods').text, /User \\"ann\\" cannot list/)
  assert.equal(outside('curl -s localhost:8011/version').text, '404 page not found\n')
  cluster.execute({ op: 'fault', fault: { kind: 'component', component: 'kube-apiserver', state: 'stopped' } })
  assert.match(outside('curl -s localhost:8011/custom/version').text, /connect: connection refused/)
  assert.match(prefixed.stderr, /proxy_server\.go:147\] Error while proxying request: /)
  cluster.advance(1000)
  assert.equal(replayCluster(options, cluster.log, cluster.nowMs).stateHash(), cluster.stateHash())
})

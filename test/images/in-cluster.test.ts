// Images in a whole cluster: what ping, DNS, databases and refusals look like from Pods.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTranscript, playTranscript } from '../scenarios/transcript.ts'

/** Plays a transcript's lines and gives what each block printed. */
const play = (text: string): string[] =>
  playTranscript(parseTranscript(`# A test.\n# nodes: 2\n\n${text}`, 'in-cluster.test.ts'))

test('ping reaches Pods, not Service addresses', () => {
  const [, pod, service, missing] = play(`kubectl run web --image=nginx:1.27 --port=80 --expose
kubectl run client --image=busybox:1.36 -- sleep 3600
advance 30s

kubectl exec client -- sh -c 'wget -qO- web | grep -c Welcome; ping -c 2 -q 10.244.0.2 | grep packets'

kubectl exec client -- sh -c 'ping -c 2 -W 1 web | tail -n 1'

kubectl exec client -- ping -c 1 nope
`)
  assert.match(pod, /^2\n|Welcome/)
  assert.match(pod, /0% packet loss/)
  assert.match(service, /100% packet loss/)
  assert.match(missing, /ping: bad address 'nope'/)
})

test('nslookup follows the search list, and tells an alias from an address', () => {
  const [, web, alias] = play(`kubectl run web --image=nginx:1.27 --port=80 --expose
kubectl create service externalname out --external-name example.com
kubectl run client --image=busybox:1.36 -- sleep 3600
advance 30s

kubectl exec client -- sh -c 'nslookup web | grep Name'

kubectl exec client -- sh -c 'nslookup out | grep canonical | uniq'
`)
  assert.equal(web, 'Name:\tweb.default.svc.cluster.local')
  assert.equal(alias, 'out.default.svc.cluster.local\tcanonical name = example.com')
})

test('dig asks for names as they are, unless it is told to search', () => {
  const [, bare, searched] = play(`kubectl run web --image=nginx:1.27 --port=80 --expose
kubectl run client --image=nicolaka/netshoot -- sleep 3600
advance 30s

kubectl exec client -- dig +short web

kubectl exec client -- sh -c 'dig +search web | grep -c "^web.default.svc.cluster.local."'
`)
  assert.equal(bare, '')
  assert.equal(searched, '1')
})

test('a database without its password crashes in a loop and says why', () => {
  const [, state, log] = play(`kubectl create deployment db --image=mysql:8.0
advance 3m

kubectl get pods --no-headers

kubectl logs deployment/db
`)
  // What is said of it between two starts depends on when the kubelet looked last.
  assert.match(state, /0\/1 +(CrashLoopBackOff|Error) +[3-9] \(/)
  assert.match(log, /MYSQL_ROOT_PASSWORD/)
})

test('a readiness probe with the database client turns a Pod ready when the database is', () => {
  const [, early, late, select] = play(`kubectl apply -f - <<EOT
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec:
  containers:
  - name: main
    image: postgres:16
    env: [{name: POSTGRES_PASSWORD, value: pw}]
    readinessProbe: {exec: {command: [pg_isready, -U, postgres]}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{port: 5432}]}
EOT
advance 1s

kubectl get pod db --no-headers

advance 40s
kubectl get pod db --no-headers

kubectl run client --image=postgres:16 --env=PGPASSWORD=pw --restart=Never -- psql -h db -U postgres -tAc 'select 42'
advance 30s
kubectl logs client
`)
  assert.match(early, /0\/1/)
  assert.match(late, /1\/1 +Running/)
  assert.match(select, /\n42$/)
})

test('an interpreter without a terminal ends at once and crashes in a loop', () => {
  const [state] = play(`kubectl create deployment py --image=python:3.12
advance 2m
kubectl get pods --no-headers
`)
  assert.match(state, /CrashLoopBackOff|Completed/)
})

test('the pi Job of the documentation completes', () => {
  const [job] = play(`kubectl create job pi --image=perl:5.34.0 -- perl -Mbignum=bpi -wle 'print bpi(100)'
advance 2m
kubectl get job pi --no-headers
kubectl logs job/pi
`)
  assert.match(job, /^pi .*1\/1/m)
  assert.match(job, /3\.14159265358979323846/)
})

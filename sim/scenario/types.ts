/** A scenario: a cluster's shape, steps at virtual times, checks over the whole history. Demos, questions, challenges and recordings are all of this form. */
import type { KubeObject } from '../api/meta/object.ts'
import type { UserInfo } from '../client/client.ts'
import type { TraceRecord } from '../engine/trace.ts'

export interface NodeShape {
  name: string
  cpu?: string
  memory?: string
  /** Of containers, logs and images; 102399Mi unless told. */
  disk?: string
  pods?: number
  labels?: Record<string, string>
  taints?: { key: string; value?: string; effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }[]
  unschedulable?: boolean
  /** shutdownGracePeriod of its kubelet and the part of it for critical Pods; without them nobody waits. */
  shutdownGracePeriodSeconds?: number
  shutdownGracePeriodCriticalPodsSeconds?: number
  /** Pulls at a time; one after the other unless told. */
  maxParallelImagePulls?: number
  /** The share of the disk from which unused images go, and that at which enough have gone: 85 and 80 unless told. */
  imageGCHighThresholdPercent?: number
  imageGCLowThresholdPercent?: number
  /** How long an image may be unused; without it as long as there is room. */
  imageMaximumGCAgeSeconds?: number
  /** Devices of plugins, by resource name: `example.com/gpu: 2`. */
  devices?: Record<string, number>
  /** Processes that the node has numbers for; as many as its memory allows unless told. */
  maxPids?: number
  /** podPidsLimit of its kubelet: processes of each Pod; no limit without it. */
  podPidsLimit?: number
  /** Of its kubelet, beside the defaults, which have none for processes: `pid.available: 10%`. */
  evictionHard?: { 'pid.available'?: string }
  /** Volumes that a storage driver attaches to the node at most, by driver: `ebs.csi.aws.com: 25`. No limit unless told. */
  volumeLimits?: Record<string, number>
  /** False for a machine with the packages of Kubernetes that is no node yet: `kubeadm join` makes it one. */
  joined?: boolean
  /** A hollow node, as kubemark runs them: its kubelet works as any other, and its event recorder keeps silent. */
  hollow?: boolean
}

/** A profile of the scheduler, as a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) writes it. */
export interface SchedulerProfile {
  schedulerName: string
  plugins?: Partial<Record<'multiPoint' | 'filter' | 'postFilter' | 'score', SchedulerPluginSet>>
  pluginConfig?: SchedulerPluginConfig[]
}

export interface SchedulerPluginSet {
  enabled?: { name: string; weight?: number }[]
  /** `*` stands for all. */
  disabled?: { name: string }[]
}

export type SchedulerPluginConfig =
  | { name: 'NodeResourcesFit'; args: { scoringStrategy?: ScoringStrategy } }
  | { name: 'InterPodAffinity'; args: { hardPodAffinityWeight?: number } }

export interface ScoringStrategy {
  type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio'
  /** CPU and memory alike unless told. */
  resources?: { name: string; weight?: number }[]
  /** Utilization in percent, score from 0 to 10: a line from point to point. */
  requestedToCapacityRatio?: { shape: { utilization: number; score: number }[] }
}

export type IpvsScheduler = 'rr' | 'wrr' | 'lc' | 'wlc' | 'sh' | 'dh' | 'sed' | 'nq'

/** How the proxies of the nodes work, as a KubeProxyConfiguration says it. */
export interface ProxyShape {
  mode: 'iptables' | 'ipvs' | 'nftables'
  /** Of IPVS; `rr` unless told. */
  scheduler?: IpvsScheduler
}

export interface ClusterShape {
  nodes: NodeShape[]
  /** Those of kube-scheduler instead of the one that is called `default-scheduler`. */
  schedulerProfiles?: SchedulerProfile[]
  /** Image references that are not on the nodes yet; 'all' for none at all on them. Left out: every known image is there already. */
  absentImages?: string[] | 'all'
  /** False for a cluster without the DNS add-on: then Service names do not resolve. */
  dns?: boolean
  /**
   * True for a cluster that runs its add-ons as kubeadm installs them: CoreDNS as a Deployment behind the Service kube-dns, whose names are answered
   * only while one of its Pods is ready, and kube-proxy as a DaemonSet; metrics-server as a Deployment where it is asked for. Otherwise they do
   * their work without Pods.
   */
  systemPods?: boolean
  /**
   * True for a controller manager with `--enable-hostpath-provisioner`, as clusters for tests have it: claims of a class with the provisioner
   * `kubernetes.io/host-path` get a folder below /tmp/hostpath_pv.
   */
  hostPathProvisioner?: boolean
  /** False for a cluster whose network ignores NetworkPolicies, as some CNI plugins do. */
  networkPolicies?: boolean
  /** True for a cluster with an ingress controller, of the IngressClass `nginx`: without one, Ingresses do nothing. */
  ingressController?: boolean
  /** True for a cluster with the Gateway API: its CustomResourceDefinitions, and a controller of the GatewayClass `nginx`. */
  gatewayApi?: boolean
  /** iptables unless told. */
  proxy?: ProxyShape
  /** True for a cluster in a cloud that makes load balancers for Services: without one, they stay `<pending>`. */
  cloudProvider?: boolean
  /** True for a cluster with the add-on metrics-server: `kubectl top`, and autoscaling by CPU and memory. */
  metricsServer?: boolean
  /**
   * Control-plane nodes with a member of etcd each, `control-plane-1` and so on, behind the other nodes. With one member, or left out,
   * the control plane is beside the nodes and its etcd never fails.
   *
   * With `staticPods` the control plane is what kubeadm makes of it: nodes before the others, on which etcd, API server, controller
   * manager and scheduler run as static Pods; they do what their manifests say. One of them is called `control-plane`. Their certificates,
   * which hold for a year, were made so that they expire `certificatesExpireInSeconds` after the hand-over; when the cluster began unless told.
   * Their `release` is what everything was set up with, nodes too: an earlier patch release of the simulated one, which kubeadm can upgrade.
   */
  controlPlane?: {
    members: 1 | 3 | 5
    staticPods?: boolean
    certificatesExpireInSeconds?: number
    release?: string
  }
  /** Namespace that kubectl lines use unless they name one; created when it is not there. `default` unless told. */
  namespace?: string
}

export type Fault =
  /** `shutdown` is what the system announces: a kubelet that waits for it ends its Pods first. */
  | { kind: 'node'; node: string; state: 'down' | 'up' | 'shutdown' }
  /** No fault, but a change of the machines: another one joins the cluster. */
  | { kind: 'join'; node: NodeShape }
  /** The node cannot reach the control plane, or nothing at all; kubelet, rules and Pods go on with what they know. */
  | { kind: 'partition'; node: string; state: 'from-control-plane' | 'from-all' | 'healed' }
  /** The container runtime's process; containers go on without it. */
  | { kind: 'runtime'; node: string; state: 'stopped' | 'started' }
  /** Setting up the network of new Pods. */
  | { kind: 'cni'; node: string; state: 'failing' | 'working' }
  /** Something else on the node takes its disk, or its memory: `full` leaves nothing, `low` less than eviction allows. */
  | { kind: 'disk'; node: string; state: 'full' | 'low' | 'freed' }
  | { kind: 'memory'; node: string; state: 'low' | 'freed' }
  /** Processes of the node's own: `low` leaves numbers for a few more. */
  | { kind: 'pids'; node: string; state: 'low' | 'freed' }
  | { kind: 'kubelet'; node: string; state: 'stopped' | 'started' }
  | { kind: 'registry'; state: 'down' | 'slow' | 'up' }
  /** The member of etcd on a control-plane node, or the disk that it writes its log to: each write takes a second and a half. */
  | { kind: 'etcd'; node: string; state: 'stopped' | 'started' | 'slow-disk' | 'normal-disk' }
  | { kind: 'pod'; namespace?: string; selector?: string; name?: string; act: 'kill' | 'delete' }
  | {
      kind: 'component'
      component: 'kube-apiserver' | 'kube-scheduler' | 'kube-controller-manager'
      state: 'stopped' | 'started'
    }

/** Requests sent at a steady rate. */
export interface TrafficSpec {
  name: string
  /** 'outside', or a Pod's name, or `node/NAME`. */
  from: string
  /** `http://web:8080/path`; a NodePort as `http://node-1:30080`. */
  url: string
  perSecond: number
  seconds: number
  timeoutMs?: number
}

/** What may be done to a cluster from outside. A run is (seed, engine version, shape, log of these). */
export type Command =
  /** `file` is its name, where it has one: messages call it that, and not `STDIN`. */
  | { op: 'apply'; manifest: string; args?: string; file?: string }
  | { op: 'create'; manifest: string; args?: string }
  /** With a `keyboard`, what is typed comes while it runs, as `input`. */
  | {
      op: 'kubectl'
      line: string
      stdin?: string
      workplace?: Workplace
      keyboard?: { columns: number; rows: number }
      edited?: EditedFile
    }
  /** A line of Helm. */
  | { op: 'helm'; line: string; stdin?: string; workplace?: Workplace }
  | { op: 'fault'; fault: Fault; given?: GivenFault }
  | { op: 'evict'; selector: string; first: 'ready' }
  | { op: 'staticPod'; node: string; file: string; manifest: string }
  | { op: 'hostFile'; node: string; path: string }
  /**
   * A line in a shell on a node, as root. Lines of one `session` share their shell; without it each has its own. With a `keyboard`,
   * which only a session has, what is typed comes while the line runs, as `input`.
   */
  | {
      op: 'node'
      node: string
      line: string
      stdin?: string
      session?: string
      /** A check's: it runs the node's own programs, whatever somebody has put in their place. */
      ownProgramsOnly?: boolean
      keyboard?: { columns: number; rows: number }
    }
  /** A line in a shell on a machine outside of the cluster. */
  | { op: 'outside'; line: string; stdin?: string }
  | { op: 'traffic'; traffic: TrafficSpec }
  /** Opens a session. They are counted from 0. */
  | { op: 'openSession'; session: SessionRequest }
  | { op: 'session'; number: number; input: SessionInput }
  /** The text of a file, handed in as an answer. */
  | { op: 'answer'; file: string; text: string }
  /** For what was begun at that place of the log, and has a keyboard. */
  | { op: 'input'; number: number; input: SessionInput }
  /** Ends what was begun at that place of the log and still runs, as Ctrl-C does. */
  | { op: 'interrupt'; number: number }
  /** A request of the Kubernetes HTTP API that may change something. */
  | {
      op: 'request'
      method: string
      url: string
      headers: Record<string, string>
      body: string
      /** The body is no text, and stands here as base64. */
      isBase64?: boolean
      /** See `HttpRequest`. */
      tls?: { certificate?: string }
    }

/** Of a fault that somebody gives another one's cluster, ahead of its time. */
export interface GivenFault {
  id: string
  /** When it comes, whatever is done until then: virtual milliseconds since the hand-over. */
  dueMs: number
  /** Whoever works on the cluster is not told what it is. */
  isSecret?: true
}

/** A connection to a container or a Pod's ports that somebody outside holds open. */
export type SessionRequest = { user: UserInfo; namespace: string; pod: string } & (
  | { kind: 'exec'; container: string; command: readonly string[]; stdin: boolean; tty: boolean }
  | { kind: 'attach'; container: string; stdin: boolean }
  | { kind: 'port-forward' }
)

/** What comes through such a connection. Those to ports are counted from 0. */
export type SessionInput =
  | { act: 'write'; data: FileContent; connection?: number }
  | { act: 'end'; connection?: number }
  | { act: 'close'; connection?: number }
  | { act: 'resize'; columns: number; rows: number }
  | { act: 'connect'; port: number }

/** A file that kubectl opened an editor on. */
export interface EditedFile {
  before: string
  after: string
}

/** Where somebody types: what kubectl finds there besides the line. */
export interface Workplace {
  /** Absolute. */
  directory: string
  /** HOME, KUBECONFIG… */
  environment: Readonly<Record<string, string>>
  /** By absolute path; an empty folder as `folder/` with an empty text. */
  files: Readonly<Record<string, FileContent>>
}

/** By absolute path. */
export interface FileUse {
  /** All that the outcome depends on. */
  used: Readonly<Record<string, FileContent>>
  /** Null stands for a file that was removed. */
  written: Readonly<Record<string, FileContent | null>>
}

/** Text, or in base64 what is none. */
export type FileContent = string | { readonly base64: string }

export interface LoggedCommand {
  /** Virtual milliseconds since the cluster was handed over. */
  atMs: number
  command: Command
  /** Others may come while it runs: time does not wait for it. */
  isBegun?: true
}

/** A stretch of what was written on one stream, before the other one was written to. */
export interface StreamTurn {
  stream: 'stdout' | 'stderr'
  /** In UTF-16 code units. */
  length: number
}

export interface CommandOutput {
  stdout: string
  stderr: string
  /** How the streams took turns, where that is not all of stdout, then all of stderr. */
  turns?: StreamTurn[]
}

export interface CommandResult extends CommandOutput {
  atMs: number
  doneMs: number
  exit: number
  /** How a session on a node asks for its next line: `root@node-1:~# `. */
  prompt?: string
  /** What a kubectl line did to the files of its workplace. */
  files?: FileUse
}

/** What came of the requests of one traffic source. */
export interface TrafficReport {
  name: string
  sent: number
  succeeded: number
  failed: number
  /** Requests by outcome: `200`, `503`, `refused`, `timeout`. */
  outcomes: Record<string, number>
  /** Answers by the Pod that gave them. */
  byServer: Record<string, number>
  /** The first thousand. */
  failures: { atMs: number; outcome: string }[]
  /** When requests were lost: seconds in a row in which some failed, counted from the hand-over by when they were sent. */
  losses: { fromSecond: number; toSecond: number; sent: number; failed: number }[]
}

// ---------- checks ----------

/** When a check has to hold. Seconds count from the hand-over, windows may be bounded by `from` and `to`. */
export type CheckWhen =
  | { mode: 'settled' }
  | { mode: 'eventually'; withinSeconds: number }
  | { mode: 'always'; fromSeconds?: number; toSeconds?: number }
  | { mode: 'never'; fromSeconds?: number; toSeconds?: number }
  | { mode: 'stable'; forSeconds: number; withinSeconds: number }
  | { mode: 'once'; forSeconds: number }

/** What has to hold: exactly one of these. */
export type Assertion =
  /** Objects of that kind that match the partial object; by name, or by labels. `count` says how many must match: a number, or `>=3`; at least one unless told. */
  | { object: PartialObject; count?: number | string }
  /** A CEL expression over `objects(kind)` lists, each bound under its plural: `pods.filter(p, p.metadata.labels.app == 'web').size() >= 3`. */
  | { cel: string; message?: string; let?: Readonly<Record<string, string>> }
  /** Traffic that is sent for the check, and what must come back. */
  | { probe: ProbeAssertion }
  /** Objects that are as they were handed over. */
  | { unchanged: UnchangedObject[] }
  /** Everything else that was handed over is as it was. */
  | { bystanders: BystandersAssertion }
  /** Words that are kept in one place. */
  | { nowhere: NowhereAssertion }
  /** A component of the control plane as kubeadm sets it up. */
  | { staticPod: StaticPodAssertion }
  /** What came back of a traffic source named in the world: `failed == 0`. */
  | { traffic: { name: string; cel: string; message?: string } }
  /** What somebody may do and may not. */
  | { access: AccessAssertion }
  /** Who may reach whom by the NetworkPolicies, at the end. */
  | { reach: ReachAssertion }
  /** What a file that was handed in says, at the end. */
  | { answer: AnswerAssertion }

/** A static Pod of a node that does what kubeadm made it for. */
export interface StaticPodAssertion {
  /** `etcd`, `kube-apiserver`, `kube-controller-manager` or `kube-scheduler`. */
  component: string
  /** `control-plane` unless told. */
  node?: string
  /** `v1.36.2`; that of the simulator unless told. */
  release?: string
  /** Flags that may not be missing, each as `--NAME`; `all` for every one that kubeadm gives. */
  flags?: 'all' | string[]
  /** Flags that may have any value or be missing, and `volumes`. */
  free?: string[]
  /** By flag, values besides kubeadm's own that it may have; `ADDRESS` in them is that of the node. */
  also?: Record<string, string[]>
}

/** A file that says what one of the keys says: the same words, in the same order unless `order` is `any`. */
export interface AnswerAssertion {
  file: string
  keys: AnswerKey[]
  order?: 'any'
}

/** What a line of kubectl prints, asked of the cluster at the end; or a text. */
export type AnswerKey = { kubectl: string } | { text: string }

/**
 * All objects but those of `but`: `KIND/NAME`, with `NAMESPACE/` before it for another namespace than the learner's; `*` stands for any name. With
 * ` FIELD` behind it only that field may change, a path below `spec` or what there is in its place: `PersistentVolume/pvc-* capacity`.
 */
export interface BystandersAssertion {
  but?: string[]
  /** New objects that may act on what was handed over: in the patterns of `but`. */
  adds?: string[]
  /** Nothing may be done but look: what has an owner counts as well, nothing new is left behind, and `keepPods` holds. */
  lookOnly?: boolean
  /**
   * The Pods that ran are the same ones still, but those of what `but` names, of Jobs, of nodes and of what an autoscaler scales; a container of
   * theirs that had never been restarted has not been since, and nobody came in and changed a file that was there.
   */
  keepPods?: boolean
  /** Labels of nodes and namespaces count as well. */
  allLabels?: boolean
  /** Files of nodes that may be others, as `NODE:PATH`, with `*` for any characters: those that the work is on. `NODE:PATH FIELD…`: of a file of YAML only these fields. */
  files?: string[]
}

/**
 * Connections of the Pods that `from` names, and to those that `to` names: `NAMESPACE/KEY=VALUE,KEY!=VALUE`, `*` for any, `outside` for who is in
 * no Pod. Open are at most the paths `FROM -> TO [:PORTS]` of both lists, and those of `atLeast`; `exactly` is both in one.
 */
export type ReachAssertion = { from?: string[]; to?: string[] } & (
  | { exactly: string[] }
  | { atLeast?: string[]; atMost: string[] }
)

export type AccessAssertion =
  /** Requests as `VERB RESOURCE[.GROUP][/SUBRESOURCE] [NAME] [in NAMESPACE]`. */
  | { user: string; can?: string[]; cannot?: string[] }
  /**
   * All that somebody may do, besides what everybody may, in patterns `VERBS RESOURCES [NAMES] [in NAMESPACES]` of lists separated by commas.
   * They may do what is in `atLeast`, and nothing that is in neither. `exactly` is both in one.
   */
  | { user: string; exactly: string[] }
  | { user: string; atLeast?: string[]; atMost: string[] }
  /** Since the hand-over nobody has come to hold more than before, but for these users. */
  | { nobodyGainsBut: string[] }

/** A text that stands in no field of any object of the learner's namespace, but in objects of the kinds of `but`. */
export interface NowhereAssertion {
  text: string
  but?: string[]
}

/**
 * Of the learner's namespace unless told. `except` names fields that may change, and all below them: `spec.template.spec.containers.*.image`;
 * `only` names those that may not. With `managers` those who manage the fields are the same, too.
 */
export interface UnchangedObject {
  kind: string
  name: string
  namespace?: string
  except?: string[]
  only?: string[]
  managers?: boolean
}

export interface PartialObject {
  apiVersion?: string
  kind: string
  metadata?: { name?: string; namespace?: string; labels?: Record<string, string>; [field: string]: unknown }
  [field: string]: unknown
}

export interface ProbeAssertion {
  /** 'outside', a Pod's name, or 'new-pod' for a Pod that the check makes for itself. */
  from: string
  protocol: 'http' | 'tcp' | 'dns'
  /** `http://web/`, `web:80`, or a name. */
  target: string
  attempts?: number
  /** `body` is the whole of it, but for space at both ends; `by` is who made the Pods that answer, in the learner's namespace: `Deployment/web`. */
  expect: {
    status?: number
    body?: string
    bodyIncludes?: string
    fails?: boolean
    minShare?: number
    servers?: number
    by?: string
  }
}

export interface Criterion {
  id: string
  title: string
  points: number
  assert: Assertion
}

export interface CheckSpec {
  id: string
  title: string
  points: number
  when: CheckWhen
  /** Either one assertion, or criteria whose points add up to the check's. */
  assert?: Assertion
  criteria?: Criterion[]
  /** Faults injected before the check is looked at, on a fork of the run. */
  given?: Fault[]
  /** What others do after that, on the same run of its own: the same change a second time, with other values. */
  afterwards?: Command[]
  dependsOn?: string[]
  mastery?: string[]
  /** Earns nothing and costs its points when violated: "leave X alone". */
  gate?: boolean
  hidden?: boolean
  /** One sentence for the learner on why this matters, shown when it fails. */
  why?: string
}

/** `hidden`: no text that learners see names it, so a submission that is right holds for each of its values. */
export type ParamSpec = ({ oneOf: (string | number)[] } | { int: { min: number; max: number; step?: number } }) & {
  hidden?: boolean
}

export interface Hint {
  id: string
  text: string
  /** Points taken off when it is opened. */
  cost: number
  /** Shown only when the diagnosis names this cause: `selector-matches-no-pod`, `image-not-found`… */
  cause?: string
}

/** `challenge.yaml`, read and validated. Text fields may use `{{param}}`. */
export interface ChallengeSpec {
  id: string
  title: string
  version: number
  style: 'build' | 'fix' | 'operate' | 'design' | 'task'
  difficulty: 1 | 2 | 3 | 4 | 5
  minutes: number
  topics: string[]
  params: Record<string, ParamSpec>
  /** CEL over params: variants for which it is true are not drawn. */
  reject?: string[]
  world: {
    shape: ClusterShape
    /** Manifests and lines that make the world before the hand-over. */
    setup: Command[]
    settleSeconds: number
    /** Traffic that runs from the hand-over on. */
    traffic?: TrafficSpec[]
  }
  workspace: {
    /** File name -> contents at the start. */
    files: Record<string, string>
    allowKubectl: boolean
    readOnlyNamespaces?: string[]
    maxApplies: number
    maxVirtualSeconds: number
  }
  checks: CheckSpec[]
  hints: Hint[]
  /** Seconds that are simulated after the last command before the verdict. */
  observeSeconds: number
}

export interface Submission {
  /** The commands of the attempt, each at its virtual time after the hand-over. */
  log: LoggedCommand[]
}

/** When what a check asks for held in the run that was graded. Virtual milliseconds since the hand-over. */
export interface CheckCourse {
  /** The hand-over; of a check with faults of its own, when they came. */
  fromMs: number
  endMs: number
  /**
   * From each moment on it held, or did not, until the next. Of traffic: requests were answered, or lost.
   * Without any when all it asks for is tried at the end.
   */
  spans: { fromMs: number; holds: boolean }[]
  /** The part of the run that decides. */
  deciding: { fromMs: number; toMs: number }
  /** What it asks for, or a part of that, are requests that were sent at the end. */
  isTriedAtEnd?: true
  /** What the check did to the cluster before it looked. */
  faults?: Fault[]
  /** Others changed something before it looked. */
  isChangedByOthers?: true
}

export type TestStatus = 'pass' | 'fail' | 'error' | 'skipped'

export interface TestResult {
  id: string
  title: string
  status: TestStatus
  points: number
  maxPoints: number
  criteria: {
    id: string
    title: string
    status: TestStatus
    points: number
    maxPoints: number
    actual?: string
    expected?: string
  }[]
  message: string
  /** What the cluster did, what was expected of it, why that matters. */
  actual?: string
  expected?: string
  why?: string
  /** From the symptom to its cause, each a sentence; of what the check is about. */
  cause: string[]
  /** Since when the cluster has shown each of them, where that is known; absent in results from before it was noted. */
  causeSinceMs?: (number | null)[]
  /** The names of those causes: `target-port-not-listening`. Hints are bound to them. */
  causes: string[]
  firstFailAtMs?: number
  firstPassAtMs?: number
  hidden?: boolean
  /** Of a check that was looked at. */
  course?: CheckCourse
}

export interface GradeResult {
  /** False when the fault is ours, or the submission was refused before it ran: no attempt is used. */
  gradable: boolean
  /** Why it is not gradable, or what stopped the run. */
  problem?: string
  score: number
  maxScore: number
  passed: boolean
  seed: string
  params: Record<string, string | number>
  engineVersion: string
  /** Absent in those from before graders had versions. */
  graderVersion?: string
  contentHash: string
  virtualMs: number
  wallMs: number
  stateHash: string
  tests: TestResult[]
  gates: TestResult[]
  /** Output of each command of the log. */
  commands: CommandResult[]
  notSimulated: string[]
  /** Faults that others gave the cluster are left out: with them it earned less. */
  withoutFaults?: true
  /** It was graded on so many other variants as well, and is the least of all. */
  otherVariants?: number
}

// ---------- runs ----------

/** A scenario file in the format of the recordings, read. Seconds. */
export interface ScenarioFile {
  name: string
  about?: string
  /** What chance is drawn from; `scenario` unless told. */
  seed?: string
  start?: string
  /** The cluster; one that was recorded unless told. */
  shape?: ClusterShape
  nodes?: 'multi'
  absent?: string[]
  duration: number
  steps: ({ at: number } & Record<string, unknown>)[]
  read?: string[]
  watch?: string[]
}

export interface RecordedEvent {
  t: number
  type: string
  reason: string
  object: string
  message: string
  count: number
  component: string
}

export interface ScenarioRun {
  name: string
  about?: string
  server: string
  duration: number
  steps: { at: number; done: number; kind: string; run?: string; exit: number; stdout: string; stderr: string }[]
  reads: { run: string; exit: number; stdout: string; stderr: string }[]
  events: RecordedEvent[]
  timeline: { t: number; event: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject }[]
  final: KubeObject[]
}

/** A step of a story told from the trace: one message between two components. */
export interface SequenceMessage {
  atMs: number
  from: string
  to: string
  label: string
  record: TraceRecord
}

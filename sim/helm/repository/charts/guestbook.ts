/** A web front end, and a Redis behind it that is a subchart: to look at dependencies, conditions and hooks. */
import { published } from './published.ts'
import { redis } from './redis.ts'

const own = {
  'values.yaml': `replicaCount: 2
image:
  repository: nginx
  tag: "1.27"
greeting: Welcome
service:
  port: 80
# Whether a Redis is installed with it.
redis:
  enabled: true
`,
  'README.md': '# guestbook\n\nA front end of two Pods, with a Redis unless `redis.enabled` is false.\n',
  'templates/configmap.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "guestbook.fullname" . }}
  labels:
    {{- include "guestbook.labels" . | nindent 4 }}
data:
  greeting: {{ .Values.greeting | quote }}
  {{- if .Values.redis.enabled }}
  redis: {{ .Release.Name }}-redis
  {{- end }}
`,
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "guestbook.fullname" . }}
  labels:
    {{- include "guestbook.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels:
      {{- include "guestbook.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "guestbook.labels" . | nindent 8 }}
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          envFrom:
            - configMapRef:
                name: {{ include "guestbook.fullname" . }}
          ports:
            - name: http
              containerPort: 80
          readinessProbe:
            httpGet:
              path: /
              port: http
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ include "guestbook.fullname" . }}
  labels:
    {{- include "guestbook.labels" . | nindent 4 }}
spec:
  ports:
    - name: http
      port: {{ .Values.service.port }}
      targetPort: http
  selector:
    {{- include "guestbook.selectorLabels" . | nindent 4 }}
`,
  'templates/prepare.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "guestbook.fullname" . }}-prepare
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: prepare
          image: busybox:1.36
          command: ["sh", "-c", "echo revision {{ .Release.Revision }}"]
`,
  'templates/NOTES.txt': 'The guestbook answers at {{ include "guestbook.fullname" . }}:{{ .Values.service.port }}\n',
}

const [subchart] = redis
const files = {
  ...own,
  ...Object.fromEntries(subchart!.files.map(({ name, data }) => [`charts/redis/${name}`, String(data)])),
}

export const guestbook = [
  published(
    {
      name: 'guestbook',
      version: '2.0.0',
      appVersion: '1.27',
      description: 'A web front end with a Redis behind it',
      keywords: ['web', 'example'],
      more: 'dependencies:\n  - name: redis\n    version: ~0.3\n    repository: https://charts.example.com\n    condition: redis.enabled\n',
    },
    files,
  ),
]

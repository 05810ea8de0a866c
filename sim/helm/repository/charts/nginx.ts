/** nginx with a page from values. */
import { published } from './published.ts'

const values = `replicaCount: 1
image:
  repository: nginx
  tag: ""
# What the server shows at /.
page: |
  <h1>It works</h1>
service:
  type: ClusterIP
  port: 80
resources: {}
`

const schema = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "replicaCount": { "type": "integer", "minimum": 0 },
    "page": { "type": "string" },
    "image": {
      "type": "object",
      "properties": { "repository": { "type": "string" }, "tag": { "type": "string" } },
      "required": ["repository"]
    },
    "service": {
      "type": "object",
      "properties": {
        "type": { "enum": ["ClusterIP", "NodePort", "LoadBalancer"] },
        "port": { "type": "integer", "minimum": 1, "maximum": 65535 }
      }
    }
  }
}
`

const files = {
  'values.yaml': values,
  'values.schema.json': schema,
  'README.md': `# nginx

Serves one page, which the value \`page\` holds.

| value | default | what it is |
|---|---|---|
| \`replicaCount\` | 1 | how many Pods run |
| \`image.tag\` | the chart's appVersion | the image's tag |
| \`page\` | a heading | the page, as HTML |
| \`service.type\` | ClusterIP | ClusterIP, NodePort or LoadBalancer |
`,
  'templates/configmap.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "nginx.fullname" . }}-page
  labels:
    {{- include "nginx.labels" . | nindent 4 }}
data:
  index.html: |
    {{- .Values.page | nindent 4 }}
`,
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "nginx.fullname" . }}
  labels:
    {{- include "nginx.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels:
      {{- include "nginx.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      annotations:
        # A new page starts new Pods.
        checksum/page: {{ .Values.page | sha256sum }}
      labels:
        {{- include "nginx.labels" . | nindent 8 }}
    spec:
      containers:
        - name: nginx
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          ports:
            - name: http
              containerPort: 80
          readinessProbe:
            httpGet:
              path: /
              port: http
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          volumeMounts:
            - name: page
              mountPath: /usr/share/nginx/html
      volumes:
        - name: page
          configMap:
            name: {{ include "nginx.fullname" . }}-page
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ include "nginx.fullname" . }}
  labels:
    {{- include "nginx.labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  ports:
    - name: http
      port: {{ .Values.service.port }}
      targetPort: http
  selector:
    {{- include "nginx.selectorLabels" . | nindent 4 }}
`,
  'templates/NOTES.txt': `nginx is on its way. To see its page:
  kubectl port-forward --namespace {{ .Release.Namespace }} service/{{ include "nginx.fullname" . }} 8080:{{ .Values.service.port }}
`,
  'templates/tests/page.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: {{ include "nginx.fullname" . }}-test
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  restartPolicy: Never
  containers:
    - name: wget
      image: busybox:1.36
      command: ["wget", "-qO-", "http://{{ include "nginx.fullname" . }}:{{ .Values.service.port }}/"]
`,
}

const described = {
  name: 'nginx',
  description: 'A web server that shows one page',
  keywords: ['web', 'http', 'server'],
}

export const nginx = [
  published({ ...described, version: '1.1.0', appVersion: '1.27' }, files),
  published({ ...described, version: '1.0.0', appVersion: '1.26' }, files),
]

{{- define "twindex.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels that do not change while an object exists. Called with (list $ "gateway"). */}}
{{- define "twindex.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride | trunc 63 }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "twindex.labels" -}}
{{- $root := index . 0 -}}
{{ include "twindex.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "twindex.podLabels" -}}
{{ include "twindex.selector" . }}
{{- with (index . 0).Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A change of the project replaces the pods of gateway and dashboard. */}}
{{- define "twindex.podAnnotations" -}}
twindex/project: {{ .Values.project | toJson | sha256sum | trunc 16 | quote }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "twindex.serviceAccountName" -}}
{{- default (ternary (include "twindex.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "twindex.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "twindex.projectConfigMap" -}}
{{- if .Values.project.files -}}
{{- if .Values.project.configMap -}}{{ fail "project: give files or configMap, not both" }}{{- end -}}
{{ include "twindex.fullname" . }}-project
{{- else -}}
{{ .Values.project.configMap }}
{{- end -}}
{{- end -}}

{{/* The key of a file in the ConfigMap: a key cannot contain a slash. */}}
{{- define "twindex.fileKey" -}}
{{ . | replace "/" "__" }}
{{- end -}}

{{- define "twindex.podSettings" -}}
serviceAccountName: {{ include "twindex.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{/* Called with one of .Values.gateway, .Values.migrate and .Values.dashboard. */}}
{{- define "twindex.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "twindex.containerSettings" -}}
image: {{ include "twindex.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
env:
  - name: TWINDEX_CONFIG
    value: {{ printf "/config/%s" .Values.project.config | quote }}
  {{- with .Values.url }}
  - name: TWINDEX_URL
    value: {{ . | quote }}
  {{- end }}
  {{- with .Values.env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "twindex.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if include "twindex.projectConfigMap" . }}
- name: project
  mountPath: /config
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "twindex.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- with include "twindex.projectConfigMap" . }}
- name: project
  configMap:
    name: {{ . }}
    {{- if $.Values.project.files }}
    items:
      {{- range $path, $text := $.Values.project.files }}
      - key: {{ include "twindex.fileKey" $path }}
        path: {{ $path | quote }}
      {{- end }}
    {{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

/// <reference lib="esnext.disposable" />
// The public API of twindex. `npm run docs:api` makes this file from src/index.ts.

/** The options of every function that sends requests to the cluster. */
export interface Abortable {
    /**
     * Stops the work when it is aborted. The promise is then rejected with the reason of the signal. The same call,
     * made again, continues the migration.
     * @default none
     * @example
     * signal: AbortSignal.timeout(3_600_000)
     */
    readonly signal?: AbortSignal | undefined;
}

/**
 * Credentials: Basic, an API key as the engine encodes it (`Authorization: ApiKey ...`), a bearer token, or the
 * AWS credentials of this process (requests are signed with Signature Version 4).
 *
 * A secret may be in a file, or be printed by a command of the shell, so that it can change while a process runs:
 * it is read again when the file changes, and when the engine answers 401.
 * @see https://www.elastic.co/docs/api/doc/elasticsearch/authentication
 * @see docs/secured-clusters.md
 * @example
 * import type { Auth } from 'twindex';
 *
 * const auth: Auth = { username: 'twindex', passwordFile: '/run/secrets/search-password' };
 * export default auth;
 */
export type Auth = PlainAuth | {
    readonly username: string;
    readonly passwordFile: string;
} | {
    readonly username: string;
    readonly passwordCommand: string;
} | {
    readonly apiKeyFile: string;
} | {
    readonly apiKeyCommand: string;
} | {
    readonly bearerFile: string;
} | {
    readonly bearerCommand: string;
} | {
    readonly aws: AwsAuth;
};

/** Credentials whose secret is known. */
type PlainAuth = {
    readonly username: string;
    readonly password: string;
} | {
    readonly apiKey: string;
} | {
    readonly bearer: string;
};

/** The credentials are found as the AWS command line finds them: variables, profiles, web identity, container, host. */
interface AwsAuth {
    /** The region of the domain: `eu-central-1`. */
    readonly region: string;
    /** `es` for a domain of Amazon OpenSearch Service, which is the default. `aoss` (Serverless) is refused. */
    readonly service?: 'es' | 'aoss' | undefined;
    /** A profile of ~/.aws/config. By default AWS_PROFILE, or `default`. */
    readonly profile?: string | undefined;
}

/** How twindex reaches a cluster. */
export interface ClusterOptions {
    /**
     * One or more node URLs. User and password in a URL are used as `auth`.
     * @example
     * nodes: ['http://search-1:9200', 'http://search-2:9200']
     */
    readonly nodes: readonly string[];
    /**
     * Credentials.
     * @default none, or user and password of the first URL that has them
     * @example
     * auth: { apiKey: process.env['SEARCH_KEY'] ?? '' }
     */
    readonly auth?: Auth | undefined;
    /**
     * PEM file with the certificate authority that signed the nodes' certificates.
     * @default the authorities that Node trusts
     * @example
     * caFile: '/etc/search/ca.pem'
     */
    readonly caFile?: string | undefined;
    /**
     * SHA-256 fingerprint of the certificate authority, in place of `caFile`: 64 hexadecimal digits, with or without
     * colons. The nodes have to send the certificate of their authority, as those of Elasticsearch do.
     * @default none
     * @example
     * caFingerprint: 'b84e16ad70c7a9c6c1a5e0d3f8b2947c5d6e7f8091a2b3c4d5e6f708192a3b4c'
     */
    readonly caFingerprint?: string | undefined;
    /**
     * PEM file with the certificate that twindex shows to the nodes, followed by those of its authorities. A gateway
     * does not show it for the requests of its clients.
     * @default none
     * @see docs/secured-clusters.md#client-certificates
     * @example
     * certFile: '/etc/twindex/client.pem'
     */
    readonly certFile?: string | undefined;
    /**
     * PEM file with the private key of `certFile`.
     * @default none
     * @example
     * keyFile: '/etc/twindex/client-key.pem'
     */
    readonly keyFile?: string | undefined;
    /**
     * Passphrase of an encrypted `keyFile`.
     * @default none
     * @example
     * keyPassphrase: process.env['SEARCH_PASSPHRASE'] ?? ''
     */
    readonly keyPassphrase?: string | undefined;
    /**
     * Address of the HTTP proxy to the nodes, with user and password if it wants them; false: none.
     * @default for https the proxy in HTTPS_PROXY, unless NO_PROXY names the host
     * @example
     * proxy: 'http://proxy.example.com:3128'
     */
    readonly proxy?: string | false | undefined;
    /**
     * Reads these options again from their origin. twindex calls it when the engine answers 401, so credentials
     * can be changed while a process runs.
     * @default none: the credentials stay the same
     * @example
     * readAgain: async () => ({ nodes: ['http://search-1:9200'], auth: { bearer: 'a newer token' } })
     */
    readonly readAgain?: (() => Promise<ClusterOptions>) | undefined;
    /**
     * Time limit for a request with its whole response, in ms.
     * @default 30000
     * @example
     * requestTimeoutMs: 60_000
     */
    readonly requestTimeoutMs?: number | undefined;
    /**
     * How often a request that is safe to repeat is retried.
     * @default 6
     * @example
     * maxRetries: 10
     */
    readonly maxRetries?: number | undefined;
    /**
     * Where these options come from. Errors name the place that has to be corrected.
     * @default `cluster.nodes`, `cluster.auth` and `cluster.caFile`
     * @example
     * origins: { nodes: '--url', auth: '--url', caFile: 'NODE_EXTRA_CA_CERTS' }
     */
    readonly origins?: Origins | undefined;
}

/** The places that options of a connection come from, to be named in errors. */
interface Origins {
    /** @example 'TWINDEX_URL' */
    readonly nodes: string;
    /** @example 'cluster.auth (twindex.config.ts)' */
    readonly auth: string;
    /** @example 'cluster.caFile (twindex.config.ts)' */
    readonly caFile: string;
}

/**
 * The content of `twindex.config.{ts,js,mjs,json,yaml,yml}`. In JSON and YAML, `${NAME}` is replaced by the
 * environment variable in texts below `cluster`, `source` and `notify`, and in hooks that are no commands.
 * @example
 * import type { ConfigInput } from 'twindex';
 *
 * const config: ConfigInput = { cluster: { nodes: ['http://localhost:9200'] }, indexes: ['./indexes/*.ts'] };
 * export default config;
 */
export interface ConfigInput {
    /**
     * The cluster with the indexes and the journal.
     * @default the addresses in the environment variable TWINDEX_URL, separated by commas
     * @example
     * cluster: { nodes: ['https://search-1:9200'], auth: { apiKey: process.env['SEARCH_KEY'] ?? '' }, caFile: './ca.pem' }
     */
    readonly cluster?: {
        /**
         * One or more addresses of nodes. User and password may be in the URL. If TWINDEX_URL is set, it is used
         * instead.
         * @default the addresses in TWINDEX_URL
         * @example
         * nodes: ['http://search-1:9200', 'http://search-2:9200']
         */
        readonly nodes?: readonly string[];
        /**
         * The cloud id of an Elastic Cloud deployment, in place of `nodes`. If TWINDEX_URL is set, it is used instead.
         * @default none
         * @see docs/secured-clusters.md#elastic-cloud
         * @example
         * cloudId: 'shop:ZXUtY2VudHJhbC0xLmF3cy5jbG91ZC5lcy5pbzo0NDMkN2YzYmQwZTRhMWM5NGYwZTlkM2M1YjhhMmY2ZTFkMDc='
         */
        readonly cloudId?: string;
        /**
         * Credentials: `{ username, password }`, `{ apiKey }`, `{ bearer }` or `{ aws: { region } }`; read again when
         * the engine answers 401. In place of `password`, `apiKey` and `bearer`, the keys `passwordFile`,
         * `passwordCommand`, `apiKeyFile` and so on name a file with the secret or a command that prints it. A path is
         * relative to the configuration.
         * @default none, or user and password of the address
         * @see docs/secured-clusters.md
         * @example
         * auth: { username: 'twindex', password: process.env['SEARCH_PASSWORD'] ?? '' }
         */
        readonly auth?: ClusterOptions['auth'];
        /**
         * PEM file, relative to the configuration, with the authority that signed the nodes' certificates.
         * @default the authorities that Node trusts
         * @example
         * caFile: './ca.pem'
         */
        readonly caFile?: string;
        /**
         * SHA-256 fingerprint of the authority that signed the nodes' certificates, in place of `caFile`.
         * @default none
         * @see docs/secured-clusters.md#an-authority-of-your-own
         * @example
         * caFingerprint: 'b84e16ad70c7a9c6c1a5e0d3f8b2947c5d6e7f8091a2b3c4d5e6f708192a3b4c'
         */
        readonly caFingerprint?: string;
        /**
         * PEM file, relative to the configuration, with the certificate that twindex shows to the nodes.
         * @default none
         * @see docs/secured-clusters.md#client-certificates
         * @example
         * certFile: './twindex.pem', keyFile: './twindex-key.pem'
         */
        readonly certFile?: string;
        /**
         * PEM file, relative to the configuration, with the private key of `certFile`.
         * @default none
         * @example
         * certFile: './twindex.pem', keyFile: './twindex-key.pem'
         */
        readonly keyFile?: string;
        /**
         * Passphrase of an encrypted `keyFile`.
         * @default none
         * @example
         * certFile: './twindex.pem', keyFile: './twindex-key.pem', keyPassphrase: process.env['SEARCH_PASSPHRASE'] ?? ''
         */
        readonly keyPassphrase?: string;
        /**
         * Address of the HTTP proxy to the nodes; false: none.
         * @default for https the proxy in HTTPS_PROXY, unless NO_PROXY names the host
         * @see docs/secured-clusters.md#proxies
         * @example
         * proxy: 'http://proxy.example.com:3128'
         */
        readonly proxy?: string | false;
        /**
         * Time limit for a request with its whole response, in ms.
         * @default 30000
         * @example
         * requestTimeoutMs: 60_000
         */
        readonly requestTimeoutMs?: number;
        /**
         * How often a request that is safe to repeat is retried, 0 to 100.
         * @default 6
         * @example
         * maxRetries: 10
         */
        readonly maxRetries?: number;
    };
    /**
     * The cluster of the old indexes, if it is not `cluster`. Its engine and version may differ.
     * @default none: old and new index are in `cluster`
     * @see docs/clusters.md
     * @example
     * source: { nodes: ['http://old-search:9200'] }
     */
    readonly source?: ConfigInput['cluster'];
    /**
     * Patterns of index files, relative to the configuration file. Each must match at least one file.
     * @example
     * indexes: ['./indexes/*.ts', './tenants/*.yaml']
     */
    readonly indexes: readonly string[];
    /**
     * Hooks of all migrations. A hook in an index file replaces the hook for the same phase here.
     * @default none
     * @example
     * hooks: { before: { cutover: './smoke-test.sh' } }
     */
    readonly hooks?: HooksInput;
    /**
     * An address that gets a POST when a migration waits for a person, and at its end.
     * @default none
     * @example
     * notify: 'https://chat.example.com/hook'
     */
    readonly notify?: NotifyInput;
}

interface HooksInput {
    /**
     * Hooks that run before a phase. If one fails, the phase does not begin; a rollback does not wait for them.
     * @default none
     */
    readonly before?: {
        readonly [M in BeforeHookPoint]?: HookInputs | undefined;
    } | undefined;
    /**
     * Hooks that run after a phase. A hook that fails causes a warning.
     * @default none
     */
    readonly after?: {
        readonly [M in AfterHookPoint]?: HookInputs | undefined;
    } | undefined;
}

/** Phases that hooks may run before. `rollback`: readers or writers return to the old index. */
type BeforeHookPoint = 'copying' | 'cutover' | 'switched' | 'finalized' | 'aborted' | 'rollback';

/** One hook, or several in this order. */
type HookInputs = HookInput | readonly HookInput[];

/** A shell command, or a POST. */
type HookInput = string | {
    /** The shell runs it in the folder of the file that declares it. */
    readonly command: string;
    /**
     * Time limit in ms. A hook that takes longer has failed.
     * @default 60000
     */
    readonly timeoutMs?: number | undefined;
} | {
    /** The address: `https://host/path`. */
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /**
     * Time limit in ms. A hook that takes longer has failed.
     * @default 60000
     */
    readonly timeoutMs?: number | undefined;
};

type AfterHookPoint = BeforeHookPoint | 'ready';

type NotifyInput = string | {
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>> | undefined;
};

/** The kind of a `TwindexError`. Codes are stable; messages are not. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** docs/errors.md has a section for each code. */
declare const ERROR_CODES: readonly ["config_invalid", "usage", "not_found", "unreachable", "certificate", "wrong_scheme", "not_an_engine", "unanswered", "unauthorized", "forbidden", "unsupported_engine", "blocked", "conflict", "fenced", "lease_held", "no_coordinator", "timed_out", "too_large", "overloaded", "rejected", "too_many_rejected", "source_failed", "hook_failed", "unsafe", "flag_needed", "plan_blocked", "plan_stale", "definition_changed", "journal_unreadable", "local_engine", "interrupted", "failed", "internal"];

/**
 * A field of `mappings`: its type with the parameters that the type has on Elasticsearch or OpenSearch. A type
 * or a parameter that is missing here, for example one of a plugin, is passed with `unchecked()`.
 * @see https://docs.opensearch.org/latest/mappings/supported-field-types/
 * @see https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/field-data-types
 * @example
 * import type { Field } from 'twindex';
 *
 * const price: Field = { type: 'scaled_float', scaling_factor: 100 };
 * export default price;
 */
export type Field = Typed<typeof LEAVES> | Typed<typeof OBJECTS> | Untyped;

type Typed<Types> = {
    [T in keyof Types]: WithType<T, Types[T]>;
}[keyof Types];

type WithType<Type, Parameters> = {
    readonly type: Type;
} & {
    readonly [P in keyof Parameters]?: ValueOf<Parameters[P]>;
};

type ValueOf<Kind> = Kind extends readonly (infer Allowed)[] ? Allowed : Kind extends keyof Values ? Values[Kind] : never;

/** For each kind of value in fieldParameters.ts, the TypeScript type of a mapping parameter of this kind. */
interface Values {
    boolean: boolean;
    number: Numeric;
    text: string;
    texts: string | readonly string[];
    scalar: Scalar;
    /** Any JSON. */
    value: unknown;
    object: object;
    objects: object | readonly object[];
    textsByName: Readonly<Record<string, string>>;
    listsByName: Readonly<Record<string, string | readonly string[]>>;
    script: string | object;
    dynamic: Dynamic;
    fields: Fields;
}

/** An integer beyond 2^53 is a BigInt. */
type Numeric = number | bigint;

type Scalar = string | Numeric | boolean;

type Dynamic = boolean | 'true' | 'false' | 'strict' | 'runtime' | 'strict_allow_templates' | 'false_allow_templates';

interface Fields {
    readonly [name: string]: Field;
}

declare const LEAVES: {
    readonly text: {
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly analyzer: "text";
        readonly search_analyzer: "text";
        readonly search_quote_analyzer: "text";
        readonly index_options: readonly ["docs", "freqs", "positions", "offsets"];
        readonly index_phrases: "boolean";
        readonly index_prefixes: "object";
        readonly term_vector: readonly ["no", "yes", "with_positions", "with_offsets", "with_positions_offsets", "with_positions_payloads", "with_positions_offsets_payloads"];
        readonly norms: "boolean";
        readonly similarity: "text";
        readonly eager_global_ordinals: "boolean";
        readonly position_increment_gap: "number";
        readonly fielddata: "boolean";
        readonly fielddata_frequency_filter: "object";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly match_only_text: {
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly analyzer: "text";
        readonly search_analyzer: "text";
        readonly search_quote_analyzer: "text";
        readonly index_options: readonly ["docs", "freqs", "positions", "offsets"];
        readonly index_phrases: "boolean";
        readonly index_prefixes: "object";
        readonly term_vector: readonly ["no", "yes", "with_positions", "with_offsets", "with_positions_offsets", "with_positions_payloads", "with_positions_offsets_payloads"];
        readonly norms: "boolean";
        readonly similarity: "text";
        readonly eager_global_ordinals: "boolean";
        readonly position_increment_gap: "number";
        readonly fielddata: "boolean";
        readonly fielddata_frequency_filter: "object";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly annotated_text: {
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly analyzer: "text";
        readonly search_analyzer: "text";
        readonly search_quote_analyzer: "text";
        readonly index_options: readonly ["docs", "freqs", "positions", "offsets"];
        readonly index_phrases: "boolean";
        readonly index_prefixes: "object";
        readonly term_vector: readonly ["no", "yes", "with_positions", "with_offsets", "with_positions_offsets", "with_positions_payloads", "with_positions_offsets_payloads"];
        readonly norms: "boolean";
        readonly similarity: "text";
        readonly eager_global_ordinals: "boolean";
        readonly position_increment_gap: "number";
        readonly fielddata: "boolean";
        readonly fielddata_frequency_filter: "object";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly search_as_you_type: {
        readonly max_shingle_size: "number";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly analyzer: "text";
        readonly search_analyzer: "text";
        readonly search_quote_analyzer: "text";
        readonly index_options: readonly ["docs", "freqs", "positions", "offsets"];
        readonly index_phrases: "boolean";
        readonly index_prefixes: "object";
        readonly term_vector: readonly ["no", "yes", "with_positions", "with_offsets", "with_positions_offsets", "with_positions_payloads", "with_positions_offsets_payloads"];
        readonly norms: "boolean";
        readonly similarity: "text";
        readonly eager_global_ordinals: "boolean";
        readonly position_increment_gap: "number";
        readonly fielddata: "boolean";
        readonly fielddata_frequency_filter: "object";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly keyword: {
        readonly null_value: "text";
        readonly ignore_above: "number";
        readonly normalizer: "text";
        readonly index_options: readonly ["docs", "freqs"];
        readonly norms: "boolean";
        readonly similarity: "text";
        readonly use_similarity: "boolean";
        readonly eager_global_ordinals: "boolean";
        readonly split_queries_on_whitespace: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly wildcard: {
        readonly null_value: "text";
        readonly ignore_above: "number";
        readonly normalizer: "text";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly constant_keyword: {
        readonly meta: "textsByName";
        readonly value: "scalar";
    };
    readonly counted_keyword: {
        readonly index: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly icu_collation_keyword: {
        readonly language: "text";
        readonly country: "text";
        readonly variant: "text";
        readonly rules: "text";
        readonly strength: readonly ["primary", "secondary", "tertiary", "quaternary", "identical"];
        readonly decomposition: readonly ["no", "canonical"];
        readonly alternate: readonly ["shifted", "non-ignorable"];
        readonly case_level: "boolean";
        readonly case_first: readonly ["upper", "lower"];
        readonly numeric: "boolean";
        readonly variable_top: "text";
        readonly hiragana_quaternary_mode: "boolean";
        readonly null_value: "text";
        readonly ignore_above: "number";
        readonly normalizer: "text";
        readonly index_options: readonly ["docs", "freqs"];
        readonly norms: "boolean";
        readonly similarity: "text";
        readonly use_similarity: "boolean";
        readonly eager_global_ordinals: "boolean";
        readonly split_queries_on_whitespace: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly long: {
        readonly null_value: "number";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly integer: {
        readonly null_value: "number";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly short: {
        readonly null_value: "number";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly byte: {
        readonly null_value: "number";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly double: {
        readonly null_value: "number";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly float: {
        readonly null_value: "number";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly half_float: {
        readonly null_value: "number";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly scaled_float: {
        readonly scaling_factor: "number";
        readonly null_value: "number";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly unsigned_long: {
        readonly null_value: "number";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly token_count: {
        readonly null_value: "number";
        readonly analyzer: "text";
        readonly enable_position_increments: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly date: {
        readonly null_value: "scalar";
        readonly format: "text";
        readonly print_format: "text";
        readonly locale: "text";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly date_nanos: {
        readonly null_value: "scalar";
        readonly format: "text";
        readonly print_format: "text";
        readonly locale: "text";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly boolean: {
        readonly null_value: "boolean";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly binary: {
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly ip: {
        readonly null_value: "text";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly version: {
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly semantic_version: {
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly integer_range: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly long_range: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly float_range: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly double_range: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly ip_range: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly date_range: {
        readonly format: "text";
        readonly locale: "text";
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly flattened: {
        readonly depth_limit: "number";
        readonly time_series_dimensions: "texts";
        readonly preserve_leaf_arrays: "text";
        readonly null_value: "text";
        readonly ignore_above: "number";
        readonly normalizer: "text";
        readonly index_options: readonly ["docs", "freqs"];
        readonly norms: "boolean";
        readonly similarity: "text";
        readonly use_similarity: "boolean";
        readonly eager_global_ordinals: "boolean";
        readonly split_queries_on_whitespace: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly flat_object: {
        readonly depth_limit: "number";
        readonly null_value: "text";
        readonly ignore_above: "number";
        readonly normalizer: "text";
        readonly index_options: readonly ["docs", "freqs"];
        readonly norms: "boolean";
        readonly similarity: "text";
        readonly use_similarity: "boolean";
        readonly eager_global_ordinals: "boolean";
        readonly split_queries_on_whitespace: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly geo_point: {
        readonly null_value: "value";
        readonly ignore_malformed: "boolean";
        readonly ignore_z_value: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly geo_shape: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly ignore_z_value: "boolean";
        readonly orientation: "text";
        readonly strategy: "text";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly point: {
        readonly null_value: "value";
        readonly ignore_malformed: "boolean";
        readonly ignore_z_value: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly shape: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly ignore_z_value: "boolean";
        readonly orientation: "text";
        readonly strategy: "text";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly xy_point: {
        readonly null_value: "value";
        readonly ignore_malformed: "boolean";
        readonly ignore_z_value: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly xy_shape: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly ignore_z_value: "boolean";
        readonly orientation: "text";
        readonly strategy: "text";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly completion: {
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly analyzer: "text";
        readonly search_analyzer: "text";
        readonly preserve_separators: "boolean";
        readonly preserve_position_increments: "boolean";
        readonly max_input_length: "number";
        readonly contexts: "objects";
    };
    readonly rank_feature: {
        readonly positive_score_impact: "boolean";
        readonly null_value: "number";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
    };
    readonly rank_features: {
        readonly positive_score_impact: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
    };
    readonly join: {
        readonly meta: "textsByName";
        readonly relations: "listsByName";
        readonly eager_global_ordinals: "boolean";
    };
    readonly alias: {
        readonly path: "text";
    };
    readonly percolator: {
        readonly meta: "textsByName";
    };
    readonly murmur3: {
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly histogram: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly exponential_histogram: {
        readonly coerce: "boolean";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly aggregate_metric_double: {
        readonly metrics: "texts";
        readonly default_metric: "text";
        readonly ignore_malformed: "boolean";
        readonly time_series_metric: readonly ["gauge", "counter", "summary", "histogram", "position"];
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly hll: {
        readonly precision: "number";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly dense_vector: {
        readonly dims: "number";
        readonly element_type: readonly ["float", "byte", "bit", "bfloat16"];
        readonly index: "boolean";
        readonly similarity: readonly ["cosine", "l2_norm", "dot_product", "max_inner_product"];
        readonly index_options: "object";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
    };
    readonly sparse_vector: {
        readonly store: "boolean";
        readonly index_options: "object";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
    };
    readonly rank_vectors: {
        readonly dims: "number";
        readonly element_type: readonly ["float", "byte", "bit", "bfloat16"];
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
    };
    readonly knn_vector: {
        readonly dimension: "number";
        readonly data_type: readonly ["float", "byte", "binary", "half_float"];
        readonly space_type: "text";
        readonly method: "object";
        readonly mode: readonly ["in_memory", "on_disk"];
        readonly compression_level: "text";
        readonly model_id: "text";
        readonly ignore_malformed: "boolean";
        readonly index: "boolean";
        readonly doc_values: "boolean";
        readonly skip_list: "boolean";
        readonly meta: "textsByName";
        readonly copy_to: "texts";
        readonly fields: "fields";
        readonly store: "boolean";
        readonly boost: "number";
        readonly script: "script";
        readonly on_script_error: readonly ["fail", "continue"];
        readonly time_series_dimension: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
    };
    readonly semantic_text: {
        readonly meta: "textsByName";
        readonly fields: "fields";
        readonly inference_id: "text";
        readonly search_inference_id: "text";
        readonly model_settings: "object";
        readonly chunking_settings: "object";
        readonly index_options: "object";
    };
    readonly semantic: {
        readonly model_id: "text";
        readonly search_model_id: "text";
        readonly raw_field_type: "text";
        readonly semantic_info_field_name: "text";
        readonly semantic_field_search_analyzer: "text";
        readonly chunking: "value";
        readonly dense_embedding_config: "object";
        readonly sparse_encoding_config: "object";
        readonly skip_existing_embedding: "boolean";
    };
};

declare const OBJECTS: {
    readonly object: {
        readonly properties: "fields";
        readonly dynamic: "dynamic";
        readonly enabled: "boolean";
        readonly subobjects: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
        readonly include_in_parent: "boolean";
        readonly include_in_root: "boolean";
    };
    readonly nested: {
        readonly properties: "fields";
        readonly dynamic: "dynamic";
        readonly enabled: "boolean";
        readonly subobjects: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
        readonly include_in_parent: "boolean";
        readonly include_in_root: "boolean";
    };
    readonly passthrough: {
        readonly priority: "number";
        readonly time_series_dimension: "boolean";
        readonly properties: "fields";
        readonly dynamic: "dynamic";
        readonly enabled: "boolean";
        readonly subobjects: "boolean";
        readonly synthetic_source_keep: readonly ["none", "arrays", "all"];
        readonly include_in_parent: "boolean";
        readonly include_in_root: "boolean";
    };
};

/** A field with `properties` and no `type` is an object. */
type Untyped = {
    readonly type?: never;
} & {
    readonly [P in keyof (typeof OBJECTS)['object']]?: ValueOf<(typeof OBJECTS)['object'][P]>;
};

/** A phase at which a run can end. */
export type Gate = Extract<Goal, 'ready' | 'cutover' | 'switched' | 'finalized'>;

type Goal = (typeof GOALS)[number];

declare const GOALS: readonly ["ready", "cutover", "switched", "finalized", "aborted"];

/**
 * The content of an index file. `Doc` is the type of the documents in `version`. `Earlier` is the type of
 * documents in earlier versions, or a list with one type for each earlier version.
 * @see docs/index-files.md#types-of-documents
 * @example
 * import type { IndexInput } from 'twindex';
 *
 * const index: IndexInput = { name: 'catalogue', version: 1, mappings: { properties: { title: { type: 'text' } } } };
 * export default index;
 */
export interface IndexInput<Doc extends object = Source, Earlier extends object = EarlierOf<Doc>> {
    /**
     * Lower case, at most 200 bytes. Indexes are called `<name>-v<version>`. A name with one `*`, such as
     * `tenant-*`, is a family: one file for many indexes.
     * @see https://docs.opensearch.org/latest/api-reference/index-apis/create-index/
     * @example
     * name: 'catalogue'
     */
    readonly name: string;
    /**
     * 1 or more. Raise it by one for each change that needs a new index; `twindex plan` names these changes.
     * @example
     * version: 2
     */
    readonly version: number;
    /**
     * The aliases that the application uses. Both may be the same. In a family, they contain a `*`, too.
     * @default `<name>-read` and `<name>-write`
     * @see https://docs.opensearch.org/latest/im-plugin/index-alias/
     * @example
     * aliases: { read: 'shop-search', write: 'shop-import' }
     */
    readonly aliases?: {
        /**
         * The alias that the application searches.
         * @default `<name>-read`
         * @example
         * read: 'shop-search'
         */
        readonly read?: string;
        /**
         * The alias that the application writes to.
         * @default `<name>-write`
         * @example
         * write: 'shop-import'
         */
        readonly write?: string;
    };
    /**
     * As in `PUT /<index>`, nested or dotted, with or without `index.`. Operational settings that are not
     * mentioned, such as `number_of_replicas`, are kept from the live index.
     * @default {}
     * @see https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/
     * @see https://www.elastic.co/docs/reference/elasticsearch/index-settings/
     * @example
     * settings: { number_of_shards: 3, 'analysis.analyzer.title': { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } }
     */
    readonly settings?: Settings;
    /**
     * As in `PUT /<index>`.
     * @default {}
     * @see https://docs.opensearch.org/latest/mappings/
     * @see https://www.elastic.co/docs/manage-data/data-store/mapping
     * @example
     * mappings: { properties: { price: { type: 'scaled_float', scaling_factor: 100 } } }
     */
    readonly mappings?: Mappings;
    /**
     * Decides on live fields that `mappings` does not mention. `keep`: a new version has them unchanged.
     * `dynamic`: they follow the new mapping's `dynamic`; with `true`, the engine maps them by the first value
     * it meets.
     * @default 'keep'
     * @example
     * undeclaredFields: 'dynamic'
     */
    readonly undeclaredFields?: 'keep' | 'dynamic';
    /**
     * The steps from version to version. The key of a step is the version that it leads to, 2 to `version`. A
     * version without a step leaves documents unchanged.
     * @default {}
     * @example
     * migrations: { 2: { up: (doc) => ({ ...doc, price: Number(doc['price']) }) } }
     */
    readonly migrations?: Steps<Doc, Earlier>;
    /**
     * `external`, for indexes whose clients send versions, is not supported yet: `twindex plan` refuses it.
     * @default 'internal'
     * @example
     * versioning: 'internal'
     */
    readonly versioning?: 'internal' | 'external';
    /**
     * Yields the documents from the source of truth, for `twindex migrate NAME --route reingest`.
     * @default none
     * @example
     * async *reingest() {
     *   yield { id: 1, source: { title: 'The Leopard' } };
     * }
     */
    readonly reingest?: ReingestOf<Doc>;
    /**
     * Commands and addresses that are called before and after the phases of a migration.
     * @default the hooks of the configuration
     * @example
     * hooks: { after: { switched: 'make clear-cache' } }
     */
    readonly hooks?: HooksInput;
    /**
     * An address that gets a POST when the migration waits for a person, and at its end.
     * @default the address in the configuration
     * @example
     * notify: { url: 'https://chat.example.com/hook', headers: { authorization: 'Bearer x' } }
     */
    readonly notify?: NotifyInput;
    /**
     * A file of searches (NDJSON), relative to this file, that run on both indexes before the cut-over.
     * @default none
     * @example
     * queries: './catalogue.searches.ndjson'
     */
    readonly queries?: string;
    /**
     * Thresholds that must hold before readers are moved to the new index.
     * @default `{ nonDeterministic: 0, emptyAliases: 0 }`, with `queries` also `queryErrors: 0`
     * @see docs/index-files.md#queries-and-acceptance
     * @example
     * acceptance: { queryErrors: 0, overlapAt10: 0.95, latencyP95Ratio: 1.5 }
     */
    readonly acceptance?: {
        /**
         * Highest allowed number of documents that could not be compared, since the transform's result differs
         * each time.
         * @default 0
         * @example
         * nonDeterministic: 10
         */
        readonly nonDeterministic?: number;
        /**
         * Highest allowed number of aliases whose filter finds documents in the old index but none in the new
         * one.
         * @default 0
         * @example
         * emptyAliases: 1
         */
        readonly emptyAliases?: number;
        /**
         * Highest allowed number of documents that verification found to be different, repaired or not.
         * @default no limit
         * @example
         * differences: 0
         */
        readonly differences?: number;
        /**
         * Highest allowed number of searches that fail only on the new index, or use a field that only the old
         * index has.
         * @default 0 if there are `queries`, else no limit
         * @example
         * queryErrors: 0
         */
        readonly queryErrors?: number;
        /**
         * Lowest allowed average share (0 to 1) of the first ten hits that both indexes return.
         * @default no limit
         * @example
         * overlapAt10: 0.95
         */
        readonly overlapAt10?: number;
        /**
         * Lowest allowed average similarity (0 to 1) of the rankings that both indexes return. The first ranks
         * count most.
         * @default no limit
         * @see https://doi.org/10.1145/1852102.1852106
         * @example
         * rankBiasedOverlap: 0.9
         */
        readonly rankBiasedOverlap?: number;
        /**
         * Highest allowed number of searches whose number of hits differs.
         * @default no limit
         * @example
         * totalsDiffer: 0
         */
        readonly totalsDiffer?: number;
        /**
         * Highest allowed number of searches whose aggregations or suggestions differ.
         * @default no limit
         * @example
         * aggregationsDiffer: 0
         */
        readonly aggregationsDiffer?: number;
        /**
         * Highest allowed ratio of the 95th percentiles of search times: new index divided by old index. Times
         * below 5 ms count as 5 ms.
         * @default no limit
         * @example
         * latencyP95Ratio: 1.5
         */
        readonly latencyP95Ratio?: number;
    };
}

/** A document's `_source`, parsed. Integers beyond 2^53 are BigInt, so that no digit is lost. */
export type Source = Record<string, unknown>;

/** The default of `Earlier`. Documents without a type are a `Source` in every version. */
type EarlierOf<Doc extends object> = Source extends Doc ? Source : Loose<Doc>;

/** A document of an earlier version whose type is not given: it has the same fields, with any values. */
type Loose<Doc> = {
    [K in keyof Doc]: any;
} & {
    [field: string]: any;
};

/**
 * The `settings` of an index file, as in `PUT /<index>`: dotted or nested, with or without `index.`. A setting
 * that is missing here, for example one of a plugin, is passed with `unchecked()`.
 * @see https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/
 * @see https://www.elastic.co/docs/reference/elasticsearch/index-settings/
 * @example
 * import { defineIndex, type Settings } from 'twindex';
 *
 * const settings: Settings = { number_of_shards: 3, 'search.slowlog.threshold.query.warn': '2s' };
 * export default defineIndex({ name: 'catalogue', version: 1, settings });
 */
export interface Settings extends Tree<SettingName | `index.${SettingName}`> {
}

/** Settings as they may be written: dotted, nested, or both. Any name is allowed below a known one. */
type Tree<Name extends string> = {
    readonly [K in Name | Beginning<Name>]?: (K extends Name ? (K extends 'analysis' ? Analysis : Value) : never) | ([Below<Name, K>] extends [never] ? never : Tree<Below<Name, K>>);
} & {
    readonly [K in `${Name}.${string}`]?: Value;
};

/** The beginnings of dotted names: `search` and `search.idle` of `search.idle.after`. */
type Beginning<Name> = Name extends `${infer Head}.${infer Rest}` ? Head | `${Head}.${Beginning<Rest>}` : never;

type Analysis = {
    readonly [K in ComponentKind]?: {
        readonly [name: string]: Component;
    };
} & {
    readonly [K in `${ComponentKind}.${string}`]?: Value;
};

type ComponentKind = 'analyzer' | 'normalizer' | 'tokenizer' | 'filter' | 'char_filter';

/** The parameters of an analyzer, a filter, ... differ with its type, and plugins add types. */
interface Component {
    readonly type?: string;
    readonly [parameter: string]: unknown;
}

/** A value or a list, or the settings of a group (`search.slowlog`). `null` stands for the engine's default. */
type Value = string | number | bigint | boolean | object | null;

type Below<Name, Start extends string> = Name extends `${Start}.${infer Rest}` ? Rest : never;

/** For example `number_of_shards`, without `index.`. */
type SettingName = (typeof DYNAMIC | typeof STATIC | typeof FINAL | typeof DECIDES_SHARD)[number] | Lists[keyof Lists][number];

/** Settings that can be changed on an open index. */
declare const DYNAMIC: readonly ["allocation.max_retries", "analyze.max_token_count", "auto_expand_replicas", "compound_format", "default_pipeline", "final_pipeline", "flush_after_merge", "gc_deletes", "hidden", "highlight.max_analyzed_offset", "indexing.slowlog", "mapping.depth.limit", "mapping.field_name_length.limit", "mapping.nested_fields.limit", "mapping.nested_objects.limit", "mapping.total_fields.limit", "max_docvalue_fields_search", "max_inner_result_window", "max_ngram_diff", "max_refresh_listeners", "max_regex_length", "max_rescore_window", "max_result_window", "max_script_fields", "max_shingle_diff", "max_slices_per_scroll", "max_terms_count", "merge.policy.deletes_pct_allowed", "merge.policy.expunge_deletes_allowed", "merge.policy.floor_segment", "merge.policy.max_merge_at_once", "merge.policy.max_merged_segment", "merge.policy.segments_per_tier", "merge.scheduler", "number_of_replicas", "priority", "query.default_field", "refresh_interval", "requests.cache.enable", "routing.allocation", "routing.rebalance", "search.idle.after", "search.slowlog", "soft_deletes.retention", "soft_deletes.retention_lease", "translog.durability", "translog.flush_threshold_size", "translog.generation_threshold_size", "translog.sync_interval", "unassigned.node_left.delayed_timeout", "warmer.enabled", "write.wait_for_active_shards", "lifecycle", "plugins", "opendistro", "knn.algo_param", "knn.advanced"];

/** Settings that can be changed only on a closed index. */
declare const STATIC: readonly ["analysis", "similarity", "codec", "data_path", "fielddata.cache", "load_fixed_bitset_filters_eagerly", "mapping.coerce", "mapping.ignore_malformed", "queries.cache.enabled", "query.parse.allow_unmapped_fields", "query_string.lenient", "recovery.type", "shard.check_on_startup", "store", "knn"];

/** Settings that can be set only when an index is created. */
declare const FINAL: readonly ["format", "number_of_shards", "soft_deletes.enabled", "sort"];

/** The engine changes these on a closed index, but then no longer finds the existing documents. */
declare const DECIDES_SHARD: readonly ["number_of_routing_shards", "routing_partition_size"];

type Lists = (typeof ONLY)[keyof typeof ONLY];

/** Settings that only one of the engines has. */
declare const ONLY: {
    readonly opensearch: {
        readonly dynamic: readonly ["aggregation.streaming", "auto_expand_search_replicas", "auto_force_merge", "bulk.adaptive_shard_selection", "context_aware.max_retry_on_lookup_map_acquisition_exception", "derived_source.translog", "ingestion_source.error_strategy", "ingestion_source.poll", "ingestion_source.warmup", "mapper.dynamic", "mapping.dynamic_properties", "max_adjacency_matrix_filters", "max_slices_per_pit", "merge.log_byte_size_policy", "merge.policy.reclaim_deletes_weight", "merge_on_flush", "number_of_search_replicas", "optimize_doc_id_lookup", "periodic_flush_interval", "query.derived_field", "query.max_nested_depth", "search.concurrent", "search.concurrent_segment_search", "search.default_pipeline", "search.star_tree_index", "segment_replication", "tiered.storage", "translog.retention", "unreferenced_file_cleanup"];
        readonly static: readonly ["check_pending_flush", "codec.compression_level", "codec.qatmode", "composite_store", "force_memory_term_dictionary", "ingestion_source.type", "merge.policy", "percolator", "translog.read_forward", "use_compound_file", "warm"];
        readonly final: readonly ["append_only", "composite_index", "context_aware.enabled", "derived_source.enabled", "ingestion_source", "number_of_virtual_shards", "pluggable", "replication.type"];
    };
    readonly elasticsearch: {
        readonly dynamic: readonly ["bloom_filter_for_id_field", "dense_vector", "highlight.weight_matches_mode", "mapping.dimension_fields", "mapping.synthetic_source", "mapping.total_fields.ignore_dynamic_beyond_limit", "merge.policy.max_merge_at_once_explicit", "merge.policy.merge_factor", "merge.policy.type", "time_series.end_time", "translog.flush_threshold_age"];
        readonly static: readonly ["failure_store", "mapping.ignore_above", "mapping.synthetic_source_keep", "xpack"];
        readonly final: readonly ["dimensions_tsid_strategy_enabled", "fast_refresh", "logsdb", "mapping.exclude_source_vectors", "mapping.source", "mode", "recovery.use_synthetic_source", "routing_path", "seq_no", "time_series"];
    };
};

/**
 * The `mappings` of an index file, as in `PUT /<index>`. Give mappings that are not written inside
 * `defineIndex` this type. Otherwise TypeScript takes each `type` for any `string`, and `defineIndex` refuses it.
 * @see https://docs.opensearch.org/latest/mappings/
 * @see https://www.elastic.co/docs/manage-data/data-store/mapping
 * @example
 * import { defineIndex, type Mappings } from 'twindex';
 *
 * const mappings: Mappings = { dynamic: 'strict', properties: { title: { type: 'text' } } };
 * export default defineIndex({ name: 'catalogue', version: 1, mappings });
 */
export interface Mappings {
    readonly properties?: Fields;
    readonly dynamic?: Dynamic;
    readonly dynamic_templates?: readonly {
        readonly [name: string]: DynamicTemplate;
    }[];
    readonly dynamic_date_formats?: string | readonly string[];
    readonly date_detection?: boolean;
    readonly numeric_detection?: boolean;
    readonly enabled?: boolean;
    readonly subobjects?: boolean;
    /** Elasticsearch: fields that are computed when a search asks for them. */
    readonly runtime?: {
        readonly [name: string]: object;
    };
    /** OpenSearch: fields that are computed when a search asks for them. */
    readonly derived?: {
        readonly [name: string]: object;
    };
    /** OpenSearch: star trees. */
    readonly composite?: {
        readonly [name: string]: object;
    };
    readonly _source?: {
        readonly enabled?: boolean;
        readonly includes?: string | readonly string[];
        readonly excludes?: string | readonly string[];
        readonly mode?: 'stored' | 'synthetic' | 'disabled';
        readonly recovery_source_enabled?: boolean;
        readonly recovery_source_includes?: readonly string[];
        readonly recovery_source_excludes?: readonly string[];
    };
    readonly _routing?: {
        readonly required?: boolean;
    };
    readonly _field_names?: {
        readonly enabled?: boolean;
    };
    readonly _size?: {
        readonly enabled?: boolean;
    };
    readonly _data_stream_timestamp?: {
        readonly enabled?: boolean;
    };
    /** Any JSON. The engine only keeps it. */
    readonly _meta?: {
        readonly [name: string]: unknown;
    };
}

/** A template may hold placeholders (`{dynamic_type}`), so its mapping is not checked. */
interface DynamicTemplate {
    readonly match?: string | readonly string[];
    readonly unmatch?: string | readonly string[];
    readonly path_match?: string | readonly string[];
    readonly path_unmatch?: string | readonly string[];
    readonly match_mapping_type?: string | readonly string[];
    readonly unmatch_mapping_type?: string | readonly string[];
    readonly match_pattern?: 'simple' | 'regex';
    readonly mapping?: object;
    readonly runtime?: object;
}

/**
 * The steps of an index file. `Earlier` is one type, for all steps, or a list with the type of each earlier
 * version.
 */
type Steps<Doc extends object, Earlier> = Earlier extends readonly [
    infer First extends object,
    ...infer Rest
] ? StepsThrough<First, [...Rest, Doc]> : Earlier extends object ? Readonly<Record<number, Migration<Earlier, Doc>>> : never;

/** The type of `migrations`, from the document types of all versions. The declared version is the last one. */
type StepsThrough<Before extends object, Later extends readonly unknown[], Version extends readonly 0[] = [0, 0]> = Later extends readonly [infer After extends object, ...infer Rest] ? {
    readonly [V in Version['length']]?: Migration<Before, After>;
} & StepsThrough<After, Rest, [
    ...Version,
    0
]> : unknown;

/**
 * The step from the previous version to the version that is its key in `migrations`, and back.
 * @example
 * import { defineIndex, type Migration } from 'twindex';
 *
 * const toNumbers: Migration = { up: { pipeline: 'prices-to-numbers' }, down: { pipeline: 'prices-to-text' } };
 * export default defineIndex({ name: 'catalogue', version: 2, migrations: { 2: toNumbers } });
 */
export interface Migration<Before extends object = Source, After extends object = Source> {
    /** Required in an index file. */
    readonly up?: Transform<Before, After> | PipelineStep | undefined;
    /**
     * Restores the old shape for a rollback after the switch.
     * @default none: a rollback after the switch may lose the changes of `up`
     */
    readonly down?: Transform<After, Before> | PipelineStep | undefined;
}

/**
 * Returns the document in the shape of the next version, or `null` to leave it out. `doc` is a copy and may
 * be changed. A transform must be deterministic, since verification runs it again and compares. If it throws,
 * the document is rejected with the message as the reason. A returned promise must settle within 30 s.
 * @see docs/index-files.md#transforms
 * @example
 * import type { Transform } from 'twindex';
 *
 * const up: Transform = (doc) => (doc['hidden'] === true ? null : { ...doc, price: Number(doc['price']) });
 * export default up;
 */
export type Transform<Before extends object = Source, After extends object = Source> = (doc: Before, meta: TransformMeta) => After | null | Promise<After | null>;

/** The second argument of a transform. */
export interface TransformMeta {
    /** The document's `_id`. */
    readonly id: string;
    /** The document's `_routing`; undefined if it has none. */
    readonly routing: string | undefined;
    /** The version that the document has after this step. */
    readonly version: number;
}

/**
 * An ingest pipeline of the engine as a step. It must exist, and not change `_id`, `_routing` or `_index`.
 * @see https://docs.opensearch.org/latest/ingest-pipelines/
 */
interface PipelineStep {
    readonly pipeline: string;
}

/** The documents of `reingest`: any object, if the documents have no type. */
type ReingestOf<Doc extends object> = Reingest<Source extends Doc ? object : Doc>;

/**
 * Yields every document of the source of truth, in the order of their cursors. It is read only as fast as
 * documents are written, so the source may be larger than the memory.
 * @see docs/index-files.md#reingest
 * @example
 * import { defineIndex, type Reingest } from 'twindex';
 *
 * const reingest: Reingest = async function* ({ after }) {
 *   for (let id = Number(after ?? 0) + 1; id <= 3; id++) yield { id, source: { title: `Book ${id}` }, cursor: id };
 * };
 * export default defineIndex({ name: 'books', version: 2, reingest });
 */
export type Reingest<Doc extends object = object> = (context: ReingestContext) => AsyncIterable<ReingestDocument<Doc>> | Iterable<ReingestDocument<Doc>>;

/** The argument of `reingest`. */
export interface ReingestContext {
    /** The last `cursor` up to which everything is in the new index; undefined: from the beginning. */
    readonly after: any;
    /** Aborted when no more documents are needed. */
    readonly signal: AbortSignal;
    /** The name of the index, for a family. */
    readonly name: string;
}

/** A document of the source of truth, in the shape of the declared version. */
export interface ReingestDocument<Doc extends object = object> {
    /** A text or a whole number. */
    readonly id: string | number | bigint;
    readonly source: Doc;
    /** @default none */
    readonly routing?: string | number | null | undefined;
    /**
     * A whole number, 0 to 2^50 - 1, that grows with each change of the document. If a document is yielded
     * twice, the larger version is kept.
     * @default none: the document that was yielded last is kept
     */
    readonly version?: number | bigint | null | undefined;
    /**
     * Any JSON that says where in the source this document is. After a restart, `reingest` continues behind
     * `after`, the last cursor up to which all documents are in the new index.
     * @default none: a restart begins anew
     */
    readonly cursor?: unknown;
}

/** Counts of the documents that a migration has handled, its differences, and its write pauses. */
export interface MigrationEvidence {
    /** Documents that were copied. */
    readonly copied: number;
    /** Documents that verifications have compared. */
    readonly compared: number;
    /** Documents that were different when they were compared. */
    readonly differences: number;
    /** How many of the different documents were repaired. */
    readonly repaired: number;
    /** Documents that the transform dropped. */
    readonly dropped: number;
    /** Documents that could not be compared, since the transform returns another result each time. */
    readonly nonDeterministic: number;
    /** For each switch: how long writes were refused, in ms. */
    readonly writePauseMs: readonly number[];
    /** The first differences, one line each. */
    readonly firstDifferences: readonly string[];
}

/** The options of `migrate`. All times are in ms. */
export interface MigrationOptions extends Abortable {
    /**
     * The phase at which the promise is resolved: `ready` (the copy is verified), `cutover` (readers moved),
     * `switched` (writers moved) or `finalized` (old index deleted). After `cutover`, the index of the readers has to
     * be kept in sync: by a gateway, or by this run with `stay: true`.
     * @default `switched`, or `ready` if documents are transformed
     * @example
     * until: 'switched'
     */
    readonly until?: Gate | undefined;
    /**
     * Whether to stay after `until`, as long as two indexes have to be kept in sync. The promise is then
     * resolved when the migration is over, and the event `reached` says when `until` is reached.
     * @default false
     * @example
     * stay: true
     */
    readonly stay?: boolean | undefined;
    /**
     * An earlier plan of this index, or its `kind` and `fingerprint`. If the index or its declaration has
     * changed since, the call changes nothing, and the error is `plan_stale`.
     * @default none: the present plan is carried out
     * @example
     * plan: { kind: 'new-version', fingerprint: '623076b7545ace330dac7807993e5b03383ddb95af023f1277d735c312b676f0' }
     */
    readonly plan?: Pick<Plan, 'kind' | 'fingerprint'> | undefined;
    /**
     * How the documents are copied.
     * @default chosen by the plan
     * @example
     * route: 'client'
     */
    readonly route?: Route | undefined;
    /**
     * An NDJSON file with the documents from the source of truth. It implies the route `reingest`.
     * @default none
     * @example
     * from: './products.ndjson'
     */
    readonly from?: string | undefined;
    /**
     * With the route `reingest`: leaves out documents that the source of truth does not have.
     * @default the value of the last run of this migration; in the first run false
     * @example
     * prune: true
     */
    readonly prune?: boolean | undefined;
    /**
     * The highest rate of the copy, in documents per second.
     * @default no limit
     * @example
     * maxDocsPerSecond: 2_000
     */
    readonly maxDocsPerSecond?: number | undefined;
    /**
     * How many times slower other requests may become during the copy: more than 1, at most 100.
     * @default 1.3
     * @example
     * maxSlowdown: 2
     */
    readonly maxSlowdown?: number | undefined;
    /**
     * Whether the copy slows down when other requests become slower.
     * @default true
     * @example
     * throttle: false
     */
    readonly throttle?: boolean | undefined;
    /**
     * The largest lag at which readers or writers may be moved, in ms.
     * @default 1000
     * @example
     * maxLagMs: 5_000
     */
    readonly maxLagMs?: number | undefined;
    /**
     * The longest time for which writes may be refused, in ms.
     * @default 2000
     * @example
     * maxWritePauseMs: 500
     */
    readonly maxWritePauseMs?: number | undefined;
    /**
     * The time after which no earlier request can still take effect in the cluster, in ms.
     * @default 60000
     * @see docs/glossary.md#grace
     * @example
     * graceMs: 120_000
     */
    readonly graceMs?: number | undefined;
    /**
     * The time without a sign of life after which this process counts as dead, in ms.
     * @default 10000
     * @example
     * leaseMs: 30_000
     */
    readonly leaseMs?: number | undefined;
    /**
     * At the end, closes the old index instead of deleting it. This time, in ms, is only for `status`, which shows
     * until when the index should be kept.
     * @default none: the old index is deleted
     * @example
     * keepMs: 7 * 86_400_000
     */
    readonly keepMs?: number | undefined;
    /**
     * How long to wait after moving readers, and again after moving writers, in ms.
     * @default 0
     * @example
     * soakMs: 3_600_000
     */
    readonly soakMs?: number | undefined;
    /**
     * Continues without the documents that the new index or the transform refuses.
     * @default false
     * @example
     * dropRejected: true
     */
    readonly dropRejected?: boolean | undefined;
    /**
     * The largest number of refused documents. The run fails when there are more.
     * @default 1000
     * @example
     * maxRejected: 10
     */
    readonly maxRejected?: number | undefined;
    /**
     * Thresholds of `acceptance` that need not hold.
     * @default none
     * @example
     * force: ['latencyP95Ratio']
     */
    readonly force?: readonly Threshold[] | undefined;
    /**
     * Allows twindex to close the index for a moment, if the change then needs no new index.
     * @default false: the error is `flag_needed`
     * @example
     * allowOutage: true
     */
    readonly allowOutage?: boolean | undefined;
    /**
     * Allows the switch of an index without aliases. Such a switch cannot be rolled back.
     * @default false: the error is `flag_needed`
     * @example
     * allowNoWayBack: true
     */
    readonly allowNoWayBack?: boolean | undefined;
}

/** A plan as plain JSON. */
export interface Plan {
    readonly name: string;
    readonly kind: Kind;
    readonly source?: {
        readonly index: string;
        readonly version: number;
        readonly uuid: string;
        /** The cluster of the live index, if it is not the target's cluster. */
        readonly cluster?: OtherCluster;
    };
    /** The index to be created. */
    readonly target?: {
        readonly index: string;
        readonly version: number;
    };
    readonly layout: Layout;
    readonly changes: readonly Change[];
    /** Fields and settings that the live index has and keeps, although the index file does not mention them. */
    readonly kept?: Kept;
    /** The whole content of the index to be created, with the full names of settings. */
    readonly content?: Content;
    readonly findings: readonly Finding[];
    readonly estimate?: Estimate;
    readonly route?: ChosenRoute;
    /** True if documents are changed while they are copied to the new index. */
    readonly transform: boolean;
    /** True if a rollback after the switch may lose data. */
    readonly lossyWayBack: boolean;
    readonly running?: Running;
    /** A hash of the live index and the declaration. A saved plan is stale if its hash differs. */
    readonly fingerprint: string;
}

type Kind = 'create' | 'nothing' | 'in-place' | 'close-and-open' | 'new-version' | 'blocked' | 'running';

interface OtherCluster {
    readonly uuid: string;
    /** For example `elasticsearch 7.17.28`. */
    readonly engine: string;
    /** The addresses of the nodes, without credentials. */
    readonly nodes: readonly string[];
}

/**
 * `two-aliases`: readers and writers have an alias each. `one-alias`: both use the same alias. `bare-index`:
 * clients use the index's own name, which the switch turns into an alias. `none`: there is no index, or it has
 * none of the aliases.
 */
type Layout = 'two-aliases' | 'one-alias' | 'bare-index' | 'none';

interface Change {
    /** For example `mappings.properties.price.type`, `settings.analysis.analyzer.title`. */
    readonly path: string;
    readonly before: Json | undefined;
    readonly after: Json | undefined;
    readonly needs: ChangeClass;
    /** The reason in one sentence. */
    readonly reason: string;
}

/** A number is an ExactNumber if JavaScript would print it differently. */
type Json = null | boolean | number | ExactNumber | string | readonly Json[] | {
    readonly [key: string]: Json;
};

/** A number that JavaScript would print with another text. */
declare class ExactNumber extends ExactDecimal {
    /** Throws, since JSON.stringify would print the nearest double and lose digits without notice. */
    toJSON(): never;
}

/**
 * A number with a fraction and more than 17 digits, or beyond the range of doubles. Calculations (`+price`,
 * `price * 2`) use the nearest double. The number is printed with all its digits.
 */
declare class ExactDecimal extends Number {
    readonly text: string;
    constructor(text: string);
    toString(): string;
}

/** The way in which a change can be applied. */
type ChangeClass = 'in-place' | 'close-and-open' | 'new-version' | 'blocked';

interface Kept {
    /** Leaf fields, runtime fields, and sub-fields of declared fields. A kept field includes its sub-fields. */
    readonly fields: readonly KeptField[];
    /** By full name (`index.priority`), without settings that only repeat a default. */
    readonly settings: JsonObject;
}

interface KeptField {
    /** For example `author.name`, `title.keyword`. */
    readonly name: string;
    readonly type: string;
}

type JsonObject = {
    readonly [key: string]: Json;
};

interface Content {
    readonly settings: JsonObject;
    readonly mappings: JsonObject;
    /** Left out if the aliases of the live index are kept. */
    readonly aliases?: Readonly<Record<string, AliasProperties>>;
}

interface AliasProperties {
    readonly filter?: JsonObject;
    readonly index_routing?: string;
    readonly search_routing?: string;
    readonly is_write_index?: boolean;
    readonly is_hidden?: boolean;
}

interface Finding {
    readonly check: string;
    /**
     * `block`: the migration would fail or lose data. `warn`: look at this before the migration. `info`: a
     * remark.
     */
    readonly level: 'block' | 'warn' | 'info';
    readonly message: string;
}

interface Estimate {
    readonly documents: number;
    /** The size of the primary shards of the live index. */
    readonly bytes: number;
    /** The space that the new index needs, including replicas. */
    readonly diskBytes: number;
    /** Left out if no earlier migration has measured a similar copy. */
    readonly time?: TimeEstimate;
}

/** The expected times, from the rates of an earlier migration in this cluster. */
interface TimeEstimate {
    /** The index of the earlier migration. */
    readonly of: string;
    /** The rate at which the earlier migration copied. */
    readonly docsPerSecond: number;
    readonly copyMs: number;
    /** Left out if it is not known. */
    readonly verifyMs?: number;
}

interface ChosenRoute {
    readonly name: Route;
    /** For example `documents come from another cluster`. */
    readonly reason: string;
}

/**
 * How documents get to v2. `server`: by the engine's `_reindex`. `client`: read and written by twindex.
 * `pipeline`: through an ingest pipeline, inside the engine if possible. `reingest`: from the source of
 * truth.
 */
export type Route = (typeof ROUTES)[number];

declare const ROUTES: readonly ["server", "client", "pipeline", "reingest"];

interface Running {
    readonly state: string;
    readonly goal: string;
    readonly paused: boolean;
    readonly source: {
        readonly index: string;
        readonly version: number;
    };
    readonly target: {
        readonly index: string;
        readonly version: number;
    };
    readonly layout: Exclude<Layout, 'none'>;
    readonly hasTransform: boolean;
    readonly route: Route;
}

type Threshold = keyof typeof THRESHOLDS;

/** `most`: the threshold is an upper limit. `least`: a lower limit. */
declare const THRESHOLDS: {
    readonly differences: "most";
    readonly nonDeterministic: "most";
    readonly emptyAliases: "most";
    readonly queryErrors: "most";
    readonly overlapAt10: "least";
    readonly rankBiasedOverlap: "least";
    readonly totalsDiffer: "most";
    readonly aggregationsDiffer: "most";
    readonly latencyP95Ratio: "most";
};

/** The result of `migrate`. */
export interface MigrationResult {
    readonly name: string;
    /**
     * `unchanged`: the live index already was as it is declared. `changed`: the index was created, or changed in place.
     * `migrated`: a new index was filled, and `migration` shows the state of the migration.
     */
    readonly outcome: 'unchanged' | 'changed' | 'migrated';
    /** The index that readers use now, for example `catalogue-v2`. */
    readonly index: string;
    /** The plan that was carried out. */
    readonly plan: Plan;
    /** Undefined if there was no migration. */
    readonly migration: MigrationState | undefined;
}

/** The progress of a migration, and the indexes that readers and writers use. */
export interface MigrationState {
    readonly name: string;
    readonly phase: Phase;
    /** True if nothing is copied or moved until the migration is resumed. */
    readonly paused: boolean;
    /** The phase that the migration should reach. */
    readonly goal: Goal;
    readonly route: Route;
    /** The old index. */
    readonly source: VersionedIndex;
    /** The new index. */
    readonly target: VersionedIndex;
    /** The index that readers use, for example `catalogue-v1`. */
    readonly readers: string;
    /** The index that writers use. */
    readonly writers: string;
    readonly evidence: MigrationEvidence;
    /** Why the migration waited or failed last; empty if it never did. */
    readonly message: string;
    /** RFC 3339. */
    readonly startedAt: string;
    /** RFC 3339. */
    readonly updatedAt: string;
}

/**
 * The progress of a migration, derived from the roles. `copying` to `ready`: readers and writers are on the
 * source. `incomplete` is like `ready`, but some documents were rejected, and no user has accepted that.
 * `cutover`: the readers are on the target. `switched`: the writers are, too. `returning`: the readers are
 * back on the source, and the writers move next.
 */
export type Phase = (typeof PHASES)[number];

declare const PHASES: readonly ["copying", "verifying", "incomplete", "ready", "cutover", "switched", "returning", "finalized", "aborted"];

/** One of the two indexes of a migration. */
export interface VersionedIndex {
    /** For example `catalogue-v2`. */
    readonly index: string;
    readonly version: number;
}

/** The result of `status`. */
export interface MigrationStatus extends MigrationState {
    /** The process that coordinates the migration; undefined if there is none. */
    readonly coordinator: {
        readonly host: string;
        readonly pid: number;
        readonly user: string;
    } | undefined;
    /** The documents that the new index or the transform refused. */
    readonly rejected: {
        readonly count: number;
        /** The ten most frequent reasons, without ids and values. */
        readonly byReason: readonly RejectedFor[];
    };
    /** Gateways and client libraries that write to both indexes. */
    readonly clients: readonly {
        readonly type: 'gateway' | 'client';
        readonly host: string;
        readonly pid: number;
        /** The time of its last sign of life, as RFC 3339. */
        readonly updatedAt: string;
        /** The versions of the documents that this process has sent lately. */
        readonly versions: readonly number[];
    }[];
    /** Why the indexes or the journal can't be read or written now, one line each. */
    readonly troubles: readonly string[];
}

/** Documents that were refused for the same reason. */
interface RejectedFor {
    /** The reason without ids, positions and values. */
    readonly reason: string;
    readonly count: number;
    /** The ids of the first three documents. */
    readonly ids: readonly string[];
}

/** A client of `@elastic/elasticsearch` or `@opensearch-project/opensearch`. */
export interface OfficialClient {
    readonly transport: {
        request: (...args: never[]) => unknown;
    };
    readonly connectionPool: object;
    child: (options: never) => unknown;
    close: (...args: never[]) => unknown;
}

/** The options of `planAll`. */
export interface PlanAllOptions extends PlanOptions {
    /**
     * Names and patterns.
     * @default all declared indexes
     * @example
     * names: ['catalogue', 'tenant-*']
     */
    readonly names?: readonly string[] | undefined;
}

/** The options of `plan`. */
export interface PlanOptions extends Abortable {
    /**
     * How the documents of a new version are copied.
     * @default chosen by the plan
     * @example
     * route: 'client'
     */
    readonly route?: Route | undefined;
    /**
     * On how many live documents (1 to 100,000) the transform and the new mapping are tried.
     * @default none: nothing is tried
     * @see docs/commands.md#--sample
     * @example
     * sample: 1_000
     */
    readonly sample?: number | undefined;
}

/**
 * The result of `plan`, as `twindex plan --json` prints it. JavaScript would print the number `1.0` of a mapping as
 * `1`. Such a number is an object with the property `text`, which is `1.0`.
 */
export interface PlanResult extends Plan {
    /** The steps of the migration in order, with the time that each takes, and who notices it. */
    readonly steps: readonly PlanStep[];
    /** The losses that no later command can undo, one sentence for each. */
    readonly cannotBeUndone: readonly string[];
    /** The result of the trial on live documents, if `sample` was given and the plan has a new version. */
    readonly sample?: Sample | undefined;
}

interface PlanStep {
    readonly name: 'create' | 'change' | 'close-and-open' | 'copy' | 'verify' | 'move-readers' | 'move-writers' | 'keep-in-sync' | 'delete';
    readonly what: string;
    /** For example `about 4m`, `no estimate`. */
    readonly takes: string;
    /** The estimated duration; undefined if there is none. */
    readonly estimatedMs?: number;
    /** `nobody`, or a text about who notices the step, and how. */
    readonly noticed: string;
}

/** The result of a sample, as plain JSON. */
interface Sample {
    readonly documents: number;
    readonly asked: number;
    /** The number of documents that an index like the target accepted. */
    readonly indexed: number;
    readonly dropped: number;
    readonly rejected: {
        readonly count: number;
        readonly first: readonly RejectedSample[];
        /**
         * The most frequent reasons first, without ids and values. `ids` has the first three documents of each
         * reason.
         */
        readonly byReason: readonly RejectedFor[];
    };
    /**
     * Documents for which a second run of the transform returned another result. `before` is the first result.
     */
    readonly nondeterministic: {
        readonly count: number;
        readonly first: readonly ChangedDocument[];
    };
    readonly changed: number;
    readonly examples: readonly ChangedDocument[];
    readonly tookMs: number;
}

interface RejectedSample {
    readonly id: string;
    readonly routing?: string;
    readonly by: 'transform' | 'mapping';
    readonly reason: string;
}

interface ChangedDocument {
    readonly id: string;
    readonly fields: readonly ChangedField[];
}

/** A field that differs. `before` and `after` are JSON cut at 200 characters; undefined without a value. */
interface ChangedField {
    /** For example `a.b[2]`. */
    readonly path: string;
    readonly before?: string | undefined;
    readonly after?: string | undefined;
}

/** The options of the functions that steer a migration: `cutover`, `switch`, `rollback`, … */
export interface SteeringOptions extends Abortable {
    /**
     * The longest time to wait, in ms. A move that has not begun by then is cancelled.
     * @default 24 hours
     * @example
     * timeoutMs: 600_000
     */
    readonly timeoutMs?: number | undefined;
    /**
     * For `cutover`, `switch` and `finalize`: thresholds of `acceptance` that need not hold.
     * @default none
     * @example
     * force: ['overlapAt10']
     */
    readonly force?: readonly Threshold[] | undefined;
    /**
     * Carries out the command although somebody else has paused the migration or rolled it back.
     * @default false: the error is `unsafe`
     * @example
     * supersede: true
     */
    readonly supersede?: boolean | undefined;
    /**
     * If no other process coordinates the migration, this process becomes the coordinator. True: it then stays
     * as long as two indexes have to be kept in sync. False: the promise is resolved when the command is
     * carried out.
     * @default false
     * @example
     * stay: true
     */
    readonly stay?: boolean | undefined;
}

/**
 * The interface that `createTwindex` returns. Its functions print nothing, do not end the process, and do not
 * listen to signals of the process. They throw a TwindexError with a code. If the caller aborts `signal`,
 * they throw its reason.
 */
export interface Twindex extends AsyncDisposable {
    /**
     * Compares the live index with the declared one. It changes no index; with `sample` it makes a hidden index and
     * deletes it again. A plan that can't be carried out has the kind `blocked`, and its `findings` say why.
     * @throws TwindexError `config_invalid`, `not_found` (an undeclared name), `unreachable`, `unauthorized`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const plan = await twindex.plan('catalogue', { sample: 100 });
     * console.log(plan.kind, plan.changes.map(({ path }) => path), plan.sample?.rejected.count);
     */
    plan(name: string, options?: PlanOptions): Promise<PlanResult>;
    /**
     * The plans of several indexes, sorted by name.
     * @throws TwindexError as `plan`; `usage` for a pattern that matches nothing
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const plans = await twindex.planAll();
     * if (plans.some(({ kind }) => kind === 'blocked')) process.exitCode = 3;
     */
    planAll(options?: PlanAllOptions): Promise<readonly PlanResult[]>;
    /**
     * Carries out the plan of an index, or continues the migration that is under way, up to the phase `until`.
     * It asks no questions: the call is the consent. Only two things need an option: closing the index for a
     * moment (`allowOutage`), and a switch that cannot be rolled back (`allowNoWayBack`).
     * @throws TwindexError `plan_blocked`, `flag_needed` (not allowed), `plan_stale`, `definition_changed`,
     * `unsafe` (a person has to decide), `lease_held` (another process coordinates this migration),
     * `hook_failed`, `too_many_rejected`, `failed`, and the codes of `plan`
     * @see docs/errors.md
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const run = twindex.migrate('catalogue', { until: 'ready', signal: AbortSignal.timeout(3_600_000) });
     * for await (const event of run) {
     *   if (event.event === 'progress') console.log(event.task, event.done, event.total);
     * }
     * const { migration } = await run;
     * console.log(migration?.phase, migration?.evidence.compared);
     */
    migrate(name: string, options?: MigrationOptions): TwindexRun<MigrationResult>;
    /**
     * The state of the last migration of a name, from the journal. Needs no index file.
     * @throws TwindexError `not_found` (no migration of this name is known), `failed` (the journal has lost it)
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const { phase, readers, writers, troubles } = await twindex.status('catalogue');
     * console.log(phase, readers, writers, troubles);
     */
    status(name: string, options?: Abortable): Promise<MigrationStatus>;
    /**
     * The last migration of each name, or of each name that matches a pattern, sorted by name.
     * @throws TwindexError `unreachable`, `unanswered`, `overloaded`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const running = (await twindex.statusAll('tenant-*')).filter(({ phase }) => phase !== 'finalized');
     * console.log(running.length);
     */
    statusAll(pattern?: string, options?: Abortable): Promise<readonly MigrationStatus[]>;
    /**
     * Moves the readers to the new index. Like all functions that steer a migration, it sends a command to the
     * coordinator of the migration, and waits until the command is carried out. If no process coordinates the
     * migration, this process becomes the coordinator.
     * @throws TwindexError `not_found` (no migration is under way), `unsafe` (not possible now, or a threshold
     * does not hold), `hook_failed`, `timed_out`, `failed`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const { phase, readers } = await twindex.cutover('catalogue');
     * console.log(phase, readers);
     */
    cutover(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;
    /**
     * Moves the writers to the new index, and with them the readers, if these still use the old index.
     * @throws TwindexError as `cutover`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const { writers, evidence } = await twindex.switch('catalogue', { timeoutMs: 600_000 });
     * console.log(writers, evidence.writePauseMs);
     */
    switch(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;
    /**
     * Moves readers and writers back to the old index. The new index stays, and is kept in sync.
     * @throws TwindexError as `cutover`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const { phase, readers, writers } = await twindex.rollback('catalogue');
     * console.log(phase, readers, writers);
     */
    rollback(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;
    /**
     * Ends the migration with the new index: deletes the old one, or closes it (`keepMs`). After this there is
     * no rollback.
     * @throws TwindexError as `cutover`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const { phase } = await twindex.finalize('catalogue');
     * console.log(phase);
     */
    finalize(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;
    /**
     * Ends the migration with the old index: deletes the new one. Readers and writers have to be on the old
     * index.
     * @throws TwindexError as `cutover`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const { phase } = await twindex.abort('catalogue');
     * console.log(phase);
     */
    abort(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;
    /**
     * Pauses the migration: nothing is copied or moved until it is resumed.
     * @throws TwindexError as `cutover`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const { paused } = await twindex.pause('catalogue');
     * console.log(paused);
     */
    pause(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;
    /**
     * Resumes a paused migration.
     * @throws TwindexError as `cutover`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const { paused } = await twindex.resume('catalogue');
     * console.log(paused);
     */
    resume(name: string, options?: SteeringOptions): TwindexRun<MigrationState>;
    /**
     * Compares every document and every id of the two indexes of a running migration, under live writes, and
     * changes nothing. Differences are a result, not an error.
     * @throws TwindexError `not_found` (no migration is under way), `unsafe` (the two indexes are not kept in
     * sync now), `definition_changed` (the index file has another transform than the migration), `failed` (the
     * writers were switched meanwhile)
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * const { ok, compared, first } = await twindex.verify('catalogue');
     * console.log(ok, compared, first);
     */
    verify(name: string, options?: VerifyOptions): TwindexRun<VerifyResult>;
    /**
     * Starts a gateway: an HTTP proxy in front of the cluster, which writes to both indexes during a migration.
     * It runs until it is closed, and takes over migrations whose coordinator has died.
     * @throws TwindexError `failed` (can't listen on the address), `config_invalid`, `unreachable`
     * @example
     * import { createTwindex } from 'twindex';
     *
     * await using twindex = createTwindex();
     * await using gateway = await twindex.gateway({ port: 0 });
     * console.log(gateway.url);
     */
    gateway(options?: TwindexGatewayOptions): Promise<TwindexGateway>;
    /**
     * Stops all calls that are still running, and closes gateways and connections. It may be called several times.
     * `await using` calls it.
     * @example
     * import { createTwindex } from 'twindex';
     *
     * const twindex = createTwindex();
     * try {
     *   console.log((await twindex.statusAll()).length);
     * } finally {
     *   await twindex.close();
     * }
     */
    close(): Promise<void>;
}

/**
 * A promise of the result that is also a stream of events. The work begins at once, even if nobody reads the
 * events. A loop over the events gets the events that are emitted after the loop has begun. A slow loop gets only the
 * newest of several `progress` or `lag` events. The loop ends when the work ends, and throws the error with which the
 * work fails. Leaving the loop early does not stop the work; aborting the option `signal` does.
 */
export interface TwindexRun<R> extends Promise<R>, AsyncIterable<TwindexEvent> {
}

/**
 * An event of a migration, as `twindex migrate --json` prints it.
 * @see docs/events.md
 */
export type TwindexEvent = {
    readonly [E in keyof Events]: EventHead<E> & Events[E][0];
}[keyof Events];

interface Events {
    /** The state machine of a migration enters a state. */
    state: [{
        readonly migration: string;
        readonly from: string;
        readonly to: string;
    }];
    progress: [Progress & {
        readonly migration: string;
    }];
    /** How far the follower is behind the leader, in writes and deletes. */
    lag: [
        {
            readonly migration: string;
            readonly operations: number;
            readonly lagMs: number;
            readonly deletesPending: boolean;
        }
    ];
    /** A phase was reached (docs/concepts.md, "Phases"), or a coordinator has begun in this phase. */
    reached: [{
        readonly migration: string;
        readonly phase: string;
    }];
    /** One line for the user. */
    note: [{
        readonly migration: string;
        readonly level: 'info' | 'warn' | 'error';
        readonly text: string;
    }];
    /** A step of the state machine that changes something was carried out. */
    effect: [{
        readonly migration: string;
        readonly name: string;
        readonly ms: number;
    }];
}

interface Progress {
    /** The counted work: `copy` and `verify` count documents, `searches` counts searches. */
    readonly task: string;
    /** Never falls within a task, even after another coordinator has taken over. */
    readonly done: number;
    /** Undefined if the total is not known. */
    readonly total: number | undefined;
    /** The rate per second, measured over the last seconds. */
    readonly rate: number;
    readonly etaMs: number | undefined;
}

/** The fields that every event has. */
interface EventHead<E extends string = string> {
    /** The name of the event. */
    readonly event: E;
    readonly format: typeof EVENT_FORMAT;
    /** RFC 3339, UTC. */
    readonly at: string;
    readonly level: 'info' | 'warn' | 'error';
}

/** Raised when a field of an event is removed, renamed, or gets another meaning. New fields do not raise it. */
declare const EVENT_FORMAT = 1;

/** The options of `verify`. */
export interface VerifyOptions extends Abortable {
    /**
     * `content` compares the content of all documents. `stamps` skips the content of documents whose versions
     * prove that both indexes have the same state.
     * @default 'content'
     * @example
     * level: 'stamps'
     */
    readonly level?: Level | undefined;
    /**
     * Compares only about this many documents of each index.
     * @default all documents
     * @example
     * sample: 10_000
     */
    readonly sample?: number | undefined;
    /**
     * Receives each difference. The result has only the first ten.
     * @default none
     * @example
     * onFinding: ({ id, kind }) => console.log(id, kind)
     */
    readonly onFinding?: ((finding: VerifyFinding) => void) | undefined;
}

/** `stamps`: compares the content only if the versions do not prove that the documents are equal. */
type Level = 'stamps' | 'content';

/** A document that differs between the two indexes. */
export interface VerifyFinding {
    readonly id: string;
    readonly routing: string | null;
    readonly kind: DifferenceKind;
    /** The first fields that differ, as `path: value on the follower -> expected value`. */
    readonly fields: readonly string[];
}

/**
 * `stale`: the follower's document has another version than a copy of the leader's present document would have.
 * `extra`: the follower should not have the document.
 */
type DifferenceKind = 'missing' | 'stale' | 'content' | 'extra';

/** The result of `verify`. */
export interface VerifyResult extends CheckResult {
    readonly name: string;
    /** The index that each write goes to first. */
    readonly leader: string;
    /** The index that is kept in sync with the leader. */
    readonly follower: string;
    /** True if every document was compared, and neither a difference nor a misfit was found. */
    readonly ok: boolean;
}

interface CheckResult extends Readonly<Record<Uncompared, number>> {
    readonly compared: number;
    readonly equal: number;
    readonly different: number;
    readonly missing: number;
    readonly extra: number;
    /** The first ten findings. */
    readonly first: readonly VerifyFinding[];
    /** Documents of the leader that do not have its shape. They are not repaired. */
    readonly misfits: readonly Misfit[];
    /** One line for each difference between the mappings that the plan has not shown. */
    readonly mappings: readonly string[];
    /** False if too many differences were pending, so that reading was stopped. */
    readonly complete: boolean;
    readonly nonDeterministicId: string | undefined;
    readonly tookMs: number;
    /** The result of the second check: a sample that was read in another way, and the document counts. */
    readonly second: {
        readonly sampled: number;
        readonly counts: string;
        readonly wrong: readonly string[];
    };
}

/** Why a document of the leader counts neither as equal nor as a finding. */
type Uncompared = 'moving' | 'behind' | 'rejected' | 'dropped' | 'notCompared' | 'nonDeterministic';

interface Misfit {
    readonly id: string;
    readonly routing: string | null;
    /** For example `path: number, where most have string` */
    readonly fields: readonly string[];
}

/** The options of `gateway`. */
export interface TwindexGatewayOptions {
    /**
     * The port to listen on; 0 takes any free port.
     * @default 9201
     * @example
     * port: 0
     */
    readonly port?: number | undefined;
    /**
     * The address to listen on; `0.0.0.0` for every address.
     * @default '127.0.0.1'
     * @example
     * host: '0.0.0.0'
     */
    readonly host?: string | undefined;
    /**
     * The certificate and its key, for https towards clients.
     * @default none: http
     * @example
     * tls: { cert: process.env['GATEWAY_CERT'] ?? '', key: process.env['GATEWAY_KEY'] ?? '' }
     */
    readonly tls?: {
        /**
         * The certificate with its chain, as a PEM text.
         * @example
         * cert: process.env['GATEWAY_CERT'] ?? ''
         */
        readonly cert: string;
        /**
         * The key of the certificate, as a PEM text.
         * @example
         * key: process.env['GATEWAY_KEY'] ?? ''
         */
        readonly key: string;
    } | undefined;
    /**
     * The largest body, in bytes, of a request to an index that is being migrated.
     * @default 200 MiB
     * @example
     * maxBodyBytes: 50 * 2 ** 20
     */
    readonly maxBodyBytes?: number | undefined;
    /**
     * The timeout of searches and other reads, in ms.
     * @default 300000
     * @example
     * readTimeoutMs: 30_000
     */
    readonly readTimeoutMs?: number | undefined;
    /**
     * The timeout of writes and of all other requests, in ms.
     * @default 180000
     * @example
     * writeTimeoutMs: 60_000
     */
    readonly writeTimeoutMs?: number | undefined;
    /**
     * The timeout of long requests (`_reindex`, `_forcemerge`, …), in ms.
     * @default 24 hours
     * @example
     * longTimeoutMs: 3_600_000
     */
    readonly longTimeoutMs?: number | undefined;
    /**
     * If a source cluster is configured: which of the two clusters gets the requests for undeclared indexes.
     * @default 'source'
     * @example
     * others: 'target'
     */
    readonly others?: ClusterSide | undefined;
}

/** `target`: the cluster that `cluster` in the configuration names. `source`: the cluster that `source` names. */
type ClusterSide = 'target' | 'source';

/** A gateway that is listening. */
export interface TwindexGateway extends AsyncDisposable {
    /** For example `http://127.0.0.1:9201`. */
    readonly url: string;
    /** Stops accepting requests, finishes the requests in flight, and signs off in the journal. */
    close(): Promise<void>;
}

/** The options of `withTwindex`. */
export interface TwindexClientOptions {
    /**
     * The managed indexes, in the form of index files. A family (`name: 'tenant-*'`) stands for its members
     * that exist when the client starts.
     * @default the index files of the configuration
     * @example
     * indexes: [{ name: 'catalogue', version: 2 }]
     */
    readonly indexes?: readonly IndexInput[];
    /**
     * The configuration file, of which only the index files are used.
     * @default TWINDEX_CONFIG, or `twindex.config.{ts,js,mjs,json,yaml,yml}` in the current folder
     * @example
     * config: '/etc/shop/twindex.config.ts'
     */
    readonly config?: string;
    /**
     * The version whose shape this client's documents have: 2 if the application writes documents of
     * `catalogue-v2`. The header `x-twindex-version` takes precedence, on a single request or on a child client
     * (`client.child`). A client that writes to several managed indexes at different versions needs this header.
     * @default the version that writes without a version get (`twindex writers NAME --version N` sets it)
     * @example
     * version: 2
     */
    readonly version?: number;
    /**
     * The connection for twindex's own requests: to the journal, to the ledger, and for copies to the other
     * index.
     * @default the client's connections and credentials
     * @example
     * cluster: { nodes: ['http://localhost:9200'], auth: { username: 'twindex', password: 'secret' } }
     */
    readonly cluster?: ClusterOptions;
    /**
     * Receives one line for the operator of the application, for example that the journal can't be reached.
     * @default `process.emitWarning`
     * @example
     * onWarning: (text) => console.error(text)
     */
    readonly onWarning?: (text: string) => void;
}

/**
 * The error that all functions of twindex throw, except for bugs. The message says what happened, to which
 * index, and what to do next. It contains no credentials.
 * @example
 * import { TwindexError, withTwindex } from 'twindex';
 * import { Client } from '@opensearch-project/opensearch';
 *
 * try {
 *   await withTwindex(new Client({ node: 'http://localhost:9200' }));
 * } catch (error) {
 *   if (error instanceof TwindexError && error.code === 'unreachable') process.exitCode = 1;
 *   else throw error;
 * }
 */
export declare class TwindexError extends Error {
    readonly name = "TwindexError";
    /** Branch on this code, never on the message. */
    readonly code: ErrorCode;
    /** HTTP status of the engine's response, if there was one. */
    readonly status: number | undefined;
    /** The engine's `error.type`, if there was one. */
    readonly engineType: string | undefined;
    /** What to do next. `message` ends with this text. Undefined if there is no separate text about this. */
    readonly hint: string | undefined;
    constructor(code: ErrorCode, message: string, detail?: ErrorDetail);
}

interface ErrorDetail {
    readonly cause?: unknown;
    readonly status?: number | undefined;
    readonly engineType?: string | undefined;
    readonly hint?: string | undefined;
}

/** The options of `createTwindex`: a configuration file, or the cluster and the indexes themselves. */
export interface TwindexOptions {
    /**
     * The configuration file, relative to the current folder. It is not read if both `cluster` and `indexes`
     * are given.
     * @default TWINDEX_CONFIG, or `twindex.config.{ts,js,mjs,json,yaml,yml}` in the current folder
     * @example
     * config: '/etc/shop/twindex.config.ts'
     */
    readonly config?: string | undefined;
    /**
     * The cluster with the indexes and the journal.
     * @default the cluster of the configuration
     * @example
     * cluster: { nodes: ['http://localhost:9200'], auth: { username: 'twindex', password: 'secret' } }
     */
    readonly cluster?: ClusterOptions | undefined;
    /**
     * The cluster of the old indexes, if it is not `cluster`.
     * @default the source of the configuration; without a configuration: none
     * @example
     * source: { nodes: ['http://old-search:9200'] }
     */
    readonly source?: ClusterOptions | undefined;
    /**
     * The declared indexes, in the form of index files. Paths in them are relative to the current folder.
     * @default the index files of the configuration
     * @example
     * indexes: [{ name: 'catalogue', version: 2, mappings: { properties: { price: { type: 'double' } } } }]
     */
    readonly indexes?: readonly IndexInput[] | undefined;
    /**
     * Receives one line for the operator of the application, for example that a family has no index.
     * @default `process.emitWarning`
     * @example
     * onWarning: (text) => console.error(text)
     */
    readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * Gives access to migrations from code: deploy scripts, release jobs, tests. The declared indexes come from a
 * configuration file, or from the options. twindex connects to the cluster when a function is first called,
 * and reads the index files once.
 * @throws TwindexError `usage` for an unknown option. Errors in the configuration are thrown later, by the
 * functions of the returned object.
 * @see docs/api.md
 * @example
 * import { createTwindex, defineIndex } from 'twindex';
 *
 * const twindex = createTwindex({
 *   cluster: { nodes: ['http://localhost:9200'] },
 *   indexes: [defineIndex({ name: 'catalogue', version: 2, mappings: { properties: { price: { type: 'double' } } } })],
 * });
 * try {
 *   const { outcome, index } = await twindex.migrate('catalogue', { until: 'ready' });
 *   console.log(outcome, index);
 * } finally {
 *   await twindex.close();
 * }
 */
export declare function createTwindex(options?: TwindexOptions): Twindex;

/**
 * Gives a configuration file its types, and returns its argument. A command that loads the file reports all
 * wrong and unknown keys at once, in a TwindexError `config_invalid`.
 * @example
 * import { defineConfig } from 'twindex';
 *
 * export default defineConfig({ cluster: { nodes: ['http://localhost:9200'] }, indexes: ['./indexes/*.ts'] });
 */
export declare function defineConfig(config: ConfigInput): ConfigInput;

/**
 * Gives an index file its types, and returns its argument. The file is checked as for `defineConfig`.
 *
 * With the type of its documents, `defineIndex<Book>`, TypeScript also checks `up`, `down` and `reingest`.
 * `twindex types NAME` writes such a type. A second type describes the documents before `up`:
 * `defineIndex<Book, BookV1>`, or for each earlier version, `defineIndex<Book, [BookV1, BookV2]>`.
 * @see docs/index-files.md#types-of-documents
 * @example
 * import { defineIndex } from 'twindex';
 *
 * interface Product {
 *   title?: string;
 *   price?: number;
 * }
 *
 * export default defineIndex<Product>({
 *   name: 'catalogue',
 *   version: 2,
 *   mappings: { properties: { title: { type: 'text' }, price: { type: 'double' } } },
 *   migrations: {
 *     2: {
 *       up: (doc) => ({ ...doc, price: Number(doc.price) }),
 *       down: (doc) => ({ ...doc, price: String(doc.price) }),
 *     },
 *   },
 * });
 */
export declare function defineIndex<Doc extends object = Source, Earlier extends object = EarlierOf<Doc>>(index: IndexInput<Given<Doc>, Given<Earlier>>): IndexInput;

/** Keeps TypeScript from guessing a type parameter from the functions in the file. */
type Given<T> = [T][T extends unknown ? 0 : never];

/**
 * A number in a TypeScript or JavaScript index file that JavaScript can't write: `exact('1.0')`,
 * `exact('1e3')`, `exact('0.12345678901234567890')`. Long integers can be BigInt: `9007199254740993n`.
 * @param text as in JSON
 * @throws TypeError when the text is not a JSON number
 * @example
 * import { defineIndex, exact } from 'twindex';
 *
 * export default defineIndex({
 *   name: 'catalogue',
 *   version: 1,
 *   mappings: { _meta: { schema: exact('1.0'), owner: 9007199254740993n } },
 * });
 */
export declare function exact(text: string): number;

/**
 * Returns a part of `mappings` or `settings` unchanged, and keeps TypeScript from checking it. Use it for a field
 * type of a plugin, or for a parameter that is newer than this version of twindex. `twindex plan` asks the engine
 * about this part, too.
 * @see docs/index-files.md#what-the-types-do-not-know
 * @example
 * import { defineIndex, unchecked } from 'twindex';
 *
 * export default defineIndex({
 *   name: 'catalogue',
 *   version: 1,
 *   mappings: { properties: { title: { type: 'text' }, colour: unchecked({ type: 'colour', space: 'lab' }) } },
 * });
 */
export declare function unchecked(part: object): any;

/**
 * Makes a client write to both indexes during a migration, and returns the same client, with its API and
 * types. All other requests go to the cluster as before, and so do all writes while no migration runs.
 * `helpers`, request options, events and error classes stay the client's own. Clients that `child()` creates
 * later write in the same way.
 *
 * The client registers as a writer in the journal. Close it with `close()`, which finishes the requests in
 * flight, removes the registration and closes the connections.
 *
 * Differences from the client alone:
 * - A write to a managed index is never retried after an unknown outcome (time-out, broken connection, 502,
 *   503, 504), whatever `maxRetries` says. A write that certainly was not done is retried.
 * - During the switch a write waits for at most 30 s or the client's `requestTimeout`, whichever is shorter.
 * - If the client could not confirm the phase of a migration for 10 s, its writes wait for 10 s, and then get a 503.
 *
 * @param client of `@elastic/elasticsearch` 8 or 9, or `@opensearch-project/opensearch` 2 or 3
 * @throws TwindexError `usage` (not such a client, or passed before), `config_invalid`, `unreachable`,
 * `unauthorized`, `forbidden`, `not_an_engine`, `unsupported_engine`
 * @example
 * import { Client } from '@elastic/elasticsearch';
 * import { withTwindex } from 'twindex';
 *
 * const client = await withTwindex(new Client({ node: 'http://localhost:9200' }), { version: 2 });
 * await client.index({ index: 'catalogue-write', id: '1', document: { price: 9.5 } });
 * await client.close();
 */
export declare function withTwindex<C extends OfficialClient>(client: C, options?: TwindexClientOptions): Promise<C>;

export {};

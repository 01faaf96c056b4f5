import { identityLabelOf } from '../model/identity.js';

/** What spans and lines have already, in the form of a field. An annotation of the same name would replace it. */
export const reservedAnnotations: ReadonlySet<string> = new Set([
  ...Object.values<string>(identityLabelOf),
  ...['timestamp', 'level', 'message', 'trace_id', 'span_id', 'trace_flags', 'legacy_trace_id'],
  ...['event_name', 'duration_seconds', 'error_type', 'error_message', 'error_stack'],
  ...[
    'http_request_method',
    'http_route',
    'http_response_status_code',
    'url_path',
    'url_query',
    'url_scheme',
  ],
  ...['http_request_body_size', 'http_response_body_size', 'http_request_method_original'],
  ...['server_address', 'server_port', 'client_address', 'network_peer_address', 'network_peer_port'],
  ...['network_protocol_version', 'user_agent_original'],
  ...['messaging_system', 'messaging_operation_name', 'messaging_operation_type'],
  ...['messaging_destination_name', 'messaging_destination_partition_id', 'messaging_consumer_group_name'],
  ...['messaging_batch_message_count', 'messaging_client_id', 'message_age_seconds'],
  ...['graphql_operation_type', 'graphql_operation_name'],
  ...['rpc_system_name', 'rpc_method', 'rpc_response_status_code'],
  ...['job_name', 'job_outcome'],
]);

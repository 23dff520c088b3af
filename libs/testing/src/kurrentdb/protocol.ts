/**
 * The messages of the KurrentDB protocol, as the client's own generated stubs define them. The stubs are CommonJS whose named
 * exports Node cannot see, hence the default imports.
 */
import gossipService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_grpc_pb.js';
import gossip from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb.js';
import featuresService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js';
import features from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import statuses from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import streamsService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';

export { features, gossip, shared, statuses, streams };

/** The services that the stand-in offers. */
export const StreamsService = streamsService.StreamsService;
/** Who leads the cluster. */
export const GossipService = gossipService.GossipService;
/** Which calls a server has. */
export const ServerFeaturesService = featuresService.ServerFeaturesService;

const HEX_DIGITS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/** Name of a stream as the protocol carries it. */
export function streamNameIn(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

/** A stream's name for the protocol. */
export function streamIdentifier(stream: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8').toString('base64'));
}

/** Reads a uuid in both forms of the protocol: text, or two signed 64-bit integers, big-endian. Lower case. */
export function uuidIn(uuid: shared.UUID | undefined): string {
  const halves = uuid?.getStructured();
  if (!halves) return (uuid?.getString() ?? '').toLowerCase();
  const hex = [halves.getMostSignificantBits(), halves.getLeastSignificantBits()]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(HEX_DIGITS, '$1-$2-$3-$4-$5');
}

/** A uuid for the protocol, in the form that was asked for. */
export function uuidOf(text: string, form: 'text' | 'structured'): shared.UUID {
  if (form === 'text') return new shared.UUID().setString(text);
  const hex = text.replaceAll('-', '');
  const half = (from: number) => String(BigInt.asIntN(64, BigInt(`0x${hex.slice(from, from + 16)}`)));
  const halves = new shared.UUID.Structured().setMostSignificantBits(half(0)).setLeastSignificantBits(half(16));
  return new shared.UUID().setStructured(halves);
}

import { alwaysReasons, DEPLOYMENTS, type Deployment } from '../deployments.ts';
import {
  INPUT_MAX_CHARACTERS,
  METADATA_KEY_MAX_CHARACTERS,
  METADATA_MAX_PAIRS,
  METADATA_VALUE_MAX_CHARACTERS,
} from '../limits.ts';
import { deploymentNotFound, invalid, missingParameter, operationNotSupported } from '../refusals.ts';
import type { CreateRequest } from './schema.ts';

/** @throws Refusal 404 for an unknown deployment, 400 for one that makes images only. */
export function deploymentFor(model: string): Deployment {
  const deployment = DEPLOYMENTS.get(model);
  if (!deployment) throw deploymentNotFound();
  if (deployment.kind === 'image') throw operationNotSupported(model);
  return deployment;
}

/** The rules between fields. @throws Refusal 400 naming the field. */
export function checkRequest(request: CreateRequest, deployment: Deployment): void {
  checkMetadata(request.metadata ?? {});
  checkStorage(request);
  checkModelOptions(request, deployment);
  if (typeof request.input === 'string' && request.input.length > INPUT_MAX_CHARACTERS) {
    throw invalid(
      `Invalid 'input': string too long. Expected a string with maximum length ${INPUT_MAX_CHARACTERS}, but got a string with length ${request.input.length} instead.`,
      'input',
      'string_above_max_length',
    );
  }
  if (request.input == null && request.previous_response_id == null) throw missingParameter('input');
}

function checkStorage(request: CreateRequest): void {
  const { background, store, stream, conversation, prompt } = request;
  if (conversation != null) {
    throw invalid(
      "Unsupported parameter: 'conversation' is not supported on this resource.",
      'conversation',
      'unsupported_parameter',
    );
  }
  if (prompt != null) {
    throw invalid(
      "Unsupported parameter: 'prompt' is not supported on this resource.",
      'prompt',
      'unsupported_parameter',
    );
  }
  if (background === true && store === false) {
    throw invalid("Background mode requires 'store' to be true.", 'background');
  }
  if (request.stream_options != null && stream !== true) {
    throw invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  }
}

function checkModelOptions(request: CreateRequest, deployment: Deployment): void {
  const unsupported = (param: string) =>
    invalid(`Unsupported parameter: '${param}' is not supported with this model.`, param, 'unsupported_parameter');
  const effort = request.reasoning?.effort;
  if (effort != null && deployment.defaultEffort === null) throw unsupported('reasoning.effort');
  const reasons = effort == null ? alwaysReasons(deployment) : effort !== 'none';
  if (reasons) {
    // 1 is the default of both: sending it changes nothing.
    if (request.temperature != null && request.temperature !== 1) throw unsupported('temperature');
    if (request.top_p != null && request.top_p !== 1) throw unsupported('top_p');
  }
  if (deployment.name === 'computer-use-preview' && request.truncation !== 'auto') {
    throw invalid(
      "The model 'computer-use-preview' only supports truncation 'auto'.",
      'truncation',
      'unsupported_value',
    );
  }
}

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(metadata);
  if (pairs.length > METADATA_MAX_PAIRS) {
    throw invalid(
      `Invalid 'metadata': too many properties. Expected an object with at most ${METADATA_MAX_PAIRS} properties, but got an object with ${pairs.length} properties instead.`,
      'metadata',
      'object_above_max_properties',
    );
  }
  for (const [key, value] of pairs) {
    if (key.length > METADATA_KEY_MAX_CHARACTERS) {
      throw invalid(
        `Invalid 'metadata': property name too long. Expected at most ${METADATA_KEY_MAX_CHARACTERS} characters, but got ${key.length}.`,
        'metadata',
        'string_above_max_length',
      );
    }
    if (value.length > METADATA_VALUE_MAX_CHARACTERS) {
      throw invalid(
        `Invalid 'metadata.${key}': string too long. Expected a string with maximum length ${METADATA_VALUE_MAX_CHARACTERS}, but got a string with length ${value.length} instead.`,
        `metadata.${key}`,
        'string_above_max_length',
      );
    }
  }
}

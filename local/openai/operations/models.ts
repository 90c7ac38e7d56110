import { DEPLOYMENTS, type Deployment } from '../deployments.ts';
import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { notFound } from '../refusals.ts';
import type { Service } from '../service.ts';

/** `GET /models` */
export function listModels(): Answer {
  return { body: { object: 'list', data: [...DEPLOYMENTS.values()].map(asModel) } };
}

/** `GET /models/{id}` */
export function retrieveModel(_service: Service, { params }: Call): Answer {
  const deployment = DEPLOYMENTS.get(params[0] ?? '');
  if (!deployment) throw notFound(`The model '${params[0] ?? ''}' does not exist.`);
  return { body: asModel(deployment) };
}

const asModel = ({ name, kind, created }: Deployment): object => ({
  id: name,
  object: 'model',
  created,
  created_at: created,
  owned_by: 'openai',
  status: 'succeeded',
  lifecycle_status: 'generally-available',
  capabilities: {
    inference: true,
    completion: false,
    chat_completion: kind === 'text',
    embeddings: false,
    fine_tune: false,
  },
});

import { TurnError } from './turn.ts';

export type ErrorBody = Readonly<Record<string, unknown>>;

/** An answer that refuses: status, the `error` object as it goes out, and headers beside it. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: ErrorBody, headers: Readonly<Record<string, string>> = {}) {
    super(typeof body.message === 'string' ? body.message : `Refused with ${status}`);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** The refusal that stands for whatever was thrown; an unexpected error becomes a 500 that keeps its text to itself. */
export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  if (thrown instanceof TurnError) {
    const { status, message, type, param, code, extra } = thrown;
    return new Refusal(status, { message, type, param, code, ...extra });
  }
  return serverError();
}

export const serverError = (status = 500): Refusal =>
  new Refusal(status, {
    message: 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
    param: null,
    code: status === 503 ? 'server_is_overloaded' : 'server_error',
  });

/** 400 in the shape that the OpenAI side of the service uses. */
export const invalid = (message: string, param: string | null, code: string | null = null): Refusal =>
  new Refusal(400, { message, type: 'invalid_request_error', param, code });

export const missingParameter = (param: string): Refusal =>
  invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');

export const invalidValue = (param: string, message: string): Refusal => invalid(message, param, 'invalid_value');

export function unsupportedValue(param: string, value: unknown, supported: readonly string[]): Refusal {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  const quoted = supported.map((name) => `'${name}'`);
  const list = quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`;
  return invalidValue(param, `Invalid value: '${shown.slice(0, 64)}'. Supported values are: ${list}.`);
}

export const wrongText = (param: string, value: unknown): Refusal =>
  invalid(
    `Invalid type for '${param}': expected a string, but got ${value === null ? 'null' : typeof value} instead.`,
    param,
    'invalid_type',
  );

/** Azure's own front writes only a code and a message. */
export const deploymentNotFound = (): Refusal =>
  new Refusal(404, {
    code: 'DeploymentNotFound',
    message:
      'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
  });

export const operationNotSupported = (model: string): Refusal =>
  new Refusal(400, {
    code: 'OperationNotSupported',
    message: `The responses operation does not work with the specified model, ${model}. Please choose different model and try again.`,
  });

export const badKey = (): Refusal =>
  new Refusal(401, {
    code: '401',
    message:
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
  });

export const badToken = (): Refusal =>
  new Refusal(
    401,
    {
      code: '401',
      message:
        'Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.',
    },
    { 'www-authenticate': 'Bearer' },
  );

/** Azure answers a missing role with 401 and names the right that is missing. */
export const missingRole = (method: string, path: string): Refusal => {
  const resource = path.includes('/files') ? 'files' : 'responses';
  const action = method === 'GET' ? 'read' : method === 'DELETE' ? 'delete' : 'write';
  return new Refusal(401, {
    code: 'PermissionDenied',
    message: `The principal \`00000000-0000-0000-0000-000000000000\` lacks the required data action \`Microsoft.CognitiveServices/accounts/OpenAI/${resource}/${action}\` to perform \`${method} ${path}\` operation.`,
  });
};

export const networkDenied = (): Refusal =>
  new Refusal(403, { code: '403', message: 'Access denied due to Virtual Network/Firewall rules.' });

export const notFound = (message: string): Refusal =>
  new Refusal(404, { message, type: 'invalid_request_error', param: null, code: null });

export const responseNotFound = (id: string): Refusal => notFound(`Response with id '${id}' not found.`);

export const previousResponseNotFound = (id: string): Refusal =>
  invalid(`Previous response with id '${id}' not found.`, 'previous_response_id', 'previous_response_not_found');

export const itemNotFound = (id: string): Refusal =>
  new Refusal(404, {
    message: `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
    type: 'invalid_request_error',
    param: 'input',
    code: null,
  });

export const fileNotFound = (id: string): Refusal => notFound(`No such File object: ${id}`);

export const containerNotFound = (id: string): Refusal => notFound(`Container with id '${id}' not found.`);

export const containerExpired = (): Refusal => invalid('Container is expired.', null);

export const pathNotFound = (): Refusal => new Refusal(404, { code: '404', message: 'Resource not found' });

export const methodNotAllowed = (method: string): Refusal =>
  new Refusal(405, {
    message: `Method ${method} is not allowed here.`,
    type: 'invalid_request_error',
    param: null,
    code: null,
  });

/** Azure has it, the simulator does not: said aloud, so that no test passes by accident. */
export const notSimulated = (what: string): Refusal =>
  new Refusal(501, {
    message: `The local Azure OpenAI simulator does not offer ${what}.`,
    type: 'not_implemented',
    param: null,
    code: 'not_simulated',
  });

/** The prompt was blocked. `type` is null on Azure, against the published shape. */
export const promptFiltered = (): Refusal =>
  new Refusal(400, {
    message:
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
    type: null,
    param: 'prompt',
    code: 'content_filter',
    status: 400,
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: {
        hate: { filtered: false, severity: 'safe' },
        jailbreak: { filtered: false, detected: false },
        self_harm: { filtered: false, severity: 'safe' },
        sexual: { filtered: false, severity: 'safe' },
        violence: { filtered: true, severity: 'medium' },
      },
    },
  });

export const unknownSeal = (itemId: string): Refusal =>
  invalid(
    `The encrypted content for item ${itemId} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
    null,
    'invalid_encrypted_content',
  );

import { invalid, missingParameter, unsupportedValue, wrongText } from '../refusals.ts';

type Fields = Readonly<Record<string, unknown>>;

const ROLES = ['user', 'assistant', 'system', 'developer'];
const PARTS_IN = ['input_text', 'input_image', 'input_file'];
const PARTS_OUT = ['output_text', 'refusal'];

/** The content of a message in parts. @throws Refusal 400 for a role or part that Azure does not take. */
export function normaliseContent(message: Fields, param: string): unknown[] {
  const { role, content } = message;
  if (typeof role !== 'string' || !ROLES.includes(role)) throw unsupportedValue(param, role, ROLES);
  const isAnswer = role === 'assistant';
  if (typeof content === 'string') {
    return isAnswer
      ? [{ type: 'output_text', annotations: [], logprobs: [], text: content }]
      : [{ type: 'input_text', text: content }];
  }
  if (!Array.isArray(content)) {
    throw invalid(
      `Invalid type for '${param}.content': expected one of an array of objects or string, but got ${content === null ? 'null' : typeof content} instead.`,
      `${param}.content`,
      'invalid_type',
    );
  }
  content.forEach((part: unknown, index) => {
    checkPart(part, isAnswer ? PARTS_OUT : PARTS_IN, `${param}.content[${index}]`);
  });
  return content;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function checkPart(part: unknown, allowed: readonly string[], param: string): void {
  if (!isFields(part) || part.type === undefined) throw missingParameter(`${param}.type`);
  const { type } = part;
  if (typeof type !== 'string' || !allowed.includes(type)) throw unsupportedValue(param, type, allowed);
  switch (type) {
    case 'input_text':
    case 'output_text':
      checkText(part.text, `${param}.text`);
      return;
    case 'input_image':
      checkImage(part, param);
      return;
    case 'input_file':
      checkFile(part, param);
  }
}

function checkText(text: unknown, param: string): void {
  if (text === undefined) throw missingParameter(param);
  if (typeof text !== 'string') throw wrongText(param, text);
}

/** Azure takes no image by file id. @throws Refusal 400 when there is one. */
export function refuseImageFile(fileId: unknown, param: string): void {
  if (fileId == null) return;
  throw invalid(
    'Image file ids are not supported on this resource: send the image as a URL or as data.',
    param,
    'unsupported_parameter',
  );
}

function checkImage(part: Fields, param: string): void {
  refuseImageFile(part.file_id, `${param}.file_id`);
  const url = part.image_url;
  const place = `${param}.image_url`;
  if (typeof url !== 'string') throw missingParameter(place);
  if (/^https?:\/\//i.test(url)) return;
  const media = /^data:([^;,]*)/.exec(url)?.[1];
  if (media === undefined) {
    throw invalid(
      `Invalid '${place}'. Expected a valid URL, but got a value with an invalid format.`,
      place,
      'invalid_value',
    );
  }
  if (!/^image\/(png|jpe?g|webp|gif)$/i.test(media)) {
    throw invalid(
      `Invalid '${place}'. Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got unsupported MIME type '${media}'.`,
      place,
      'invalid_value',
    );
  }
}

const SOURCES = ['file_id', 'file_url', 'file_data'];

function checkFile(part: Fields, param: string): void {
  const given = SOURCES.filter((key) => part[key] != null);
  if (given.length === 0) throw missingParameter(`${param}.file_id`);
  if (given.length > 1) {
    throw invalid(
      `Mutually exclusive parameters: ${given.map((key) => `'${key}'`).join(' and ')}. Give one of them.`,
      param,
      'mutually_exclusive_parameters',
    );
  }
  const { file_url: url, file_data: data } = part;
  // Azure tries to fetch whatever stands there, a data URI too.
  if (typeof url === 'string' && !/^https?:\/\//i.test(url)) {
    throw invalid('Failed to download file.', 'url', 'invalid_value');
  }
  if (typeof data !== 'string') return;
  if (part.filename == null) throw missingParameter(`${param}.filename`);
  if (!/^data:[^,]*;base64,/.test(data)) {
    throw invalid(
      `Invalid '${param}.file_data'. Expected a base64-encoded data URL with a MIME type (e.g. 'data:application/pdf;base64,...'), but got a value without the 'data:' prefix.`,
      `${param}.file_data`,
      'invalid_value',
    );
  }
}

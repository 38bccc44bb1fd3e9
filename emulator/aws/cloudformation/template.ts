import { validationError } from './errors';

/** A synthesized template, of which only the structure is checked. */
export interface Template {
  readonly Description?: string;
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Mappings?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly NoEcho?: boolean | string;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly ConstraintDescription?: string;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface TemplateOutput {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Rules',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
];

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Parameters: [
    'Type',
    'Default',
    'Description',
    'NoEcho',
    'AllowedValues',
    'AllowedPattern',
    'MinLength',
    'MaxLength',
    'MinValue',
    'MaxValue',
    'ConstraintDescription',
  ],
  Resources: [
    'Type',
    'Properties',
    'DependsOn',
    'Condition',
    'DeletionPolicy',
    'UpdateReplacePolicy',
    'Metadata',
    'Description',
  ],
  Outputs: ['Value', 'Description', 'Condition', 'Export'],
};

const POLICIES: Readonly<Record<string, readonly unknown[]>> = {
  DeletionPolicy: [undefined, 'Delete', 'Retain', 'RetainExceptOnCreate'],
  UpdateReplacePolicy: [undefined, 'Delete', 'Retain'],
};

/** Whether a value is an object with members. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks the structure of a template. Rejects everything that the emulator would ignore. */
export function readTemplate(document: unknown): Template {
  if (!isRecord(document)) throw validationError('Template format error: unsupported structure.');
  for (const section of Object.keys(document)) {
    if (!SECTIONS.includes(section)) throw validationError(`unsupported template section ${section}`);
  }
  if (!isRecord(document.Resources) || Object.keys(document.Resources).length === 0) {
    throw validationError('Template format error: At least one Resources member must be defined.');
  }
  for (const [section, members] of Object.entries(MEMBERS)) {
    for (const [name, entry] of Object.entries(sectionOf(document, section))) {
      checkEntry(`/${section}/${name}`, entry, members);
    }
  }
  for (const section of ['Mappings', 'Conditions']) refuseNull(`/${section}`, sectionOf(document, section));
  return document as unknown as Template;
}

function sectionOf(document: Readonly<Record<string, unknown>>, section: string): Readonly<Record<string, unknown>> {
  const entries = document[section] ?? {};
  if (!isRecord(entries)) throw validationError(`Template format error: /${section} must be an object`);
  return entries;
}

function checkEntry(path: string, entry: unknown, members: readonly string[]): void {
  if (!isRecord(entry)) throw validationError(`Template format error: ${path} must be an object`);
  const required = members[0] as string;
  if (entry[required] === undefined) throw validationError(`Template format error: [${path}] has no ${required}`);
  for (const [member, value] of Object.entries(entry)) {
    if (!members.includes(member)) throw validationError(`unsupported attribute ${member} at ${path}`);
    if (member !== 'Metadata') refuseNull(`${path}/${member}`, value);
  }
  if (required === 'Type' && typeof entry.Type !== 'string') {
    throw validationError(`Template format error: [${path}/Type] must be a string`);
  }
  if (entry.Properties !== undefined && !isRecord(entry.Properties)) {
    throw validationError(`Template format error: [${path}/Properties] must be an object`);
  }
  for (const [policy, known] of Object.entries(POLICIES)) {
    if (!known.includes(entry[policy])) {
      throw validationError(`unsupported ${policy} ${JSON.stringify(entry[policy])} at ${path}`);
    }
  }
}

function refuseNull(path: string, value: unknown): void {
  if (value === null)
    throw validationError(`Template format error: [${path}] 'null' values are not allowed in templates`);
  if (typeof value !== 'object') return;
  for (const [key, member] of Object.entries(value)) refuseNull(`${path}/${key}`, member);
}

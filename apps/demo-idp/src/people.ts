import { randomUUID } from 'node:crypto';
import { NAME_ID_FORMAT, type SamlAttribute } from '#libs/saml-idp';

/** A sample person as the demo company's directory knows them. */
export interface Person {
  readonly id: string;
  /** Opaque and lasting; `undefined` for someone who gets a new, transient one at each sign-in. */
  readonly nameId: string | undefined;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly title: string;
  readonly department: string;
  readonly employeeNumber: string;
  readonly managerEmail?: string;
  readonly groups: readonly string[];
  /** What signing in as this person shows. */
  readonly shows: string;
}

/** All groups of the demo company, so that a visitor can choose others. */
export const sampleGroups = ['employees', 'engineering', 'sales', 'finance', 'crm-users', 'crm-admins'] as const;

export const samplePeople: readonly Person[] = [
  {
    id: 'ada',
    nameId: 'a7d1f0c2-5b1e-4c5e-9d0a-3f1c9c5a1815',
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: 'ada@acme.example',
    title: 'Head of Engineering',
    department: 'Engineering',
    employeeNumber: 'E-1001',
    groups: ['employees', 'engineering', 'crm-users', 'crm-admins'],
    shows: 'Is in crm-admins: gets the administrator role.',
  },
  {
    id: 'grace',
    nameId: 'c0b01906-12d9-4a6c-8f0e-6f4b7a2e1992',
    firstName: 'Grace',
    lastName: 'Hopper',
    email: 'grace@acme.example',
    title: 'Compiler Engineer',
    department: 'Engineering',
    employeeNumber: 'E-1002',
    managerEmail: 'ada@acme.example',
    groups: ['employees', 'engineering', 'crm-users'],
    shows: 'Is not in crm-admins: gets the ordinary roles. Ada is her manager.',
  },
  {
    id: 'zoe',
    nameId: '20e00000-4d55-4c1a-bf3c-0b21e4d20147',
    firstName: 'Zoë',
    lastName: "Müller-O’Brien d'Ångström",
    email: "zoe.o'brien@acme.example",
    title: 'Account Executive, R&D <Nordics>',
    department: 'Sales & Partners',
    employeeNumber: 'E-1003',
    managerEmail: 'ada@acme.example',
    groups: ['employees', 'sales', 'crm-users'],
    shows: 'Her name and title are hard on careless software.',
  },
  {
    id: 'katherine',
    nameId: '1918c0de-0820-4f2b-a5d3-9d4f61f72020',
    firstName: 'Katherine',
    lastName: 'Johnson',
    email: 'katherine@acme.example',
    title: 'Controller',
    department: 'Finance',
    employeeNumber: 'E-1004',
    managerEmail: 'ada@acme.example',
    groups: ['employees', 'finance'],
    shows: 'Is in finance; compare what her groups bring with Grace’s.',
  },
  {
    id: 'alan',
    nameId: '1a4a1912-0623-4b54-8e1d-5c0ffee01954',
    firstName: 'Alan',
    lastName: 'Turing',
    email: 'alan@acme.example',
    title: 'Trainee',
    department: 'Engineering',
    employeeNumber: 'E-1005',
    managerEmail: 'grace@acme.example',
    groups: [],
    shows: 'Is in no group yet: gets only what everyone gets.',
  },
  {
    id: 'emmy',
    nameId: 'e4418820-0323-4e0e-90e7-7a0e7e141935',
    firstName: 'Emmy',
    lastName: 'Noether',
    email: 'emmy@contractor.example',
    title: 'Consultant',
    department: 'External',
    employeeNumber: 'X-2001',
    managerEmail: 'ada@acme.example',
    groups: ['engineering', 'crm-admins'],
    shows: 'Her address is outside the company’s domain: should be refused.',
  },
  {
    id: 'reception',
    nameId: undefined,
    firstName: 'Reception',
    lastName: 'Desk',
    email: 'reception@acme.example',
    title: 'Shared workplace',
    department: 'Facilities',
    employeeNumber: 'K-3001',
    groups: ['employees'],
    shows: 'Has a new, transient name at each sign-in, so nobody can know it again: should be refused.',
  },
];

/** The NameID that the assertion carries about a person. */
export function nameIdOf({ nameId }: Person): { value: string; format: string } {
  return nameId === undefined
    ? { value: `_${randomUUID()}`, format: NAME_ID_FORMAT.transient }
    : { value: nameId, format: NAME_ID_FORMAT.persistent };
}

/** The attributes that the assertion carries about a person; no groups are an empty attribute, not an absent one. */
export function attributesOf(person: Person): readonly SamlAttribute[] {
  return [
    { name: 'email', values: [person.email] },
    { name: 'firstName', values: [person.firstName] },
    { name: 'lastName', values: [person.lastName] },
    { name: 'displayName', values: [displayName(person)] },
    { name: 'department', values: [person.department] },
    { name: 'title', values: [person.title] },
    { name: 'employeeNumber', values: [person.employeeNumber] },
    ...(person.managerEmail === undefined ? [] : [{ name: 'managerEmail', values: [person.managerEmail] }]),
    { name: 'groups', values: person.groups },
  ];
}

export function displayName({ firstName, lastName }: Person): string {
  return `${firstName} ${lastName}`;
}

import { Module } from '@nestjs/common';
import { ActingPeople } from './acting-as.js';
import { Owners } from './owners.js';
import { PeopleBehind } from './people-behind.js';
import { PersonNames } from './person-names.js';
import { ReadingPlace } from './reading-place.js';

const PARTS = [ActingPeople, Owners, PeopleBehind, PersonNames, ReadingPlace];

/** Who acts, what they may, what people are called, and how far the read model has come for them. */
@Module({ providers: PARTS, exports: PARTS })
export class PeopleModule {}

import { PickType } from '@nestjs/swagger';
import { IsPosition } from '../reading/position.decorators.js';
import { EventsQueryDto } from './events.dto.js';

/** Which part of the log. */
export class EventsExportQueryDto extends PickType(EventsQueryDto, ['tenant', 'type', 'after'] as const) {
  @IsPosition('Only events up to this position; without it everything that is there now')
  through?: number;
}

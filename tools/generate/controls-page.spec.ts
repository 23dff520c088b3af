import { controlsData, controlsPage } from './controls.page.mjs';

const FRAMEWORKS = { house: 'Rules of the house' };
const CONTROLS = [
  {
    framework: 'house',
    number: '1.2',
    asks: 'Guests are counted | or weighed.',
    answeredBy: { reports: ['visits'], queries: ['/api/v1/visits'] },
    remains: 'Feeding them.',
    provedBy: ['libs/visits/src/visits.spec.ts'],
    verification: 'compared',
  },
  {
    framework: 'house',
    number: '1.3',
    asks: 'The garden is kept.',
    answeredBy: null,
    remains: 'It is outside.',
    provedBy: [],
    verification: 'secondary source',
  },
];

describe('the control map', () => {
  it('as a page says what answers each control, what remains, and where the number comes from', () => {
    const shown = controlsPage(CONTROLS, FRAMEWORKS);
    expect(shown).toContain(
      '| 1.2 | Guests are counted \\| or weighed. | [visits](reports.md#visits); `GET /api/v1/visits` | Feeding them. | [visits.spec.ts](../libs/visits/src/visits.spec.ts) | compared |',
    );
    expect(shown).toContain('| 1.3 | The garden is kept. | *nothing here* | It is outside. |  | secondary source |');
  });

  it('as data says the same, every member of every control', () => {
    expect(JSON.parse(controlsData(CONTROLS, FRAMEWORKS))).toEqual({
      frameworks: FRAMEWORKS,
      controls: [
        { ...CONTROLS[0], answeredBy: { reports: ['visits'], queries: ['GET /api/v1/visits'], events: [] } },
        CONTROLS[1],
      ],
    });
  });
});

/** A finished report means something for whoever called: files, and everything that was asked. */
import { exitFor, problemLines, type ReportAtServer, reportText } from './report-at-server.js';

const REPORT: ReportAtServer = {
  id: '3f0a7c52-9a64-5d0e-8f55-1c2b7e4d9a31',
  kind: 'access',
  tenant: 'acme',
  status: 'done',
  progress: 1,
  rows: 7,
  personal: true,
  failure: null,
  refusedFormats: [],
  files: [],
  sheet: null,
  evidence: { complete: true, problems: [] },
};
const PROBLEM = 'The log has 8 grants; 7 are listed.';

describe('a report at a server', () => {
  it('is what was asked once it is done and complete', () => {
    expect({ exit: exitFor(REPORT), problems: problemLines(REPORT) }).toEqual({ exit: 0, problems: [] });
  });

  it('is not what was asked where its sheet calls it incomplete, and says why', () => {
    const incomplete = { ...REPORT, evidence: { complete: false, problems: [PROBLEM] } };
    expect({ exit: exitFor(incomplete), problems: problemLines(incomplete) }).toEqual({
      exit: 1,
      problems: ['Not complete:', `  ✗ ${PROBLEM}`],
    });
  });

  it('is nothing where it was cancelled', () => {
    expect(exitFor({ ...REPORT, status: 'cancelled', evidence: null })).toBe(1);
  });

  it('says that personal data are withheld where they are', () => {
    expect(reportText(REPORT)).not.toContain('withheld');
    expect(reportText({ ...REPORT, personal: false })).toContain('Personal data are withheld');
  });
});

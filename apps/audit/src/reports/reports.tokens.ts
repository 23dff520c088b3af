/** What was asked for and what came of it: `ReportQueue`. */
export const REPORT_QUEUE = Symbol('REPORT_QUEUE');
/** What reports are made from: `ReportSource`. */
export const REPORT_SOURCE = Symbol('REPORT_SOURCE');
/** Who makes them: `ReportRunner`. */
export const REPORT_RUNNER = Symbol('REPORT_RUNNER');
/** Wakes whoever makes reports in this process when one was asked for: `Nudge`. */
export const REPORT_ADDED = Symbol('REPORT_ADDED');
